"""Maturity as people read it: each thing once, what does not apply in a line, steps at the end."""

from __future__ import annotations

import re

import pytest
from maturity_samples import DECLARED, build_maturity, capability
from msgspec import structs
from report_samples import HOSTILE, HOSTILE_PATH, build_audit

from mlaudit.maturity.model import (
    Accepted,
    ChecklistLine,
    Declaration,
    Dimension,
    Evidence,
    Gap,
    Maturity,
    Outcome,
    Pattern,
    RootLevel,
    Step,
    StepKind,
)
from mlaudit.reports import maturity_markdown, maturity_text, report


@pytest.fixture
def maturity() -> Maturity:
    return build_maturity()


def test_each_thing_is_said_once_with_all_its_places(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    assert text.count(DECLARED) == 1
    flat = " ".join(text.split())
    assert f"{DECLARED} (pyproject.toml:1; requirements.txt:1, 3)" in flat
    assert maturity_markdown.render(maturity).count(DECLARED) == 1


def test_names_of_one_kind_stand_side_by_side(maturity: Maturity) -> None:
    runs = tuple(
        Evidence(True, f"a search is run: 'tool.{name}'", "a.py", line)
        for line, name in enumerate(("first", "second", "third"), 1)
    )
    found = capability("tuning", evidence=runs)
    told = structs.replace(maturity, dimensions=(Dimension("m", "M", (found,), 0.1, 0),))
    flat = " ".join(maturity_text.render(told).split())
    assert "a search is run: 'tool.first', 'tool.second' and 1 more (a.py:1, 2, 3)" in flat


def test_what_does_not_apply_takes_one_line(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    assert text.count("nothing is served") == 1
    assert "Alerts, Drift-detection, Ab-testing: nothing is served" in text
    assert "Monitoring  nothing of it applies" in text


def test_the_next_steps_stand_at_the_end(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    end = text[text.index("To level 2, Training:") :]
    assert [line.split("  ")[-1] for line in end.splitlines()[1:4]] == [
        "Do thing 0. (a.py)", "Do thing 1. (a.py)", "Do thing 2. (a.py)",
    ]  # fmt: skip
    assert "and 2 more" in end
    assert text.index("Loose ends:") < text.index("Small steps") < text.index("To level 2")
    assert "Write `CARD.md`.\n" in text


def test_the_checklist_says_how_many_hold_and_which_do_not(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    assert "Reproducibility: 1 of 3 lines hold, 1 could not be told" in text
    assert "no         no metric is written (train.py:7)" in text
    assert "no         Downloads are fixed: one is not (b.py:1)" in text
    assert text.index("no metric is written") < text.index("Data is fixed: not followed")
    assert "Kernels" not in text
    assert "Notebooks" not in text
    page = maturity_markdown.render(maturity)
    assert "- no: no metric is written `train.py:7`" in page


def test_phases_and_gaps(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    for line in ("seen       Training", "by name    Evaluation", "not seen   Registration"):
        assert line in text
    assert re.search(r"Training: Register +no registry\n", text)
    assert re.search(r"Training: A > B +unlinked \(b\.py:2, X1\)\n", text)


def test_the_next_level_is_spelled_out_and_others_show_what_is_met(maturity: Maturity) -> None:
    text = maturity_text.render(maturity)
    assert "Level 1, DevOps: reached\n" in text
    assert "Level 2, Training: 1 of 2 met\n    no         A pipeline\n    yes        Track" in text
    assert "Level 3, Deploying: 1 of 2 met\n    yes        A gate, already\n" in text


def test_what_is_possible_or_declared_stands_beside_what_was_seen(maturity: Maturity) -> None:
    said = Declaration("L2a", 2, "ml@corp", "https://wiki", "2026-10-01", "2027-04-01")
    pipeline, tracking = maturity.ladder.rungs[2].requirements
    rung = structs.replace(
        maturity.ladder.rungs[2],
        requirements=(structs.replace(pipeline, declared=said), tracking),
    )
    rungs = (*maturity.ladder.rungs[:2], rung, *maturity.ladder.rungs[3:])
    ladder = structs.replace(
        maturity.ladder, possible=3, unsettled=("a chart lies elsewhere",), declared=2, rungs=rungs
    )
    judged = capability(
        "reproducibility",
        possible=2,
        unsettled=("a file is not understood",),
        declared=said,
        accepted=(Accepted("REP003", "a study of noise", "a.py"),),
        capped_by=("ENV002",),
    )
    found = structs.replace(
        maturity,
        ladder=ladder,
        warnings=("the declaration of 'L9' names nothing",),
        dimensions=(Dimension("m", "Model", (judged,), 0.3, 1),),
    )
    flat = " ".join(maturity_text.render(found).split())
    for words in (
        "level 1 of 3, DevOps",
        "possibly level 3: a chart lies elsewhere",
        "level 2 with what is declared",
        "the declaration of 'L9' names nothing",
        "1 by signs, capped by ENV002; possibly 2: a file is not understood",
        "2 declared by ml@corp until 2027-04-01; REP003 accepted: a study of noise",
        "A pipeline (declared by ml@corp until 2027-04-01)",
    ):
        assert words in flat
    page = maturity_markdown.render(found)
    assert "possibly level 3" in page
    assert "declared by ml" in page


def test_projects_are_listed_where_there_are_several(maturity: Maturity) -> None:
    roots = (
        RootLevel("", "platform", True, True, 1, 1, 1, 4, 0.5),
        RootLevel("jobs", "research", True, False, 0, 0, 0, 2, None),
    )
    text = maturity_text.render(structs.replace(maturity, roots=roots, root="jobs"))
    assert text.index("    jobs  level") < text.index("    .     level")
    many = tuple(structs.replace(roots[1], path=f"p{number}") for number in range(40))
    assert "    and 30 more\n" in maturity_text.render(structs.replace(maturity, roots=many))
    assert re.search(r"^    \.     level 1 of 4, platform, trains and serves$", text, re.MULTILINE)
    assert re.search(r"^    jobs  level 0 of 2, research, trains$", text, re.MULTILINE)
    assert "profile of 'jobs': research" in text
    open_ones = (RootLevel("a", "research", True, False, 0, 1, 2, 2, 0.1), roots[1])
    text = maturity_text.render(structs.replace(maturity, roots=open_ones))
    assert "level 0 of 2, possibly 1, 2 with what is declared, research, trains" in text
    page = maturity_markdown.render(structs.replace(maturity, roots=roots))
    assert "| `jobs` | 0 of 2 | research | trains |" in page
    assert "Projects" not in maturity_text.render(structs.replace(maturity, roots=roots[:1]))


def test_no_line_is_too_long_and_none_ends_in_blanks(maturity: Maturity) -> None:
    far = Evidence(True, "word " * 60, "a/b.py")
    long = capability("reproducibility", evidence=(far,), reason="why " * 40)
    found = structs.replace(maturity, dimensions=(Dimension("m", "Model", (long,), 0.1, 0),))
    for line in maturity_text.render(found).splitlines():
        assert len(line) <= maturity_text.WIDTH
        assert line == line.rstrip()


def test_a_hostile_repository_cannot_write_to_the_terminal_or_the_page(maturity: Maturity) -> None:
    bad = Evidence(True, HOSTILE, HOSTILE_PATH)
    poor = capability("a", evidence=(bad,), reason=HOSTILE)
    gap = Gap("a", HOSTILE, HOSTILE_PATH)
    found = structs.replace(
        maturity,
        root=HOSTILE_PATH,
        warnings=(HOSTILE,),
        dimensions=(Dimension("m", "M", (poor,), 0.1),),
        patterns=(Pattern("training", "T", Outcome.FALSE, gaps=(gap,)),),
        checklist=(ChecklistLine("a", "A", outcome=Outcome.FALSE, evidence=(bad,)),),
        roadmap=(Step("small", "foundation", HOSTILE, kind=StepKind.CHOOSE, file=HOSTILE_PATH,
                      alternatives=(HOSTILE,)),),
        ladder=structs.replace(maturity.ladder, steps=(Step("small", "foundation", HOSTILE),)),
    )  # fmt: skip
    text = maturity_text.render(found)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    page = maturity_markdown.render(found)
    assert "<script" not in page
    assert "\x1b" not in page
    assert "](https://evil" not in page


def test_the_summary_of_an_audit_has_the_same_head_and_steps() -> None:
    audit = build_audit()
    assert audit.maturity is not None
    text = report("text")(audit)
    head = maturity_text.render(audit.maturity).split("\n")[0]
    assert head in text
