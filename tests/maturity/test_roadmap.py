"""Steps fit what is in use: the rules by which they are chosen, one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.advice import rivals_of
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.catalogue import Advice, capabilities, ladder_model
from mlaudit.maturity.catalogue_views import roadmap_model
from mlaudit.maturity.model import Maturity, Outcome, Step, StepKind
from mlaudit.maturity.signing import sign
from mlaudit.project.practices.catalogue import catalogue
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.model import Match, Spot

TRAIN = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression

frame = pd.read_csv("rows.csv")
LogisticRegression().fit(frame, frame["y"])
"""
MLFLOW = "import mlflow\nmlflow.start_run()\n"
WANDB = "import wandb\nwandb.init()\nwandb.log({})\nwandb.finish()\n"


def maturity(root: Path, files: dict[str, str], *matches: Match) -> Maturity:
    for path, text in {"train.py": TRAIN, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    repo = open_repo([root])
    return assess(Project(repo, read_facts(repo, repo.files).facts), matches)


def steps(root: Path, files: dict[str, str], *matches: Match) -> dict[str, Step]:
    """By capability, or by what the step is about."""
    found = maturity(root, files, *matches).roadmap
    return {step.capability or step.kind.value: step for step in found}


def advices() -> Iterator[tuple[str, Advice]]:
    for model in capabilities():
        for number, advice in enumerate(model.steps, 1):
            yield f"{model.id} {number}", advice
    for level in ladder_model().levels:
        for one in level.requirements:
            if one.step is not None:
                yield one.id, one.step
    for ended in roadmap_model().ended:
        yield ended.tool, ended.step


# the data


def test_every_capability_has_three_steps_and_all_that_they_name_exists() -> None:
    model = roadmap_model()
    tools = set(catalogue())
    assert all(len(one.steps) == 3 for one in capabilities())
    for name, advice in advices():
        assert set(advice.instead) <= tools, name
        assert not advice.tool or advice.tool in tools, name
        assert all(sign(one) for one in advice.touch), name
        assert advice.effort in ("small", "medium", "large"), name
        assert advice.do.endswith("."), name
    grouped = {tool for group in model.rivals.values() for tool in group}
    assert grouped | set(model.platforms) | set(model.cluster) <= tools
    assert all(any(set(pair) <= set(group) for group in model.rivals.values()) or
               set(pair) <= grouped for pair in model.together)  # fmt: skip
    ids = {one.id for one in capabilities()}
    assert {name for names in model.horizons.values() for name in names} <= ids


@pytest.mark.parametrize(("name", "advice"), list(advices()), ids=lambda one: str(one)[:40])
def test_who_uses_a_tool_is_never_offered_its_rival(name: str, advice: Advice) -> None:
    rivals = rivals_of(advice.tool) - {advice.tool}
    assert not rivals or advice.plain or rivals <= {*advice.instead, "torchserve"}, name
    assert bool(advice.plain) == ("{tool}" in advice.plain)
    for tool, text in {**advice.instead, **dict.fromkeys(rivals, advice.plain)}.items():
        for other in (
            rivals_of(tool) - {tool, name} if "which is in use already" not in text else ()
        ):
            assert catalogue()[other].name not in text, f"{name}: {tool} is offered {other}"


@pytest.mark.parametrize(("name", "advice"), list(advices()), ids=lambda one: str(one)[:40])
def test_what_needs_a_cluster_is_offered_only_where_one_is_in_use(
    name: str, advice: Advice
) -> None:
    cluster = {*roadmap_model().cluster, "kubernetes", "triton"}
    words = ("Kubernetes", "kubectl", "helm", "Argo", "Flux", "Flagger", "Katib", "KServe",
             "InferenceService", "Istio", "Rollout", "CronWorkflow")  # fmt: skip
    for tool, text in {"": advice.do, **advice.instead}.items():
        assert tool in cluster or not any(word in text for word in words), name


# 1: what is in use already is deepened


def test_nothing_in_use_gets_the_first_choice_and_others_with_their_reason(tmp_path: Path) -> None:
    step = steps(tmp_path, {})["experiment-tracking"]
    assert step.do == "Call `mlflow.autolog()` before training."
    assert "Weights & Biases: hosted, for teams" in step.alternatives
    assert (step.file, step.horizon) == ("train.py", "now")


def test_a_shop_of_one_tracker_is_not_offered_another(tmp_path: Path) -> None:
    found = steps(tmp_path, {"track.py": WANDB})
    texts = [found[name].do for name in ("data-versioning", "data-lineage", "model-versioning")]
    assert all("MLflow" not in text and "mlflow" not in text for text in texts)
    assert "Weights & Biases artifact" in texts[0]
    assert found["data-versioning"].alternatives == ()


def test_a_tracker_without_a_text_of_its_own_is_named_all_the_same(tmp_path: Path) -> None:
    found = steps(tmp_path, {"track.py": "import aim\nrun = aim.Run()\n"})
    assert found["model-versioning"].do == "Keep the model with its Aim run."


def test_the_tool_in_most_places_wins(tmp_path: Path) -> None:
    first = steps(tmp_path / "a", {"a.py": MLFLOW, "b.py": WANDB, "c.py": WANDB})
    assert "artifact of its run" in first["model-versioning"].do
    second = steps(tmp_path / "b", {"a.py": WANDB, "b.py": MLFLOW, "c.py": MLFLOW, "d.py": MLFLOW,
                                    "e.py": MLFLOW})  # fmt: skip
    assert "mlflow.log_model" in second["model-versioning"].do


def test_a_platform_comes_first_where_nothing_else_does_the_work(tmp_path: Path) -> None:
    platform = "import sagemaker\nsagemaker.Session()\n"
    assert "SageMaker" in steps(tmp_path / "a", {"p.py": platform})["experiment-tracking"].do
    found = steps(tmp_path / "b", {"p.py": platform, "t.py": "import wandb\nwandb.login()\n"})
    assert "wandb.init" in found["experiment-tracking"].do


# 3: declared and not used


def test_a_tool_that_is_only_declared_is_to_be_finished_or_removed(tmp_path: Path) -> None:
    step = steps(tmp_path, {"requirements.txt": "pandas\nevidently\n"})["finish or remove"]
    assert step.do.startswith("Finish Evidently or remove it: `requirements.txt` names it")
    assert (step.file, step.effort, step.kind) == ("requirements.txt", "small", StepKind.FINISH)


@pytest.mark.parametrize(
    "files",
    [
        {"use.py": "import evidently\n"},
        {"tests/test_use.py": "import evidently\n"},
        {"use.py": "from zenml.integrations.evidently.steps import report\n"},
        {"use.py": 'run(report_to="evidently")\n'},
        {"requirements.txt": "#\n# This file is autogenerated by pip-compile\n#\nevidently==0.4\n"},
    ],
)
def test_what_is_used_somewhere_or_only_listed_is_left_alone(
    tmp_path: Path, files: dict[str, str]
) -> None:
    found = steps(tmp_path, {"requirements.txt": "pandas\nevidently\n", **files})
    assert "finish or remove" not in found


# 4: ended services


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import neptune\nrun = neptune.init_run()\n", "Move the runs from Neptune"),
        ("import whylogs as why\nwhy.log([]).writer('whylabs').write()\n", "whylogs profiles"),
        ("from azureml.core import Workspace\nw = Workspace.from_config()\n", "azure-ai-ml"),
        ("from kfp import components\nf = components.create_component_from_func(g)\n", "KFP 2"),
    ],
)
def test_what_ended_gets_a_step_away_from_it(tmp_path: Path, code: str, words: str) -> None:
    step = steps(tmp_path, {"old.py": code})["migrate"]
    assert words in step.do
    assert (step.file, step.kind) == ("old.py", StepKind.MIGRATE)


@pytest.mark.parametrize(
    "code",
    [
        "import whylogs as why\nwhy.log([]).writer('local').write()\n",
        "from azure.ai.ml import MLClient\nc = MLClient.from_config()\n",
        "from kfp import dsl\n@dsl.component\ndef f(): ...\n",
    ],
)
def test_what_lives_on_under_the_same_name_needs_no_move(tmp_path: Path, code: str) -> None:
    assert "migrate" not in steps(tmp_path, {"new.py": code})


def test_an_ended_tracker_is_not_deepened(tmp_path: Path) -> None:
    found = steps(tmp_path, {"old.py": "import neptune\nrun = neptune.init_run()\n"})
    assert not any("Neptune" in one.do for one in found.values() if one.kind != StepKind.MIGRATE)


# 5: rivals


def test_of_two_rivals_one_is_to_be_chosen_and_no_third_is_added(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"a.py": MLFLOW, "b.py": WANDB}).roadmap
    (choice,) = (step for step in found if step.kind is StepKind.CHOOSE)
    assert choice.do == (
        "Choose one tool for experiment tracking: Weights & Biases (`b.py`) and MLflow (`a.py`) "
        "are in use."
    )
    assert not any("Comet" in step.do or step.alternatives for step in found
                   if step.capability in ("experiment-tracking", "model-versioning"))  # fmt: skip


def test_tools_that_are_made_for_each_other_are_no_rivals(tmp_path: Path) -> None:
    code = "import optuna\nfrom ray import tune\noptuna.create_study()\ntune.Tuner(f).fit()\n"
    found = maturity(tmp_path, {"search.py": code}).roadmap
    assert not [step for step in found if step.kind is StepKind.CHOOSE]


# 6: nothing out of reach


def test_nothing_is_recommended_that_does_not_apply_or_is_too_far_off(tmp_path: Path) -> None:
    found = maturity(tmp_path, {"README.md": "# Churn\n\n```bash\npython train.py\n```\n"})
    judged = {one.id: one for dimension in found.dimensions for one in dimension.capabilities}
    for step in found.roadmap:
        if step.capability:
            assert judged[step.capability].outcome is Outcome.TRUE
        assert step.kind is not StepKind.NEXT_LEVEL or step in found.ladder.steps
        assert step.kind is not StepKind.QUICK_WIN or step.effort == "small"
    assert judged["alerts"].next_step is None
    assert judged["data-versioning"].next_step is not None
    on_the_map = {step.capability for step in found.roadmap}
    assert {name for name, one in judged.items() if one.next_step} <= on_the_map


def test_a_finding_that_holds_a_capability_down_comes_first(tmp_path: Path) -> None:
    files = {"track.py": "import mlflow\nmlflow.set_experiment('a')\nmlflow.autolog()\n"}
    finding = Match("TRK001", Spot("train.py"))
    step = steps(tmp_path, files, finding)["experiment-tracking"]
    assert step.do == "Mend what TRK001 found: it holds this capability down."
    assert step.file == "train.py"


# what is met already


def test_requirements_of_higher_levels_that_are_met_are_banked(tmp_path: Path) -> None:
    files = {"track.py": "import mlflow\nmlflow.set_experiment('a')\nmlflow.autolog()\n"}
    ladder = maturity(tmp_path, files).ladder
    met = {one.id: rung.level for rung in ladder.rungs for one in rung.requirements
           if one.outcome is Outcome.TRUE}  # fmt: skip
    assert ladder.level == 0
    assert set(ladder.banked) == {name for name, level in met.items() if level <= ladder.reachable}
    assert "L2b" in ladder.banked
