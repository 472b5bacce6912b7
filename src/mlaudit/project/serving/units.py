"""Manifests, commands and calls by which a server answers with a model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.project.practices.catalogue import Strength
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.serving.model import Unit

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_FILES = re.compile(
    r"(?:^|/)(?:bentofile\.ya?ml|cog\.yaml|model-?store\.ya?ml|model-settings\.json)$"
)
_COMMAND = re.compile(r"\bmlflow\W+(?:models\W+serve|deployments\W+(?:create|run-local))\b")
_CLOUD = re.compile(
    r"^AWS::SageMaker::Endpoint$|"
    r"/(managedOnline|kubernetesOnline|modelBatch|batch)(Deployment|Endpoint)\.schema\.json$"
)
"""A resource of CloudFormation, and the schemas by which Azure ML knows its files."""
_CODE = (".py", ".ipynb")


def units(project: Project) -> Iterator[Unit]:
    """Those of files in use, each place once."""
    for path, file in project.files.items():
        if file.context in COUNTED and _FILES.search(path):
            yield Unit(path, 1, "a service is declared")
    yield from _by_tools(project)
    for facts in project.sights.counted:
        yield from _cloud_endpoint(facts)
        yield from _mlflow(facts)
    for facts, call in project.sights.calls(api_table("maturity", "maturity.endpoints")):
        yield Unit(facts.path, facts.raw_line(call.line), f"'{call.callee}' makes an endpoint")


def _by_tools(project: Project) -> Iterator[Unit]:
    """Code that calls a tool's library may do so without a server; see `handlers` for it."""
    tools = api_table("serving", "serving.tools")
    for sign in project.sights.tools:
        shown = sign.tool in tools and sign.strength is Strength.CALLED
        if shown and not sign.path.endswith(_CODE):
            yield Unit(sign.path, sign.line, sign.says)


def _cloud_endpoint(facts: FileFacts) -> Iterator[Unit]:
    for entry in facts.document.entries if facts.document is not None else ():
        if isinstance(entry.value, str) and _CLOUD.search(entry.value):
            yield Unit(facts.path, entry.line, "an endpoint is declared")
            return


def _mlflow(facts: FileFacts) -> Iterator[Unit]:
    for command in facts.commands:
        if _COMMAND.search(command.text):
            yield Unit(facts.path, command.line, "'mlflow' serves a model")
    for step in facts.dockerfile.instructions if facts.dockerfile is not None else ():
        if step.keyword in ("CMD", "ENTRYPOINT") and _COMMAND.search(step.value):
            yield Unit(facts.path, step.span.line, "an image serves a model")
