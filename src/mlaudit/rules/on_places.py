"""Conditions on where something stands, and on the repository around it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlaudit.facts.syntax import Local
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.parameters import Table, only_true, regex, rows, words
from mlaudit.rules.sites import Site, StringSite


def imports(data: Any) -> Callable[[Site], bool]:
    """The file imports something of one of these top-level packages."""
    wanted = set(words(data))
    return lambda site: any(
        item.target.partition(".")[0] in wanted or item.module.partition(".")[0] in wanted
        for item in site.python.imports
    )


def in_function(data: Any) -> Callable[[Site], bool]:
    """A regular expression that finds something in the qualified name of the function or class."""
    expression = regex(data)

    def holds(site: Site) -> bool:
        if site.block < 0:
            return False
        scope = site.python.scopes[site.python.scope_of(site.block)]
        return expression.search(scope.qualname) is not None

    return holds


def parameter(data: Any) -> Callable[[Site], bool]:
    """A regular expression that finds something in a parameter's name of the function around."""
    expression = regex(data)

    def holds(site: Site) -> bool:
        if site.block < 0:
            return False
        scope = site.python.scopes[site.python.scope_of(site.block)]
        return any(expression.search(one.name) for one in scope.parameters)

    return holds


_LIMIT = re.compile(r"(?P<sign><|>=)(?P<version>[0-9][0-9.]*)")
_INSIDE = {
    "loop": ("for", "while", "comprehension"),
    "branch": ("if", "else", "case"),
    "with": ("with",),
    "try": ("try",),
    "except": ("except",),
}


def inside(data: Any) -> Callable[[Site], bool]:
    """Somewhere within a `loop`, `branch`, `with`, `try` or `except` of the same function."""
    for word in words(data):
        if word not in _INSIDE:
            raise RulePackError(f"needs one of {', '.join(_INSIDE)}, not '{word}'")
    kinds = {kind for word in words(data) for kind in _INSIDE[word]}

    def holds(site: Site) -> bool:
        block = site.block
        while block >= 0:
            if site.python.blocks[block].kind in kinds:
                return True
            block = site.python.blocks[block].parent
        return False

    return holds


def path(data: Any) -> Callable[[Site], bool]:
    """A regular expression that finds something in the file's path."""
    expression = regex(data)
    return lambda site: expression.search(site.path) is not None


def context(data: Any) -> Callable[[Site], bool]:
    """The file lies among the tests, examples, docs ...; see `Context`."""
    wanted = set(words(data))
    return lambda site: site.project.files[site.path].context.value in wanted


def role(data: Any) -> Callable[[StringSite], bool]:
    """What a text is used as; see `syntax.Text`, and `config` for a value in a document."""
    wanted = set(words(data))
    return lambda site: site.role in wanted


def key(data: Any) -> Callable[[StringSite], bool]:
    """A regular expression that finds something in the name that a text is given to."""
    expression = regex(data)
    return lambda site: expression.search(site.name) is not None


def text(data: Any) -> Callable[[StringSite], bool]:
    """A regular expression that finds something in the text itself."""
    expression = regex(data)
    return lambda site: expression.search(site.value) is not None


def _table(site: Site, data: Any) -> Table:
    return site.apis.once(repr(data), lambda: Table(rows(data, site.apis)))


def passed_to(data: Any) -> Callable[[StringSite], bool]:
    """The text is an argument of one of these calls; under a name that the table has, if any."""

    def holds(site: StringSite) -> bool:
        table = _table(site, data)
        row = table.find(site.callee) if site.role in ("argument", "format") else None
        if row is None:
            return False
        return not site.name or not row.arguments or site.name in row.arguments

    return holds


def used_by(data: Any) -> Callable[[StringSite], bool]:
    """The name that takes the text is passed to one of these calls in the same file."""

    def holds(site: StringSite) -> bool:
        if not site.name:
            return False
        taken = Local(site.name)
        table = _table(site, data)
        return any(
            taken in call.args or any(value == taken for _, value in call.keywords)
            for call in site.python.calls
            if call.callee and table.find(site.apis.canonical(call.callee)) is not None
        )

    return holds


def trains(data: Any) -> Callable[[Site], bool | None]:
    """A training entry point lies in the file."""
    return only_true(data, lambda site: site.project.program.trains(site.path))


def version(data: Any) -> Callable[[Site], bool | None]:
    """`{DISTRIBUTION: "<2.6"}` or `">=2.6"`: so is every version that the project may run with."""
    if not isinstance(data, dict) or len(data) != 1:
        raise RulePackError("needs one distribution and a limit, as {torch: '<2.6'}")
    ((name, limit),) = data.items()
    found = _LIMIT.fullmatch(str(limit))
    if found is None:
        raise RulePackError(f"needs '<VERSION' or '>=VERSION', not {limit!r}")
    below, number = found["sign"] == "<", found["version"]

    def holds(site: Site) -> bool | None:
        known = site.project.environment.version(site.path, name)
        if known is None:
            return None
        if known.all_below(number):
            return below
        return not below if known.all_at_least(number) else None

    return holds
