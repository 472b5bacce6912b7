"""Images and services that start a server made for development.

    commands: [REGEX, ...]             # what is run, from its beginning, without `uv run` and such
    calls: {CALLEE: [ARGUMENTS]}       # calls that start one; with arguments: where one is true

Looked at is what the last stage of an image starts, and what compose files and Kubernetes say to
start instead. A script is followed; what stands in a branch of it is not certain to run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mlaudit.analyses.container_starts import Start, starts
from mlaudit.analyses.spots import spot_of
from mlaudit.facts.commands import python_target, split_commands
from mlaudit.facts.python_commands import without_runners
from mlaudit.facts.records import Span
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import Names
from mlaudit.project.linking.calls import call_of, python_of, written
from mlaudit.project.linking.entry_points import EntryPoint, in_branch
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule, Spot
from mlaudit.rules.parameters import regex

_INITS = re.compile(r"(?:.*/)?(?:tini|dumb-init|catatonit|gosu|su-exec)")
_PYTHON = re.compile(r"(?:.*/)?python[\d.]*|.*\.py")
_SHELL = re.compile(r"(?:.*/)?(?:sh|bash|ash|dash|zsh)")
_MAYBE = re.compile(r"\[|\btest\b|\|\||;;|\bif\b|\bcase\b")
"""Before a command of the same line: it does not always run."""
_DEEPEST = 4
_LARGEST = 100_000


class _Found(NamedTuple):
    what: str
    related: tuple[Related, ...] = ()


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each place that starts a server for development."""
    if not project.serving.served:
        return
    looking = _Looking(project, rule.detect["analysis"])
    for start in starts(project, rule.contexts):
        for argv in split_commands(start.text):
            found = looking.at(argv, start.path)
            if found is not None:
                yield _match(rule, start, found)
                break


def _match(rule: Rule, start: Start, found: _Found) -> Match:
    what = found.what if len(found.what) <= 60 else f"{found.what[:57]}..."
    spot = Spot(start.path, Span(start.line))
    return Match(rule.id, spot, {"what": what}, related=found.related)


class _Looking:
    def __init__(self, project: Project, data: dict[str, Any]) -> None:
        self._project = project
        self._commands = [regex(one) for one in data["commands"]]
        self._calls: dict[str, list[str]] = data["calls"]
        self._names = Names(self._calls)

    def at(self, argv: list[str], path: str, depth: int = 0) -> _Found | None:
        """What a command, run by the file `path`, starts."""
        argv = _without_init(without_runners(argv))
        if not argv or depth > _DEEPEST:
            return None
        if _SHELL.fullmatch(argv[0]) and len(argv) > 2 and argv[1].startswith("-"):
            found = (self.at(one, path, depth + 1) for one in split_commands(argv[2]))
            return next((one for one in found if one is not None), None)
        line = " ".join((argv[0].rpartition("/")[2], *argv[1:]))
        for expression in self._commands:
            known = expression.match(line)
            if known:
                return _Found(known[0])
        return self._script(argv, path, depth)

    def _script(self, argv: list[str], path: str, depth: int) -> _Found | None:
        shell = argv[1:] if _SHELL.fullmatch(argv[0]) else argv
        if shell and shell[0].endswith((".sh", ".bash")):
            script = self._file(shell[0], path)
            found = self._of_shell(script, depth) if script else None
            # What an entry point is handed, it mostly runs in the end.
            return found or self.at(shell[1:], path, depth + 1)
        if not _PYTHON.fullmatch(argv[0]):
            return None
        target = python_target(argv)
        script = self._file(_as_path(target), path) if target else ""
        return self._of_python(script) if script else None

    def _file(self, name: str, path: str) -> str:
        """The file of the repository that a path within a container most likely names."""
        facts = self._project.facts
        folder = path.rpartition("/")[0]
        parts = [part for part in name.split("/") if part not in ("", ".")]
        for at in range(len(parts)):
            tail = "/".join(parts[at:])
            for candidate in (f"{folder}/{tail}".lstrip("/"), tail):
                if candidate in facts:
                    return candidate
        below = f"{folder}/" if folder else ""
        named = [
            one for one in facts if one.startswith(below) and one.endswith("/" + "/".join(parts))
        ]
        return named[0] if len(named) == 1 else ""

    def _of_shell(self, path: str, depth: int) -> _Found | None:
        """Commands that stand at the left margin are in no branch and no function."""
        facts = self._project.facts[path]
        if facts.kind is not Kind.SHELL:
            return None
        text = self._project.repo.read_head(path, _LARGEST).decode("utf-8", "replace")
        lines = text.split("\n")
        for command in facts.commands:
            inside = command.line > len(lines) or lines[command.line - 1][:1].isspace()
            if inside or _MAYBE.search(command.text):
                continue
            for argv in split_commands(command.text):
                found = self.at(argv, path, depth + 1)
                if found is not None:
                    here = Related(Spot(path, Span(command.line)), "it is started here")
                    return _Found(found.what, found.related or (here,))
        return None

    def _of_python(self, path: str) -> _Found | None:
        project = self._project
        if project.facts[path].python is None:
            return None
        reached = project.program.reach(EntryPoint(path, 0, "command"))
        for site, trace in zip(reached.sites, reached.traces, strict=True):
            if site.name not in self._names or not self._is_asked(site):
                continue
            ways, at = [], path
            for run in trace:
                ways.append((at, run.call))
                at = run.path
            if not any(_in_branch(project, *way) for way in (*ways, (site.path, site.number))):
                here = Related(spot_of(project, site), "it is started here")
                return _Found(self._words(site), (here,))
        return None

    def _is_asked(self, site: Site) -> bool:
        """Whether one of the arguments that make it a server for development is true."""
        wanted = self._calls[site.name]
        if not wanted:
            return True
        return bool(self._true_of(site))

    def _true_of(self, site: Site) -> str:
        call = call_of(self._project, site)
        true = (one for one in self._calls[site.name] if call.keyword(one) == Const(True))
        return next(true, "")

    def _words(self, site: Site) -> str:
        argument = self._true_of(site)
        call = call_of(self._project, site)
        argument = argument or ("debug" if call.keyword("debug") == Const(True) else "")
        name = call.local or written(self._project, site)
        return f"{name}({argument}=True)" if argument else f"{name}()"


def _without_init(argv: list[str]) -> list[str]:
    """The command that an init process or a change of user runs."""
    while argv and _INITS.fullmatch(argv[0]):
        named = argv[0].endswith(("gosu", "su-exec"))
        rest = argv[2:] if named else argv[1:]
        while rest and rest[0].startswith("-"):
            rest = rest[1:]
        argv = without_runners(rest)
    return argv


def _as_path(target: str) -> str:
    return f"{target[3:].replace('.', '/')}.py" if target.startswith("-m ") else target


def _in_branch(project: Project, path: str, call: int) -> bool:
    return call >= 0 and in_branch(python_of(project, path), call)
