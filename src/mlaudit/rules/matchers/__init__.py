"""Matchers, one module a kind of `detect`. A module is imported when a rule of its kind runs.

Every module has `prepare(rule, apis)`. For `call` and `string` it returns what the engine's two
joint passes ask; for every other kind a `Matcher` that walks the project by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec.structs import replace

from mlaudit.rules.errors import RulePackError
from mlaudit.rules.model import Match, Rule

if TYPE_CHECKING:
    from mlaudit.facts.records import FileFacts
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
    "practice": "practice",
    "string": "string",
    "text": "text",
}
"""Kind of detection, and the module in this folder that does it."""


def in_context(project: Project, rule: Rule) -> Iterator[FileFacts]:
    """The selected files that the rule applies to, by their context."""
    for path, facts in project.facts.items():
        file = project.files.get(path)
        if file is not None and file.context.value in rule.contexts and project.repo.selected(path):
            yield facts


def parts_of(rule: Rule) -> list[Rule]:
    """The rule, or one for each detection in `any: [...]`. Raises RulePackError."""
    if list(rule.detect) != ["any"]:
        return [rule]
    several = rule.detect["any"]
    if not isinstance(several, list) or not all(isinstance(one, dict) for one in several):
        raise RulePackError("needs a list of detections", file=rule.id, key="detect.any")
    return [replace(rule, detect=detection) for detection in several]


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
    kind = kind_of(rule)
    module = import_module(f"{__name__}.{KINDS[kind]}")
    try:
        return module.prepare(rule, apis)
    except RulePackError as error:
        key = ".".join(part for part in ("detect", kind, error.key) if part)
        raise RulePackError(error.problem, file=rule.id, key=key) from None
    except (KeyError, TypeError, ValueError) as error:
        raise RulePackError(
            f"cannot be understood ({type(error).__name__}: {error})",
            file=rule.id,
            key=f"detect.{kind}",
        ) from error
