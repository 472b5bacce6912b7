"""Fixes in files as they are stored: encodings, line ends, notebooks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fix_samples import finding_at
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.python.reader import UnparsableError
from mlaudit.findings.sources import SourceText
from mlaudit.fixes.files import FixableFile
from mlaudit.fixes.mending import fixes_of
from mlaudit.repo.model import Kind


def fixed(kind: Kind, data: bytes, what: str) -> bytes:
    """The file after the fix of the first place that reads so."""
    file = FixableFile(kind, data)
    fixes = fixes_of(file, [finding_at(data, what)])
    return file.applied([edit for fix in fixes for edit in fix.edits])


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\r\ny = f(1)\r\n",
        b"x = 1\r\ny = f(\r\n    1,\r\n)",
        b"y = f(1)",
        b"x = 1\ry = f(1)\r",
        b"a = 1\r\nb = 2\ny = f(1)\r\n\x0c\r\n",
        b"\xef\xbb\xbfy = f(1)\r\n",
        b"\xef\xbb\xbf# coding: utf-8\ny = f('\xc3\xa9')\n",
        b"# -*- coding: latin-1 -*-\n# \xe9\ny = f(1)\n",
        b"# coding: cp1251\ns = '\xef\xf0'\ny = f(1)\n",
    ],
)
def test_every_other_byte_stays(data: bytes) -> None:
    after = fixed(Kind.PYTHON, data, "f(")
    newline = b"\r\n    " if b"(\r\n" in data else b""
    argument = b"seed=42,"
    expected = data.replace(b",\r\n)", b"," + newline + argument + b"\r\n)")
    if expected == data:
        expected = data.replace(b"f(1)", b"f(1, seed=42)").replace(b"')\n", b"', seed=42)\n")
    assert after == expected != data


@pytest.mark.parametrize(
    "data",
    [b"# coding: nowhere\nf(1)\n", b"f('\xff')\n", b"# coding: utf-8\n'\xe9'; f(1)\n", b"f(\n"],
)
def test_what_cannot_be_decoded_is_left(data: bytes) -> None:
    with pytest.raises(UnparsableError):
        FixableFile(Kind.PYTHON, data)


def cell(source: Any, kind: str = "code") -> dict[str, Any]:
    found = {"cell_type": kind, "metadata": {"é": "\u2028"}, "source": source}
    if kind == "code":
        found |= {"execution_count": None, "outputs": [{"output_type": "stream", "text": "f(1)"}]}
    return found


def notebook(*cells: dict[str, Any]) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_lines_of_a_cell_stay_lines() -> None:
    source = ["%matplotlib inline\n", "x = f(\n", "    1,  # é\n", ")"]
    before = json.dumps(notebook(cell("f(1)", "markdown"), cell(source)), indent=1)
    after = fixed(Kind.NOTEBOOK, before.encode(), "f(\\n").decode()
    expected = notebook(cell("f(1)", "markdown"), cell([*source[:3], "    seed=42,\n", source[3]]))
    assert after == json.dumps(expected, indent=1)


CODE = "%time z = 1\n'😀\\\\é\"'; x = f(\n\t1, 'ü' # c\n)\n!ls\n"


@given(
    st.booleans(),
    st.sampled_from([None, 0, 1, "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["", "\ufeff"]),
)
def test_nothing_else_of_a_notebook_changes(
    ascii_only: bool, indent: Any, newline: str, listed: bool, mark: str
) -> None:
    source = CODE.splitlines(keepends=True) if listed else CODE
    value = notebook(cell("# é", "markdown"), cell(source), cell("y = f(2)"))
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).replace("\n", newline)
    before = (mark + text).encode()
    after = fixed(Kind.NOTEBOOK, before, "f(\\n")
    code = CODE.replace("'ü' #", "'ü', seed=42 #")
    value["cells"][1]["source"] = code.splitlines(keepends=True) if listed else code
    expected = json.dumps(value, ensure_ascii=ascii_only, indent=indent).replace("\n", newline)
    assert after == (mark + expected).encode()


@pytest.mark.parametrize(
    "source",
    ["%%bash\nf(1)", "!f(1)", "x = !f(1)", "  f(1)\n  x", "x = f(1)\r\ny = 2", "f(1) +"],
)
def test_cells_that_are_left(source: str) -> None:
    data = json.dumps(notebook(cell(source))).encode()
    assert fixed(Kind.NOTEBOOK, data, "f(1)") == data


def test_no_notebook() -> None:
    with pytest.raises(UnparsableError):
        FixableFile(Kind.NOTEBOOK, b"{}")


def test_place_beyond_the_file() -> None:
    finding = finding_at(b"f(1)\n\n\nf(1)", "f(1)")
    assert SourceText("f(1)\n").line(9) == ""
    file = FixableFile(Kind.PYTHON, b"g\n")
    assert fixes_of(file, [finding]) == []
