from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.patterns import Gated, literal_in


@pytest.mark.parametrize(
    ("expression", "literal"),
    [
        (r"dvc\.yaml", "dvc.yaml"),
        (r"\.github/workflows/[^/]+\.ya?ml", ".github/workflows/"),
        (r"(?:^|[;&|])(?:\w+=\S+\s+)*(kubectl argo rollouts)(?![\w-])", "kubectl argo rollouts"),
        (r"pip3? (?:install|sync)", "pip"),
        (r"git (?:clone|pull)", "git "),
        (r"ab?c", "a"),
        (r"ab*c", "a"),
        (r"ab{0}c", "a"),
        (r"a{10,20}", ""),
        (r"ab+c", "ab"),
        (r"gcr\.?io", "gcr"),
        (r"one|other", ""),
        (r"(?:one|other) more", " more"),
        (r"(?:a(?:b|c)|d\))tail", "tail"),
        (r"[()|]inside[]x]", "inside"),
        (r"[^]]+end", "end"),
        (r"\(open", "open"),
        (r"(?:^|/)(?:a/(?P<name>bcd)[^/]+)$", "bcd"),
        (r"(?:abc)?d(?:ef)*(?=ghi)", "d"),
        (r"\x41\u0042\0331", ""),
        (r"\d+ files", " files"),
        (r"(?i)name", ""),
        (r"(?mi)name", ""),
        (r"(?x) na me", ""),
        (r"(?m)^name", "name"),
        (r"(?<=x)name$", "name"),
        (r"(?!no)name", "name"),
        ("", ""),
    ],
)
def test_literal_of_an_expression(expression, literal):
    assert literal_in(expression) == literal


@given(
    st.lists(
        st.sampled_from(
            [
                *"ab./",
                r"\.",
                "a?",
                "b*",
                "(?:a|b)",
                "(?:ab)",
                "(?:a)?",
                "(b/)*",
                "(?=a)",
                "(?!b)",
                "[ab]",
                "a+",
                r"\w",
                "a{0}",
                "|",
            ]
        )
    ),
    st.text("ab./x", max_size=8),
)
def test_gate_hides_nothing(parts, text):
    expression = "".join(parts)
    for way in ("search", "match", "fullmatch"):
        plain = getattr(re.compile(expression), way)(text)
        gated = getattr(Gated(expression), way)(text)
        assert (plain and plain.span()) == (gated and gated.span())


def test_flags_open_the_gate():
    assert Gated("NAME", re.IGNORECASE).search("a name")
    assert Gated("na me", re.VERBOSE).search("a name")
    assert [found[0] for found in Gated(r"n\w").finditer("na no on")] == ["na", "no"]
    assert not [*Gated("name").finditer("other")]
