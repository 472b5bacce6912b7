"""The same evidence in other ways: phases, patterns and their gaps, principles, artefacts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.catalogue import capabilities
from mlaudit.maturity.catalogue_views import checklist_model, patterns_model, views_model
from mlaudit.maturity.model import Artefact, Gap, Maturity, Outcome, Pattern, Phase
from mlaudit.maturity.signing import sign
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.loading import FAMILIES
from mlaudit.rules.model import Match, Spot

TRAIN = """\
import joblib
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("rows.csv")
joblib.dump(LogisticRegression().fit(frame, frame["y"]), "model.joblib")
"""
EVALUATE = """\
import joblib
import pandas as pd
from sklearn.metrics import f1_score

frame = pd.read_csv("rows.csv")
print(f1_score(frame["y"], joblib.load("model.joblib").predict(frame)))
"""
PIPELINE = """\
stages:
  train:
    cmd: python train.py
    outs: [model.joblib]
  evaluate:
    cmd: python evaluate.py
    deps: [model.joblib]
"""
APP = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")

@app.get("/predict")
def predict(x: float):
    return model.predict([[x]])
"""
NOTEBOOK = [
    "import pandas as pd\nimport mlflow\nframe = pd.read_csv('rows.csv')\n",
    "from sklearn.preprocessing import StandardScaler\nx = StandardScaler().fit_transform(frame)\n",
    "from sklearn.svm import SVC\nmodel = SVC().fit(x, frame['y'])\n",
    "from sklearn.metrics import f1_score\nf1_score(frame['y'], model.predict(x))\n",
    "mlflow.register_model('runs:/1/model', 'churn')\n",
]


def maturity(root: Path, files: dict[str, str], *matches: Match) -> Maturity:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return assess(Project(repo, read_facts(repo, repo.files).facts), matches)


def notebook(*cells: str) -> str:
    made: list[object] = [{"cell_type": "code", "source": text, "metadata": {}, "outputs": [],
             "execution_count": None} for text in cells]  # fmt: skip
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def phase(found: Maturity, name: str) -> Phase:
    return next(one for one in found.lifecycle if one.id == name)


def pattern(found: Maturity, name: str) -> Pattern:
    return next(one for one in found.patterns if one.id == name)


def gaps(found: Maturity, name: str) -> dict[str, Gap]:
    return {gap.edge: gap for gap in pattern(found, name).gaps}


def artefact(found: Maturity, name: str) -> Artefact:
    return next(one for one in found.artefacts if one.name == name)


def test_all_that_the_data_names_exists() -> None:
    views, known = views_model(), {one.id for one in capabilities()}
    phases = [one.id for one in views.lifecycle]
    assert len(phases) == 9
    assert [one.name for one in views.principles] == [
        "Automation", "Reproducibility", "Testing", "Monitoring", "Iteration", "Collaboration",
    ]  # fmt: skip
    assert len(views.artefacts) == 7
    families = set(FAMILIES.values())
    rules = {rule for one in views.principles for rule in one.rules}
    rules |= {rule for one in views.artefacts for rule in one.silent}
    named = {name for one in views.lifecycle for name in one.any}
    named |= {name for one in views.artefacts for name in one.all}
    for one in patterns_model().patterns:
        assert all(step.phase in phases for step in one.steps if step.phase)
        rules |= {rule for gap in one.gaps for rule in gap.rules}
        named |= {name for gap in one.gaps for name in (*gap.sees, *gap.lacks)}
        named |= {name for step in one.steps for name in step.any}
        edges = {part for gap in one.gaps for part in gap.edge.split(" > ")}
        assert edges <= {step.name for step in one.steps}
        assert all(gap.rules or gap.sees for gap in one.gaps)
    assert {rule[:3] for rule in rules} <= families
    assert all(sign(name) for name in named)
    assert {name for one in views.principles for name in one.capabilities} <= known
    assert {name for one in views.artefacts for name in one.tracked_by} <= known
    lines = {line.id for line in checklist_model().lines}
    assert {name for one in views.artefacts for name in one.lines} <= lines


# phases


def test_a_phase_is_shown_with_the_first_place_that_does_it(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN, "evaluate.py": EVALUATE})
    assert phase(found, "evaluation").evidence[0].path == "evaluate.py"
    assert phase(found, "training").outcome is Outcome.TRUE
    assert phase(found, "registration").outcome is Outcome.FALSE
    assert phase(found, "deployment").outcome is Outcome.NOT_APPLICABLE


def test_a_name_alone_is_said_to_be_one(tmp_path: Path) -> None:
    stages = "stages:\n  train:\n    cmd: python train.py\n  evaluate:\n    cmd: ./run.sh\n"
    found = maturity(tmp_path, {"train.py": TRAIN, "dvc.yaml": stages})
    evaluation = phase(found, "evaluation")
    assert (evaluation.outcome, evaluation.by_name) == (Outcome.TRUE, True)
    assert not phase(found, "training").by_name


# patterns


def test_each_missing_step_is_one_gap(tmp_path: Path) -> None:
    found = gaps(maturity(tmp_path, {"train.py": TRAIN}), "training")
    assert {"Validate", "Evaluate", "Register"} <= set(found)
    assert found["Register"].says == "no registry was seen that numbers the models"
    assert "Data" not in found
    assert "Train" not in found


def test_programs_that_nothing_puts_in_order_are_a_gap(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "evaluate.py": EVALUATE}
    gap = gaps(maturity(tmp_path, files), "training")["Train > Evaluate"]
    assert "'train.py' and 'evaluate.py' are run one by one" in gap.says
    linked = maturity(tmp_path, {**files, "dvc.yaml": PIPELINE})
    assert "Train > Evaluate" not in gaps(linked, "training")


def test_a_script_that_runs_both_links_them(tmp_path: Path) -> None:
    files = {"train.py": TRAIN, "evaluate.py": EVALUATE}
    script = "python train.py\npython evaluate.py\n"
    found = maturity(tmp_path, {**files, "run.sh": script})
    assert "Train > Evaluate" not in gaps(found, "training")
    alone = maturity(tmp_path / "alone", {**files, "run.sh": "python train.py\n"})
    assert "Train > Evaluate" in gaps(alone, "training")


def test_a_fit_that_no_program_was_followed_to_is_seen_all_the_same(tmp_path: Path) -> None:
    code = "from xgboost import XGBClassifier\n\ndef run(x, y):\n    XGBClassifier().fit(x, y)\n"
    found = maturity(tmp_path, {"steps.py": code})
    assert phase(found, "training").evidence[0].path == "steps.py"


def test_a_collection_of_programs_and_notebooks_is_no_chain(tmp_path: Path) -> None:
    many = {f"train_{number}.py": TRAIN for number in range(4)}
    found = maturity(tmp_path, {**many, "evaluate.py": EVALUATE})
    assert "Train > Evaluate" not in gaps(found, "training")
    notes = {"a.ipynb": notebook(TRAIN), "b.ipynb": notebook(EVALUATE)}
    assert "Train > Evaluate" not in gaps(maturity(tmp_path / "notes", notes), "training")


def test_one_program_that_does_both_is_no_gap(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"train.py": TRAIN + EVALUATE})
    assert "Train > Evaluate" not in gaps(found, "training")


def test_a_finding_is_a_gap_at_its_edge(tmp_path: Path) -> None:
    finding = Match("TST006", Spot("train.py"))
    gap = gaps(maturity(tmp_path, {"train.py": TRAIN}, finding), "training")["Evaluate > Register"]
    assert (gap.path, gap.rule) == ("train.py", "TST006")


def test_a_finding_of_an_example_is_none(tmp_path: Path) -> None:
    finding = Match("TST006", Spot("examples/a.py"))
    found = maturity(tmp_path, {"train.py": TRAIN, "examples/a.py": TRAIN}, finding)
    assert "Evaluate > Register" not in gaps(found, "training")


def test_a_notebook_that_does_it_all_without_a_pipeline_is_reported(tmp_path: Path) -> None:
    files = {"all.ipynb": notebook(*NOTEBOOK)}
    gap = gaps(maturity(tmp_path, files), "training")["all steps"]
    assert (gap.path, gap.says) == (
        "all.ipynb",
        "one notebook holds 5 phases and no pipeline declares them",
    )
    few = maturity(tmp_path / "few", {"all.ipynb": notebook(*NOTEBOOK[:4])})
    assert "all steps" not in gaps(few, "training")
    files |= {"train.py": TRAIN, "evaluate.py": EVALUATE, "dvc.yaml": PIPELINE}
    assert "all steps" not in gaps(maturity(tmp_path, files), "training")


def test_where_nothing_trains_or_serves_nobody_asks(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"tool.py": "print(1)\n"})
    for one in found.patterns:
        assert (one.outcome, one.gaps) == (Outcome.NOT_APPLICABLE, ())
        assert one.reason


TYPED = APP.replace("x: float", "row: Row").replace("[[x]]", "[[row.x]]").replace("get(", "post(")
ROW = "from pydantic import BaseModel\n\nclass Row(BaseModel):\n    x: float\n\n"


RAW = APP.replace("x: float", "request: Request").replace("get(", "post(")
RAW = RAW.replace("import FastAPI", "import FastAPI, Request")


@pytest.mark.parametrize(("text", "missing"), [(RAW, True), (APP, False), (ROW + TYPED, False)])
def test_a_service_is_asked_for_a_schema_of_its_requests(
    tmp_path: Path, text: str, missing: bool
) -> None:
    files = {"app.py": text, "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "app:app"]\n'}
    serving = pattern(maturity(tmp_path, files), "serving")
    assert any(gap.says == "a request has no schema" for gap in serving.gaps) is missing
    assert {stage.name: stage.outcome for stage in serving.stages}["Request"] is Outcome.TRUE


def test_where_nothing_watches_it_is_said_once(tmp_path: Path) -> None:
    files = {"app.py": APP, "Dockerfile": 'FROM python:3.12\nCMD ["uvicorn", "app:app"]\n'}
    found = pattern(maturity(tmp_path, files), "monitoring")
    assert [gap.says for gap in found.gaps] == ["nothing was seen that watches what is served"]


# principles and artefacts


def test_findings_stand_beside_the_principle_and_not_in_it(tmp_path: Path) -> None:
    before = maturity(tmp_path, {"train.py": TRAIN, "tests/test_a.py": TRAIN})
    finding, other = Match("REP010", Spot("train.py")), Match("REP010", Spot("tests/test_a.py"))
    after = maturity(tmp_path, {}, finding, other, finding)
    by_name = {one.name: one for one in after.principles}
    assert by_name["Reproducibility"].findings == 1
    assert by_name["Collaboration"].findings == 1
    assert by_name["Testing"].findings == 0
    assert [one.score for one in before.principles] == [one.score for one in after.principles]


def test_an_artefact_is_tracked_only_when_all_of_it_holds(tmp_path: Path) -> None:
    tracked = "import mlflow\nmlflow.set_experiment('a')\nmlflow.autolog()\n"
    found = maturity(tmp_path, {"train.py": tracked + TRAIN})
    assert artefact(found, "Configuration").outcome is Outcome.TRUE
    assert artefact(found, "Metrics").outcome is Outcome.TRUE
    assert artefact(found, "Data").outcome is Outcome.FALSE
    finding = Match("TRK016", Spot("train.py"))
    found = maturity(tmp_path, {}, finding)
    assert artefact(found, "Configuration").outcome is Outcome.FALSE
    assert artefact(found, "Configuration").evidence[0].rule == "TRK016"


def test_a_project_is_not_credited_with_what_a_job_runs_of_another(tmp_path: Path) -> None:
    workflow = (
        "on: push\njobs:\n  all:\n    runs-on: x\n    steps:\n"
        "      - run: python a/train.py\n      - run: python b/train.py\n"
        "      - run: python b/evaluate.py\n"
    )
    found = maturity(
        tmp_path,
        {
            ".github/workflows/all.yml": workflow,
            "a/requirements.txt": "scikit-learn\n",
            "a/train.py": TRAIN,
            "b/requirements.txt": "scikit-learn==1.5.0\n",
            "b/train.py": TRAIN,
            "b/evaluate.py": EVALUATE,
        },
    )
    assert found.root in ("a", "b")
    paths = {one.path for phase in found.lifecycle for one in phase.evidence}
    assert f"{found.root}/train.py" in paths
    assert all(path.startswith((f"{found.root}/", ".github/")) for path in paths)
