"""Papers that describe a project: what each is called, and what a card leaves out."""

from __future__ import annotations

import time

import pytest

from mlaudit.project.papers import card_lacks, is_english, is_named_card

WHOLE = """# Churn
The intended use of the model is to find those who are about to leave.
It was trained on data of 2024. Its AUC is 0.9. Limitations: it is not for new customers.
"""


@pytest.mark.parametrize(
    "path",
    ["MODEL_CARD.md", "docs/model-card.rst", "cards/churn-modelcard.yaml", "model_facts.md",
     "FactSheet.md"],
)  # fmt: skip
def test_names_of_cards(path: str) -> None:
    assert is_named_card(path)


@pytest.mark.parametrize("path", ["cards/model.md", "data_card.md", "src/models/cards.py"])
def test_names_of_others(path: str) -> None:
    assert not is_named_card(path)


def test_a_whole_card() -> None:
    assert card_lacks(WHOLE) == ()


@pytest.mark.parametrize(
    ("without", "lacks"),
    [
        ("The intended use of the model is to find", "what it is for"),
        ("data of 2024", "what data it learned from"),
        ("Its AUC is 0.9.", "how good it is"),
        ("Limitations: it is not for new customers.", "where it fails"),
    ],
)
def test_a_card_without_a_part(without: str, lacks: str) -> None:
    text = WHOLE.replace(without, "This is it, and that is all of it.").replace("trained on", "for")
    assert card_lacks(text) == (lacks,)


def test_what_nobody_filled_in_and_what_nobody_sees_says_nothing() -> None:
    text = (
        WHOLE.replace("Limitations:", "")
        + "\n<!-- limitations -->\n## Risks\n\n[More Information Needed]\n"
    )
    assert card_lacks(text) == ("where it fails",)


def test_templates_and_other_languages_are_not_judged() -> None:
    assert card_lacks("# {{ name }}\nThis is the card of the model, and it is for you.") == ()
    assert card_lacks("# Abwanderung\nDieses Modell sagt voraus, welche Kunden gehen.") == ()


def test_english() -> None:
    assert is_english("this is the end of the world and of the rest")
    assert not is_english("le chat est sur la table")


@pytest.mark.parametrize("text", ["<!--" * 100_000, "# a" + "\n" * 400_000, "#\n" * 200_000])
def test_a_hostile_card_takes_no_time(text: str) -> None:
    start = time.process_time()
    card_lacks(f"{WHOLE}{text}")
    assert time.process_time() - start < 5
