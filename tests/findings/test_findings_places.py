from __future__ import annotations

import pytest
from findings_samples import MakeRepo, notebook

from mlaudit.facts.records import Span
from mlaudit.findings.model import Place
from mlaudit.findings.places import place_of
from mlaudit.findings.sources import Sources
from mlaudit.rules.model import Spot


@pytest.mark.parametrize(
    ("text", "span", "place"),
    [
        ("x = split(y)\n", Span(1, 4, 1, 12), (1, 5, 1, 13)),
        ("é = split(y)\n", Span(1, 5, 1, 13), (1, 5, 1, 13)),
        ("\U0001f600 = f(\n  y)\n", Span(1, 7, 2, 4), (1, 5, 2, 5)),
        ("\ufeffsplit(y)\n", Span(1, 0, 1, 8), (1, 1, 1, 9)),
        ("a\x0cb\u2028c\nsplit(y)\n", Span(2, 0, 2, 8), (2, 1, 2, 9)),
        ("a\rb\r\nsplit(y)\n", Span(3, 0), (3, 1, 3, 9)),
        ("short\n", Span(7, 3, 9, 2), (7, 4, 9, 3)),
    ],
)
def test_code_columns_become_characters(
    make_repo: MakeRepo, text: str, span: Span, place: tuple[int, ...]
) -> None:
    repo = make_repo({"a.py": text})
    found = place_of(Spot("a.py", span, code=True), {}, Sources(repo))
    assert found == Place("a.py", *place)


def test_raw_columns_stay_and_an_open_end_is_that_of_the_line(make_repo: MakeRepo) -> None:
    repo = make_repo({"c.txt": "numpy\npandas>=1  # é\n"})
    sources = Sources(repo)
    assert place_of(Spot("c.txt", Span(2, 3, 2, 6)), {}, sources) == Place("c.txt", 2, 3, 2, 6)
    assert place_of(Spot("c.txt", Span(2, 1)), {}, sources) == Place("c.txt", 2, 1, 2, 15)


def test_bytes_that_are_no_text_and_files_that_are_not_there_have_places(
    make_repo: MakeRepo,
) -> None:
    sources = Sources(make_repo({"a.py": b"\xff\xfe = f()\n", "m.pt": b"\x80\x04."}))
    span = Span(1, 2, 1, 4)
    assert place_of(Spot("a.py", span), {}, sources) == Place("a.py", 1, 2, 1, 4)
    assert place_of(Spot("m.pt", span), {}, sources) == Place("m.pt", 1, 2, 1, 4)
    assert place_of(Spot("gone.py", span, code=True), {}, sources) == Place("gone.py", 1, 3, 1, 5)


CELLS = ['import pandas\nname = "x"\n', 'é = "\U0001f600\\t"; split(é)\nfit(\n  a)']


@pytest.mark.parametrize("indent", [1, None])
def test_code_of_a_notebook_is_found_in_its_file(make_repo: MakeRepo, indent: int | None) -> None:
    text, facts = notebook("n.ipynb", CELLS, indent=indent)
    repo = make_repo({"n.ipynb": text})
    line = CELLS[1].split("\n")[0]
    start = len(line[: line.index("split")].encode())
    span = Span(3, start, 3, start + len("split(é)".encode()))

    place = place_of(Spot("n.ipynb", span, code=True), {"n.ipynb": facts}, Sources(repo))

    raw = text.split("\n")[place.line - 1]
    assert raw[place.column - 1 : place.end_column - 1] == "split(\\u00e9)"
    assert (place.cell, place.cell_line, place.cell_column) == (2, 1, line.index("split") + 1)


def test_code_over_several_lines_ends_in_the_line_of_its_end(make_repo: MakeRepo) -> None:
    text, facts = notebook("n.ipynb", CELLS)
    repo = make_repo({"n.ipynb": text})
    place = place_of(
        Spot("n.ipynb", Span(4, 0, 5, 4), code=True), {"n.ipynb": facts}, Sources(repo)
    )
    lines = text.split("\n")
    assert lines[place.line - 1][place.column - 1 :] == 'fit(\\n",'
    assert lines[place.end_line - 1][: place.end_column - 1].lstrip() == '"  a)'
    assert (place.cell, place.cell_line, place.cell_column) == (2, 2, 1)


def test_raw_places_of_a_notebook_find_back_into_the_cell(make_repo: MakeRepo) -> None:
    text, facts = notebook("n.ipynb", CELLS)
    repo = make_repo({"n.ipynb": text})
    number = next(n for n, line in enumerate(text.split("\n"), 1) if "split" in line)
    column = text.split("\n")[number - 1].index("split") + 1

    spot = Spot("n.ipynb", Span(number, column, number, column + 5))
    place = place_of(spot, {"n.ipynb": facts}, Sources(repo))

    assert (place.line, place.column) == (number, column)
    assert (place.cell, place.cell_line) == (2, 1)
    assert place.cell_column == CELLS[1].index("split") + 1


def test_a_raw_place_outside_code_has_a_cell_only_where_it_can_be_told(make_repo: MakeRepo) -> None:
    for indent, cell in ((1, 2), (None, 0)):
        text, facts = notebook("n.ipynb", CELLS, indent=indent)
        repo = make_repo({"n.ipynb": text})
        last = text.count("\n") + 1
        spot = Spot("n.ipynb", Span(last, len(text) + 1))
        place = place_of(spot, {"n.ipynb": facts}, Sources(repo))
        assert (place.cell, place.cell_line) == (cell, 0)


def test_a_line_that_the_notebook_does_not_have_is_its_first(make_repo: MakeRepo) -> None:
    text, facts = notebook("n.ipynb", CELLS)
    repo = make_repo({"n.ipynb": text})
    spot = Spot("n.ipynb", Span(99, 1), code=True)
    assert place_of(spot, {"n.ipynb": facts}, Sources(repo)) == Place("n.ipynb")


def test_a_file_is_read_once_and_forgotten_when_there_are_many(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlaudit.findings.sources.MAX_CACHED_CHARS", 25)
    repo = make_repo({f"{name}.py": "x" * 10 for name in "abc"})
    sources = Sources(repo)
    first = sources.get("a.py")
    assert sources.get("a.py") is first
    sources.get("b.py")
    sources.get("c.py")
    assert sources.get("a.py") is not first
