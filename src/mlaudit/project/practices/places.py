"""Where the code of a repository runs: in training, in a service, in CI, by the clock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from mlaudit.facts.commands import python_target, split_commands
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.nature import Nature
from mlaudit.project.practices.sights import Line, Sights
from mlaudit.project.practices.tools import COUNTED

_NEVER = frozenset({None, "@once"})
_CLOCKWORK = ("batch/CronJob", "argoproj.io/CronWorkflow")
_STAGES = Gated(r"\bdvc (?:repro|exp run)\b")
_MAKES = Gated(r"(?<![\w-])(?:make|just|task|invoke|nox|tox|mise run|pixi run|poe)\s+(.+)")
_CRON_OF_GITLAB = Gated(r"""\$CI_PIPELINE_SOURCE\s*==\s*["']schedule["']""")
_PROGRAM = Gated(r"[\w./-]+\.py\b")


def files_within(sights: Sights, name: str) -> frozenset[str]:
    """The files whose code runs in `training`, in `serving`, in `ci`, or on a `schedule`."""
    return _PLACES[name](sights)


def training_programs(sights: Sights) -> tuple[EntryPoint, ...]:
    """The entry points of applications that train, examples and the like left out."""
    project = sights.project
    return tuple(
        entry
        for entry in project.program.entry_points
        if project.files[entry.path].context in COUNTED
        and project.nature(project.environment.root_of(entry.path)) is not Nature.LIBRARY
        and project.program.fits(entry)
    )


def _training(sights: Sights) -> frozenset[str]:
    return frozenset(
        path for entry in training_programs(sights) for path in _reached(sights, entry)
    )


def _serving(sights: Sights) -> frozenset[str]:
    """The files that answer requests with a model, and what these import."""
    imported = defaultdict(set)
    for path, importers in sights.project.program.importing.importers.items():
        for importer in importers:
            imported[importer].add(path)
    return _closed({one.path for one in sights.project.serving.of_models}, imported)


def _ci(sights: Sights) -> frozenset[str]:
    return _run_by(sights, sights.ci_commands)


def _schedule(sights: Sights) -> frozenset[str]:
    clocks = {facts.path for facts in sights.counted if _has_clock(facts)}
    started = _run_by(sights, [line for line in sights.commands if line.path in clocks])
    named = {
        name
        for thing in sights.objects
        if thing.kind in _CLOCKWORK
        for entry in thing.entries
        for name in _programs_named(str(entry.value))
    }
    by_object = {path for name in named for path in _script(sights, "", name)}
    dags = frozenset(facts.path for facts, _ in scheduled_calls(sights))
    told = {
        name
        for path in dags
        for text in _texts(sights.project.facts[path])
        for name in _programs_named(text)
    }
    by_dag = {path for name in told for path in _script(sights, "", name)}
    reached = {path for one in (by_object | by_dag | dags) for path in of_program(sights, one)}
    return started | dags | frozenset(reached)


def scheduled_calls(sights: Sights) -> Iterator[tuple[FileFacts, Call]]:
    """Calls in code that let something run by the clock or on an event."""
    for facts, call in sights.calls(api_table("maturity", "maturity.dags")):
        given = call.keyword("schedule") or call.keyword("schedule_interval")
        if given is not None and not (isinstance(given, Const) and given.value in _NEVER):
            yield facts, call
    yield from sights.calls(api_table("maturity", "maturity.schedules"))


def _has_clock(facts: FileFacts) -> bool:
    """A workflow of GitHub, GitLab or Azure with a schedule."""
    for entry in facts.document.entries if facts.document is not None else ():
        head = [str(part).lower() for part in entry.path[:2]]
        if head[:1] == ["schedules"] or (head[:1] in (["on"], ["true"]) and "schedule" in head):
            return True
        if head[:1] in (["on"], ["true"]) and entry.value == "schedule":
            return True
        if isinstance(entry.value, str) and _CRON_OF_GITLAB.search(entry.value):
            return True
    return False


# from commands to programs


def programs_of(sights: Sights, lines: Iterable[Line]) -> Iterator[tuple[Line, str]]:
    """The Python files that commands run, through stages, task files and shell scripts."""
    for line in lines:
        for path in {
            path for one in commands_behind(sights, line) for path in _programs_in(sights, one)
        }:
            yield line, path


def commands_behind(sights: Sights, line: Line) -> set[Line]:
    """A command, and those that it makes run: stages, targets, scripts."""
    found, waiting = {line}, [line]
    while waiting:
        more = set(_behind(sights, waiting.pop())) - found
        found |= more
        waiting += more
    return found


def _programs_in(sights: Sights, line: Line) -> Iterator[str]:
    for argv in split_commands(line.text):
        target = python_target(argv)
        yield from _script(sights, line.path, target) if target is not None else ()


def _behind(sights: Sights, line: Line) -> Iterator[Line]:
    """What a command that names a stage file, a target or a script makes run."""
    if _STAGES.search(line.text):
        yield from (one for one in sights.commands if one.path.endswith("dvc.yaml"))
    made = _MAKES.search(line.text)
    if made:
        words = set(made[1].split())
        words |= {one for word in words for one in _needed(sights, word)}
        yield from (one for one in sights.commands if one.target in words)
    if ".sh" in line.text or ".y" in line.text:
        words = {word.removeprefix("./") for argv in split_commands(line.text) for word in argv}
        yield from (one for one in sights.commands if one.path in words)
        for path in words & sights.facts.keys():
            yield from _entered(sights.facts[path])


def _needed(sights: Sights, task: str) -> Iterator[str]:
    """The tasks of mise that a task needs, at one remove."""
    for facts in sights.counted:
        if facts.document is not None and facts.path.endswith("mise.toml"):
            for entry in facts.document.entries:
                if entry.path[:3] == ("tasks", task, "depends") and isinstance(entry.value, str):
                    yield entry.value


def _entered(facts: FileFacts) -> Iterator[Line]:
    """What the description of a job says to run."""
    for entry in facts.document.entries if facts.document is not None else ():
        if entry.path[-1:] == ("entrypoint",) and isinstance(entry.value, str):
            yield Line(facts.path, entry.value, entry.line, "")


def _script(sights: Sights, asker: str, target: str) -> Iterator[str]:
    """The file that a command in the file `asker` names, from its folder or from a root."""
    name = target[3:].replace(".", "/") + ".py" if target.startswith("-m ") else target
    name = name.removeprefix("./")
    facts = sights.project.facts
    folder = asker.rpartition("/")[0]
    main = name.removesuffix(".py") + "/__main__.py"
    near = [f"{folder}/{name}"] if folder else []
    for candidate in (*near, name, f"src/{name}", main, f"src/{main}"):
        if candidate in facts and facts[candidate].python is not None:
            yield candidate
            return


def _run_by(sights: Sights, lines: Iterable[Line]) -> frozenset[str]:
    programs = {path for _, path in programs_of(sights, lines)}
    return frozenset(path for program in programs for path in of_program(sights, program))


def of_program(sights: Sights, path: str) -> Iterator[str]:
    """The file of a program, and the files that it comes to."""
    yield path
    for entry in sights.project.program.entry_points:
        if entry.path == path:
            yield from _reached(sights, entry)


def _reached(sights: Sights, entry: EntryPoint) -> Iterator[str]:
    yield entry.path
    yield from {path for path, _ in sights.project.program.reach(entry).scopes}


def _closed(paths: Iterable[str], following: Mapping[str, set[str]]) -> frozenset[str]:
    found = set(paths)
    waiting = list(found)
    while waiting:
        more = following.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return frozenset(found)


def _programs_named(text: str) -> Iterator[str]:
    return (found[0] for found in _PROGRAM.finditer(text))


def _texts(facts: FileFacts) -> Iterator[str]:
    for text in facts.python.texts if facts.python is not None else ():
        yield text.value


_PLACES: Mapping[str, Callable[[Sights], frozenset[str]]] = {
    "training": _training,
    "serving": _serving,
    "ci": _ci,
    "schedule": _schedule,
}
