"""Calls whose result comes in no order that one can rely on.

A directory is listed in the order of the file system; a set of texts in that of their hashes, which
Python salts anew in each process.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlaudit.analyses.texts import Texts
from mlaudit.facts.syntax import Attribute, Global, Local, Operation, PythonFacts, Result
from mlaudit.project.values.flow import Flow, Held

LISTINGS = frozenset(
    {"os.listdir", "os.scandir", "glob.glob", "glob.iglob"}
    | {
        f"pathlib.{path}.{name}"
        for path in ("Path", "PosixPath")
        for name in ("iterdir", "glob", "rglob")
    }
)
OF_PATHS = frozenset({"iterdir", "glob", "rglob"})
SETS = frozenset({"builtins.set", "builtins.frozenset"})
HASH = "builtins.hash"
_GATE = LISTINGS | SETS | {HASH}


def candidates(python: PythonFacts) -> list[int]:
    """Calls that may list, by their names alone."""
    return [
        number
        for number, call in enumerate(python.calls)
        if (
            call.callee in _GATE
            if call.callee
            else (call.method or call.local).endswith(("iterdir", "glob"))
        )
    ]


def lists(texts: Texts, number: int) -> bool:
    """Whether a call lists a directory, or makes a set or hash of texts."""
    flow = texts.flow
    call = flow.python.calls[number]
    if call.callee in LISTINGS:
        return True
    if call.callee in SETS or call.callee == HASH:
        if not call.args:
            return call.callee == "builtins.set" and _is_filled_with_texts(texts, number)
        return texts.is_text(Held(call.args[0], flow.at_call(number)))
    base, _, name = call.local.rpartition(".")
    if (call.method or name) not in OF_PATHS:
        return False
    receiver = Local(base) if base else call.receiver
    return receiver is not None and _is_path(flow, Held(receiver, flow.at_call(number)))


def _is_filled_with_texts(texts: Texts, number: int) -> bool:
    """`words = set()`, then `words.add(text)` or `words.update(texts)`."""
    flow = texts.flow
    python = flow.python
    result = Result(number)
    names = {b.name for b in python.bindings if b.value == result and b.kind == "assign"}
    scope = flow.scope(python.calls[number].block)
    return any(
        binding.kind == "augment" and binding.name in names and texts.is_text(flow.taken(filler))
        for filler, binding in enumerate(python.bindings if names else ())
    ) or any(
        call.args
        and call.local.rpartition(".")[0] in names
        and call.local.rpartition(".")[2] in ("add", "update")
        and flow.scope(call.block) == scope
        and texts.is_text(Held(call.args[0], flow.at_call(filler)))
        for filler, call in enumerate(python.calls if names else ())
    )


def _is_path(flow: Flow, held: Held) -> bool:
    ends = list(flow.trace(held, lambda one: _path_step(flow, one)))
    return bool(ends) and all(_makes_path(flow, end) for end in ends)


def _path_step(flow: Flow, held: Held) -> Sequence[Held] | None:
    match held.value:
        case Operation(kind="/", operands=operands):
            return [Held(operands[0], held.place)]
        case Attribute(base=base, name="parent"):
            return [Held(base, held.place)]
        case Local(name=name) if name.startswith("self."):
            return [flow.taken(n) for n in flow.attribute(name, held.place)]
        case Local(name=name) if name.endswith(".parent"):
            return [Held(Local(name.removesuffix(".parent")), held.place)]
        case _:
            return None


def _makes_path(flow: Flow, held: Held) -> bool:
    if isinstance(held.value, Result):
        return flow.python.calls[held.value.call].callee.startswith("pathlib.")
    if not isinstance(held.value, Local):
        return False
    scope = flow.python.scopes[flow.scope(held.place.block)]
    return any(
        parameter.name == held.value.name and parameter.annotation == Global("pathlib.Path")
        for parameter in scope.parameters
    )
