"""Conditions on texts: what is known of one, and what else a file or a mapping says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from mlaudit.patterns import Gated
from mlaudit.rules.apis import Apis
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.parameters import regex, words
from mlaudit.rules.sites import EntrySite, Site, StringSite

_VENDOR = Gated(
    r"(?:models|openai|anthropic|google|gemini|google-gla|google-vertex|google_genai|vertex_ai"
    r"|google_vertexai|mistral|mistralai|cohere|xai|x-ai|openai-chat|openai-responses)[/:]"
)
"""What routers of models put before a model's name. `azure/` is none: a deployment follows."""


def is_listed(text: str, tables: Sequence[str], apis: Apis) -> bool:
    """Whether one of the API tables has a row of this name, a vendor before it or not."""
    vendor = _VENDOR.match(text)
    name = text[vendor.end() :] if vendor else text
    return any(name in apis.table(table) for table in tables)


def listed(data: Any) -> Callable[[StringSite], bool]:
    """API tables, one of which names the text."""
    tables = words(data)
    return lambda site: is_listed(site.value, tables, site.apis)


def mentions(data: Any) -> Callable[[Site], bool]:
    """A regular expression that finds something in a literal, or a bound name, of the file."""
    expression = regex(data)

    def holds(site: Site) -> bool:
        python = site.python
        return any(expression.search(text.value) for text in python.texts) or any(
            expression.search(binding.name) for binding in python.bindings
        )

    return holds


def beside(data: Any) -> Callable[[StringSite], bool]:
    """`{KEY: VALUE}`, regular expressions: the same mapping has such an entry, too."""
    if not isinstance(data, dict) or len(data) != 1:
        raise RulePackError("needs one key and its value, as regular expressions")
    ((key, value),) = data.items()
    wanted, content = regex(key), regex(value)

    def holds(site: StringSite) -> bool:
        if not isinstance(site, EntrySite) or site.facts.document is None:
            return False
        entry = site.entry
        return any(
            other.path[:-1] == entry.path[:-1]
            and other is not entry
            and other.document == entry.document
            and wanted.search(str(other.path[-1])) is not None
            and content.search(str(other.value)) is not None
            for other in site.facts.document.entries
            if other.path
        )

    return holds


def file_runs(data: Any) -> Callable[[StringSite], bool]:
    """A regular expression that finds something in any command of the same file."""
    expression = regex(data)

    def holds(site: StringSite) -> bool:
        return any(expression.search(command.text) for command in site.facts.runs)

    return holds
