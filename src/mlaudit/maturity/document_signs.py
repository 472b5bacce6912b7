"""Signs in texts for people: how to run it, what the model is, what has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.project.papers import change_logs, text_of
from mlaudit.repo.model import Context
from mlaudit.repo.tags import is_tagged

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
    for path in view.project.model_cards:
        file = view.files.get(path)
        if file is not None and file.context is not Context.EXAMPLES and not file.missing:
            yield path, text_of(view.project, path)


def _is_stub(text: str) -> bool:
    blanks = re.findall(r"(?i)\[?more information needed\]?|\bTODO\b|\bTBD\b|<!-- provide", text)
    return len(blanks) >= _BLANKS or len(re.findall(r"\w{2,}", text)) < _FEWEST_WORDS


def changes_recorded(view: View) -> Iterator[Evidence]:
    """A history, and tags or a change log that say what it means."""
    if view.project.repo.git is None:
        return
    for path in change_logs(view.project):
        if path in view.files:
            yield Evidence(True, "git keeps the changes, and a log explains them", path)
    if is_tagged(view.project.repo):
        yield Evidence(True, "git keeps the changes, and tags name the releases", ".")
