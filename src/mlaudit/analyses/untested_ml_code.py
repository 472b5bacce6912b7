"""Modules that make features, train or predict, and that no test comes to by its imports."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from mlaudit.analyses.places import spot_of
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.knowledge import Names, api_table
from mlaudit.patterns import Gated
from mlaudit.project.collected import checks_something, other_tests, test_files
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.project import Project
from mlaudit.repo.model import Context
from mlaudit.rules.model import Match, Related, Rule, Spot

_ELSEWHERE = Gated(
    r"subprocess\..*|os\.(?:system|popen|exec\w*|spawn\w*)|runpy\..*|importlib\..*|pkgutil\..*"
    r"|.*\.__import__|click\.testing\..*|typer\.testing\..*|papermill\..*|nbclient\..*|nbformat\..*"
    r"|testbook\..*|nbconvert\..*|requests\..*|httpx\.(?:get|post|put|Client|AsyncClient)"
    r"|urllib\.request\..*|docker\..*|testcontainers\..*|sh\..*|plumbum\..*|pexpect\..*"
    r"|multiprocessing\..*|hydra\..*|lightning\.pytorch\.cli\..*|builtins\.(?:exec|eval|__import__)"
)
"""A test that runs programs, or loads what a text names: it may come to anything."""
_FIXTURES = frozenset({"script_runner", "testdir", "pytester", "runner", "tb", "cli_runner"})
_LAZY = Gated(r"importlib\.(?:import_module|util\..*)|pkgutil\..*|.*LazyModule|lazy_loader\..*")
_MOST = 5


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each project root, on the module that most needs a test."""
    tests = list(test_files(project))
    if not any(facts.python and checks_something(facts.python) for facts in tests):
        return  # that no test is there is said elsewhere
    candidates = list(_candidates(project, rule))
    if not candidates or other_tests(project) or _goes_elsewhere(project):
        return
    started = _started(project)
    found: dict[str, list[tuple[FileFacts, Call, str]]] = {}
    for facts, call, does in candidates:
        leading = project.program.importing.leading_to(facts.path)
        if leading.isdisjoint(started) and not any(_is_test(project, one) for one in leading):
            root = project.environment.root_of(facts.path).path
            found.setdefault(root, []).append((facts, call, does))
    for root, modules in found.items():
        if not _is_lazy(project, root):
            yield _match(rule, root, modules)


def _match(rule: Rule, root: str, modules: list[tuple[FileFacts, Call, str]]) -> Match:
    (facts, call, does), *others = sorted(modules, key=lambda one: (one[2], one[0].path))
    more = f", nor {len(others)} more such module{'s' * (len(others) > 1)}" if others else ""
    related = tuple(
        Related(Spot(one.path), "no test reaches this either") for one, _, _ in others[:_MOST]
    )
    values = {"does": does, "callee": call.callee, "more": more}
    return Match(rule.id, spot_of(facts.path, call), values, root or ".", related=related)


def _candidates(project: Project, rule: Rule) -> Iterator[tuple[FileFacts, Call, str]]:
    """Files whose functions do the work, with the first call that shows it."""
    paths = {
        path
        for name, calling in project.callees.files.items()
        if any(name in names for _, names in _tables())
        for path in calling
        if project.files[path].context.value in rule.contexts and not _is_test(project, path)
    }
    for path in sorted(paths):
        facts = project.facts[path]
        if facts.python is None or facts.notebook is not None:
            continue
        shown = _first(facts.python)
        if shown is not None:
            yield facts, *shown


def _first(python: PythonFacts) -> tuple[Call, str] | None:
    """Of what functions do, a test of their result would tell most."""
    for does, names in _tables():
        for call in python.calls:
            inside = python.scopes[python.blocks[call.block].scope].kind == "function"
            if inside and call.callee and call.callee in names:
                return call, does
    return None


@cache
def _tables() -> tuple[tuple[str, Names], ...]:
    predicts = [f"{library}.**.predict" for library in ("sklearn", "xgboost", "lightgbm", "keras")]
    return (
        ("makes features", api_table("phases", "phases.feature-engineering")),
        ("predicts", Names([*predicts, "tensorflow.**.predict", "catboost.**.predict"])),
        ("trains", api_table("training", "training.fits")),
    )


def _is_test(project: Project, path: str) -> bool:
    name = path.rpartition("/")[2]
    return (
        project.files[path].context is Context.TESTS
        or name.startswith("test_")
        or name.endswith("_test.py")
        or name == "conftest.py"
    )


def _goes_elsewhere(project: Project) -> bool:
    """Whether a test runs programs, or comes to code by other ways than imports."""
    own = _own_names(project)
    for path, facts in project.facts.items():
        python = facts.python
        if python is None or not _is_test(project, path):
            continue
        if any(_ELSEWHERE.fullmatch(call.callee) for call in python.calls if call.callee):
            return True
        if any(p.name in _FIXTURES for scope in python.scopes for p in scope.parameters):
            return True
        if any(_is_unseen(project, path, item.target, own) for item in python.imports):
            return True
    return False


def _own_names(project: Project) -> frozenset[str]:
    names = (project.environment.package_name(root) for root in project.environment.roots)
    return frozenset(name.replace("-", "_").lower() for name in names if name)


def _is_unseen(project: Project, path: str, target: str, own: frozenset[str]) -> bool:
    """Whether a test imports the project's own package from where it is not found."""
    if target.partition(".")[0].lower() not in own:
        return False
    return project.program.resolver.modules.find(target, path) is None


def _started(project: Project) -> frozenset[str]:
    """Programs that CI runs, which is a test of a kind."""
    commanded = project.pipelines.phases_of_code.commanded
    return frozenset(
        entry.path
        for path, facts in project.facts.items()
        if is_ci(path)
        for command in facts.commands
        for entry in commanded.entries(path, command.text)
    )


def _is_lazy(project: Project, root: str) -> bool:
    """Whether code below a root loads modules by name, when they are first asked for."""
    return any(
        _LAZY.fullmatch(name) is not None
        and any(project.environment.root_of(path).path == root for path in paths)
        for name, paths in project.callees.files.items()
    )
