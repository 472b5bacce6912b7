"""Papers that describe a project to people: model cards, datasheets, change logs, READMEs.

One home for what each is called and what it has to say, for rules and for maturity alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from mlaudit.patterns import Gated
from mlaudit.repo.model import Context

if TYPE_CHECKING:
    from mlaudit.project.project import Project

LONGEST = 400_000
"""Bytes of a paper that are read."""
_PROSE = (".md", ".rst", ".txt", ".adoc", ".yaml", ".yml", ".json", ".html", ".ipynb", ".tex")
_CARD = Gated(
    r"(?:.*/)?[^/]*(?:model[-_ ]?(?:card|facts?|sheet)|fact[-_ ]?sheet)[^/]*", re.IGNORECASE
)
_SHEET = Gated(
    r"(?:.*/)?[^/]*(?:data[-_ ]?(?:sheet|card|statement|dictionary|nutrition)|dataset[-_ ]?card"
    r"|dataset_?infos?|croissant|datapackage)[^/]*",
    re.IGNORECASE,
)
_CHANGES = Gated(
    r"(?:docs?/(?:source/)?|\.github/)?(?:change[-_ ]?log|changes|history|news|release[-_ ]?notes"
    r"|releases?|whats[-_ ]?new)(?:\.\w+|/.+)?|(?:changelog|news|changes|newsfragments)\.d/.+",
    re.IGNORECASE,
)
_README = Gated(r"(?:.*/)?readme[^/]*", re.IGNORECASE)
_ASIDE = (Context.TESTS, Context.VENDORED, Context.GENERATED)
_EMPTY = r"(?im)^#+[^\n]*\n\s*\[?(?:more information needed|todo|tbd)\]?\.?\s*$"
_ENGLISH = Gated(r"\b(?:the|and|of|to|is|for|with|this)\b", re.IGNORECASE)
_FEWEST_WORDS = 5
"""Words of English in a text that is written in it."""
_TELLS = {
    "what it is for": r"intended|\buses?\b|\busage\b|purpose|application|use case|designed to",
    "what data it learned from": r"\bdata|corpus|trained on|training set|images of",
    "how good it is": r"metric|evaluat|performance|accura|\bf1\b|\bauc\b|rmse|\bmae\b|\bmape\b"
    r"|\br2\b|result|benchmark|score|precision|recall|perplexity|bleu|rouge|error rate",
    "where it fails": r"limit|caveat|\bbias|risk|out[- ]of[- ]scope|ethic|fairness|\bfails?\b"
    r"|failure|not (?:be )?(?:used|intended|suitable|recommended)|should not|weakness|drawback",
}


def model_cards(project: Project) -> Iterator[str]:
    """Paths of the model cards, sorted; not of code that writes one, nor of its templates.

    A README of the hub is one: its front matter has results of the model.
    """
    for path in _papers(project):
        if "template" in path.lower() or "{{" in path:
            continue
        hub = path.endswith("README.md") and "\nmodel-index:" in text_of(project, path)
        if hub or is_named_card(path):
            yield path


def is_named_card(path: str) -> bool:
    """Whether a file, be it text or code, is named after a model card."""
    return _CARD.fullmatch(path) is not None


def datasheets(project: Project) -> Iterator[str]:
    return (path for path in _papers(project) if _SHEET.fullmatch(path))


def change_logs(project: Project) -> Iterator[str]:
    """Those of the project as a whole."""
    return (path for path in project.files if _CHANGES.fullmatch(path))


def readmes(project: Project) -> Iterator[str]:
    return (path for path in _papers(project) if _README.fullmatch(path))


def _papers(project: Project) -> Iterator[str]:
    for path, file in project.files.items():
        name = path.rpartition("/")[2].lower()
        if file.context not in _ASIDE and (name.endswith(_PROSE) or "." not in name):
            yield path


def text_of(project: Project, path: str) -> str:
    """The text of a paper; empty when it cannot be read."""
    file = project.files.get(path)
    if file is None or file.missing:
        return ""
    try:
        return project.repo.read_head(path, LONGEST).decode("utf-8", "replace")
    except OSError:
        return ""


def is_english(text: str) -> bool:
    """Whether enough words of it are English."""
    return len(list(islice(_ENGLISH.finditer(text), _FEWEST_WORDS))) == _FEWEST_WORDS


def card_lacks(text: str) -> tuple[str, ...]:
    """What a model card does not speak of; nothing of a template, or of another language."""
    said = re.sub(_EMPTY, "", _without_comments(text))
    if "{{" in said or "{%" in said or not is_english(text):
        return ()
    return tuple(
        what for what, words in _TELLS.items() if not re.search(words, said, re.IGNORECASE)
    )


def _without_comments(text: str) -> str:
    """Markdown without what its readers do not see. By hand, for `<!--` may stand there often."""
    pieces, start = [], 0
    while (at := text.find("<!--", start)) >= 0:
        end = text.find("-->", at)
        if end < 0:
            break
        pieces.append(text[start:at])
        start = end + 3
    return "".join((*pieces, text[start:]))
