"""Conditions on where bytes come from: this repository, or a place that others can write to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlaudit.facts.syntax import Const
from mlaudit.rules.parameters import Table, only_true, regex, rows
from mlaudit.rules.provenance import Search
from mlaudit.rules.sites import CallSite

_CHECKS = re.compile(
    r"(?i)hashlib|hmac|sha_?(?:1|256|512)|md5|blake2|checksum|digest|signature|verif(?:y|ied)"
)
_ALL = {"api": ["remote.fetches", "remote.buckets", "remote.requests"]}


def fetched(data: Any) -> Callable[[CallSite], bool]:
    """`{argument: NAME}`: the bytes were fetched from another machine, or sent by one.

    Through names, functions of the repository and files written on the way. `by: {api: TABLES}`
    names the calls that fetch, whose arguments in the table are where they write; `url: REGEX`
    must find something in the literal address.
    """
    name, by = str(data["argument"]), data.get("by", _ALL)
    url = regex(data["url"]) if "url" in data else None

    def holds(site: CallSite) -> bool:
        table = site.apis.once(f"fetched {by!r}", lambda: Table(rows(by, site.apis)))
        search = Search(site.project, site.apis, table, url)
        return any(
            search.file(site.path).is_remote(value, site.index, 0) for value in site.given(name)
        )

    return holds


def verified(data: Any) -> Callable[[CallSite], bool | None]:
    """The function around computes or compares a checksum, or calls what is named so."""
    return only_true(data, _is_verified)


def _is_verified(site: CallSite) -> bool:
    scope = site.python.scope_of(site.block)
    return any(
        _CHECKS.search(call.callee or call.local or call.method)
        or any(_CHECKS.search(name) for name, _ in call.keywords)
        for call in site.python.calls
        if site.python.scope_of(call.block) == scope
    )


def in_repository(data: Any) -> Callable[[CallSite], bool | None]:
    """The literal that the named argument is given is a file or folder of the repository."""
    name = str(data)
    known: list[str] = []

    def holds(site: CallSite) -> bool | None:
        literals = [site.constant(value) for value in site.given(name)]
        if not literals or None in literals:
            return None
        if not known:
            known.append("\n".join(f"/{path}/" for path in site.project.files))
        return any(
            isinstance(one, Const)
            and isinstance(one.value, str)
            and f"/{one.value.strip('/')}/" in known[0]
            for one in literals
        )

    return holds
