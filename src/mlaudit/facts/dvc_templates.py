"""The templates of dvc.yaml: `${train.lr}` filled in from parameters and `vars`.

https://dvc.org/doc/user-guide/project-structure/dvcyaml-files#templating
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import product
from math import prod
from typing import Any

from mlaudit.facts.dvc_values import Opaque, Plain

MOST_STAGES = 2_000
"""That one `foreach` or `matrix` may stand for."""
MOST_TEXT = 2**21
"""Values and characters that all templates of a repository may grow to."""


class TemplateError(Exception):
    """What a template stands for cannot be told. The message is the reason."""


class Budget:
    """How far templates may grow together."""

    def __init__(self, size: int = MOST_TEXT) -> None:
        self._left = size

    def spend(self, size: int) -> None:
        """Raises TemplateError when too much was spent."""
        self._left -= size
        if self._left < 0:
            raise TemplateError("templates grow beyond all measure")


class Filler:
    """Fills templates in, as long as they do not grow beyond all measure."""

    def __init__(self, budget: Budget, *, plain_arguments: bool = True) -> None:
        """`plain_arguments`: whether a mapping in a command is written as DVC does by default."""
        self._spend = budget.spend
        self._plain_arguments = plain_arguments

    def fill(self, value: Plain, context: Mapping[str, Plain], key: str = "") -> Plain:
        """The value with every template in it filled in. `key`: where in a stage it stands.

        Without `key` a template may stand for a list or mapping. Raises TemplateError.
        """
        self._spend(1)
        if isinstance(value, dict):
            return {
                str(self.fill(name, context, key)): self.fill(item, context, key)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.fill(item, context, key) for item in value]
        return self._text(value, context, key) if isinstance(value, str) else value

    def _text(self, text: str, context: Mapping[str, Plain], key: str) -> Plain:
        found = list(expressions(text))
        if [(0, len(text))] == [(start, end) for start, end, _ in found]:
            value = select(context, found[0][2])
            self._allowed(value, key)
            return value
        pieces = []
        done = 0
        for start, end, expression in found:
            value = select(context, expression)
            self._allowed(value, key)
            pieces += [text[done:start], self._written(value)]
            done = end
        pieces.append(text[done:])
        self._spend(sum(map(len, pieces)))
        return "".join(pieces).replace("\\${", "${")

    def _allowed(self, value: Plain, key: str) -> None:
        if isinstance(value, dict) and key == "cmd" and self._plain_arguments:
            return
        if isinstance(value, Opaque) or (key and isinstance(value, (dict, list))):
            raise TemplateError("a template stands for more than a text or number")

    def _written(self, value: Plain) -> str:
        return " ".join(_arguments(value)) if isinstance(value, dict) else as_text(value)


def expressions(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and inside of every `${...}`; one after a backslash is plain text."""
    at = close = line_end = 0
    while (start := text.find("${", at)) >= 0:
        at = start + 2
        if 0 <= close < at:
            close = text.find("}", at)
        if close < 0:
            return
        if 0 <= line_end < at:
            line_end = text.find("\n", at)
        if text[start - 1 : start] == "\\" or 0 <= line_end < close:
            continue
        yield start, close + 1, text[at:close]
        at = close + 1


def select(context: Mapping[str, Plain], expression: str) -> Plain:
    """What `train.layers[0]` names. Raises TemplateError."""
    value: Any = context
    for part in expression.replace("[", ".").replace("]", "").split("."):
        name = part.strip()
        try:
            value = value[int(name)] if isinstance(value, list) else value[name]
        except (LookupError, TypeError, ValueError):
            raise TemplateError(f"there is no '{expression[:60]}'") from None
    return value


def as_text(value: Plain) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, Opaque)):
        raise TemplateError("a template stands for more than a text or number")
    return str(value)


def _arguments(value: dict[str, Plain], before: str = "") -> Iterator[str]:
    """A mapping as arguments of a command."""
    for name, item in value.items():
        full = f"{before}{name}"
        if isinstance(item, dict) and item:
            yield from _arguments(item, f"{full}.")
        elif isinstance(item, bool):
            yield from [f"--{full}"] if item else ()
        elif isinstance(item, str):
            yield f"--{full} {shlex.quote(item)}"
        elif isinstance(item, (list, dict)):
            parts = [shlex.quote(one) if isinstance(one, str) else str(one) for one in item]
            if any(isinstance(one, (list, dict)) for one in item):
                raise TemplateError("a list in a list cannot be an argument")
            yield from [f"--{full} {' '.join(parts)}"] if parts else ()
        else:
            yield f"--{full} {item}"


def merge(into: Mapping[str, Plain], update: Mapping[str, Plain]) -> dict[str, Plain]:
    """Both together; what is given twice may not differ in place. Raises TemplateError."""
    merged = dict(into)
    for key, value in update.items():
        known = merged.get(key)
        if isinstance(known, dict) and isinstance(value, dict):
            merged[key] = merge(known, value)
        elif key in merged:
            raise TemplateError(f"'{key}' is given twice")
        else:
            merged[key] = value
    return merged


def iterations(data: Plain) -> dict[str, dict[str, Plain]]:
    """Of `foreach`: what stands behind `@`, and what the templates then know besides."""
    if isinstance(data, dict):
        _within(len(data))
        return {as_text(key): {"key": key, "item": item} for key, item in data.items()}
    if not isinstance(data, list):
        raise TemplateError("'foreach' has neither a list nor a mapping")
    _within(len(data))
    if any(isinstance(item, (dict, list)) for item in data):
        return {str(number): {"item": item} for number, item in enumerate(data)}
    return {as_text(item): {"item": item} for item in data}


def combinations(data: Plain) -> dict[str, dict[str, Plain]]:
    """The same of `matrix`."""
    if not isinstance(data, dict) or not all(isinstance(item, list) for item in data.values()):
        raise TemplateError("'matrix' has no lists")
    _within(prod(len(items) for items in data.values()))
    found: dict[str, dict[str, Plain]] = {}
    for chosen in product(*(enumerate(items) for items in data.values())):
        named = list(zip(data, chosen, strict=True))
        name = "-".join(_fragment(key, number, item) for key, (number, item) in named)
        found[name] = {"key": name, "item": {key: item for key, (_, item) in named}}
    return found


def _fragment(key: str, number: int, item: Plain) -> str:
    return f"{key}{number}" if isinstance(item, (dict, list)) else as_text(item)


def _within(size: int) -> None:
    if size > MOST_STAGES:
        raise TemplateError(f"more than {MOST_STAGES} stages of one kind")
