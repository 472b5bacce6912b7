"""Settings: found, read, validated.

The nearest file wins and nothing cascades; `extend` is explicit. Paths that a settings file names
stay inside its repository, because the file may be as hostile as the rest of what is audited.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from msgspec import Struct, structs

from mlaudit import tables
from mlaudit.rules.model import Confidence, Persona, Severity
from mlaudit.settings_files import (
    ConfigError,
    Source,
    absolute,
    line_of,
    nearest,
    open_source,
    relative,
    start_of,
    top,
)
from mlaudit.tables import Problem, TableError

Profile = Literal["auto", "research", "application", "production", "library", "platform"]
NotebooksPolicy = Literal["any", "executed", "stripped"]


class Allow(Struct, frozen=True):
    """Findings that are accepted where a comment cannot stand. Shown with the reason."""

    rule: str
    """Id or name."""
    reason: str
    paths: tuple[str, ...] = ()
    """Patterns as in .gitignore, relative to the repository; empty: everywhere."""


class Attestation(Struct, frozen=True):
    """What people declare of a practice that no checkout can show. A key that is missing is empty:
    what is made of such a declaration is decided where today's date is known."""

    capability: str = ""
    """Id of a capability or of a requirement of the ladder."""
    level: int = 0
    owner: str = ""
    link: str = ""
    date: datetime.date | None = None
    expires: datetime.date | None = None
    source: str = ""
    """The settings file, relative to its repository."""
    number: int = 0
    """From 1, in that file."""


class Settings(Struct, frozen=True):
    """What the user asked for. The defaults are those of a repository without a settings file."""

    select: tuple[str, ...] = ()
    """Rule ids, names or families; empty: all."""
    ignore: tuple[str, ...] = ()
    persona: Persona = Persona.REGULAR
    min_severity: Severity = Severity.NOTE
    min_confidence: Confidence = Confidence.LOW
    fail_on: Severity | None = Severity.WARNING
    """The lowest severity that makes the exit status 1; None: never."""
    allow: tuple[Allow, ...] = ()
    rule_packs: tuple[str, ...] = ()
    """Absolute paths of files or folders with further rules."""
    exclude: tuple[str, ...] = ()
    """Patterns as in .gitignore, relative to the repository."""
    profile: Profile = "auto"
    notebooks_policy: NotebooksPolicy = "any"
    large_file_mb: float = 10
    history: bool = False
    """Whether commits of the past are audited, too."""
    attest: tuple[Attestation, ...] = ()
    source: str = ""
    """The file that won, relative to its repository; empty without one."""


def load_settings(paths: Sequence[Path], file: Path | None = None) -> Settings:
    """The settings for an audit of `paths`: from `file`, or else from the nearest settings file.

    Raises ConfigError.
    """
    if file is None:
        source = nearest(*start_of(paths))
        return Settings() if source is None else _settings(source)
    if not file.is_file():
        raise ConfigError(f"{file}: there is no such settings file")
    folder = absolute(file).parent
    source = open_source(folder / file.name, top(folder) or folder)
    if source is None:
        raise ConfigError(f"{file}: has no table [tool.mlaudit]")
    return _settings(source)


def changed(settings: Settings, values: Mapping[str, Any]) -> Settings:
    """The settings with these keys of a settings file set anew: `{"fail-on": "never"}`.

    Raises ConfigError.
    """
    try:
        checked = tables.table(_KEYS)(values)
    except TableError as error:
        raise ConfigError("\n".join(map(str, error.problems))) from error
    return structs.replace(settings, **_fields(checked))


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key.replace("-", "_"): value for key, value in values.items()}


def _choices(literal: Any) -> dict[str, str]:
    return {word: word for word in get_args(literal)}


_SEVERITIES = {severity.value: severity for severity in Severity}

_ALLOW = {"rule": tables.string, "reason": tables.string, "paths": tables.strings}

_ATTEST = {
    "capability": tables.string,
    "level": tables.within(1, 2),
    "owner": tables.string,
    "link": tables.string,
    "date": tables.day,
    "expires": tables.day,
}

_KEYS = {
    "extend": tables.string,
    "select": tables.strings,
    "ignore": tables.strings,
    "persona": tables.one_of({persona.value: persona for persona in Persona}),
    "min-severity": tables.one_of(_SEVERITIES),
    "min-confidence": tables.one_of({confidence.value: confidence for confidence in Confidence}),
    "fail-on": tables.one_of({**_SEVERITIES, "never": None}),
    "allow": tables.list_of(tables.table(_ALLOW, required=("rule", "reason"))),
    "rule-packs": tables.strings,
    "exclude": tables.strings,
    "profile": tables.one_of(_choices(Profile)),
    "notebooks-policy": tables.one_of(_choices(NotebooksPolicy)),
    "large-file-mb": tables.positive,
    "history": tables.boolean,
    "attest": tables.list_of(tables.table(_ATTEST)),
}
"""Every key of a settings file. `rules/schema/config.schema.json` says the same to editors."""


def _settings(source: Source) -> Settings:
    return Settings(**_fields(_values(source, ())), source=source.name)


def _values(source: Source, above: tuple[Path, ...]) -> dict[str, Any]:
    """The values of a file over those of the file that it extends."""
    try:
        values: dict[str, Any] = tables.table(_KEYS)(source.table)
        values = {key: _placed(key, value, source) for key, value in values.items()}
    except TableError as error:
        raise ConfigError("\n".join(_line(each, source) for each in error.problems)) from error
    if "extend" not in values:
        return values
    base: Source = values.pop("extend")
    chain = (*above, source.file.resolve())
    if base.file.resolve() in chain:
        raise ConfigError(f"{source.name}: extend: goes round in a circle at '{base.name}'")
    return {**_values(base, chain), **values}


def _placed(key: str, value: Any, source: Source) -> Any:
    """Paths and patterns as the repository sees them, not the file. Raises TableError."""
    folder = relative(source.file.parent, source.boundary)
    match key:
        case "extend":
            return _base(value, source)
        case "rule-packs":
            return tuple(str(_inside(path, key, source)) for path in value)
        case "exclude":
            return tuple(_anchored(pattern, folder) for pattern in value)
        case "allow":
            return tuple(_allow(entry, folder) for entry in value)
        case "attest":
            return tuple(
                Attestation(**entry, source=source.name, number=number)
                for number, entry in enumerate(value, 1)
            )
        case _:
            return value


def _base(path: str, source: Source) -> Source:
    base = open_source(_inside(path, "extend", source), source.boundary)
    if base is None:
        raise TableError(Problem(("extend",), f"{path!r} holds no settings"))
    return base


def _inside(path: str, key: str, source: Source) -> Path:
    """What a path in a settings file means. Raises TableError where it leaves the repository."""
    try:
        file = absolute(source.file.parent / path)
        inside = file.resolve().is_relative_to(source.boundary.resolve())
        exists = file.exists()
    except (ValueError, OSError, RuntimeError):  # a NUL, too long, links in a circle
        inside, exists = True, False
    if not inside:
        raise TableError(Problem((key,), f"{path!r} leads out of the repository"))
    if not exists:
        raise TableError(Problem((key,), f"{path!r} does not exist"))
    return file


def _allow(entry: Mapping[str, Any], folder: str) -> Allow:
    paths = tuple(_anchored(path, folder) for path in entry.get("paths", ()))
    return Allow(rule=entry["rule"], reason=entry["reason"], paths=paths)


def _anchored(pattern: str, folder: str) -> str:
    """A .gitignore pattern of `folder`, as the top folder would write it."""
    if folder == ".":
        return pattern
    sign, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    depth = "" if "/" in pattern.rstrip("/") else "**/"
    return f"{sign}/{folder}/{depth}{pattern.lstrip('/')}"


def _line(problem: Problem, source: Source) -> str:
    """A fault in words, with its line where the key is written in the usual form."""
    key = next((step for step in reversed(problem.path) if isinstance(step, str)), "mlaudit")
    entry = next((step for step in problem.path if isinstance(step, int)), 0)
    number = line_of(key, entry, source.text, str(problem.path[0]) if problem.path else "")
    return f"{source.name}:{number}: {problem}" if number else f"{source.name}: {problem}"
