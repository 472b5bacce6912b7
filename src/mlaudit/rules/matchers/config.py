"""`config`: values in configuration, by the route to them.

    files: [GLOBS]                 # which YAML, TOML or JSON documents; default all
    path: jobs.*.steps.*.run       # `*` is one key or item, `**` any number of them
    dockerfile: base-image         # instead: the images that a Dockerfile starts from

and one or more tests, all of which must hold:

    equals: VALUE or [VALUES]
    matches: REGEX                 # finds something in a text
    image: [latest]                # the text names an image without a tag, or with such a tag

The message is given `value`, `key`, and for images `image` and `problem`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlaudit.facts.records import Entry, FileFacts, Span
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import images, in_context, paths
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import regex, words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher

_TEMPLATE = re.compile(r"\$\{|\{\{|\{%|<[A-Za-z_]|\$[A-Za-z_(]")


class _Value(NamedTuple):
    key: str
    value: bool | int | float | str | None
    span: Span


_Reader = Callable[[FileFacts], Iterator[_Value]]
_Test = Callable[[_Value], "dict[str, str] | None"]


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(rule.detect["config"], "files", "path", "dockerfile", *_TESTS)
    read = _reader(data)
    tests = [_TESTS[key](data[key]) for key in data if key in _TESTS]

    def find(project: Project) -> Iterator[Match]:
        for facts in in_context(project, rule):
            for value in read(facts):
                values = _all(tests, value)
                if values is not None:
                    yield Match(rule.id, Spot(facts.path, value.span), values)

    return find


def _all(tests: list[_Test], value: _Value) -> dict[str, str] | None:
    """What the tests say for the message; None when one fails."""
    values = {"key": value.key, "value": str(value.value)}
    for test in tests:
        more = test(value)
        if more is None:
            return None
        values.update(more)
    return values


def _reader(data: Mapping[str, Any]) -> _Reader:
    if "dockerfile" in data:
        if data["dockerfile"] != "base-image":
            raise RulePackError("needs `base-image`", key="dockerfile")
        return _base_images
    return _document_reader(paths.glob(words(data.get("files", ["**/*"]))), data["path"])


def _base_images(facts: FileFacts) -> Iterator[_Value]:
    """Images from outside that the stages of a Dockerfile build on."""
    if facts.dockerfile is None:
        return
    for stage in facts.dockerfile.stages:
        if stage.resolved and stage.base < 0:
            yield _Value("FROM", stage.image, stage.span)


def _document_reader(fits: Callable[[str], bool], route: str) -> _Reader:
    expression = re.compile(route_expression(route))

    def read(facts: FileFacts) -> Iterator[_Value]:
        if facts.document is None or facts.document.template or not fits(facts.path):
            return
        for entry in facts.document.entries:
            key = ".".join(map(str, entry.path))
            if entry.kind == "scalar" and expression.fullmatch(key):
                yield _Value(key, entry.value, _span(entry))

    return read


def route_expression(route: str) -> str:
    """`jobs.*.run` as a regular expression for the joined keys of an entry."""
    wild = {"**": ".*", "*": "[^.]*"}
    steps = [wild.get(step) or re.escape(step) for step in route.split(".")]
    return r"\.".join(steps)


def _span(entry: Entry) -> Span:
    return Span(entry.value_line, entry.value_column)


def _equals(data: Any) -> _Test:
    wanted = data if isinstance(data, list) else [data]
    pairs = {(type(item), item) for item in wanted}
    return lambda value: {} if (type(value.value), value.value) in pairs else None


def _matches(data: Any) -> _Test:
    expression = regex(data)

    def test(value: _Value) -> dict[str, str] | None:
        if isinstance(value.value, str) and expression.search(value.value):
            return {}
        return None

    return test


def _image(data: Any) -> _Test:
    moving = frozenset(words(data))

    def test(value: _Value) -> dict[str, str] | None:
        text = value.value
        # What a template or a variable will fill in is not known here.
        if not isinstance(text, str) or _TEMPLATE.search(text):
            return None
        problem = images.floats(text.strip(), moving)
        return {"image": text.strip(), "problem": problem} if problem else None

    return test


_TESTS: dict[str, Callable[[Any], _Test]] = {
    "equals": _equals,
    "matches": _matches,
    "image": _image,
}
