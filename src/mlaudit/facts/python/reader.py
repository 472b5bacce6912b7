"""Reads Python: one parse, one pass."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Sequence

from mlaudit.facts.credentials import find_credentials
from mlaudit.facts.passed_secrets import may_pass_secrets, passed_secrets
from mlaudit.facts.python.statements import Statements
from mlaudit.facts.records import Credential, FileFacts, Problem
from mlaudit.facts.secret_literals import Literal, as_credentials
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.suppressions import find_suppressions
from mlaudit.facts.syntax import PythonFacts


def read_python(source: Source) -> FileFacts:
    """All that a Python file says. What does not parse becomes a problem with its line."""
    file = source.file
    text = text_of(source)
    credentials = find_credentials(text)
    clean = blank(text, credentials)
    suppressions, problems = find_suppressions(clean)
    python = None
    try:
        tree = parse(clean)
        reader = _read([(tree, 0)])
        python = _facts(reader)
        if reader.secret_literals:
            credentials += tuple(as_credentials(reader.secret_literals, clean))
        problems = (*problems, *_too_deep(reader))
    except UnparsableError as error:
        problems = (*problems, Problem(str(error), error.line))
    return FileFacts(
        file.path,
        file.kind,
        python=python,
        credentials=credentials,
        suppressions=suppressions,
        problems=problems,
    )


def text_of(source: Source) -> str:
    """The text, in the encoding that a comment of the first two lines declares (PEP 263).

    Raises UnreadableError when it is in none.
    """
    try:
        return source.text
    except UnreadableError:
        encoding = _declared_encoding(source.data)
        if encoding in ("utf-8", "utf-8-sig"):
            raise
        return source.data.decode(encoding, "replace")


def _declared_encoding(data: bytes) -> str:
    from io import BytesIO
    from tokenize import detect_encoding

    try:
        return detect_encoding(BytesIO(data).readline)[0]
    except SyntaxError:  # an encoding that does not exist
        return "utf-8"


class UnparsableError(ValueError):
    """Source that this Python cannot parse. The message is a reason for the user."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def parse(text: str) -> ast.Module:
    """The syntax tree. Raises UnparsableError, with the line, for whatever does not parse."""
    flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(text, "<source>", "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        line = error.lineno or _line_of_nul(text)
        raise UnparsableError(_syntax_reason(error, text), line) from None
    except (RecursionError, MemoryError):
        raise UnparsableError("nested too deeply to be parsed") from None
    except ValueError as error:  # NUL bytes, integers of more than 4,300 digits
        raise UnparsableError(f"does not parse: {error}", _line_of_nul(text)) from None
    return tree  # type: ignore[no-any-return]


def extract(trees: Sequence[tuple[ast.Module, int]]) -> PythonFacts:
    """Facts of modules read as one, each with the number of lines to add to its positions."""
    return extract_with_secrets(trees)[0]


def extract_with_secrets(
    trees: Sequence[tuple[ast.Module, int]],
) -> tuple[PythonFacts, Sequence[Literal]]:
    """The same, with the literals that turned out to be secrets."""
    reader = _read(trees)
    return _facts(reader), reader.secret_literals


def blank(text: str, credentials: Sequence[Credential]) -> str:
    """The text with every credential overwritten by `*`: what is not read cannot leak."""
    if not credentials:
        return text
    lines = text.split("\n")
    for credential in credentials:
        span = credential.span
        for number in range(span.line, (span.end_line or span.line) + 1):
            if number > len(lines):
                break
            line = lines[number - 1]
            start = span.column - 1 if number == span.line else 0
            last = number == (span.end_line or span.line)
            end = span.end_column - 1 if last and span.end_column else len(line.rstrip("\r"))
            lines[number - 1] = line[:start] + "*" * (end - start) + line[end:]
    return "\n".join(lines)


def _read(trees: Sequence[tuple[ast.Module, int]]) -> Statements:
    reader = Statements()
    reader.module(trees)
    if not reader.names_secret and not may_pass_secrets(reader.imports):
        return reader
    secrets = passed_secrets(reader.calls, reader.bindings, reader.texts)
    if secrets:
        reader = Statements()
        reader.secrets = secrets
        reader.module(trees)
    return reader


def _facts(reader: Statements) -> PythonFacts:
    return PythonFacts(
        imports=tuple(reader.imports),
        scopes=tuple(reader.scopes),
        blocks=tuple(reader.blocks),
        calls=tuple(reader.calls),
        bindings=tuple(reader.bindings),
        statements=tuple(reader.statements),
        texts=tuple(reader.texts),
    )


def _too_deep(reader: Statements) -> tuple[Problem, ...]:
    return tuple(Problem("nested too deeply to be read", line) for line in reader.too_deep)


def _line_of_nul(text: str) -> int:
    """Python itself does not say where it is; 0 without one."""
    before, nul, _ = text.partition("\0")
    return before.count("\n") + 1 if nul else 0


def _syntax_reason(error: SyntaxError, text: str) -> str:
    if _looks_like_python_2(text, error.lineno or 0):
        return "Python 2 code, which no supported Python can parse"
    return f"does not parse: {error.msg}"


def _looks_like_python_2(text: str, line: int) -> bool:
    lines = text.split("\n")
    words = lines[line - 1].split(None, 2) if 0 < line <= len(lines) else []
    if not words:
        return False
    return words[0] in ("print", "exec") or (words[0] == "except" and "," in lines[line - 1])
