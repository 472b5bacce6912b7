from __future__ import annotations

import pytest

from mlaudit.facts.lookup import below, children, find, get, split
from mlaudit.facts.records import Document
from mlaudit.facts.yaml_document import parse_yaml

TEXT = """
services:
  web: {image: a, build: {image: b}}
  db.one: {image: c}
image: d
list: [x, {image: e}]
again: 1
again: 2
"""


@pytest.fixture
def document() -> Document:
    return parse_yaml(TEXT)[0]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("image", "d"),
        ("services.*.image", "ac"),
        ("services.**.image", "abc"),
        ("**.image", "abcde"),
        ("**.build.**", ["", "b"]),
        (("services", "db.one", "image"), "c"),
        ("services.db.one.image", ""),
        ("list.0", "x"),
        (("list", 0), "x"),
        ("list.*.image", "e"),
        ("nothing", ""),
    ],
)
def test_find(document: Document, pattern: str | tuple[str | int, ...], found: list[str]) -> None:
    assert [entry.value or "" for entry in find(document, pattern)] == list(found)


def test_get_takes_the_last_of_two(document: Document) -> None:
    again = get(document, "again")
    assert again is not None
    assert again.value == 2
    assert get(document, "list.7") is None
    assert get(document, "services.*.image") is None


def test_children(document: Document) -> None:
    assert [entry.path[-1] for entry in children(document, "services")] == ["web", "db.one"]
    assert [entry.path[0] for entry in children(document, "")][:2] == ["services", "image"]


def test_below_gives_a_document_of_its_own(document: Document) -> None:
    web = get(document, ("services", "web"))
    assert web is not None
    assert [entry.path for entry in below(document, web).entries] == [
        ("image",), ("build",), ("build", "image"),
    ]  # fmt: skip


def test_split_parts_a_stream() -> None:
    document, _ = parse_yaml("a: 1\n---\na: 2\n")
    assert [[entry.value for entry in part.entries] for part in split(document)] == [[1], [2]]
