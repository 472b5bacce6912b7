"""Values as DVC reads them: YAML 1.2, and JSON, TOML and Python for files of parameters.

Pure data, and the line of every key. What is no such file, or beyond the limits, is a `Problem`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Problem
from mlaudit.facts.yaml_nodes import MAX_DEPTH, MAX_NODES, Composer, LimitError

if TYPE_CHECKING:
    from mlaudit.facts.yaml_nodes import Node

Path: TypeAlias = "tuple[str | int, ...]"
Plain: TypeAlias = Any
"""None, a bool, number or text, an `Opaque`, or a list or dict (keys are text) of such."""

LONGEST = 8 * 2**20
"""Characters of a file of values. A lock of ten thousand stages is shorter."""
_LONGEST_NUMBER = 400


class Opaque(NamedTuple):
    """A value that has more than one spelling, such as a time of day: only its text is known."""

    text: str


class Loaded(NamedTuple):
    value: Plain
    lines: Mapping[Path, int]
    """Of every key and item; empty for JSON, TOML and Python, but for the outermost keys."""

    def line(self, *path: str | int) -> int:
        """The line of a key, or that of the nearest one around it."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return 1


def load_values(path: str, text: str) -> Loaded | Problem:
    """A file of values by its extension, YAML where that is none of the others."""
    if len(text) > LONGEST:
        return Problem("too large for a file of values")
    match path.rpartition("/")[2].rpartition(".")[2].lower():
        case "json":
            return _load_json(text)
        case "toml":
            return _load_toml(text)
        case "py":
            from mlaudit.facts.dvc_python import load_python

            found = load_python(text)
            return found if isinstance(found, Problem) else Loaded(*found)
        case _:
            return load_yaml(text)


def load_yaml(text: str) -> Loaded | Problem:
    """One YAML document; an empty one is an empty mapping."""
    import yaml

    if len(text) > LONGEST:
        return Problem("too large for a file of values")
    composer = Composer(text, resolve=resolve)
    try:
        composer.run()
        return _loaded(composer.roots, text)
    except LimitError as error:
        return Problem(str(error), Positions(text).at(error.offset)[0])
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "unreadable"
        return Problem(f"not valid YAML: {said}", mark.line + 1 if mark is not None else 0)


def _loaded(roots: list[Node], text: str) -> Loaded | Problem:
    documents = [child for root in roots for child in root.children]
    if len(documents) > 1:
        return Problem("more than one document")
    if not documents:
        return Loaded({}, {})
    plain = _Plain(text)
    value = plain.of(documents[0].node, ())
    if plain.twice:
        return Problem("a key is given twice", plain.twice)
    return Loaded({} if value is None else value, plain.lines)


class _Plain:
    """Turns nodes into values. Aliases are written out, as far as the limit goes."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self.twice = 0
        self._at = Positions(text).at

    def of(self, node: Node, path: Path) -> Plain:
        if node.kind == "scalar":
            return node.value
        if len(path) >= MAX_DEPTH:
            raise LimitError(f"nested deeper than {MAX_DEPTH} levels", node.offset)
        if node.kind == "sequence":
            return [self._child(child.node, (*path, child.key), child.key_offset)
                    for child in node.children]  # fmt: skip
        found: dict[str, Plain] = {}
        for child in node.children:
            key = str(child.key)
            if key in found:
                self.twice = self.twice or self._at(child.key_offset)[0]
            found[key] = self._child(child.node, (*path, key), child.key_offset)
        return found

    def _child(self, node: Node, path: Path, offset: int) -> Plain:
        if len(self.lines) >= MAX_NODES:
            raise LimitError(f"more than {MAX_NODES} values, aliases expanded", offset)
        self.lines[path] = self._at(offset)[0]
        return self.of(node, path)


_CONSTANTS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMERIC_START = frozenset("+-.0123456789")
_INTEGER = re.compile(
    r"(?P<sign>[-+]?)(?:0b(?P<binary>[01_]+)|0x(?P<hex>[0-9a-fA-F_]+)|0o(?P<octal>[0-7_]+)"
    r"|(?P<decimal>[0-9][0-9_]*))"
)
_BASES = {"binary": 2, "hex": 16, "octal": 8, "decimal": 10}
_FLOAT = re.compile(
    r"[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
    r"|[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?"
)
_SPECIAL = re.compile(r"(?P<sign>[-+]?)\.(?:(?P<infinite>inf|Inf|INF)|nan|NaN|NAN)")
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt\s].*)?")


def resolve(text: str) -> Any:
    """A plain scalar as YAML 1.2 has it: `on` is text, `1e-5` a number and `017` seventeen."""
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] not in _NUMERIC_START or len(text) > _LONGEST_NUMBER:
        return text
    try:
        return _number(text)
    except (ValueError, OverflowError):
        return text


def _number(text: str) -> Any:
    if match := _INTEGER.fullmatch(text):
        kind = match.lastgroup or "decimal"
        size = int(match[kind].replace("_", ""), _BASES[kind])
        return -size if match["sign"] == "-" else size
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    if match := _SPECIAL.fullmatch(text):
        return float(f"{match['sign']}{'inf' if match['infinite'] else 'nan'}")
    return Opaque(text) if _TIME.fullmatch(text) else text


def _load_json(text: str) -> Loaded | Problem:
    import json

    try:
        return Loaded(_as_text_keys(json.loads(text)) if text.strip() else {}, {})
    except RecursionError:
        return Problem("nested too deeply")
    except ValueError as error:
        return Problem(f"not valid JSON: {getattr(error, 'msg', 'unreadable')}",
                       getattr(error, "lineno", 0))  # fmt: skip


def _load_toml(text: str) -> Loaded | Problem:
    from mlaudit.facts.standard_toml import load_toml

    found = load_toml(text)
    if isinstance(found, Problem):
        return found
    try:
        return Loaded(_as_text_keys(found), {})
    except RecursionError:
        return Problem("nested too deeply")


def _as_text_keys(value: Any) -> Plain:
    """The value with text for keys, and `Opaque` in the place of dates, times and sets."""
    if isinstance(value, dict):
        return {str(key): _as_text_keys(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_text_keys(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return Opaque(str(value))


plain = _as_text_keys


def same(one: Plain, other: Plain) -> bool | None:
    """Whether DVC takes two values for equal; None when that hangs on how they are spelled."""
    if isinstance(one, Opaque) or isinstance(other, Opaque):
        return True if one == other else None
    if isinstance(one, dict) and isinstance(other, dict):
        if one.keys() != other.keys():
            return False
        return _all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            return False
        return _all(map(same, one, other))
    if isinstance(one, float) and isinstance(other, float) and one != one and other != other:
        return None
    return bool(one == other)


def _all(answers: Iterator[bool | None]) -> bool | None:
    known = list(answers)
    if False in known:
        return False
    return None if None in known else True
