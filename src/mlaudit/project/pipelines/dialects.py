"""How each library writes a pipeline as code."""

from __future__ import annotations

import re

from msgspec import Struct

from mlaudit.facts.syntax import AnyValue, Global, PythonFacts, Result, Scope


class Dialect(Struct, frozen=True):
    """Regular expressions for the full names of a library."""

    kind: str
    roots: tuple[str, ...]
    """First parts of what is imported."""
    pipelines: str
    """Decorators of a function that puts stages in order; empty: a file does it."""
    stages: str
    """Decorators of a function that is a stage once it is called."""
    made: str = r"(?!)"
    """Calls that are a stage themselves: operators and steps as classes."""
    makers: str = r"(?!)"
    """Calls that make of a function or command what is a stage once it is called."""
    sequential: bool = False
    """A call waits for the one before, unless it is submitted."""


DIALECTS = (
    Dialect(
        "kfp",
        ("kfp", "google_cloud_pipeline_components"),
        r"kfp(?:\.v2)?\.dsl\.(?:pipeline|graph_component)",
        r"kfp(?:\.v2)?\.dsl\.(?:component|container_component)|kfp\.components\.create_component.*",
        r"kfp\.dsl\.ContainerOp|google_cloud_pipeline_components\..+|kfp\.dsl\.importer",
        r"kfp(?:\.v2)?\.components\.(?:create_component\w*|func_to_container_op|load_component\w*)"
        r"|kfp(?:\.v2)?\.dsl\.component",
    ),
    Dialect("zenml", ("zenml",), r"zenml(?:\.pipelines)?\.pipeline", r"zenml(?:\.steps)?\.step"),
    Dialect("prefect", ("prefect",), r"prefect\.flow", r"prefect\.(?:task|flow)", sequential=True),
    Dialect(
        "dagster",
        ("dagster",),
        r"dagster\.(?:job|graph|pipeline|graph_asset)",
        r"dagster\.(?:op|solid|graph|asset)",
    ),
    Dialect(
        "flyte",
        ("flytekit", "flyte"),
        r"flytekit\.(?:workflow|dynamic)|union\.workflow",
        r"flytekit\.(?:task|workflow|dynamic)|union\.task",
    ),
    Dialect(
        "airflow",
        ("airflow",),
        r"airflow\.(?:decorators|sdk|models\.dag)\.dag",
        r"airflow\.(?:decorators|sdk|operators\.python)\.task(?:\.\w+)?|airflow\.decorators\.\w+_task",
        r"airflow\..+\.\w+(?:Operator|OperatorAsync|Sensor|SensorAsync)"
        r"|(?:astronomer|cosmos|astro|lakefs_provider|airflow_\w+)\..+\.\w+(?:Operator|Sensor)",
    ),
    Dialect(
        "azure-ml",
        ("azure", "mldesigner"),
        r"azure\.ai\.ml\.dsl\.pipeline",
        r"mldesigner\.command_component|azure\.ai\.ml\.dsl\.command_component",
        makers=r"azure\.ai\.ml\.(?:command|load_component|parallel\.\w+|spark|sweep)",
    ),
    Dialect(
        "sagemaker",
        ("sagemaker",),
        "",
        r"sagemaker\.workflow\.function_step\.step",
        r"sagemaker\.(?:workflow|mlops\.workflow)\..*\w+Step",
    ),
)


class Compiled:
    """The expressions of a dialect, compiled when it is first met."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.pipelines = re.compile(dialect.pipelines or r"(?!)")
        self.stages = re.compile(dialect.stages or r"(?!)")
        self.made = re.compile(dialect.made)
        self.makers = re.compile(dialect.makers)


def decorators(python: PythonFacts, scope: Scope) -> tuple[str, ...]:
    """The full names of what stands above a function, called or not."""
    return tuple(_name(python, value) for value in scope.decorators)


def _name(python: PythonFacts, value: AnyValue) -> str:
    if isinstance(value, Global):
        return value.name
    if isinstance(value, Result):
        return python.calls[value.call].callee
    return ""
