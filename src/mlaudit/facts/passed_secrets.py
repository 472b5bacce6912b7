"""Literals that calls are given as secrets, where no name of their own tells them.

`connect(host, user, "...")`, `getenv("API_TOKEN", "...")`, `post(url, auth=("user", "..."))`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlaudit.facts._credential_calls import SECRETS_OF
from mlaudit.facts.secrets import entropy, is_placeholder, is_secret_name
from mlaudit.facts.syntax import AnyValue, Binding, Call, Collection, Const, Import, Local, Text

_VALUES = frozenset({"default", "value"})
"""Keywords that bring the value of what the first argument names."""
_LIBRARIES = frozenset(
    {name.partition(".")[0] for name in SECRETS_OF} - {"os"}
    | {"requests", "httpx", "aiohttp", "elasticsearch", "opensearchpy"}
)
"""The last of which take pairs of a user and a password."""
_LAST = frozenset("dDeEtTnNyYsSkK0123456789")
"""How names of secrets end: password, passphrase, secret, token, key, pass; cheap to ask."""
_SHORTEST = 4
_SHORTEST_UNSURE = 8
_LEAST_ENTROPY = 2.5


def may_pass_secrets(imports: Sequence[Import]) -> bool:
    """Whether a file uses a library whose calls are given secrets."""
    return any((item.module or item.target).partition(".")[0] in _LIBRARIES for item in imports)


def names_secret(text: str) -> bool:
    """Whether a literal is the name of a secret."""
    return text[-1:] in _LAST and is_secret_name(text)


def passed_secrets(
    calls: Sequence[Call], bindings: Sequence[Binding], texts: Sequence[Text]
) -> frozenset[str]:
    """The literals of one file that must not be kept."""
    found: set[str] = set()
    for call in calls:
        if call.callee in SECRETS_OF:
            for value in _taken(call, *SECRETS_OF[call.callee]):
                found.update(_literals(value, bindings))
        args = call.args
        alone = len(args) + len(call.keywords) < 2
        if not alone and any(map(_is_name, args[:2])):
            found.update(_told_by_name(call))
        for name, value in call.keywords:
            if type(value) is Collection and name.endswith("auth"):
                found.update(_of_pair(value))
    return frozenset(_with_parts(found, texts)) if found else frozenset()


def _taken(call: Call, positions: tuple[int, ...], names: frozenset[str]) -> Iterator[AnyValue]:
    for position in positions:
        if position < len(call.args):
            yield call.args[position]
    for name, value in call.keywords:
        if name in names:
            yield value


def _literals(value: AnyValue, bindings: Sequence[Binding]) -> Iterator[str]:
    """The text itself, or what the variable is bound to in this file."""
    values = [value]
    if type(value) is Local:
        values = [binding.value for binding in bindings if binding.name == value.name]
    for one in values:
        if type(one) is Const and type(one.value) is str:
            text = one.value
            if len(text) >= _SHORTEST and " " not in text and not is_placeholder(text):
                yield text


def _told_by_name(call: Call) -> Iterator[str]:
    """What follows the name of a secret: `getenv("API_TOKEN", "...")`."""
    args = call.args
    first = 1 if _is_name(args[0]) else 2
    given = [*args[first:], *(value for name, value in call.keywords if name in _VALUES)]
    for value in given:
        if type(value) is Const and type(value.value) is str and _is_likely(value.value):
            yield value.value


def _is_name(value: AnyValue) -> bool:
    return type(value) is Const and type(value.value) is str and names_secret(value.value)


def _of_pair(value: Collection) -> Iterator[str]:
    """The password of `auth=(user, password)`."""
    if len(value.items) == 2:
        yield from (text for text in _literals(value.items[1], ()) if _is_likely(text))


def _is_likely(text: str) -> bool:
    return (
        len(text) >= _SHORTEST_UNSURE
        and " " not in text
        and not text.isalpha()
        and entropy(text) >= _LEAST_ENTROPY
        and not is_placeholder(text)
    )


def _with_parts(found: set[str], texts: Sequence[Text]) -> Iterator[str]:
    """And the literals that one was joined of."""
    yield from found
    parts = {text.value for text in texts if len(text.value) >= _SHORTEST}
    yield from (part for part in parts if any(part in whole for whole in found))
