"""Signs of a practice that are data: what to look for, as the files of the capabilities say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from msgspec import Struct

from mlaudit.facts.records import Entry, FileFacts
from mlaudit.facts.syntax import AnyValue, Call, Collection, Const, Mapping
from mlaudit.knowledge import Names
from mlaudit.patterns import Gated
from mlaudit.project.practices.catalogue import Strength
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.practices.jobs import events
from mlaudit.project.practices.kubernetes import Thing
from mlaudit.project.practices.sights import Line, Sights
from mlaudit.project.practices.tools import LARGEST_TEXT
from mlaudit.repo.model import Context


class Look(Struct, frozen=True, rename="kebab", forbid_unknown_fields=True):
    """One way in which a practice shows itself. One of the first seven says where to look."""

    tools: tuple[str, ...] = ()
    """Ids of the catalogue of tools, called."""
    imports: tuple[str, ...] = ()
    """The same, imported."""
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
    text: str = ""
    """A regular expression for a literal in code."""
    role: str = ""
    """Of that literal: what is done with it, as `compare`."""

    files: str = ""
    """Only in files with such a path."""
    ci: bool = False
    """Only commands that CI runs."""
    started_by: tuple[str, ...] = ()
    """Of workflows: only commands of those that one of these events starts."""
    within: str = ""
    """Only code that runs in `training`, `serving` or `ci`, on a `schedule`, or in `notebooks`."""
    importing: tuple[str, ...] = ()
    """Only code of files that import one of these."""
    beyond: tuple[str, ...] = ()
    """Only code of files that call none of these."""
    argument: dict[str, str] = {}
    """Of a call: a regular expression for a literal that it is given, or for one in a display.
    The empty one is for any value but None."""
    unless: dict[str, str] = {}
    """Of a call: what it must not be given."""
    several: dict[str, int] = {}
    """Of a call: arguments that are displays with at least so many items."""
    matches: str = ""
    """Of a value, or of a line of the file: a regular expression that finds something in it."""
    apart: str = ""
    """Not objects that hold a value in which this finds something: those of a store."""
    entries: int = 1
    """At least so many fitting values in the same document or object."""


class SignModel(Struct, frozen=True, forbid_unknown_fields=True):
    """One practice: what it says when it is seen, and the ways to see it."""

    says: str
    any: tuple[Look, ...]
    unseen: str = ""
    """Why it may be there although no file can show it: a setting of the host."""
    distinct: int = 1
    """So many different things must be seen: files, or the texts that an expression finds; of
    these the part that it calls `name`, where it has one."""
    beside: tuple[str, ...] = ()
    """Other signs, all of which must be seen, too."""


class Sight(Struct, frozen=True):
    """One place where a practice shows itself."""

    says: str
    path: str
    line: int = 1
    tool: str = ""
    name: str = ""
    """What tells it from others of its kind."""
    strength: Strength = Strength.CALLED


@cache
def _compiled(expression: str, flags: int = 0) -> Gated:
    """Kept here, for `re` forgets what it compiled after some hundreds of expressions."""
    return Gated(expression, flags)


def see(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    """All places where one way of a practice shows itself."""
    if look.tools or look.imports:
        yield from _tools(look, says, sights)
    elif look.calls:
        yield from _calls(look, says, sights)
    elif look.text:
        yield from _texts(look, says, sights)
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
        called = sign.tool in look.tools and sign.strength is Strength.CALLED
        imported = sign.tool in look.imports and sign.strength is Strength.IMPORTED
        if (called or imported) and _runs_there(look, sign.path, sights):
            says_all = f"{says}: {sign.says}"
            yield Sight(says_all, sign.path, sign.line, sign.tool, sign.tool, sign.strength)


# code


def _calls(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for facts, call in sights.calls(Names(look.calls)):
        if (
            _is_given(call, look.argument)
            and not any(_is_given(call, {name: text}) for name, text in look.unless.items())
            and all(_size(call.keyword(name)) >= least for name, least in look.several.items())
            and _is_looked_at(look, facts, sights)
        ):
            name = call.callee or call.local or f"....{call.method}"
            line = facts.raw_line(call.line)
            yield Sight(f"{says}: '{name}'", facts.path, line, name=name)


def _is_given(call: Call, wanted: dict[str, str]) -> bool:
    for name, pattern in wanted.items():
        position = int(name) if name.isdigit() else -1
        value = call.args[position] if 0 <= position < len(call.args) else call.keyword(name)
        if not _is_like(value, pattern):
            return False
    return True


def _is_like(value: AnyValue | None, pattern: str) -> bool:
    if not pattern:
        return value is not None and value != Const(None)
    if isinstance(value, Collection | Mapping):
        items = value.items if isinstance(value, Collection) else (*value.keys, *value.values)
        return any(_is_like(item, pattern) for item in items)
    return isinstance(value, Const) and _compiled(pattern).search(str(value.value)) is not None


def _size(value: AnyValue | None) -> int:
    if isinstance(value, Collection):
        return len(value.items)
    return len(value.keys) if isinstance(value, Mapping) else 0


def _texts(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    expression = _compiled(look.text)
    for facts in sights.counted:
        if facts.python is None or not _is_looked_at(look, facts, sights):
            continue
        for text in facts.python.texts:
            found = expression.search(text.value) if look.role in ("", text.role) else None
            if found:
                line = facts.raw_line(text.line)
                yield Sight(f"{says}: '{found[0][:60]}'", facts.path, line, name=_name(found))


def _is_looked_at(look: Look, facts: FileFacts, sights: Sights) -> bool:
    python = facts.python
    if python is None or not _compiled(look.files).search(facts.path):
        return False
    if look.importing and not any(
        item.target.startswith(look.importing) for item in python.imports
    ):
        return False
    beyond = Names(look.beyond)
    if look.beyond and any(call.callee in beyond for call in python.calls):
        return False
    return _runs_there(look, facts.path, sights)


def _runs_there(look: Look, path: str, sights: Sights) -> bool:
    if look.within == "notebooks":
        return path.endswith(".ipynb")
    return not look.within or path in sights.within(look.within)


# commands, files and documents


def _commands(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    expression = _compiled(look.command)
    lines: tuple[Line, ...] = sights.ci_commands if look.ci else sights.commands
    for line in lines:
        found = expression.search(line.text)
        if found is None or not _compiled(look.files).search(line.path):
            continue
        if not look.started_by or _starts(sights.facts[line.path], look.started_by):
            yield Sight(f"{says}: '{found[0].strip()}'", line.path, line.line, name=_name(found))


def _starts(facts: FileFacts, wanted: tuple[str, ...]) -> bool:
    """Whether one of the events starts a file of CI. Services other than GitHub start on a push."""
    if not facts.path.startswith(".github/workflows/"):
        return True
    return not events(facts).keys().isdisjoint(wanted)


def _files(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    expression = _compiled(look.file)
    for path, file in sights.files.items():
        name = expression.search(path)
        if name is None or file.context in _ASIDE or "{{" in path:
            continue
        if not look.matches:
            yield Sight(says, path, name=_name(name) if "name" in name.groupdict() else path)
        elif not file.missing:
            text = sights.project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")
            found = _compiled(look.matches, re.MULTILINE).search(text)
            if found:
                yield Sight(says, path, text.count("\n", 0, found.start()) + 1, name=path)


_ASIDE = frozenset({Context.TESTS, Context.EXAMPLES, Context.VENDORED, Context.GENERATED})


def _objects(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for thing in sights.objects:
        if not any(_is_kind(thing, kind) for kind in look.objects) or _is_apart(look, thing):
            continue
        if not look.route:
            yield Sight(f"{says}: {thing.kind}", thing.path, thing.line, name=thing.kind)
            continue
        fitting = [one for one in thing.entries if _fits(look, one.path, one.value)]
        if len(fitting) >= look.entries:
            line = fitting[0].line
            yield Sight(f"{says}: {thing.kind}", thing.path, line, name=thing.kind)


def _is_apart(look: Look, thing: Thing) -> bool:
    return bool(look.apart) and any(
        _compiled(look.apart).search(str(entry.value)) for entry in thing.entries
    )


def _is_kind(thing: Thing, kind: str) -> bool:
    return kind == thing.kind or (kind.endswith("*") and thing.kind.startswith(kind[:-1]))


def _values(look: Look, says: str, sights: Sights) -> Iterator[Sight]:
    for facts in sights.counted:
        document = facts.document
        if document is None or document.template or not _compiled(look.files).search(facts.path):
            continue
        if look.ci and not is_ci(facts.path):
            continue
        if not sights.may_have(facts.path, document, _last_key(look.route)):
            continue
        fitting = [one for one in document.entries if _fits(look, one.path, one.value)]
        named: dict[str, Entry] = {}
        for entry in fitting if len(fitting) >= look.entries else ():
            found = _compiled(look.matches).search(str(entry.value))
            named.setdefault(_name(found) if found else "", entry)
        for name, entry in named.items():
            yield Sight(says, facts.path, entry.line, name=name)


def _name(found: re.Match[str]) -> str:
    return found.groupdict().get("name") or found[0]


def _fits(look: Look, path: tuple[str | int, ...], value: object) -> bool:
    if not _route(look.route).fullmatch("\0".join(map(str, path))):
        return False
    return not look.matches or _compiled(look.matches).search(str(value)) is not None


@cache
def _last_key(route: str) -> str:
    """The key that a value at the end of the route has; empty where it may be any."""
    last = route.rpartition(".")[2]
    return "" if "*" in last else last


@cache
def _route(route: str) -> Gated:
    """`jobs.*.run` as an expression for keys that are joined by NUL."""
    steps = [re.escape(step) for step in route.split(".")]
    text = "\0".join(steps).replace(r"\*\*", ".*").replace(r"\*", "[^\0]*")
    return Gated(text.replace(".*\0", "(?:.*\0)?"), re.DOTALL)
