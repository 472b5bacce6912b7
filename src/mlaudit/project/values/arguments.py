"""What a parameter is on one way through a program: what the caller passes, or the default."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.syntax import Call, Global, Result, Scope
from mlaudit.project.documents import Documents
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.resolution import Definition
from mlaudit.project.values.given import (
    DEFAULTED,
    RUNNERS,
    Given,
    argument,
    declared_option,
    default,
    run_by_command_line,
)
from mlaudit.project.values.known import Asked, Known

if TYPE_CHECKING:
    from mlaudit.project.values.values import Values


class Arguments:
    def __init__(self, values: Values, documents: Documents) -> None:
        self._values = values
        self._documents = documents

    def of(self, name: str, asked: Asked) -> Known | None:
        """What the caller passes, or the default."""
        frame = asked.frame
        given = self._given(name, self._values.python(frame.path).scopes[frame.scope], frame)
        if given is None:
            return None
        if given.call < 0:
            outer = Frame(frame.path, 0)
            there = asked._replace(frame=outer, place=self._values.flow(frame.path).end(0))
        elif frame.outer is not None:
            place = self._values.flow(frame.outer.path).at_call(given.call)
            there = asked._replace(frame=frame.outer, place=place)
        return self._values.find(there.then(given.value).on(given.option))

    def _given(self, name: str, scope: Scope, frame: Frame) -> Given | None:
        python = self._values.python(frame.path)
        declared = declared_option(python, scope, name) or self._configured(frame, scope, name)
        if declared is not None:
            return declared
        if any(decorator not in DEFAULTED for decorator in scope.decorators):
            return None
        if frame.outer is None:
            value = default(scope, name)
            return None if value is None else Given(value)
        if frame.call < 0:
            return None
        call = self._values.python(frame.outer.path).calls[frame.call]
        if frame.held:
            runs = call.callee in RUNNERS
            return run_by_command_line(python, scope, name) if runs else None
        if self._is_indirect(frame.outer, call, frame):
            return None
        static = Global("builtins.staticmethod") in scope.decorators
        method = python.scopes[scope.parent].kind == "class" and not static
        return argument(call, frame.call, scope, name, method)

    def _configured(self, frame: Frame, scope: Scope, name: str) -> Given | None:
        """The configuration that Hydra hands to the function that it runs."""
        for decorator in scope.decorators if scope.parameters[0].name == name else ():
            if isinstance(decorator, Result):
                call = self._values.python(frame.path).calls[decorator.call]
                if call.callee == "hydra.main":
                    found = self._documents.of_hydra(frame.path, call)
                    return None if found is None else Given(found)
        return None

    def _is_indirect(self, outer: Frame, call: Call, frame: Frame) -> bool:
        """Called under another name: `functools.partial` may have given it more arguments."""
        name = self._values.python(frame.path).scopes[frame.scope].name
        if (call.callee or call.local or call.method).rpartition(".")[2] == name:
            return False
        target = self._values.resolver.call(outer.path, frame.call)
        return not (isinstance(target, Definition) and self._values.is_class(target))
