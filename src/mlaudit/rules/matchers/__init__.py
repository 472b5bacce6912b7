"""Matchers, one module a kind of `detect`. A module is imported when a rule of its kind runs.

Every module has `prepare(rule, apis)`. For `call` and `string` it returns what the engine's two
joint passes ask; for every other kind a `Matcher` that walks the project by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from mlaudit.rules.errors import RulePackError
from mlaudit.rules.model import Match, Rule

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis

Matcher: TypeAlias = "Callable[[Project], Iterator[Match]]"
"""Looks for one rule in the whole project. Honours `rule.contexts` itself."""

KINDS = {
    "analysis": "analysis",
    "call": "call",
    "config": "config",
    "credential": "credential",
    "dependency": "dependency",
    "file": "file",
    "git": "git",
    "import": "imports",
    "notebook": "notebook",
    "string": "string",
    "text": "text",
}
"""Kind of detection, and the module in this folder that does it."""


def kind_of(rule: Rule) -> str:
    """The one key of `detect`. Raises RulePackError when there is not exactly one known."""
    kinds = list(rule.detect)
    if len(kinds) != 1 or kinds[0] not in KINDS:
        raise RulePackError(
            f"needs exactly one of {', '.join(sorted(KINDS))}", file=rule.id, key="detect"
        )
    return kinds[0]


def prepare(rule: Rule, apis: Apis) -> Any:
    """What finds `rule`. Raises RulePackError when `detect` cannot be understood."""
    module = import_module(f"{__name__}.{KINDS[kind_of(rule)]}")
    return module.prepare(rule, apis)
