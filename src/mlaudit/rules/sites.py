"""Places that rules are tried on, and what may be asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.records import Entry, FileFacts, Span
from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Import,
    Local,
    PythonFacts,
    Secret,
    Text,
)
from mlaudit.rules.model import Spot
from mlaudit.rules.unpacked import with_known_options

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis


class Site:
    """A place in one file."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis) -> None:
        self.project = project
        self.facts = facts
        self.apis = apis

    @property
    def path(self) -> str:
        return self.facts.path

    @property
    def python(self) -> PythonFacts:
        return self.facts.python or PythonFacts()

    @property
    def block(self) -> int:
        """Index of the block of Python that the place lies in; -1 outside Python."""
        return -1

    def spot(self) -> Spot:
        raise NotImplementedError

    def values(self) -> dict[str, str]:
        """What fills the placeholders of the rule's message."""
        return {}

    def constant(self, value: AnyValue) -> Const | Secret | None:
        """The literal that `value` stands for, None when that is not known."""
        if isinstance(value, Const | Secret):
            return value
        if not isinstance(value, Local) or self._is_parameter(value.name):
            return None
        found = self.project.program.constant(self.path, value, self.block)
        return found if found is not None else self._assigned_secret(value)

    def _is_parameter(self, name: str) -> bool:
        """Of the function that the place lies in: then its value may be any."""
        if self.block < 0:
            return False
        scope = self.python.scopes[self.python.scope_of(self.block)]
        return any(parameter.name == name for parameter in scope.parameters)

    def _assigned_secret(self, value: Local) -> Secret | None:
        taken = [b.value for b in self.python.bindings if b.name == value.name]
        return taken[0] if len(taken) == 1 and isinstance(taken[0], Secret) else None


class CallSite(Site):
    """A call, under its public name."""

    def __init__(
        self,
        project: Project,
        facts: FileFacts,
        apis: Apis,
        call: Call,
        index: int,
        name: str,
    ) -> None:
        super().__init__(project, facts, apis)
        self.call = with_known_options(self.python, call) if call.open else call
        self.index = index
        """In `PythonFacts.calls`; -1 for the store of an item, which is seen as a call, too."""
        self.name = name
        self.arguments: Mapping[str, int | None] = {}
        """Arguments that the rule is about, with their positions."""

    @property
    def block(self) -> int:
        return self.call.block

    def spot(self) -> Spot:
        call = self.call
        span = Span(call.line, call.column, call.end_line, call.end_column)
        return Spot(self.path, span, code=True)

    def values(self) -> dict[str, str]:
        callee = self.name.removesuffix(".__setitem__").removesuffix(".__set__")
        name = callee if callee != self.name else callee.rpartition(".")[2]
        written = (one for one in self.arguments if self.argument(one) is not None)
        argument = next(written, next(iter(self.arguments), ""))
        position = self.arguments.get(argument)
        given = self.argument(argument) if argument else None
        literal = self.constant(given) if given is not None else None
        text = literal.value if isinstance(literal, Const) else None
        return {
            "callee": callee,
            "name": name,
            "argument": argument,
            "position": "" if position is None else str(position),
            "text": shortened(text) if isinstance(text, str) else "",
        }

    def argument(self, name: str) -> AnyValue | None:
        """What is written for the argument; None when nothing is (see `Call.open`).

        A number as name means that position. `*args` before a position hide what is there.
        """
        given = None if name.isdigit() else self.call.keyword(name)
        if given is not None:
            return given
        position = int(name) if name.isdigit() else self.arguments.get(name)
        if position is None or position >= len(self.call.args):
            return None
        before = self.call.args[: position + 1]
        return None if any(_unpacks(arg) for arg in before) else before[-1]

    def given(self, name: str) -> list[AnyValue]:
        """What is written for it; for `$argument`, for each argument that the rule is about."""
        names = list(self.arguments) if name == "$argument" else [name]
        return [value for value in map(self.argument, names) if value is not None]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names and attributes in this file that take the result."""
        from mlaudit.rules.values import bound_names

        return bound_names(self.python, self.index)


def _unpacks(value: AnyValue) -> bool:
    from mlaudit.facts.syntax import Operation

    return isinstance(value, Operation) and value.kind == "*" and len(value.operands) == 1


class StringSite(Site):
    """A text that rules on strings look at."""

    def __init__(
        self,
        project: Project,
        facts: FileFacts,
        apis: Apis,
        value: str,
        role: str,
        name: str = "",
        callee: str = "",
    ) -> None:
        super().__init__(project, facts, apis)
        self.value = value
        self.role = role
        """As in `syntax.Text`; `config` for a value in a document, `command` for a command."""
        self.name = name
        """Parameter, variable or key that takes the text; empty when there is none."""
        self.callee = callee
        """Public name of what is called with it, for a role of `argument`."""

    def values(self) -> dict[str, str]:
        return {"text": shortened(self.value), "name": self.name}


class TextSite(StringSite):
    """A string literal of Python."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis, text: Text) -> None:
        callee = apis.canonical(text.callee)
        super().__init__(project, facts, apis, text.value, text.role, text.name, callee)
        self.text = text

    @property
    def block(self) -> int:
        return self.text.block

    def spot(self) -> Spot:
        text = self.text
        span = Span(text.line, text.column, text.end_line, text.end_column)
        return Spot(self.path, span, code=True)


class EntrySite(StringSite):
    """A string in a YAML, TOML or JSON document; its name is the innermost key."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis, entry: Entry) -> None:
        value = entry.value if isinstance(entry.value, str) else ""
        keys = [part for part in entry.path if isinstance(part, str)]
        super().__init__(project, facts, apis, value, "config", keys[-1] if keys else "")
        self.entry = entry

    def spot(self) -> Spot:
        return Spot(self.path, Span(self.entry.value_line, self.entry.value_column))


class ImportSite(Site):
    """One imported name."""

    def __init__(self, project: Project, facts: FileFacts, apis: Apis, item: Import) -> None:
        super().__init__(project, facts, apis)
        self.item = item

    @property
    def block(self) -> int:
        return self.item.block

    def spot(self) -> Spot:
        return Spot(self.path, Span(self.item.line, self.item.column), code=True)

    def values(self) -> dict[str, str]:
        return {"name": self.item.target, "module": self.item.module or self.item.target}


def shortened(text: str) -> str:
    """Short enough for a message."""
    return text if len(text) <= 80 else text[:77] + "..."
