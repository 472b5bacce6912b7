"""What a program writes into the repository and git would take for a part of it.

    gaps:
      - {tool: MLflow, line: mlruns/, like: mlruns/0/meta.yaml, calls: [mlflow.start_run],
         unless: [mlflow.set_tracking_uri], unless-named: MLFLOW_TRACKING_URI, lacks: [dir],
         unless-imported: [azure.ai.ml]}
    savers:
      torch.save: {f: 1}          # the argument that holds the path, and its position
    suffixes: [.pt]

A gap is one where a tool is called without an argument of `lacks`, no call of `unless`, variable
of `unless-named` or module of `unless-imported` stands anywhere, and git ignores `like` neither at
the root nor in a folder on the way to the calling file. A saver is a gap where it writes to a path
that the file shows, with one of the suffixes. What git tracks already is no gap: other rules speak
of that.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from mlaudit.analyses.places import spot_of
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Call, Const, Local, PythonFacts, Result
from mlaudit.knowledge import Names
from mlaudit.project.nature import Nature
from mlaudit.project.project import Project
from mlaudit.rules.ignoring import IGNORE_FILE, ignores
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Related, Rule, Spot

_OPENERS = frozenset({"builtins.open", "io.open", "gzip.open"})


class _Gap(NamedTuple):
    tool: str
    line: str
    """Of .gitignore."""
    like: tuple[str, ...]
    """Paths that may be written, of which one is enough to be ignored."""
    path: str
    call: Call
    row: Mapping[str, Any]


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each line that is missing, at the first call that asks for it."""
    if project.repo.git is None or not project.repo.whole:
        return
    tables = _Tables(rule.detect["analysis"])
    judge = _Judge(project)
    callers = project.callees.calling(tables.callees)
    for file in in_context(project, rule) if callers else ():
        for gap in tables.gaps_in(file) if file.path in callers else ():
            if judge.is_gap(gap):
                yield _match(project, rule, gap)


def _match(project: Project, rule: Rule, gap: _Gap) -> Match:
    call = spot_of(gap.path, gap.call)
    has_file = IGNORE_FILE in project.files
    return Match(
        rule=rule.id,
        spot=Spot(IGNORE_FILE) if has_file else call,
        values={"tool": gap.tool, "ignore": gap.line},
        identity=gap.line,
        related=(Related(call, "this call writes it"),) if has_file else (),
    )


class _Judge:
    """What the repository says of gaps."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._is_ignored = ignores(project)
        self._seen: set[str] = set()

    def is_gap(self, gap: _Gap) -> bool:
        root = self._project.environment.root_of(gap.path)
        if gap.line in self._seen or self._project.nature(root) is not Nature.APPLICATION:
            return False
        if gap.line in self._tracked or self._is_elsewhere(gap.row):
            return False
        if any(map(self._is_ignored, gap.like)):
            return False
        self._seen.add(gap.line)
        return True

    @cached_property
    def _tracked(self) -> frozenset[str]:
        """Folders with a slash, names, and endings with a star, of what git has already."""
        paths = [file.path for file in self._project.repo.files if file.tracked]
        names = {posixpath.basename(path) for path in paths}
        folders = {f"{part}/" for path in paths for part in path.split("/")[:-1]}
        return frozenset(names | folders | {f"*{posixpath.splitext(name)[1]}" for name in names})

    def _is_elsewhere(self, row: Mapping[str, Any]) -> bool:
        """Whether a call or a variable of the environment sends the output to another place."""
        names, variable = Names(row.get("unless", ())), row.get("unless-named")
        platforms = frozenset(row.get("unless-imported", ()))
        if self._project.callees.calling(names) or variable in self._words:
            return True
        return not platforms.isdisjoint(self._imported)

    @cached_property
    def _imported(self) -> frozenset[str]:
        """Modules, each with those above it."""
        targets = {
            item.target
            for file in self._project.facts.values()
            for item in (file.python.imports if file.python is not None else ())
        }
        return frozenset(
            above for target in targets for above in accumulate(target.split("."), "{}.{}".format)
        )

    @cached_property
    def _words(self) -> frozenset[str]:
        """Names in code, documents and settings that may be those of variables."""
        words: set[str] = set()
        for file in self._project.facts.values():
            words.update(setting.name for setting in file.settings)
            if file.python is not None:
                words.update(text.value for text in file.python.texts)
            for entry in file.document.entries if file.document is not None else ():
                words.update(str(part) for part in (*entry.path[-1:], entry.value))
        return frozenset(words)


class _Tables:
    """The parameters of the rule."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._gaps = [(row, Names(row["calls"])) for row in data["gaps"]]
        self._savers: Mapping[str, Mapping[str, int]] = data["savers"]
        self._suffixes = tuple(data["suffixes"])
        called = [name for row in data["gaps"] for name in row["calls"]]
        self.callees = Names([*called, *self._savers])

    def gaps_in(self, file: FileFacts) -> Iterator[_Gap]:
        python = file.python or PythonFacts()
        for call in python.calls:
            if call.callee in self.callees:
                yield from self._of_tools(file.path, call)
                yield from self._of_savers(file.path, python, call)

    def _of_tools(self, path: str, call: Call) -> Iterator[_Gap]:
        for row, names in self._gaps:
            if call.callee in names and _leaves_it_so(call, row.get("lacks", ())):
                yield _Gap(row["tool"], row["line"], _places(path, row["like"]), path, call, row)

    def _of_savers(self, path: str, python: PythonFacts, call: Call) -> Iterator[_Gap]:
        parameter = self._savers.get(call.callee)
        if parameter is None:
            return
        ((name, position),) = parameter.items()
        target = _text(python, _argument(call, name, position))
        suffix = posixpath.splitext(target)[1]
        if suffix in self._suffixes and _is_relative(target):
            yield _Gap(call.callee, f"*{suffix}", _places(path, target), path, call, {})


def _leaves_it_so(call: Call, lacks: Sequence[str]) -> bool:
    """Whether no argument says where the output goes; `0` is the first by position."""
    if call.open or ("0" in lacks and call.args):
        return False
    return all(call.keyword(name) is None for name in lacks)


def _argument(call: Call, name: str, position: int) -> AnyValue | None:
    found = call.keyword(name)
    if found is None and not call.open and position < len(call.args):
        return call.args[position]
    return found


def _text(python: PythonFacts, value: AnyValue | None) -> str:
    """A path as written, or that of a file opened for it; empty when it is not known."""
    if isinstance(value, Local):
        bound = [one.value for one in python.bindings if one.name == value.name]
        value = bound[0] if len(bound) == 1 else None
    if isinstance(value, Result) and python.calls[value.call].callee in _OPENERS:
        value = _argument(python.calls[value.call], "file", 0)
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _is_relative(target: str) -> bool:
    return not target.startswith(("/", "~", "\\")) and ":" not in target and ".." not in target


def _places(path: str, written: str) -> tuple[str, ...]:
    """Where it lies when the program starts in its own folder, or in any above it."""
    parts = posixpath.dirname(path).split("/")
    folders = ["/".join(parts[:count]) for count in range(len(parts) + 1)]
    return tuple({posixpath.normpath(posixpath.join(each, written)): None for each in folders})
