"""YAML as nodes, composed from the events of PyYAML's C parser.

PyYAML composes nodes recursively, so deep nesting would overflow the stack, and libyaml takes
time quadratic in the depth of flow collections; events come one by one, and can be stopped. No
tag constructs anything: `!Ref name` is the text `name`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from mlaudit.facts.scalars import Scalar, resolve, without_surrogates
from mlaudit.facts.templates import MASK, Masked, has_placeholder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MAX_NODES = 100_000
MAX_DEPTH = 100

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t\r\n]+)+")
_LONGEST_KEY = 200
_RESOLVED_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "int", "null"))


class Child(NamedTuple):
    """What a collection holds. The value's offset is that of the alias, where it is one."""

    key: str | int
    key_offset: int
    value_offset: int
    node: Node


class Node:
    """A value of the document. Aliases share nodes; a node never holds one of its ancestors."""

    __slots__ = ("anchor", "children", "kind", "merges", "offset", "pending", "text", "value")

    def __init__(
        self, kind: Literal["scalar", "mapping", "sequence"], offset: int, anchor: str = ""
    ) -> None:
        self.kind = kind
        self.offset = offset
        self.anchor = anchor
        self.text = ""
        """What it is as a key."""
        self.value: Scalar = None
        self.children: list[Child] = []
        self.merges: list[Node] = []
        self.pending: tuple[str, int] | None = None
        """The key, with its offset, whose value comes next."""


class LimitError(Exception):
    """The document is larger or deeper than is taken in."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


class Composer:
    """Takes events, and keeps the root of each document of the stream."""

    def __init__(
        self,
        text: str,
        masked: Masked | None = None,
        resolve: Callable[[str], Scalar] = resolve,
    ) -> None:
        """`resolve` reads plain scalars; without it, as PyYAML does."""
        self.roots: list[Node] = []
        self.template = False
        """Reads as YAML, but placeholders were taken for flow mappings or for running text."""
        self._text = text
        self._masked = masked
        self._resolve = resolve
        self._escapes = "\\u" in text or "\\U" in text
        self._stack: list[Node] = []
        self._anchors: dict[str, Node] = {}
        self._size = 0

    def run(self) -> None:
        """Raises yaml.YAMLError or LimitError; what was composed before is kept in `roots`."""
        take = {
            "ScalarEvent": self._scalar,
            "MappingStartEvent": self._open_mapping,
            "SequenceStartEvent": self._open_sequence,
            "MappingEndEvent": self._close,
            "SequenceEndEvent": self._close,
            "AliasEvent": self._alias,
            "DocumentStartEvent": self._document,
        }
        try:
            for event in _events(self._text):
                handler = take.get(type(event).__name__)
                if handler:
                    handler(event)
        finally:
            while len(self._stack) > 1:
                self._end(len(self._text))

    def _document(self, event: Any) -> None:
        self._count(1, event.start_mark.index)
        self._anchors = {}
        root = Node("sequence", event.start_mark.index)
        self._stack = [root]
        self.roots.append(root)

    def _scalar(self, event: Any) -> None:
        node = Node("scalar", self._start(event), event.anchor)
        text: str = event.value
        if self._masked and MASK in text:
            node.text = node.value = self._masked.restore(text, node.offset)
        elif event.tag in _RESOLVED_TAGS or (event.tag is None and event.implicit[0]):
            node.text, node.value = text, self._resolve(text)
            if "{" in text and event.end_mark.line > event.start_mark.line:
                self.template |= has_placeholder(text)
        else:
            node.text = node.value = without_surrogates(text) if self._escapes else text
        self._place(node, node.offset)

    def _open_mapping(self, event: Any) -> None:
        self._open(Node("mapping", self._start(event), event.anchor))

    def _open_sequence(self, event: Any) -> None:
        self._open(Node("sequence", self._start(event), event.anchor))

    def _open(self, node: Node) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise LimitError(f"nested deeper than {MAX_DEPTH} levels", node.offset)
        self._stack.append(node)

    def _close(self, event: Any) -> None:
        self._end(event.end_mark.index)

    def _end(self, offset: int) -> None:
        node = self._stack.pop()
        if node.merges:
            self._merge(node)
        node.text = self._text[node.offset : min(offset, node.offset + _LONGEST_KEY)].strip()
        self._place(node, node.offset)

    def _alias(self, event: Any) -> None:
        offset = event.start_mark.index
        self._place(self._anchors.get(event.anchor) or Node("scalar", offset), offset)

    def _start(self, event: Any) -> int:
        """Where the value itself starts, after its tag and anchor."""
        offset: int = event.start_mark.index
        if event.anchor or event.tag:
            properties = _PROPERTIES.match(self._text, offset)
            return properties.end() if properties else offset
        return offset

    def _place(self, node: Node, offset: int) -> None:
        """Gives a finished value to the collection that is open."""
        if node.anchor:
            self._anchors[node.anchor] = node
        parent = self._stack[-1]
        if parent.kind == "sequence":
            self._count(1, offset)
            parent.children.append(Child(len(parent.children), offset, offset, node))
        elif parent.pending is None:
            parent.pending = (node.text, offset)
            self.template |= node.kind == "mapping" and self._text.startswith("{", offset)
        else:
            self._count(1, offset)
            key, key_offset = parent.pending
            parent.pending = None
            if key == "<<" and self._text.startswith("<<", key_offset):
                parent.merges.append(node)
            else:
                parent.children.append(Child(key, key_offset, offset, node))

    def _merge(self, node: Node) -> None:
        """Takes over what `<<` names, but for keys that are given; earlier ones win."""
        given = {child.key for child in node.children}
        for merged in node.merges:
            sources = [merged]
            if merged.kind == "sequence":
                sources = [child.node for child in merged.children]
            for source in sources:
                self._count(1 + len(source.children), node.offset)
                if source.kind == "mapping":
                    new = [child for child in source.children if child.key not in given]
                    given.update(child.key for child in new)
                    node.children += new

    def _count(self, size: int, offset: int) -> None:
        self._size += size
        if self._size > MAX_NODES:
            raise LimitError(f"more than {MAX_NODES} values", offset)


def _events(text: str) -> Iterator[Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return iter(yaml.parse(text, Loader=loader))
