"""Signs of a practice that are data: what to look for, as the files of the capabilities say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from mlaudit.facts.syntax import Call, Const
from mlaudit.knowledge import Names
from mlaudit.project.catalogue import Strength
from mlaudit.project.ci_files import is_ci
from mlaudit.project.kubernetes import Thing
from mlaudit.project.sights import Line, Sights
from mlaudit.project.tools import LARGEST_TEXT


class Look(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One way in which a practice shows itself. One of the first six says where to look."""

    tools: tuple[str, ...] = ()
    """Ids of the catalogue of tools, called."""
    calls: tuple[str, ...] = ()
    """As in API tables: `a.**.b`, and `.b` for a method of something unknown."""
    command: str = ""
    """A regular expression for a command."""
    file: str = ""
    """One for the path of a file, wherever it stands."""
    objects: tuple[str, ...] = ()
    """Kubernetes objects, as `group/Kind`; `*` stands for any."""
    route: str = ""
    """Keys down to a value of a document, as `jobs.*.environment`; `**` is any number of keys.
    With `objects`: within them."""

    files: str = ""
    """Only in files with such a path."""
    ci: bool = False
    """Only commands that CI runs."""
    argument: dict[str, str] = {}
    """Of a call: a regular expression for a literal that it is given."""
    matches: str = ""
    """Of a value, or of a line of the file: a regular expression that finds something in it."""


class SignModel(Struct, frozen=True, forbid_unknown_fields=True):
    """One practice: what it says when it is seen, and the ways to see it."""

    says: str
    any: tuple[Look, ...]


class Sight(Struct, frozen=True):
    """One place where a practice shows itself."""

    says: str
    path: str
    line: int = 1
    tool: str = ""


def see(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    """All places where one way of a practice shows itself."""
    if look.tools:
        yield from _tools(look, says, sights)
    elif look.calls:
        yield from _calls(look, says, sights)
    elif look.command:
        yield from _commands(look, says, sights)
    elif look.file:
        yield from _files(look, says, sights)
    elif look.objects:
        yield from _objects(look, says, sights)
    else:
        yield from _values(look, says, sights)


def _tools(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for sign in sights.tools:
        if sign.tool in look.tools and sign.strength is Strength.CALLED:
            yield Sight(f"{says}: {sign.says}", sign.path, sign.line, tool=sign.tool)


def _calls(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for facts, call in sights.calls(Names(look.calls)):
        if re.search(look.files, facts.path) and _is_given(call, look.argument):
            name = call.callee or call.local or f"....{call.method}"
            line = facts.raw_line(call.line)
            yield Sight(f"{says}: '{name}'", facts.path, line)


def _is_given(call: Call, wanted: dict[str, str]) -> bool:
    for name, pattern in wanted.items():
        position = int(name) if name.isdigit() else -1
        value = call.args[position] if 0 <= position < len(call.args) else call.keyword(name)
        if not isinstance(value, Const) or re.search(pattern, str(value.value)) is None:
            return False
    return True


def _commands(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    expression = re.compile(look.command)
    lines: tuple[Line, ...] = sights.ci_commands if look.ci else sights.commands
    for line in lines:
        found = expression.search(line.text)
        if found and re.search(look.files, line.path):
            yield Sight(f"{says}: '{found[0].strip()}'", line.path, line.line)


def _files(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    expression = re.compile(look.file)
    for path, file in sights.files.items():
        if expression.search(path) is None:
            continue
        if not look.matches:
            yield Sight(says, path)
        elif not file.missing:
            text = sights.project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")
            found = re.search(look.matches, text, re.MULTILINE)
            if found:
                yield Sight(says, path, text.count("\n", 0, found.start()) + 1)


def _objects(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for thing in sights.objects:
        if not any(_is_kind(thing, kind) for kind in look.objects):
            continue
        if not look.route:
            yield Sight(f"{says}: {thing.kind}", thing.path, thing.line)
        for entry in thing.entries if look.route else ():
            if _fits(look, entry.path, entry.value):
                yield Sight(f"{says}: {thing.kind}", thing.path, entry.line)
                break


def _is_kind(thing: Thing, kind: str) -> bool:
    return kind == thing.kind or (kind.endswith("*") and thing.kind.startswith(kind[:-1]))


def _values(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for facts in sights.counted:
        if facts.document is None or not re.search(look.files, facts.path):
            continue
        if look.ci and not is_ci(facts.path):
            continue
        for entry in facts.document.entries:
            if _fits(look, entry.path, entry.value):
                yield Sight(says, facts.path, entry.line)
                break


def _fits(look: Look, path: tuple[str | int, ...], value: object) -> bool:
    if not _route(look.route).fullmatch("\0".join(map(str, path))):
        return False
    return not look.matches or re.search(look.matches, str(value)) is not None


@cache
def _route(route: str) -> re.Pattern[str]:
    """`jobs.*.run` as an expression for keys that are joined by NUL."""
    steps = [re.escape(step) for step in route.split(".")]
    text = "\0".join(steps).replace(r"\*\*", ".*").replace(r"\*", "[^\0]*")
    return re.compile(text.replace(".*\0", "(?:.*\0)?"), re.DOTALL)
