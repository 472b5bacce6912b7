from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest
from findings_samples import MakeRepo, make_match, make_rule, notebook

from mlaudit.config import Allow, Settings
from mlaudit.facts.records import FileFacts, Span, Suppression
from mlaudit.findings.funnel import funnel
from mlaudit.findings.model import Funnel, UnusedSuppression
from mlaudit.repo.model import Context, Kind, Repo
from mlaudit.rules.model import Confidence, Match, Persona, Related, Rule, Severity, Spot

TODAY = date(2027, 1, 31)
RULES = {
    rule.id: rule
    for rule in (
        make_rule(),
        make_rule("REP002", "unseeded-model", severity=Severity.ERROR),
        make_rule("LEA001", "fit-before-split", persona=Persona.PEDANTIC),
        make_rule("ENV003", "missing-lock-file", scope="repository", contexts=("config",)),
        make_rule("SEC001", "provider-token", contexts=("src", "tests"), message="a token"),
    )
}
SOURCE = "import x\na = split(b)\nc = split(d)\n"


def sift(
    repo: Repo,
    matches: Sequence[Match],
    facts: Mapping[str, FileFacts] | None = None,
    rules: Mapping[str, Rule] = RULES,
    **settings: object,
) -> Funnel:
    return funnel(matches, rules, facts or {}, repo, Settings(**settings), TODAY)  # type: ignore[arg-type]


def ids(found: Funnel) -> list[str]:
    return [finding.rule.id for finding in found.shown]


def suppressing(*suppressions: Suppression, path: str = "a.py") -> dict[str, FileFacts]:
    return {path: FileFacts(path, Kind.PYTHON, suppressions=suppressions)}


def test_a_match_becomes_a_finding(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    related = (Related(Spot("a.py", Span(3, 4, 3, 9), code=True), "and here"),)
    found = sift(repo, [make_match(line=2, column=4, related=related)])

    (finding,) = found.shown
    assert finding.message == "'split' is not seeded"
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.HIGH)
    assert (finding.place.line, finding.place.column, finding.place.end_column) == (2, 5, 10)
    assert finding.excerpt.lines == ("import x", "a = split(b)")
    assert finding.excerpt.snippet == "split"
    assert finding.excerpt.context.startswith("import x\na = split(b)\nc = split(d)")
    assert finding.remedy == "Pass a seed."
    assert finding.line_hash.endswith(":1")
    assert [(one.place.line, one.message) for one in finding.related] == [(3, "and here")]
    assert found.held == {}


def test_findings_are_sorted_whatever_the_order_of_matches(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE, "b.py": SOURCE})
    matches = [
        make_match("a.py", 2, "REP001", column=4),
        make_match("a.py", 2, "REP002", column=4),
        make_match("a.py", 3, "REP001"),
        make_match("b.py", 1, "REP001"),
    ]
    found = sift(repo, matches)
    assert sift(repo, matches[::-1]) == found
    order = [(f.place.path, f.place.line, f.rule.id) for f in found.shown]
    assert order == sorted(order)
    assert len(order) == 4


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, ["REP001", "REP002"]),
        ({"select": ("REP",)}, ["REP001", "REP002"]),
        ({"select": ("unseeded-model",)}, ["REP002"]),
        ({"select": ("REP",), "ignore": ("REP001",)}, ["REP002"]),
        ({"select": ("REP001",), "ignore": ("REP",)}, ["REP001"]),
        ({"ignore": ("unseeded-split",)}, ["REP002"]),
        ({"ignore": ("ALL",)}, []),
        ({"select": ("LEA", "REP002"), "persona": Persona.PEDANTIC}, ["LEA001", "REP002"]),
        ({"select": ("fit-before-split",)}, ["LEA001"]),
        ({"min_severity": Severity.ERROR}, ["REP002"]),
    ],
)
def test_selection(make_repo: MakeRepo, settings: dict[str, object], expected: list[str]) -> None:
    repo = make_repo({"a.py": SOURCE})
    matches = [make_match(rule=id_) for id_ in ("REP001", "REP002", "LEA001")]
    found = sift(repo, matches, **settings)
    assert ids(found) == sorted(expected)
    assert sum(found.held.values()) == 3 - len(expected)


def test_what_is_held_back_is_counted_by_reason(make_repo: MakeRepo) -> None:
    repo = make_repo(
        dict.fromkeys(("a.py", "b.py", "t.py"), SOURCE),
        contexts={"t.py": Context.TESTS},
        selection=frozenset({"a.py", "t.py"}),
    )
    matches = [
        make_match(),
        make_match(),
        make_match(line=2, severity=Severity.NOTE),
        make_match(line=3, confidence=Confidence.LOW),
        make_match(rule="LEA001"),
        make_match("b.py"),
        make_match("t.py"),
        make_match(rule="REP002"),
        make_match(rule="ENV003"),
        make_match(line=2, column=3),
    ]
    found = sift(
        repo,
        matches,
        suppressing(Suppression(("REP001",), 99)),
        ignore=("REP002",),
        min_severity=Severity.WARNING,
        min_confidence=Confidence.MEDIUM,
        allow=(Allow("REP001", "known", ("nothing/",)),),
    )
    assert len(found.shown) == 2
    assert found.held == {
        "not selected": 1, "path": 2, "context": 1, "duplicate": 1,
        "severity": 1, "confidence": 1, "persona": 1,
    }  # fmt: skip
    assert sum(found.held.values()) + len(found.shown) == len(matches)


def test_the_worst_of_equal_matches_is_kept(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    found = sift(repo, [make_match(severity=Severity.NOTE), make_match(severity=Severity.ERROR)])
    assert [finding.severity for finding in found.shown] == [Severity.ERROR]


@pytest.mark.parametrize(
    ("context", "shown"),
    [
        (Context.SRC, [Severity.ERROR, Severity.WARNING, Severity.NOTE]),
        (Context.SCRIPTS, [Severity.ERROR, Severity.WARNING, Severity.NOTE]),
        (Context.EXAMPLES, [Severity.WARNING, Severity.NOTE, Severity.NOTE]),
        (Context.TESTS, []),
        (Context.DOCS, []),
        (Context.VENDORED, []),
        (Context.GENERATED, []),
    ],
)
def test_contexts(make_repo: MakeRepo, context: Context, shown: list[Severity]) -> None:
    repo = make_repo({"a.py": SOURCE}, contexts={"a.py": context})
    matches = [make_match(line=n, severity=s) for n, s in enumerate(reversed(Severity), 1)]
    found = sift(repo, matches[::-1])
    assert sorted((f.severity for f in found.shown), key=lambda s: -s.rank) == shown


def test_a_rule_may_name_tests(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE}, contexts={"a.py": Context.TESTS})
    assert ids(sift(repo, [make_match(rule="SEC001"), make_match()])) == ["SEC001"]


def test_a_finding_about_the_repository_has_no_context(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE}, contexts={"a.py": Context.DOCS})
    found = sift(repo, [Match("ENV003", Spot("a.py")), Match("ENV003", Spot("absent.lock"))])
    assert [(f.place.path, f.place.line, f.whole_repository) for f in found.shown] == [
        ("a.py", 1, True),
        ("absent.lock", 1, True),
    ]
    assert found.shown[0].excerpt.lines == ()


# Suppressions


@pytest.mark.parametrize("word", ["REP001", "unseeded-split"])
@pytest.mark.parametrize(
    ("line", "own_line", "match_line"), [(2, False, 2), (1, True, 2), (2, True, 3)]
)
def test_a_comment_suppresses(
    make_repo: MakeRepo, word: str, line: int, own_line: bool, match_line: int
) -> None:
    repo = make_repo({"a.py": SOURCE})
    comment = Suppression((word,), line, "a demo", own_line=own_line)
    found = sift(repo, [make_match(line=match_line)], suppressing(comment))
    assert found.shown == ()
    assert [(f.rule.id, why) for f, why in found.suppressed] == [("REP001", "a demo")]
    assert (found.held, found.unused) == ({"suppressed": 1}, ())


@pytest.mark.parametrize(
    "comment",
    [
        Suppression(("REP002",), 2),
        Suppression(("REP",), 2),
        Suppression(("REP001",), 1),
        Suppression(("REP001",), 2, own_line=True),
        Suppression(("REP001",), 2, until="2027-01-30"),
        Suppression(("REP001",), 2, until="soon"),
    ],
)
def test_a_comment_does_not_suppress(make_repo: MakeRepo, comment: Suppression) -> None:
    repo = make_repo({"a.py": SOURCE})
    found = sift(repo, [make_match(line=2)], suppressing(comment))
    assert ids(found) == ["REP001"]
    assert [one.rules for one in found.unused] == [comment.rules]


def test_a_comment_holds_until_the_end_of_its_last_day(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    comment = Suppression(("REP001",), 2, until=TODAY.isoformat())
    assert sift(repo, [make_match(line=2)], suppressing(comment)).shown == ()


def test_a_comment_may_stand_behind_the_end_of_a_call(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": "f(\n  x,\n)\n"})
    match = make_match(spot=Spot("a.py", Span(1, 0, 3, 1), code=True))
    for line, count in ((1, 0), (2, 1), (3, 0)):
        facts = suppressing(Suppression(("REP001",), line))
        assert len(sift(repo, [match], facts).shown) == count


def test_comments_of_their_own_stack(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    facts = suppressing(
        Suppression(("REP001",), 1, own_line=True), Suppression(("REP002",), 2, own_line=True)
    )
    matches = [make_match(line=3), make_match(line=3, rule="REP002")]
    found = sift(repo, matches, facts)
    assert (found.shown, found.unused) == ((), ())


def test_what_suppresses_nothing_is_named(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    facts = suppressing(
        Suppression(("REP001", "REP002", "no-rule"), 2),
        Suppression(("LEA001",), 3),
        Suppression(("REP001",), 3, until="2026-01-01"),
    )
    found = sift(repo, [make_match(line=2)], facts)
    assert found.unused == (
        UnusedSuppression("a.py", 2, ("REP002",), "nothing to suppress"),
        UnusedSuppression("a.py", 2, ("no-rule",), "no such rule"),
        UnusedSuppression("a.py", 3, ("REP001",), "expired on 2026-01-01"),
    )


def test_settings_allow_with_a_reason(make_repo: MakeRepo) -> None:
    repo = make_repo({"src/a.py": SOURCE, "old/a.py": SOURCE, "old/deep/b.py": SOURCE})
    matches = [make_match(file.path) for file in repo.files]
    found = sift(repo, matches, allow=(Allow("unseeded-split", "goes away", ("old/",)),))
    assert [f.place.path for f in found.shown] == ["src/a.py"]
    assert [why for _, why in found.suppressed] == ["goes away", "goes away"]
    assert found.held == {"allowed": 2}
    assert sift(repo, matches, allow=(Allow("REP001", "all"),)).shown == ()


def test_a_notebook_is_suppressed_by_comment_and_by_metadata(make_repo: MakeRepo) -> None:
    import msgspec

    text, facts = notebook("n.ipynb", ["import x\n", "split(b)\nfit(c)\n"])
    repo = make_repo({"n.ipynb": text})
    match = make_match("n.ipynb", 2)
    commented = msgspec.structs.replace(facts, suppressions=(Suppression(("REP001",), 2, "demo"),))
    assert sift(repo, [match], {"n.ipynb": facts}).held == {}
    assert sift(repo, [match], {"n.ipynb": commented}).held == {"suppressed": 1}

    assert facts.notebook is not None
    first, second = facts.notebook.cells
    for cells, shown, unused in (
        ((first, msgspec.structs.replace(second, suppress=("unseeded-split",))), 0, 0),
        ((msgspec.structs.replace(first, suppress=("unseeded-split",)), second), 1, 1),
    ):
        book = msgspec.structs.replace(facts.notebook, cells=cells)
        found = sift(repo, [match], {"n.ipynb": msgspec.structs.replace(facts, notebook=book)})
        assert (len(found.shown), len(found.unused)) == (shown, unused)


# Fingerprints


def test_fingerprints_stay_when_lines_move_and_equals_are_told_apart(make_repo: MakeRepo) -> None:
    before = sift(make_repo({"a.py": SOURCE}), [make_match(line=2), make_match(line=3)]).shown
    moved = SOURCE.replace("import x\n", "import x\n\n\n").replace("a = split", "a =  split")
    after = sift(make_repo({"a.py": moved}), [make_match(line=4), make_match(line=5)]).shown
    assert [f.fingerprint for f in before] == [f.fingerprint for f in after]

    twice = sift(make_repo({"a.py": "split()\n" * 2}), [make_match(line=1), make_match(line=2)])
    assert len({f.fingerprint for f in twice.shown}) == 2


def test_an_identity_is_more_than_the_text(make_repo: MakeRepo) -> None:
    repo = make_repo({"a.py": SOURCE})
    one = sift(repo, [make_match(line=2, identity="same")]).shown[0]
    other = sift(repo, [make_match(line=3, identity="same")]).shown[0]
    assert one.fingerprint == other.fingerprint
