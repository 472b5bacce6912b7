"""YAML documents, flattened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlaudit.facts.documents import read_document
from mlaudit.facts.positions import Positions
from mlaudit.facts.records import Document, Entry, FileFacts, Problem
from mlaudit.facts.templates import Masked, has_placeholder
from mlaudit.facts.yaml_nodes import MAX_DEPTH, MAX_NODES, Composer, LimitError

if TYPE_CHECKING:
    from mlaudit.facts.source import Source
    from mlaudit.facts.yaml_nodes import Node


def read_yaml(source: Source) -> FileFacts:
    """A YAML stream, flattened, with the commands that it says to run."""
    return read_document(source, parse_yaml)


def parse_yaml(text: str) -> tuple[Document, tuple[Problem, ...]]:
    """The document, and why it, or a part of it, could not be read.

    A document beyond the limits is cut there, with a problem; one that is no YAML has no entries.
    Placeholders in quotes or block scalars are plain text, and make no template.
    """
    composer = Composer(text)
    stopped = _run(composer)
    if isinstance(stopped, LimitError):
        entries, beyond = _flatten(composer.roots, text)
        return Document("yaml", entries), (_limit(beyond or stopped, text),)
    if (stopped or composer.template) and has_placeholder(text):
        return _template(text), ()
    if stopped:
        return Document("yaml"), (_invalid(stopped, text),)
    entries, beyond = _flatten(composer.roots, text)
    return Document("yaml", entries), (_limit(beyond, text),) if beyond else ()


def _template(text: str) -> Document:
    """As much as can be read of YAML that a template engine has yet to write."""
    masked = Masked(text)
    composer = Composer(masked.text, masked)
    _run(composer)
    entries, _ = _flatten(composer.roots, text)
    return Document("yaml", entries, template=True)


def _run(composer: Composer) -> Exception | None:
    import yaml

    try:
        composer.run()
    except (LimitError, yaml.YAMLError) as error:
        return error
    return None


def _flatten(roots: list[Node], text: str) -> tuple[tuple[Entry, ...], LimitError | None]:
    entries: list[Entry] = []
    positions = Positions(text)
    try:
        for number, root in enumerate(roots):
            for document in root.children:
                _flatten_into(entries, document.node, number, positions)
    except LimitError as error:
        return tuple(entries), error
    return tuple(entries), None


def _flatten_into(entries: list[Entry], root: Node, number: int, positions: Positions) -> None:
    at = positions.at
    stack: list[tuple[tuple[str | int, ...], Any]] = [((), iter(root.children))]
    while stack:
        base, children = stack[-1]
        for key, key_offset, value_offset, node in children:
            if len(entries) >= MAX_NODES:
                raise LimitError(f"more than {MAX_NODES} values, aliases expanded", key_offset)
            path = (*base, key)
            line, column = at(key_offset)
            value_line, value_column = at(value_offset)
            entries.append(
                Entry(path, node.value, node.kind, line, column, value_line, value_column, number)
            )
            if node.children:
                if len(path) > MAX_DEPTH:
                    raise LimitError(f"nested deeper than {MAX_DEPTH} levels", key_offset)
                stack.append((path, iter(node.children)))
                break
        else:
            stack.pop()


def _limit(error: LimitError, text: str) -> Problem:
    return Problem(str(error), Positions(text).at(error.offset)[0])


def _invalid(error: Exception, text: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or getattr(error, "reason", None)
    line = 0
    if mark is not None:
        line = Positions(text).at(min(mark.index, len(text)))[0]
    return Problem(f"not valid YAML: {said or 'unreadable'}", line)
