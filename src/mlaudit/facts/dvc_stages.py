"""The stages of a dvc.yaml, spread out and filled in."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping
from posixpath import join, normpath
from typing import Any

from msgspec import Struct

from mlaudit.facts.dvc_records import (
    Definition,
    Dependency,
    Output,
    Parameters,
    Stage,
    Unresolved,
)
from mlaudit.facts.dvc_templates import (
    Filler,
    TemplateError,
    as_text,
    combinations,
    iterations,
    merge,
)
from mlaudit.facts.dvc_values import Plain

PARAMETERS = "params.yaml"
MOST_VARIABLES = 100
"""Items of one `vars`."""
_TAKEN = ("cmd", "wdir", "deps", "params", "outs", "metrics", "plots", "frozen", "always_changed")


class Files:
    """Files of values that `vars` names."""

    def load(self, path: str) -> Mapping[str, Plain]:
        """What a file holds; the path is relative to the repository. Raises TemplateError."""
        raise NotImplementedError


class Context(Struct, frozen=True):
    """What templates know, and which files it came from: all of a file, or some of its keys."""

    values: Mapping[str, Plain] = {}
    taken: Mapping[str, frozenset[str] | None] = {}


class Spreading:
    """Gives the stages of one file. `folder` is where it lies."""

    def __init__(self, folder: str, files: Files, filler: Filler) -> None:
        self._folder = folder
        self._files = files
        self._filler = filler

    def extended(self, context: Context, folder: str, variables: list[Any]) -> Context:
        """With the items of a `vars`: mappings, and files (`a.yaml`, `a.yaml:key,other`)."""
        if len(variables) > MOST_VARIABLES:
            raise TemplateError(f"'vars' has more than {MOST_VARIABLES} items")
        for item in variables:
            if isinstance(item, dict):
                context = Context(merge(context.values, item), context.taken)
            elif isinstance(item, str):
                context = self._with_file(context, folder, item)
            else:
                raise TemplateError("'vars' holds something that is neither file nor mapping")
        return context

    def _with_file(self, context: Context, folder: str, item: str) -> Context:
        written, _, listed = item.partition(":")
        path = normpath(join(folder, written))
        keys = frozenset(key for key in listed.split(",") if key) or None
        known = context.taken.get(path, frozenset())
        if known is None and keys is None:
            return context
        if path in context.taken and (known is None or keys is None or known & keys):
            raise TemplateError(f"'{path}' is loaded twice")
        values = self._files.load(path)
        if keys is not None:
            if not keys <= values.keys():
                raise TemplateError(f"'{path}' lacks a key that 'vars' names")
            values = {key: values[key] for key in keys}
        taken = keys if keys is None else keys | (known or frozenset())
        return Context(merge(context.values, values), {**context.taken, path: taken})

    def spread(self, definition: Definition, context: Context) -> Iterator[Stage | Unresolved]:
        """The stages that one definition stands for."""
        try:
            if "foreach" in definition.data:
                data = self._filler.fill(definition.data["foreach"], context.values)
                yield from self._group(definition, context, iterations(data), ("do",))
            elif "matrix" in definition.data:
                data = self._filler.fill(definition.data["matrix"], context.values)
                yield from self._group(definition, context, combinations(data), ())
            else:
                yield self._stage(definition.name, definition, definition.data, context, ())
        except TemplateError as error:
            yield Unresolved(definition.name, definition.line, str(error))

    def _group(
        self,
        definition: Definition,
        context: Context,
        members: Mapping[str, Mapping[str, Plain]],
        inside: tuple[str, ...],
    ) -> Iterator[Stage | Unresolved]:
        data = definition.data.get("do") if inside else definition.data
        if not isinstance(data, dict):
            raise TemplateError("'foreach' has no 'do'")
        base = dict(context.values)
        for member, known in members.items():
            name = f"{definition.name}@{member}"
            own = Context(ChainMap(dict(known), base), context.taken)
            try:
                yield self._stage(name, definition, data, own, inside)
            except TemplateError as error:
                yield Unresolved(name, definition.line, str(error))

    def _stage(
        self,
        name: str,
        definition: Definition,
        data: Mapping[str, Any],
        context: Context,
        inside: tuple[str, ...],
    ) -> Stage:
        wdir = self._filler.fill(data.get("wdir") or "", context.values)
        folder = "/".join(part for part in (self._folder, as_text(wdir)) if part)
        variables = data.get("vars") or []
        context = self.extended(context, folder, variables if isinstance(variables, list) else [])
        filled = {
            key: self._filler.fill(data[key], context.values, key) for key in _TAKEN if key in data
        }
        return _Shape(definition, inside).stage(name, filled)


class _Shape:
    """Turns a filled definition into a stage. Raises TemplateError where it is none."""

    def __init__(self, definition: Definition, inside: tuple[str, ...]) -> None:
        self._definition = definition
        self._inside = inside

    def stage(self, name: str, data: Mapping[str, Any]) -> Stage:
        command = data.get("cmd")
        if not isinstance(command, (str, list)) or not command:
            raise TemplateError("a stage without a command")
        return Stage(
            name=name,
            line=self._definition.line,
            command=command,
            wdir=str(data.get("wdir") or ""),
            dependencies=tuple(
                Dependency(self._path(item), self._line("deps", number))
                for number, item in enumerate(self._list(data, "deps"))
            ),
            parameters=tuple(self._parameters(self._list(data, "params"))),
            outputs=tuple(
                output
                for kind in ("outs", "metrics", "plots")
                for output in self._outputs(kind, self._list(data, kind))
            ),
            frozen=data.get("frozen") is True,
            always_changed=data.get("always_changed") is True,
        )

    def _line(self, *path: str | int) -> int:
        return self._definition.line_of(*self._inside, *path)

    def _list(self, data: Mapping[str, Any], key: str) -> list[Any]:
        value = data.get(key) or []
        if not isinstance(value, list):
            raise TemplateError(f"'{key}' is no list")
        return value

    def _path(self, item: Any) -> str:
        if not isinstance(item, (str, int, float)) or item == "":
            raise TemplateError("a path that is no text")
        return as_text(item)

    def _outputs(self, kind: str, items: list[Any]) -> Iterator[Output]:
        for number, item in enumerate(items):
            named = item if isinstance(item, dict) else {self._path(item): {}}
            for path, flags in named.items():
                known = flags if isinstance(flags, dict) else {}
                yield Output(
                    path,
                    self._line(kind, number),
                    kind,
                    cached=known.get("cache") is not False,
                    push=known.get("push") is not False,
                    remote=str(known.get("remote") or ""),
                )

    def _parameters(self, items: list[Any]) -> Iterator[Parameters]:
        """One for each file: keys add up, and a file without keys is taken as a whole."""
        keys: dict[str, list[str] | None] = {}
        lines: dict[str, int] = {}
        for number, item in enumerate(items):
            named = item if isinstance(item, dict) else {PARAMETERS: [self._path(item)]}
            for path, wanted in named.items():
                lines.setdefault(path, self._line("params", number))
                if not wanted:
                    keys[path] = None
                elif not isinstance(wanted, list):
                    raise TemplateError("'params' names keys that are no list")
                elif (known := keys.setdefault(path, [])) is not None:
                    known += map(self._path, wanted)
        for path, listed in keys.items():
            yield Parameters(path, tuple(dict.fromkeys(listed or ())), lines[path])
