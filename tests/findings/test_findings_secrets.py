"""A secret that was planted is in nothing that comes out."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from findings_samples import TOKEN, MakeRepo, make_match, make_rule, notebook

from mlaudit.config import Settings
from mlaudit.facts.records import Credential, FileFacts, Span
from mlaudit.findings.funnel import funnel
from mlaudit.findings.model import Finding
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Spot

PLAIN = "correct-horse-battery"
"""What only the position tells to be a secret."""
RULES = {
    "REP001": make_rule(),
    "SEC001": make_rule("SEC001", "provider-token", message="a token in {text}"),
}


def shown(
    make_repo: MakeRepo, path: str, text: str, matches: list[Match], facts: FileFacts | None = None
) -> tuple[Finding, ...]:
    repo = make_repo({path: text})
    known = {path: facts} if facts is not None else {}
    found = funnel(matches, RULES, known, repo, Settings(), date(2027, 1, 1))
    assert len(found.shown) == len(matches)
    written = msgspec.json.encode(found).decode()
    assert TOKEN not in written
    assert TOKEN[:12] not in written
    assert PLAIN not in written
    return found.shown


def test_a_token_of_a_known_shape_is_masked_for_every_rule(make_repo: MakeRepo) -> None:
    text = f'a = "{TOKEN}"\nsplit(x, "{TOKEN}")\nb = "{TOKEN}"\n'
    (finding,) = shown(make_repo, "a.py", text, [make_match(line=2)])
    assert finding.excerpt.lines[1].startswith("split(x")


@pytest.mark.parametrize("quote", ["'", '"', '"""'])
def test_the_literal_at_a_credential_finding_is_masked(make_repo: MakeRepo, quote: str) -> None:
    line = f"login(key={quote}{PLAIN}{quote}, retry=True)"
    call = Match("SEC001", Spot("a.py", Span(1, 0, 1, len(line)), code=True))
    (finding,) = shown(make_repo, "a.py", f"{line}\nsplit(x)\n", [call])
    assert "login(key=" in finding.excerpt.lines[0]
    assert ", retry=True)" in finding.excerpt.lines[0]


@pytest.mark.parametrize("notebook_file", [False, True])
def test_a_literal_over_several_lines_is_masked(make_repo: MakeRepo, notebook_file: bool) -> None:
    code = f'login("""\n{PLAIN}\n  {PLAIN}""", retry=True)\nsplit(x)\n'
    path = "n.ipynb" if notebook_file else "a.py"
    text, facts = notebook(path, [code]) if notebook_file else (code, None)
    call = Match("SEC001", Spot(path, Span(1, 0, 3, len(PLAIN) + 18), code=True))
    found = shown(make_repo, path, text, [call, make_match(path, 3), make_match(path, 4)], facts)
    assert found[0].excerpt.lines[0].strip("*") == 'login("""'
    assert "retry=True" in found[0].excerpt.lines[-1]


def test_neighbours_of_a_credential_finding_do_not_show_it(make_repo: MakeRepo) -> None:
    line = f'key = "{PLAIN}"'
    secret = Match("SEC001", Spot("a.py", Span(1, 6, 1, len(line)), code=True))
    found = shown(make_repo, "a.py", f"{line}\nsplit(x)\n", [secret, make_match(line=2)])
    assert found[1].excerpt.lines[1] == "split(x)"
    assert "split(x)" in found[1].excerpt.context


def test_spans_of_the_facts_are_masked_in_place(make_repo: MakeRepo) -> None:
    line = f"fetch('{PLAIN}', split)"
    span = Span(1, 8, 1, 8 + len(PLAIN))
    facts = FileFacts(
        "a.py", Kind.PYTHON, credentials=(Credential("url", span, "cor", len(PLAIN), "d"),)
    )
    column = line.index("split")
    (finding,) = shown(make_repo, "a.py", line, [make_match(column=column)], facts)
    excerpt = finding.excerpt
    assert excerpt.lines == (f"fetch('cor{'*' * (len(PLAIN) - 3)}', split)",)
    assert excerpt.lines[0][excerpt.mark_start : excerpt.mark_end] == "split"


def test_the_mark_follows_what_masking_moved(make_repo: MakeRepo) -> None:
    line = f'use("{TOKEN}", split)'
    (finding,) = shown(make_repo, "a.py", line, [make_match(column=line.index("split"))])
    excerpt = finding.excerpt
    assert excerpt.lines[0][excerpt.mark_start : excerpt.mark_end] == "split"
    assert excerpt.snippet == "split"


def test_a_file_of_settings_shows_no_value(make_repo: MakeRepo) -> None:
    facts = FileFacts(".env", Kind.DOTENV)
    match = Match("REP001", Spot(".env", Span(2, 1, 2, 4)))
    (finding,) = shown(make_repo, ".env", f"A={PLAIN}\nB = {PLAIN}\nC={PLAIN}\n", [match], facts)
    assert finding.excerpt.lines[1].startswith("B =*")


def test_a_file_that_is_a_secret_shows_nothing(make_repo: MakeRepo) -> None:
    whole = Match("SEC001", Spot("key.txt"))
    other = Match("REP001", Spot("key.txt", Span(2, 1, 2, 3)))
    found = shown(make_repo, "key.txt", f"{PLAIN}\n{PLAIN}\n{PLAIN}\n", [whole, other])
    assert found[0].excerpt.lines == ()


@pytest.mark.parametrize("indent", [1, None])
def test_a_notebook_keeps_its_secrets(make_repo: MakeRepo, indent: int | None) -> None:
    code = f'import x\nlogin(key="{PLAIN}")\nsplit("{TOKEN}")\n'
    text, facts = notebook("n.ipynb", [code], indent=indent)
    call = Match("SEC001", Spot("n.ipynb", Span(2, 0, 2, 33), code=True))
    found = shown(make_repo, "n.ipynb", text, [call, make_match("n.ipynb", 3)], facts)
    assert found[0].excerpt.lines[0].startswith('login(key="***')
    assert found[1].excerpt.lines[1].startswith("split(")


def test_words_in_messages_are_masked(make_repo: MakeRepo) -> None:
    match = Match("SEC001", Spot("a.py", Span(1, 0, 1, 1), code=True), {"text": f'"{TOKEN}"'})
    (finding,) = shown(make_repo, "a.py", "x\n", [match])
    assert finding.message.startswith('a token in "hf_')


def test_giant_lines_are_cut(make_repo: MakeRepo) -> None:
    line = "a" * 3_000_000 + " split(x) " + f"'{TOKEN}'" + "b" * 3_000_000
    (finding,) = shown(make_repo, "a.py", f"x\n{line}\ny\n", [make_match(line=2, column=3_000_001)])
    excerpt = finding.excerpt
    assert max(map(len, excerpt.lines)) <= 240
    assert excerpt.lines[1][excerpt.mark_start : excerpt.mark_end] == "split"
    assert (excerpt.snippet, excerpt.context) == ("split", "")
