"""Signs in texts for people: how to run it, what the model is, what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.project.tools import LARGEST_TEXT
from mlaudit.repo.model import Context

_ASIDE = frozenset({Context.TESTS, Context.EXAMPLES, Context.VENDORED, Context.GENERATED})
_FEWEST_WORDS = 12
_BLANKS = 2


def readme_with_run_steps(view: View) -> Iterator[Evidence]:
    """A README of the root that shows a command to run."""
    for path, facts in view.facts.items():
        name = path.rpartition("/")[2].lower()
        home = path.rpartition("/")[0]
        if home in ("", view.root.path) and name.startswith("readme") and facts.prose is not None:
            for step in facts.prose.commands:
                yield Evidence(True, "says how to run it", path, step.line)
                return


def model_card(view: View) -> Iterator[Evidence]:
    for path, _ in _cards(view):
        yield Evidence(True, "a model card", path)


def card_with_content(view: View) -> Iterator[Evidence]:
    """Cards that somebody has written."""
    for path, text in _cards(view):
        if not _is_stub(text):
            yield Evidence(True, "a model card", path)


def card_without_content(view: View) -> Iterator[Evidence]:
    """Cards that are forms nobody has filled in, where none is more."""
    cards = tuple(_cards(view))
    if cards and all(_is_stub(text) for _, text in cards):
        for path, _ in cards:
            yield Evidence(True, "a form that nobody has filled in", path)


def _cards(view: View) -> Iterator[tuple[str, str]]:
    for path, file in view.files.items():
        name = path.rpartition("/")[2]
        if file.context in _ASIDE or file.missing or "{{" in path:
            continue
        named = re.search(r"(?i)^model[-_ ]?card[^/]*\.(?:md|rst|ya?ml|json)$", name)
        if named or (name == "README.md" and "\nmodel-index:" in _text(view, path)):
            yield path, _text(view, path)


def _text(view: View, path: str) -> str:
    return view.project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")


def _is_stub(text: str) -> bool:
    blanks = re.findall(r"(?i)\[?more information needed\]?|\bTODO\b|\bTBD\b|<!-- provide", text)
    return len(blanks) >= _BLANKS or len(re.findall(r"\w{2,}", text)) < _FEWEST_WORDS


def changes_recorded(view: View) -> Iterator[Evidence]:
    """A history, and tags or a change log that say what it means."""
    git = view.project.repo.git
    for path in view.files if git is not None else ():
        if re.fullmatch(r"(?i)(?:CHANGELOG|CHANGES|HISTORY|NEWS)(?:\.(?:md|rst|txt))?", path):
            yield Evidence(True, "git keeps the changes, and a log explains them", path)
