"""Options of a command line that decide whether something is done at all."""

from __future__ import annotations

from mlaudit.facts.syntax import AnyValue, Block, Call, Const, Local, Operation, PythonFacts

NONE = Const(None)


def option_behind(python: PythonFacts, number: int) -> str:
    """The option of argparse without which a call is not made: `--seed`; empty when there is none.

    The call stands under `if args.seed is not None:` or `if args.seed:`, and the option has no
    default.
    """
    block = python.calls[number].block
    while block >= 0:
        name = _wanted(python.blocks[block])
        if name:
            declared = _declared(python, name)
            if declared is not None and declared.keyword("default") in (None, NONE):
                return f"--{name}"
        block = python.blocks[block].parent
    return ""


def _wanted(block: Block) -> str:
    """The attribute that must not be None for the block to run."""
    if block.kind != "if" or block.value is None:
        return ""
    test: AnyValue = block.value
    if isinstance(test, Operation) and test.kind in ("is-not", "!=") and NONE in test.operands:
        test = test.operands[0]
    if not isinstance(test, Local):
        return ""
    return test.name.partition(".")[2]


def _declared(python: PythonFacts, name: str) -> Call | None:
    """The call of `add_argument` that declares an option."""
    flags = {Const(f"--{name}"), Const(f"--{name.replace('_', '-')}")}
    for call in python.calls:
        written = call.callee or call.local or call.method
        if written.endswith("add_argument") and not flags.isdisjoint(
            arg for arg in call.args if isinstance(arg, Const)
        ):
            given = call.open or call.keyword("action") or call.keyword("required")
            return None if given else call
    return None
