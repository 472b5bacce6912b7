"""Reads Jupyter notebooks, nbformat 3 and 4: code as Python, magics, outputs, left secrets.

Lines of code are numbered on from cell to cell, as `PythonFacts` counts them; so are suppressions,
magics and the problem of a cell. Credentials, outputs and the problems of the file as a whole have
the lines of the .ipynb file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from mlaudit.facts import notebook_outputs as outputs
from mlaudit.facts.contents import cleaned
from mlaudit.facts.credentials import find_hits, redact, to_credential
from mlaudit.facts.ipynb import (
    CodeLine,
    NotebookError,
    RawCell,
    RawNotebook,
    code_lines,
    raw_column,
    raw_offset,
    read_json,
)
from mlaudit.facts.ipython import Masked, mask, mask_automagics
from mlaudit.facts.positions import Positions
from mlaudit.facts.python.reader import UnparsableError, extract_with_secrets, parse
from mlaudit.facts.records import (
    Cell,
    Command,
    Credential,
    FileFacts,
    Notebook,
    Problem,
    RawLine,
    Span,
    Suppression,
)
from mlaudit.facts.scalars import without_surrogates
from mlaudit.facts.secret_literals import Literal, as_credential, stretch
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.suppressions import Found, find_comment_suppressions, find_suppressions

__all__ = ["raw_column", "read_notebook"]

_PYTHONS = frozenset({"", "python", "python2", "ipython", "pyspark"})


def read_notebook(source: Source) -> FileFacts:
    """All that a notebook says. What is broken becomes a problem, of its cell where it has one."""
    file = source.file
    try:
        text = source.text
        raw = read_json(text)
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    except NotebookError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error), error.line),))
    reading = _Reading(text, raw)
    for number, cell in enumerate(raw.cells, 1):
        reading.cell(number, cell)
    python = None
    if reading.trees:
        python, literals = extract_with_secrets(reading.trees)
        for literal in literals:
            reading.literal(literal)
    return FileFacts(
        file.path,
        file.kind,
        python=python,
        notebook=Notebook(
            cells=tuple(reading.cells),
            raw_lines=tuple(reading.raw_lines),
            language=reading.language,
            nbformat=reading.nbformat,
        ),
        credentials=(*reading.credentials, *reading.widgets()),
        suppressions=tuple(reading.suppressions),
        problems=tuple(reading.problems),
    )


class _Code(NamedTuple):
    """A code cell, read."""

    magics: tuple[Command, ...] = ()
    language: str = "python"
    problem: Problem | None = None


class _Reading:
    """What has been read of one notebook so far."""

    def __init__(self, text: str, raw: RawNotebook) -> None:
        self.text = text
        self.raw = raw
        # Asked of the whole first: most notebooks hold no credential, and have many cells.
        self.quiet = not find_hits("\n\n".join(_texts(raw)))
        self.positions = Positions(text)
        self.language = _language(raw)
        self.nbformat = _number(_field(raw, "nbformat")) or 0
        self.cells: list[Cell] = []
        self.raw_lines: list[RawLine] = []
        self.code: list[str] = []
        """The lines of code without known credentials, and their offsets in the file."""
        self.starts: list[int] = []
        self.trees: list[tuple[ast.Module, int]] = []
        self.credentials: list[Credential] = []
        self.suppressions: list[Suppression] = []
        self.problems = [Problem("not as nbformat has it", self._line(at)) for at in raw.strays]

    def _line(self, offset: int) -> int:
        return self.positions.at(offset)[0]

    def cell(self, number: int, raw: RawCell) -> None:
        kind = _kind(raw)
        if not isinstance(raw.fields.get("cell_type"), str):
            self.problems.append(Problem(f"cell {number} has no type", self._line(raw.start)))
        lines = code_lines(self.text, raw.source)
        before = len(self.raw_lines)
        code = _Code()
        if kind == "code":
            self.raw_lines += [RawLine(*self.positions.at(line.start)) for line in lines]
        clean = self._scan(lines, before if kind == "code" else None)
        if kind == "code":
            self.code += clean
            self.starts += [line.start for line in lines]
            code = self._code(clean, before)
            if not self.quiet:
                self.credentials += outputs.credentials(self.text, raw.outputs, self.positions)
        metadata = raw.fields.get("metadata")
        self.cells.append(
            Cell(
                index=number,
                kind=kind,
                first_line=before + 1 if kind == "code" else 0,
                lines=len(lines),
                raw_line=self._line(raw.start),
                execution_count=_execution_count(raw),
                tags=_strings(_get(metadata, "tags")),
                magics=code.magics,
                language=code.language,
                outputs=outputs.outputs(self.text, raw.outputs, self.positions),
                problem=code.problem,
                suppress=_strings(_get(_get(metadata, "mlaudit"), "ignore")),
            )
        )

    def _scan(self, lines: Sequence[CodeLine], first: int | None) -> list[str]:
        """Records the credentials of a cell; gives its lines without them.

        What is not read cannot leak. `first`: number of lines of code before the cell, None where
        it is not code.
        """
        text = without_surrogates("\n".join(line.text for line in lines))
        hits = [] if self.quiet else find_hits(text)
        if not hits:
            return text.split("\n") if lines else []
        within = Positions(text)
        for hit in hits:
            line, column = within.at(hit.start)
            end_line, end_column = within.at(hit.end)
            start = raw_offset(self.text, lines[line - 1].start, column - 1)
            end = raw_offset(self.text, lines[end_line - 1].start, end_column - 1)
            span = Span(*self.positions.at(start), *self.positions.at(end))
            virtual = 0 if first is None else first + line
            self.credentials.append(to_credential(hit, text, span, virtual))
        for hit in reversed(hits):
            stars = "".join("\n" if char == "\n" else "*" for char in text[hit.start : hit.end])
            text = text[: hit.start] + stars + text[hit.end :]
        return text.split("\n")

    def _code(self, lines: list[str], before: int) -> _Code:
        language = self.language or "python"
        if self.language not in _PYTHONS:
            self._suppress(find_comment_suppressions("\n".join(lines)), before)
            return _Code(language=language)
        masked = mask(lines)
        problem = None
        if not masked.language:
            masked, problem = self._parse(lines, masked, before)
        self._suppress(_suppressions(lines, masked), before)
        magics = tuple(Command(_clean(text), before + at + 1) for at, text in masked.magics)
        return _Code(magics, masked.language or language, problem)

    def _parse(
        self, lines: list[str], masked: Masked, before: int
    ) -> tuple[Masked, Problem | None]:
        """Takes the first way to read the cell as Python that works."""
        reason, at = "", 0  # the error itself would hold this frame, and all that it sees
        for attempt in _attempts(lines, masked):
            dedented, indent = _dedented(attempt.lines)
            try:
                tree = parse("\n".join(dedented))
            except UnparsableError as error:
                reason, at = str(error), error.line
            else:
                self.trees.append((_shifted(tree, indent), before))
                return attempt, None
        if self.language == "python2" and "Python 2" not in reason:
            reason = f"Python 2 code, as the kernel says: {reason}"
        line = before + min(max(at, 1), max(len(lines), 1))
        return masked, Problem(reason, line)

    def _suppress(self, found: Found, before: int) -> None:
        for one in found.suppressions:
            line = one.line + before
            self.suppressions.append(
                Suppression(one.rules, line, one.reason, one.until, one.own_line)
            )
        for problem in found.problems:
            raw = self.raw_lines[problem.line + before - 1]
            self.problems.append(Problem(problem.reason, raw.line))

    def literal(self, literal: Literal) -> None:
        """Records a literal of the code that is a secret."""
        place = stretch(literal, self.code)
        span = Span(
            *self._raw(place.line, place.column), *self._raw(place.end_line, place.end_column)
        )
        self.credentials.append(as_credential(literal, span, place.line))

    def _raw(self, line: int, column: int) -> tuple[int, int]:
        return self.positions.at(raw_offset(self.text, self.starts[line - 1], column))

    def widgets(self) -> list[Credential]:
        return outputs.widget_credentials(self.text, self.raw, self.positions)


def _clean(command: str) -> str:
    return cleaned(redact(command)).text


def _texts(raw: RawNotebook) -> Iterator[str]:
    """What people read in a notebook: sources and printed outputs."""
    for cell in raw.cells:
        yield without_surrogates("".join(piece.value for piece in cell.source))
        for output in cell.outputs:
            yield outputs.printed(output.value)


def _attempts(lines: list[str], masked: Masked) -> Iterator[Masked]:
    yield Masked(lines, [])
    if masked.lines != lines:
        yield masked
    automagics_masked = mask_automagics(masked)
    if automagics_masked.lines != masked.lines:
        yield automagics_masked


def _suppressions(lines: list[str], masked: Masked) -> Found:
    if masked.language:
        return find_comment_suppressions("\n".join(lines))
    found = find_suppressions("\n".join(masked.lines))
    kept = (line if line != new else "" for line, new in zip(lines, masked.lines, strict=True))
    other = find_comment_suppressions("\n".join(kept)) if masked.magics else Found((), ())
    return Found(
        tuple(sorted(found.suppressions + other.suppressions, key=lambda one: one.line)),
        found.problems + other.problems,
    )


def _dedented(lines: list[str]) -> tuple[list[str], int]:
    """IPython runs a cell that is indented as a whole."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent or not all(line.startswith(indent) or not line.strip() for line in lines):
        return lines, 0
    return [line[len(indent) :] for line in lines], len(indent)


def _shifted(tree: ast.Module, columns: int) -> ast.Module:
    if columns:
        for node in ast.walk(tree):
            if isinstance(node, (ast.expr, ast.stmt)):
                node.col_offset += columns
                if node.end_col_offset is not None:
                    node.end_col_offset += columns
    return tree


def _kind(raw: RawCell) -> Any:
    kind = raw.fields.get("cell_type")
    if kind in ("code", "markdown", "raw"):
        return kind
    return "markdown" if kind in ("heading", "html") else "raw"


def _execution_count(raw: RawCell) -> int | None:
    """Named `prompt_number` up to nbformat 3."""
    return _number(raw.fields.get("execution_count", raw.fields.get("prompt_number")))


def _language(raw: RawNotebook) -> str:
    """Of the kernel, lower case; `python2` where the kernel says so."""
    metadata = _field(raw, "metadata")
    kernel, info = _get(metadata, "kernelspec"), _get(metadata, "language_info")
    name = str(_get(info, "name") or _get(kernel, "language") or "").lower()
    if not name and str(_get(kernel, "name") or "").lower().startswith(("python", "conda-")):
        name = "python"
    if name in ("python", "ipython", "pyspark", ""):
        version = str(_get(info, "version") or "")
        if version.startswith("2.") or str(_get(kernel, "name") or "") == "python2":
            return "python2"
    return without_surrogates("python" if name in ("ipython", "pyspark") else name)[:40]


def _field(raw: RawNotebook, key: str) -> Any:
    piece = raw.fields.get(key)
    return None if piece is None else piece.value


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _number(value: Any) -> int | None:
    return value if type(value) is int and 0 <= value < 2**63 else None


def _strings(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    return tuple(without_surrogates(item) for item in value if isinstance(item, str))
