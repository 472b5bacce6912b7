"""What a parameter or an option is given, as far as one call or declaration tells."""

from __future__ import annotations

from typing import NamedTuple

from mlaudit.facts.syntax import (
    AnyValue,
    Call,
    Const,
    Global,
    Local,
    PythonFacts,
    Result,
    Scope,
)

DEFAULTED: frozenset[AnyValue] = frozenset(
    Global(name)
    for name in (
        "builtins.classmethod", "builtins.property", "builtins.staticmethod",
        "contextlib.contextmanager", "functools.cache", "functools.cached_property",
        "functools.lru_cache", "tensorflow.function", "torch.no_grad", "typing.no_type_check",
    )
)  # fmt: skip
"""Decorators that hand on the arguments as they are."""
CLICK = frozenset({"click.option", "rich_click.option", "asyncclick.option"})
TYPER = frozenset({"typer.Typer.command", "typer.Typer.callback"})
TYPER_OPTIONS = frozenset({"typer.Option", "typer.Argument"})
RUNNERS = frozenset({"fire.Fire", "typer.run", "defopt.run", "tyro.cli"})
"""Calls that run a function with what the command line says."""
NONE = Const(None)
_FLAGS = {"store_true": Const(False), "store_false": Const(True)}
_UNSURE = ("nargs", "required", "const", "envvar", "prompt", "callback", "multiple")


class Given(NamedTuple):
    value: AnyValue
    call: int = -1
    """The call that passes it; -1 for a default."""
    option: str = ""
    """The option that it may be given by: `--seed`."""


def argument(call: Call, number: int, scope: Scope, name: str, method: bool) -> Given | None:
    """What a call gives to a parameter; None when that is not known."""
    explicit = call.keyword(name)
    if explicit is not None:
        return Given(explicit, number)
    if call.open:
        return None
    skip = 1 if method and call.args[:1] != (Local("self"),) else 0
    for position, parameter in enumerate(scope.parameters):
        if parameter.name != name:
            continue
        if parameter.kind in ("args", "kwargs"):
            return None
        place = position - skip
        if parameter.kind != "keyword" and 0 <= place < len(call.args):
            return Given(call.args[place], number)
        return None if parameter.default is None else Given(parameter.default)
    return None


def default(scope: Scope, name: str) -> AnyValue | None:
    """The default of a parameter."""
    return next((one.default for one in scope.parameters if one.name == name), None)


def run_by_command_line(python: PythonFacts, scope: Scope, name: str) -> Given | None:
    """The default of a parameter that fire or typer makes an option of."""
    value = default(scope, name)
    if isinstance(value, Result) and python.calls[value.call].callee in TYPER_OPTIONS:
        call = python.calls[value.call]
        value = call.keyword("default") or (call.args[0] if call.args else None)
    return Given(value, option=f"--{name}") if isinstance(value, Const) else None


def declared_option(python: PythonFacts, scope: Scope, name: str) -> Given | None:
    """What a command of click or typer is given for a parameter when the user gives nothing."""
    for decorator in scope.decorators:
        call = python.calls[decorator.call] if isinstance(decorator, Result) else None
        if call is not None and call.callee in TYPER:
            return run_by_command_line(python, scope, name)
        if call is not None and call.callee in CLICK and name in _names(call):
            return _of_click(call, name)
    return None


def _names(call: Call) -> set[str]:
    texts = (arg.value for arg in call.args if isinstance(arg, Const))
    return {t.lstrip("-").replace("-", "_") for t in texts if isinstance(t, str)}


def _of_click(call: Call, name: str) -> Given | None:
    if call.open or any(call.keyword(word) is not None for word in _UNSURE):
        return None
    flag = call.keyword("is_flag") == Const(True)
    value = call.keyword("default") or (Const(False) if flag else NONE)
    return Given(value, option=f"--{name}") if isinstance(value, Const) else None


def declared(python: PythonFacts) -> dict[str, list[int]]:
    """The calls that declare options of argparse, by the attributes that take them."""
    found: dict[str, list[int]] = {}
    for number, call in enumerate(python.calls):
        written = _written(call)
        if written.endswith(".set_defaults"):
            return {}
        if written.endswith("add_argument"):
            destination = call.keyword("dest")
            taken = _names(call) if destination is None else {_text(destination)}
            for name in taken:
                found.setdefault(name, []).append(number)
    return found


def default_of_option(call: Call) -> AnyValue | None:
    """What the option that a call declares is when it is not given; None when it must be."""
    if call.open or any(call.keyword(word) is not None for word in _UNSURE):
        return None
    action, value = call.keyword("action"), call.keyword("default")
    if isinstance(action, Const) and action.value in _FLAGS:
        return value or _FLAGS[str(action.value)]
    return value or NONE if _is_optional(call) else None


def _written(call: Call) -> str:
    return call.callee or call.local or call.method


def _text(value: AnyValue) -> str:
    return value.value if isinstance(value, Const) and isinstance(value.value, str) else ""


def _is_optional(call: Call) -> bool:
    """Declared with a dash: an argument by position must be given."""
    first = call.args[0] if call.args else None
    return isinstance(first, Const) and str(first.value).startswith("-")
