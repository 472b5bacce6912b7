"""Pipelines that files declare: stages, what they run, in which order, in which phase."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.pipelines.model import Phase, Pipeline, Proof
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo

Make = Callable[[dict[str, str]], Project]


@pytest.fixture
def project(tmp_path: Path) -> Make:
    def make(files: dict[str, str]) -> Project:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        repo = open_repo([tmp_path])
        return Project(repo, read_facts(repo, repo.files).facts)

    return make


def order(pipeline: Pipeline) -> dict[str, tuple[str, ...]]:
    return {stage.name: stage.after for stage in pipeline.stages}


def only(project: Project) -> Pipeline:
    (pipeline,) = project.pipelines.all
    return pipeline


CHAIN = {"prepare": (), "train": ("prepare",), "evaluate": ("train",)}
FUNCTIONS = """
{imports}

{stage}
def prepare():
    return 1

{stage}
def train(rows):
    return rows

{stage}
def evaluate(model):
    return model
"""
BODY = """
{pipeline}
def all_of_it():
    rows = prepare()
    model = train(rows)
    evaluate(model)
"""


@pytest.mark.parametrize(
    ("kind", "imports", "stage", "pipeline"),
    [
        ("zenml", "from zenml import pipeline, step", "@step", "@pipeline"),
        ("zenml", "from zenml import pipeline, step", "@step(enable_cache=False)", "@pipeline()"),
        ("prefect", "from prefect import flow, task", "@task(retries=2)", "@flow"),
        ("dagster", "from dagster import job, op", "@op", "@job"),
        ("kfp", "from kfp import dsl", "@dsl.component", "@dsl.pipeline(name='x')"),
        ("flyte", "from flytekit import task, workflow", "@task", "@workflow"),
        ("airflow", "from airflow.decorators import dag, task", "@task", "@dag(schedule='@daily')"),
    ],
)
def test_results_that_are_handed_on_give_the_order(
    project: Make, kind: str, imports: str, stage: str, pipeline: str
) -> None:
    text = FUNCTIONS.format(imports=imports, stage=stage) + BODY.format(pipeline=pipeline)
    found = only(project({"flow.py": text}))
    assert (found.kind, order(found), found.settled) == (kind, CHAIN, True)


def test_stages_of_other_files_are_found(project: Make) -> None:
    steps = FUNCTIONS.format(imports="from zenml import step", stage="@step")
    text = "from zenml import pipeline\nfrom steps import prepare, train, evaluate\n"
    found = only(project({"steps.py": steps, "run.py": text + BODY.format(pipeline="@pipeline")}))
    assert order(found) == CHAIN
    assert {stage.function.path for stage in found.stages if stage.function} == {"steps.py"}


def test_operators_of_airflow(project: Make) -> None:
    text = """
from airflow import DAG
from airflow.operators.python import PythonOperator
from airflow.operators.bash import BashOperator

def fit():
    pass

with DAG("daily", schedule="@daily") as dag:
    one = BashOperator(task_id="prepare", bash_command="python prepare.py")
    two = PythonOperator(task_id="train", python_callable=fit)
    three = BashOperator(task_id="evaluate", bash_command="python evaluate.py")
    four = BashOperator(task_id="report", bash_command="python report.py")
    one >> two >> [three, four]
    four.set_upstream(three)
"""
    found = only(project({"dags/daily.py": text}))
    assert order(found) == {**CHAIN, "report": ("evaluate", "train")}
    prepare, train = found.stages[:2]
    assert [command.text for command in prepare.commands] == ["python prepare.py"]
    assert train.function is not None


def test_prefect_waits_for_calls_and_not_for_what_is_submitted(project: Make) -> None:
    text = """
from prefect import flow, task

@task
def a(): ...

@task
def b(): ...

@task
def c(): ...

@flow
def run():
    a()
    b.submit()
    c.submit()
"""
    assert order(only(project({"f.py": text}))) == {"a": (), "b": ("a",), "c": ("a",)}


def test_a_condition_of_kfp_holds_what_stands_in_it(project: Make) -> None:
    text = """
from kfp import dsl

@dsl.component
def score() -> float: ...

@dsl.component
def deploy(): ...

@dsl.pipeline
def run():
    scored = score()
    with dsl.If(scored.output > 0.9):
        deploy()
"""
    score, deploy = only(project({"p.py": text})).stages
    assert (score.conditional, deploy.conditional) == (False, True)
    assert deploy.after == ("score",)


def test_steps_of_metaflow(project: Make) -> None:
    text = """
from metaflow import FlowSpec, step

class Train(FlowSpec):
    @step
    def start(self):
        self.next(self.train, self.other)

    @step
    def train(self):
        self.next(self.end)

    @step
    def other(self):
        self.next(self.end)

    @step
    def end(self):
        pass
"""
    expected = {"start": (), "train": ("start",), "other": ("start",), "end": ("other", "train")}
    assert order(only(project({"flow.py": text}))) == expected


def test_nodes_of_kedro_in_two_files(project: Make) -> None:
    first = """
from kedro.pipeline import node
from .nodes import clean
nodes = [node(clean, "raw", "table", name="clean")]
"""
    second = """
from kedro.pipeline import node
from .nodes import fit
nodes = [node(func=fit, inputs=["table", "params:trees"], outputs="model")]
"""
    code = "def clean(raw): ...\ndef fit(table, trees): ...\n"
    found = only(project({"k/a.py": first, "k/b.py": second, "k/nodes.py": code}))
    assert order(found) == {"clean": (), "fit": ("clean",)}


def test_assets_of_dagster(project: Make) -> None:
    text = """
from dagster import asset

@asset
def raw(): ...

@asset(deps=[raw])
def table(): ...

@asset
def model(table): ...
"""
    expected = {"raw": (), "table": ("raw",), "model": ("table",)}
    assert order(only(project({"a.py": text}))) == expected


def test_steps_of_sagemaker(project: Make) -> None:
    text = """
from sagemaker.workflow.steps import TrainingStep, ProcessingStep
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.step_collections import RegisterModel

train = TrainingStep(name="train", step_args=None)
check = ProcessingStep(name="check", inputs=[train.properties.ModelArtifacts])
gate = ConditionStep(name="gate", conditions=[], if_steps=[], depends_on=[check])
"""
    found = only(project({"p.py": text}))
    assert order(found) == {"train": (), "check": ("train",), "gate": ("check",)}


def test_components_of_azure(project: Make) -> None:
    text = """
from azure.ai.ml import command, dsl

prep = command(name="prep", code="src", command="python prep.py --in ${{inputs.x}}")
train = command(name="train", code="src", command="python train.py")

@dsl.pipeline()
def all_of_it(x):
    ready = prep(x=x)
    train(rows=ready.outputs.rows)
"""
    files = {"p.py": text, "src/train.py": FIT, "src/prep.py": "import pandas as pd\n"}
    made = project(files)
    found = only(made)
    assert order(found) == {"prep": (), "train": ("prep",)}
    acts = made.pipelines.phases(found, found.stages[1])
    assert [(act.phase, act.proof, act.path) for act in acts] == [
        (Phase.TRAINING, Proof.CALLS, "src/train.py")
    ]


FIT = """
from sklearn.linear_model import LogisticRegression
LogisticRegression().fit([[0], [1]], [0, 1])
"""


def test_stages_of_dvc_by_their_files(project: Make) -> None:
    text = """
stages:
  train:
    cmd: python src/fit.py
    deps: [data/clean.csv]
    outs: [models/churn.joblib]
  prepare:
    cmd: python src/prepare.py
    outs:
      - data/clean.csv:
          cache: false
  evaluate:
    cmd: python src/unseen.py
    deps: [models]
    metrics: [metrics.json]
"""
    made = project({"dvc.yaml": text, "src/fit.py": FIT})
    found = only(made)
    assert order(found) == {"train": ("prepare",), "prepare": (), "evaluate": ("train",)}
    phases = {
        stage.name: [(act.phase, act.proof) for act in made.pipelines.phases(found, stage)]
        for stage in found.stages
    }
    assert phases == {
        "train": [(Phase.TRAINING, Proof.CALLS)],
        "prepare": [(Phase.FEATURES, Proof.NAME)],
        "evaluate": [(Phase.EVALUATION, Proof.OUTPUTS)],
    }


def test_jobs_of_github(project: Make) -> None:
    text = """
on: {push: {}, workflow_dispatch: {}}
jobs:
  train:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
      - run: python fit.py
  release:
    needs: train
    environment: production
    steps:
      - name: Ship
        if: success()
        run: kubectl apply -f k8s
"""
    made = project({".github/workflows/train.yml": text, "fit.py": FIT})
    found = only(made)
    first, second, ship = found.stages
    assert found.triggers == ("push", "workflow_dispatch")
    assert (second.after, ship.after) == ((first.name,), (second.name,))
    assert (ship.manual, ship.conditional, second.manual) == (True, True, False)
    assert found.before(ship.name) == {first.name, second.name}
    acts = [(act.phase, act.proof) for act in made.pipelines.phases(found, ship)]
    assert acts == [(Phase.DEPLOYMENT, Proof.COMMAND)]
    assert [act.phase for act in made.pipelines.phases(found, second)] == [Phase.TRAINING]


def test_jobs_of_gitlab(project: Make) -> None:
    text = """
stages: [prepare, train, ship]
prepare: {stage: prepare, script: [python prepare.py]}
train: {stage: train, script: python fit.py}
ship: {stage: ship, needs: [train], when: manual, script: [kubectl apply -f k8s]}
.hidden: {script: [echo]}
"""
    found = only(project({".gitlab-ci.yml": text}))
    assert order(found) == {"prepare": (), "train": ("prepare",), "ship": ("train",)}
    assert [stage.manual for stage in found.stages] == [False, False, True]


def test_targets_of_make_and_who_runs_them(project: Make) -> None:
    makefile = "prepare:\n\tpython prepare.py\ntrain: prepare\n\tpython fit.py\n"
    workflow = "on: push\njobs:\n  t:\n    steps:\n      - run: make train\n"
    files = {"Makefile": makefile, ".github/workflows/t.yml": workflow, "fit.py": FIT}
    made = project(files)
    by_kind = {pipeline.kind: pipeline for pipeline in made.pipelines.all}
    assert order(by_kind["make"]) == {"prepare": (), "train": ("prepare",)}
    (step,) = by_kind["github"].stages
    assert [act.phase for act in made.pipelines.phases(by_kind["github"], step)] == [Phase.TRAINING]


def test_a_graph_of_argo(project: Make) -> None:
    text = """
apiVersion: argoproj.io/v1alpha1
kind: CronWorkflow
metadata: {name: retrain}
spec:
  workflowSpec:
    templates:
      - name: main
        dag:
          tasks:
            - {name: prepare, template: prepare}
            - {name: train, template: train, depends: prepare.Succeeded}
            - {name: wait, template: wait, dependencies: [train]}
      - name: prepare
        container: {command: [python, prepare.py]}
      - name: train
        container: {command: [python], args: [fit.py]}
      - name: wait
        suspend: {}
"""
    found = only(project({"wf.yaml": text}))
    assert found.triggers == ("schedule",)
    assert order(found) == {"prepare": (), "train": ("prepare",), "wait": ("train",)}
    assert [stage.manual for stage in found.stages] == [False, False, True]
    assert found.stages[1].commands[0].text == "python fit.py"


def test_jobs_of_azure(project: Make) -> None:
    text = """
$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
type: pipeline
jobs:
  prep:
    code: ./src
    command: python prep.py
  train:
    code: ./src
    command: python fit.py
    inputs: {rows: "${{parent.jobs.prep.outputs.rows}}"}
"""
    made = project({"aml/p.yml": text, "aml/src/fit.py": FIT})
    found = only(made)
    assert order(found) == {"prep": (), "train": ("prep",)}
    acts = made.pipelines.phases(found, found.stages[1])
    assert [(act.phase, act.path) for act in acts] == [(Phase.TRAINING, "aml/src/fit.py")]


def test_a_component_of_azure_in_a_file_of_its_own(project: Make) -> None:
    text = """
$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json
jobs:
  train: {component: file:train.yml}
  other: {component: "azureml:score@latest"}
"""
    component = "type: command\ncode: ../src\ncommand: python fit.py\n"
    made = project({"aml/p.yml": text, "aml/train.yml": component, "src/fit.py": FIT})
    found = only(made)
    train, other = found.stages
    assert [act.path for act in made.pipelines.phases(found, train)] == ["src/fit.py"]
    assert (train.settled, other.settled, other.library) == (True, False, "azureml:score@latest")


def test_jobs_of_databricks(project: Make) -> None:
    text = """
resources:
  jobs:
    weekly:
      schedule: {quartz_cron_expression: "0 0 0 * * ?"}
      tasks:
        - task_key: prepare
          notebook_task: {notebook_path: ../nb/prepare}
        - task_key: train
          depends_on: [{task_key: prepare}]
          spark_python_task: {python_file: ../src/fit.py}
"""
    made = project({"bundle/jobs.yml": text, "src/fit.py": FIT})
    found = only(made)
    assert (found.kind, found.name, found.triggers) == ("databricks", "weekly", ("schedule",))
    assert order(found) == {"prepare": (), "train": ("prepare",)}
    acts = made.pipelines.phases(found, found.stages[1])
    assert [act.phase for act in acts] == [Phase.TRAINING]


def test_pipelines_that_cover_phases(project: Make) -> None:
    text = """
stages:
  train: {cmd: python fit.py, outs: [model.joblib]}
  measure: {cmd: python unseen.py, deps: [model.joblib], metrics: [metrics.json]}
"""
    made = project({"dvc.yaml": text, "fit.py": FIT}).pipelines
    assert [one.kind for one in made.covering(Phase.TRAINING, Phase.EVALUATION)] == ["dvc"]
    assert not list(made.covering(Phase.TRAINING, Phase.REGISTRATION))


def test_an_order_that_is_not_written_out_is_not_settled(project: Make) -> None:
    text = """
from airflow import DAG
from airflow.operators.bash import BashOperator
from elsewhere import make_task

with DAG("daily") as dag:
    one = BashOperator(task_id="one", bash_command="true")
    one >> make_task()
"""
    assert not only(project({"d.py": text})).settled


def test_a_function_that_is_a_stage_does_not_do_what_the_module_does(project: Make) -> None:
    text = """
from zenml import pipeline, step
from sklearn.linear_model import LogisticRegression

LogisticRegression().fit([[0], [1]], [0, 1])

@step
def other():
    return 1

@pipeline
def run():
    other()
"""
    made = project({"p.py": text})
    found = only(made)
    assert made.pipelines.phases(found, found.stages[0]) == ()


def test_a_long_chain_and_names_within_names_take_no_time(project: Make) -> None:
    names = "\n".join(f"n{i} = [n{i - 1}] * 2 + [n{i - 1}, n{i - 1}]" for i in range(1, 60))
    chain = " >> ".join(["one", "two"] * 400)
    text = f"""
from airflow import DAG
from airflow.operators.bash import BashOperator

one = BashOperator(task_id="one", bash_command="true")
two = BashOperator(task_id="two", bash_command="true")
n0 = one
{names}
n59 >> two
{chain}
"""
    found = only(project({"d.py": text}))
    assert len(found.stages) == 2


@pytest.mark.parametrize(
    "text",
    [
        "stages: 7",
        "stages: {a: 1, b: {cmd: [1, {}]}, c: {deps: {x: 1}, outs: 3, cmd: null}}",
        "stages: {a: {cmd: x, deps: [a], outs: [a]}}",
        "[1, 2]",
    ],
)
def test_a_strange_document_is_no_crash(project: Make, text: str) -> None:
    files = {
        "dvc.yaml": text,
        ".github/workflows/a.yml": "jobs: {a: {steps: [1, {run: 2}]}}\n",
    }
    made = project(files)
    for pipeline in made.pipelines.all:
        for stage in pipeline.stages:
            made.pipelines.phases(pipeline, stage)
