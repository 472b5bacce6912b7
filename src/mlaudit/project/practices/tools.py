"""Which tools a repository uses, and how strongly each shows itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from mlaudit.facts.records import Document, FileFacts
from mlaudit.facts.syntax import PythonFacts
from mlaudit.patterns import Gated
from mlaudit.project.practices.catalogue import Shape, Strength, Tool, catalogue
from mlaudit.project.practices.kubernetes import things
from mlaudit.repo.model import Context

if TYPE_CHECKING:
    from mlaudit.project.project import Project

COUNTED = frozenset({Context.SRC, Context.SCRIPTS, Context.NOTEBOOKS, Context.CONFIG})
"""Tests, documentation, examples, vendored and generated files show nothing of a practice."""
LARGEST_TEXT = 1_000_000
"""Bytes of a Terraform file that are looked at."""
_RESOURCE = re.compile(r'^\s*resource\s+"(?P<type>\w+)"', re.MULTILINE)
_STARTS = r"(?:^|[;&|({!%%]|\b(?:run|exec|sudo|time|env|nohup|then|do|else)\s|\s-[mc]\s)\s*"
_COMMAND = _STARTS + r"(?:\w+=\S+\s+)*(?:[\w./-]*/)?(%s)(?![\w-])"
"""A command where one may begin: `A=1 uv run pytest`, not `pip install pytest`."""


class ToolSign(Struct, frozen=True):
    """One place where a tool shows itself."""

    tool: str
    strength: Strength
    says: str
    path: str
    line: int = 1


def tool_signs(project: Project) -> tuple[ToolSign, ...]:
    """The first sign of each kind of every tool in each file, by path and line."""
    modules = project.program.resolver.modules
    look = _Look(catalogue().values(), lambda name, path: modules.find(name, path) is not None)
    found: dict[tuple[str, str, str], ToolSign] = {}
    for path, file in project.files.items():
        if file.context not in COUNTED:
            continue
        signs = [*look.at_path(path)]
        if path.endswith(".tf") and not file.missing:
            text = project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")
            signs += look.at_terraform(path, text)
        facts = project.facts.get(path)
        if facts is not None:
            signs += look.at_facts(facts)
        for sign in signs:
            found.setdefault((sign.tool, path, sign.says), sign)
    return tuple(sorted(found.values(), key=lambda sign: (sign.path, sign.line, sign.tool)))


def strongest(signs: Iterable[ToolSign]) -> tuple[ToolSign, ...]:
    """One sign of each tool: its strongest, the first of these."""
    best: dict[str, ToolSign] = {}
    for sign in signs:
        known = best.get(sign.tool)
        if known is None or sign.strength.rank > known.strength.rank:
            best[sign.tool] = sign
    return tuple(best[tool] for tool in sorted(best))


class _Look:
    """The catalogue turned round: from what stands in a file to the tools that it shows."""

    def __init__(self, tools: Collection[Tool], is_own: Callable[[str, str], bool]) -> None:
        """`is_own(module, path)`: whether a file imports a module of the repository itself."""
        self._is_own = is_own
        self._modules: dict[str, list[tuple[str, Tool]]] = {}
        self._distributions: dict[str, list[Tool]] = {}
        self._actions: dict[str, list[Tool]] = {}
        self._kinds: dict[str, list[Tool]] = {}
        self._images: dict[str, list[Tool]] = {}
        self._paths: list[tuple[Gated, Tool, Strength]] = []
        self._commands: list[tuple[Gated, Tool]] = []
        self._texts: list[tuple[Gated, Tool]] = []
        self._names: list[tuple[Gated, Tool]] = []
        self._resources: list[tuple[Gated, Tool]] = []
        self._shapes: list[tuple[Shape, Tool]] = []
        for tool in tools:
            self._index(tool)

    def _index(self, tool: Tool) -> None:
        for table, keys in (
            (self._distributions, tool.distributions),
            (self._actions, tool.actions),
            (self._kinds, tool.kinds),
            (self._images, tool.images),
        ):
            for key in keys:
                table.setdefault(key.lower(), []).append(tool)
        for module in tool.imports:
            self._modules.setdefault(module.partition(".")[0], []).append((module, tool))
        for paths, strength in ((tool.files, Strength.DECLARED), (tool.runs, Strength.CALLED)):
            self._paths += [(Gated(rf"(?:^|/)(?:{one})$"), tool, strength) for one in paths]
        self._commands += [(Gated(_COMMAND % one), tool) for one in tool.commands]
        self._texts += [(Gated(one), tool) for one in tool.texts]
        self._names += [(_ending(one), tool) for one in tool.variables]
        self._resources += [(_ending(one), tool) for one in tool.terraform]
        self._shapes += [(shape, tool) for shape in tool.documents]

    # the file itself

    def at_path(self, path: str) -> Iterator[ToolSign]:
        for expression, tool, strength in self._paths:
            if expression.search(path):
                yield ToolSign(tool.id, strength, "a file of its own", path)

    def at_terraform(self, path: str, text: str) -> Iterator[ToolSign]:
        for resource in _RESOURCE.finditer(text):
            line = text.count("\n", 0, resource.start("type")) + 1
            for expression, tool in self._resources:
                if expression.fullmatch(resource["type"]):
                    says = f"Terraform makes '{resource['type']}'"
                    yield ToolSign(tool.id, Strength.CALLED, says, path, line)

    def at_facts(self, facts: FileFacts) -> Iterator[ToolSign]:
        if facts.python is not None:
            yield from self._at_python(facts, facts.python)
        if facts.document is not None and not facts.document.template:
            yield from self._at_document(facts.path, facts.document)
            yield from self._objects(facts)
        for one in facts.manifest.dependencies if facts.manifest else ():
            for tool in self._distributions.get(one.name, ()):
                says = f"'{one.name}' is declared"
                yield ToolSign(tool.id, Strength.DECLARED, says, facts.path, one.span.line)
        for setting in facts.settings:
            yield from self._variable(facts.path, setting.name, setting.span.line)
        yield from self._at_commands(facts)

    # code

    def _at_python(self, facts: FileFacts, python: PythonFacts) -> Iterator[ToolSign]:
        for item in python.imports:
            for tool in self._below(item.target, facts.path):
                if not tool.inert:
                    line = facts.raw_line(item.line)
                    says = f"'{item.module or item.target}' is imported"
                    yield ToolSign(tool.id, Strength.IMPORTED, says, facts.path, line)
        called = {call.callee: call.line for call in reversed(python.calls) if call.callee}
        for name, line in called.items():
            for tool in self._below(name, facts.path):
                says = f"'{name}' is called"
                yield ToolSign(tool.id, Strength.CALLED, says, facts.path, facts.raw_line(line))
        for text in python.texts:
            if text.value.isupper():
                yield from self._variable(facts.path, text.value, facts.raw_line(text.line))
            elif ":/" in text.value:
                yield from self._address(facts.path, text.value, facts.raw_line(text.line))

    def _below(self, name: str, path: str) -> Iterator[Tool]:
        """The tools that a dotted name belongs to, as seen from a file."""
        entries = self._modules.get(name.partition(".")[0])
        if entries is None or self._is_own(name, path):
            return
        for module, tool in entries:
            if name == module or name.startswith((f"{module}.", f"{module}()")):
                yield tool

    # configuration

    def _at_document(self, path: str, document: Document) -> Iterator[ToolSign]:
        for entry in document.entries:
            key = str(entry.path[-1]) if entry.path else ""
            if key.isupper():
                yield from self._variable(path, key, entry.line)
            if isinstance(entry.value, str):
                yield from self._at_value(path, key, entry.value, entry.line)
        yield from self._shaped(path, document)

    def _at_value(self, path: str, key: str, value: str, line: int) -> Iterator[ToolSign]:
        if key == "uses":
            action = value.partition("@")[0]
            for tool in self._actions.get(action.lower(), ()):
                yield ToolSign(tool.id, Strength.CALLED, f"a job uses '{action}'", path, line)
        elif key == "image":
            yield from self._image(path, value, line)
        elif key == "name" and value.isupper():
            yield from self._variable(path, value, line)
        elif ":/" in value:
            yield from self._address(path, value, line)

    def _objects(self, facts: FileFacts) -> Iterator[ToolSign]:
        for thing in things(facts):
            for tool in self._kinds.get(thing.kind.lower(), ()):
                says = f"a Kubernetes object of kind {thing.name}"
                yield ToolSign(tool.id, Strength.CALLED, says, facts.path, thing.line)

    def _shaped(self, path: str, document: Document) -> Iterator[ToolSign]:
        top = {entry.path[0]: entry for entry in document.entries if len(entry.path) == 1}
        for shape, tool in self._shapes:
            if not path.endswith(shape.files) or not all(key in top for key in shape.keys):
                continue
            if all(
                re.match(value, str(top[key].value)) if key in top else False
                for key, value in shape.values.items()
            ):
                line = top[shape.keys[0]].line
                yield ToolSign(tool.id, Strength.CALLED, "a document of its own", path, line)

    def _at_commands(self, facts: FileFacts) -> Iterator[ToolSign]:
        stages = facts.dockerfile.stages if facts.dockerfile else ()
        for stage in stages:
            yield from self._image(facts.path, stage.image, stage.span.line)
        for step in facts.dockerfile.instructions if facts.dockerfile else ():
            if step.keyword == "ENV":
                name = re.split(r"[ =]", step.value, maxsplit=1)[0]
                yield from self._variable(facts.path, name, step.span.line)
        for command in facts.runs:
            yield from self._command(facts.path, command.text, facts.raw_line(command.line))

    def _command(self, path: str, text: str, line: int) -> Iterator[ToolSign]:
        for expression, tool in self._commands:
            found = expression.search(text)
            if found:
                says = f"'{' '.join(found[1].split())}' is run"
                yield ToolSign(tool.id, Strength.CALLED, says, path, line)

    def _image(self, path: str, image: str, line: int) -> Iterator[ToolSign]:
        name = re.split(r"[@:](?!.*/)", image.lower(), maxsplit=1)[0]
        for tool in self._images.get(name.removeprefix("docker.io/"), ()):
            yield ToolSign(tool.id, Strength.CALLED, f"the image '{name}' runs", path, line)

    def _variable(self, path: str, name: str, line: int) -> Iterator[ToolSign]:
        for expression, tool in self._names:
            if expression.fullmatch(name):
                yield ToolSign(tool.id, Strength.DECLARED, f"'{name}' is set or read", path, line)

    def _address(self, path: str, text: str, line: int) -> Iterator[ToolSign]:
        for expression, tool in self._texts:
            found = expression.match(text)
            if found:
                says = f"an address '{found[0]}...'"
                yield ToolSign(tool.id, Strength.CALLED, says, path, line)


def _ending(name: str) -> Gated:
    return Gated(re.escape(name).replace(r"\*", ".*"))
