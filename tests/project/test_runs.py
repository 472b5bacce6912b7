from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.project.runs.runs import Runs
from mlaudit.repo.opening import open_repo

Make = Callable[..., Runs]


@pytest.fixture
def runs(tmp_path: Path) -> Make:
    """The runs of a repository whose files are given by name; `train` is train.py."""

    def make(**files: str) -> Runs:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, "utf-8")
        repo = open_repo([tmp_path])
        return Project(repo, read_facts(repo, repo.files).facts).runs

    return make


def only(runs: Runs) -> Region:
    (region,) = runs.regions
    return region


def done(region: Region) -> set[str]:
    return {one.name for one in region.doing if one is not Does.OPENS and one is not Does.CLOSES}


def logged(runs: Runs, region: Region) -> list[str]:
    """The first arguments of what is logged, in order."""
    calls = [runs.call(visit.site) for visit in region.visits if ".log_" in visit.site.name]
    return [str(call.args[0].value) for call in calls]  # type: ignore[union-attr]


WITH = """
import mlflow
mlflow.log_metric("before", 1)
with mlflow.start_run():
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
"""

BY_HAND = """
import mlflow
mlflow.log_metric("before", 1)
mlflow.start_run()
mlflow.log_metric("inside", 1)
mlflow.end_run()
mlflow.log_metric("after", 1)
"""

IN_FINALLY = """
import mlflow
mlflow.start_run()
try:
    mlflow.log_metric("inside", 1)
finally:
    mlflow.end_run()
mlflow.log_metric("after", 1)
"""

BY_NAME = """
import mlflow
run = mlflow.start_run()
with run:
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
"""

CLOSED_BY_HELPER = """
import mlflow
def close():
    mlflow.end_run()
mlflow.start_run()
mlflow.log_metric("inside", 1)
close()
mlflow.log_metric("after", 1)
"""


@pytest.mark.parametrize("text", [WITH, BY_HAND, IN_FINALLY, BY_NAME, CLOSED_BY_HELPER])
def test_run_ends_where_it_is_closed(runs: Make, text: str) -> None:
    found = runs(train=text)
    assert logged(found, only(found)) == ["inside"]


def test_program_ends_a_run_that_nothing_closes(runs: Make) -> None:
    found = runs(train='import mlflow\nmlflow.start_run()\nmlflow.log_metric("inside", 1)\n')
    assert logged(found, only(found)) == ["inside"]
    assert only(found).known


def test_helpers_in_other_modules_are_followed(runs: Make) -> None:
    found = runs(
        train="import mlflow, helper\nwith mlflow.start_run():\n    helper.record(1)\n",
        helper='import mlflow\ndef record(x):\n    mlflow.log_param("inside", x)\n',
    )
    assert logged(found, only(found)) == ["inside"]
    assert done(only(found)) == {"PARAM"}


LEAVES = {
    "returned": """
import mlflow
def start():
    return mlflow.start_run()
with start():
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
""",
    "left open": """
import mlflow
def start():
    mlflow.start_run()
start()
mlflow.log_metric("inside", 1)
mlflow.end_run()
mlflow.log_metric("after", 1)
""",
    "yielded in a with": """
import contextlib, mlflow
@contextlib.contextmanager
def tracked():
    with mlflow.start_run():
        yield
with tracked():
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
""",
    "yielded by hand": """
import contextlib, mlflow
@contextlib.contextmanager
def tracked():
    mlflow.start_run()
    yield
    mlflow.end_run()
with tracked():
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
""",
    "entered": """
import mlflow
class Tracker:
    def __enter__(self):
        mlflow.start_run()
    def __exit__(self, *error):
        mlflow.end_run()
with Tracker():
    mlflow.log_metric("inside", 1)
mlflow.log_metric("after", 1)
""",
    "decorated": """
import mlflow
def tracked(function):
    def run(*args):
        with mlflow.start_run():
            return function(*args)
    return run
@tracked
def train():
    mlflow.log_metric("inside", 1)
train()
mlflow.log_metric("after", 1)
""",
}


@pytest.mark.parametrize("text", LEAVES.values(), ids=list(LEAVES))
def test_run_is_followed_out_of_the_function_that_opens_it(runs: Make, text: str) -> None:
    found = runs(train=text)
    assert logged(found, only(found)) == ["inside"]
    assert only(found).known
    assert not only(found).opaque


def test_each_caller_of_a_factory_has_a_run_of_its_own(runs: Make) -> None:
    found = runs(
        train=(
            "import mlflow\ndef start():\n    return mlflow.start_run()\n"
            'with start():\n    mlflow.log_metric("first", 1)\n'
            'with start():\n    mlflow.log_param("second", 1)\n'
        )
    )
    assert [logged(found, one) for one in found.regions] == [["first"], ["second"]]


def test_function_that_nobody_calls_says_not_where_its_run_ends(runs: Make) -> None:
    found = runs(train="import mlflow\ndef start():\n    mlflow.start_run()\n")
    assert not only(found).known


def test_parents_and_children(runs: Make) -> None:
    found = runs(
        train=(
            "import mlflow\ndef trial():\n    with mlflow.start_run(nested=True):\n        pass\n"
            "with mlflow.start_run():\n    trial()\n"
        )
    )
    parent, child = sorted(found.regions, key=lambda region: region.nested)
    assert list(found.parents(child)) == [parent]
    assert list(found.children(parent)) == [child]
    assert child.nested
    assert not parent.nested


@pytest.mark.parametrize(
    ("call", "opaque"),
    [
        ("callback(1)", True),
        ("thing.log_everything(1)", True),
        ("thing.fit(1, callbacks=[1])", True),
        ("model(1)", False),
        ("thing.predict(1)", False),
        ("thing.fit(1)", False),
        ("thing.log_prob(1)", False),
    ],
)
def test_unresolved_calls_that_may_record_are_told(runs: Make, call: str, opaque: bool) -> None:
    text = "import mlflow\ndef main(callback, thing, model):\n    with mlflow.start_run():\n"
    region = only(runs(train=f"{text}        {call}\n"))
    assert bool(region.opaque or region.does(Does.HANDED_OVER)) is opaque


def test_methods_of_the_same_name_are_looked_into(runs: Make) -> None:
    found = runs(
        train=(
            "import mlflow\n"
            'class Recorder:\n    def on_end(self):\n        mlflow.log_metric("inside", 1)\n'
            "def main(callbacks):\n    with mlflow.start_run():\n"
            "        for one in callbacks:\n            one.on_end()\n"
        )
    )
    assert done(only(found)) == {"METRIC"}
    assert not only(found).opaque


@pytest.mark.parametrize(
    ("call", "does"),
    [
        ('mlflow.log_artifact("settings.yaml")', {"MODEL", "DOCUMENT"}),
        ('mlflow.log_artifact("model.pkl")', {"MODEL"}),
        ("mlflow.log_artifact(path)", {"MODEL", "DOCUMENT"}),
        ("mlflow.sklearn.autolog(disable=True)", set()),
        ("mlflow.sklearn.autolog()", {"AUTOLOG"}),
        ("mlflow.sklearn.log_model(path)", {"MODEL"}),
        ("mlflow.log_input(path)", {"DATA"}),
        ("wandb.log({})", set()),
    ],
)
def test_what_calls_do(runs: Make, call: str, does: set[str]) -> None:
    text = f"import mlflow, wandb\ndef main(path):\n    with mlflow.start_run():\n        {call}\n"
    assert done(only(runs(train=text))) == does


@pytest.mark.parametrize(
    ("arguments", "does"),
    [
        ("project='p'", set()),
        ("config={'rate': 1}", {"PARAM"}),
        ("config=None", set()),
        ("magic=True", {"HANDED_OVER"}),
        ("sync_tensorboard=False", set()),
    ],
)
def test_what_opening_a_run_of_wandb_does(runs: Make, arguments: str, does: set[str]) -> None:
    assert done(only(runs(train=f"import wandb\nwandb.init({arguments})\n"))) == does


@pytest.mark.parametrize("arguments", ["run_id='1'", "'1'", "**options"])
def test_resumed_run(runs: Make, arguments: str) -> None:
    found = runs(train=f"import mlflow\noptions = {{}}\nmlflow.start_run({arguments})\n")
    assert only(found).resumed


def test_runs_in_tests_are_left_out(runs: Make) -> None:
    assert runs(test_train="import mlflow\nmlflow.start_run()\n").regions == ()


def test_factories_of_factories_are_followed_so_far(runs: Make) -> None:
    chain = "".join(f"def start{n + 1}():\n    return start{n}()\n" for n in range(2000))
    calls = "".join(f"with start{n % 7}():\n    pass\n" for n in range(200))
    text = f"import mlflow\ndef start0():\n    return mlflow.start_run()\n{chain}{calls}"
    assert 0 < len(runs(train=text).regions) <= 100


def test_closers_of_closers_are_followed_so_far(runs: Make) -> None:
    chain = "".join(f"def close{n + 1}():\n    close{n}()\n" for n in range(2000))
    start = "import mlflow\ndef close0():\n    mlflow.end_run()\n"
    text = f"{start}{chain}mlflow.start_run()\nclose1999()\n"
    assert len(runs(train=text).regions) == 1
