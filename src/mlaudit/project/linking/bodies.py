"""The code of the repository that runs when a function or class of it is called or handed over."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.facts.syntax import AnyValue, Result
from mlaudit.project.linking.resolution import Definition, External, Resolver

CONSTRUCTORS = ("__new__", "__init__", "__post_init__")
HOOKS = frozenset(
    {
        "__call__", "__getitem__", "__iter__", "__len__", "build", "call", "configure_model",
        "configure_optimizers", "compute_loss", "fit", "forward", "loss", "prepare_data", "run",
        "setup", "train_dataloader", "train_step", "training_step", "transform", "val_dataloader",
        "validation_step",
    }
)  # fmt: skip
"""Methods that a library calls on an object it is handed: those of models, data and callbacks."""


class Bodies:
    """Finds it; what a class inherits counts as its own."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._hooks: dict[Definition, tuple[Definition, ...]] = {}

    def hooks_of(self, owner: Definition) -> tuple[Definition, ...]:
        known = self._hooks.get(owner)
        if known is None:
            index = self._resolver.index(owner.path)
            found = [
                Definition(owner.path, number)
                for (parent, name), number in index.definitions.items()
                if parent == owner.scope and (name in HOOKS or name.startswith("on_"))
            ]
            self._hooks[owner] = ()
            for parent in self._resolver.parents(owner):
                if isinstance(parent, Definition):
                    found += self.hooks_of(parent)
            known = self._hooks[owner] = tuple(found)
        return known

    def of(self, target: Definition) -> Iterator[Definition]:
        """The functions that run when a function or class is called."""
        index = self._resolver.index(target.path)
        scope = index.facts.scopes[target.scope]
        if scope.kind != "class":
            for decorator in scope.decorators:
                yield from self._wrappers(target.path, decorator, scope.parent)
            yield target
            return
        for name in CONSTRUCTORS:
            method = self._resolver.method(target, name)
            if isinstance(method, Definition):
                yield method

    def made_in_library(self, target: Definition) -> str:
        """The library's class whose constructor a class of the repository inherits."""
        if self._resolver.index(target.path).facts.scopes[target.scope].kind != "class":
            return ""
        method = self._resolver.method(target, "__init__")
        return method.name.removesuffix(".__init__") if isinstance(method, External) else ""

    def _wrappers(self, path: str, decorator: AnyValue, scope: int) -> Iterator[Definition]:
        """The functions that a decorator of the repository puts around another."""
        if type(decorator) is Result:
            target = self._resolver.call(path, decorator.call)
        else:
            target = self._resolver.value(path, decorator, scope)
        if not isinstance(target, Definition):
            return
        scopes = self._resolver.index(target.path).facts.scopes
        for number in range(target.scope + 1, len(scopes)):
            outer = number
            while outer > target.scope:
                outer = scopes[outer].parent
            if outer == target.scope and target.scope and scopes[number].kind == "function":
                yield Definition(target.path, number)
