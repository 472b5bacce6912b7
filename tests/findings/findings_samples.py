"""Small repositories on disk, and the records that the rooms before would make of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mlaudit.facts.records import Cell, FileFacts, Notebook, RawLine, Span
from mlaudit.repo.model import Context, File, Kind, Repo
from mlaudit.rules.model import Confidence, Match, Persona, Rule, Severity, Spot

TOKEN = "hf_" + "QzXwYvUtSrPoNmLkJiHgFeDcBaZ9y8W7v6"


def make_rule(id_: str = "REP001", name: str = "unseeded-split", **changes: object) -> Rule:
    rule = Rule(
        id=id_,
        name=name,
        summary="A random split without a seed",
        severity=Severity.WARNING,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        since="0.1.0",
        contexts=("src", "notebooks"),
        detect={"call": {}},
        message="'{callee}' is not seeded",
        why="Scores differ from run to run.",
        remedy="Pass a seed.",
        examples=(),
    )
    return msgspec.structs.replace(rule, **changes)


def make_match(
    path: str = "a.py", line: int = 1, rule: str = "REP001", *, column: int = 0, **changes: object
) -> Match:
    span = Span(line, column, line, column + 5)
    match = Match(rule, Spot(path, span, code=True), {"callee": "split"})
    return msgspec.structs.replace(match, **changes)


def _kind(path: str) -> Kind:
    kinds = {".py": Kind.PYTHON, ".ipynb": Kind.NOTEBOOK, ".env": Kind.DOTENV, ".pt": Kind.BLOB}
    return next((kind for end, kind in kinds.items() if path.endswith(end)), Kind.TEXT)


class MakeRepo:
    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(
        self,
        files: Mapping[str, str | bytes],
        contexts: Mapping[str, Context] | None = None,
        selection: frozenset[str] | None = None,
    ) -> Repo:
        records = []
        for path, content in sorted(files.items()):
            data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            target = self._root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            context = (contexts or {}).get(path, Context.SRC)
            records.append(File(path, _kind(path), context, len(data)))
        return Repo(self._root, tuple(records), selection)


def notebook(path: str, cells: list[str], *, indent: int | None = 1) -> tuple[str, FileFacts]:
    """The text of an .ipynb file with these code cells, and the facts of it.

    Without `indent` the file is one line.
    """
    content = {
        "cells": [
            {"cell_type": "code", "metadata": {}, "source": cell.splitlines(keepends=True)}
            for cell in cells
        ],
        "metadata": {},
        "nbformat": 4,
    }
    text = json.dumps(content, indent=indent, ensure_ascii=True)
    records: list[Cell] = []
    raw_lines: list[RawLine] = []
    at = 0
    for index, cell in enumerate(cells, 1):
        at = text.index('"cell_type"', at)
        begin = text.count("\n", 0, at) + 1
        first = len(raw_lines) + 1
        at = text.index('"source"', at) + len('"source"')
        for line in cell.splitlines(keepends=True):
            written = json.dumps(line)
            at = text.index(written, at)
            start = at + 1
            raw_lines.append(
                RawLine(text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
            )
            at += len(written)
        records.append(Cell(index, "code", first, len(raw_lines) - first + 1, begin))
    facts = Notebook(tuple(records), tuple(raw_lines), "python", 4)
    return text, FileFacts(path, Kind.NOTEBOOK, notebook=facts)
