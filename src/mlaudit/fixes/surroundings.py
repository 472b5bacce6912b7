"""What the code around an expression lets become of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst


def may_be_list(
    node: cst.BaseExpression, parent_of: Callable[[cst.CSTNode], cst.CSTNode | None]
) -> bool:
    """Whether a list can stand in for the iterable `node` without anybody asking for more.

    A set that is kept may be added to, and operators take no list for a set: a set must be
    iterated over, or passed on, right where it is made. `next` takes no list at all.
    """
    import libcst as cst

    parent = parent_of(node)
    match parent:
        case cst.Attribute():
            return False
        case cst.For() | cst.CompFor():
            return parent.iter is node
        case cst.Arg():
            return not _is_call_of(parent_of(parent), "next")
        case _:
            return not _is_set(node)


def _is_set(node: cst.BaseExpression) -> bool:
    import libcst as cst

    return isinstance(node, cst.Set | cst.SetComp) or _is_call_of(node, "set", "frozenset")


def _is_call_of(node: cst.CSTNode | None, *names: str) -> bool:
    import libcst as cst

    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name):
        return False
    return node.func.value in names
