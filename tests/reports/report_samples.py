"""A result made by hand: several rules, a notebook, a secret, and strings that mean harm."""

from __future__ import annotations

import msgspec

from mlaudit.findings.model import (
    Crash,
    Excerpt,
    Finding,
    Funnel,
    Place,
    RelatedPlace,
    Unread,
    UnusedSuppression,
)
from mlaudit.maturity.model import (
    Capability,
    Dimension,
    Evidence,
    Ladder,
    Maturity,
    Outcome,
    Requirement,
    Rung,
    Step,
)
from mlaudit.repo.model import Git
from mlaudit.reports.model import Audit
from mlaudit.rules.model import Confidence, Example, Persona, Rule, Severity

HOSTILE = (
    "\x1b[31m\x07 [bold]x[/bold] <script>alert(1)</script> | `a``b` \r\n::error::x ##[error]y"
    " %0A \u202egnp.exe\u2066 [l](https://evil.example) @everyone \ud83d \x9b1m \u2028 end"
)
HOSTILE_PATH = "src/a|b`c:d,e%f#[x](y)<b>\x1b[0m é \u202e.py"


def rule(id_: str, name: str, severity: Severity = Severity.WARNING, **changes: object) -> Rule:
    made = Rule(
        id=id_,
        name=name,
        summary=f"What {name} is about",
        severity=severity,
        confidence=Confidence.HIGH,
        persona=Persona.REGULAR,
        since="0.1.0",
        contexts=("src", "notebooks"),
        detect={"call": {}},
        message="'{callee}' is not right here",
        why="The rows of the two sets differ from run to run,\n  so scores cannot be compared and "
        "a result cannot be had again. Nobody notices until it matters.",
        remedy="Pass `random_state=42`, or a seed from the configuration.",
        examples=(
            Example(bad=f"split(frame)  #! {id_}\n", fixed="split(frame, random_state=42)\n"),
        ),
        references=("https://scikit-learn.org/stable/common_pitfalls.html",),
    )
    return msgspec.structs.replace(made, **changes)


SPLIT = rule("REP001", "unseeded-split")
TOKEN = rule("SEC001", "provider-token", Severity.ERROR, security=9.1, references=())
LOCK = rule("ENV003", "missing-lock-file", Severity.NOTE, scope="repository")
LEAK = rule("LEA001", "fit-before-split", Severity.ERROR)


def finding(of: Rule, place: Place, message: str, **changes: object) -> Finding:
    made = Finding(
        rule=of,
        message=message,
        severity=of.severity,
        confidence=of.confidence,
        persona=of.persona,
        place=place,
        excerpt=Excerpt(),
        fingerprint="0123456789abcdef",
        line_hash="c129715d7a2bc9a3:1",
        remedy=of.remedy,
        whole_repository=of.scope == "repository",
    )
    return msgspec.structs.replace(made, **changes)


def _split() -> Finding:
    line = "train, test = train_test_split(frame, test_size=0.2)"
    return finding(
        SPLIT,
        Place("src/train.py", 12, 15, 12, 53),
        "'train_test_split' splits at random and no 'random_state' is given",
        excerpt=Excerpt(
            11,
            ('frame = pandas.read_csv("rows.csv")', line),
            focus=1,
            mark_start=14,
            mark_end=52,
            snippet=line[14:52],
            context=f'import pandas\nframe = pandas.read_csv("rows.csv")\n{line}\n',
            context_line=10,
            context_end_line=13,
        ),
    )


def _leak() -> Finding:
    return finding(
        LEAK,
        Place("notebooks/explore.ipynb", 212, 13, 212, 40, cell=3, cell_line=2, cell_column=7),
        "'StandardScaler.fit_transform' learns from rows that are held out later",
        confidence=Confidence.MEDIUM,
        excerpt=Excerpt(
            1,
            ("scaler = StandardScaler()", "data = scaler.fit_transform(data)"),
            focus=1,
            mark_start=7,
            mark_end=33,
            snippet="scaler.fit_transform(data)",
            context='"scaler = StandardScaler()\\n",\n"data = scaler.fit_transform(data)\\n",\n',
            context_line=211,
            context_end_line=213,
        ),
        related=(
            RelatedPlace(
                Place("notebooks/explore.ipynb", 240, 9, 240, 30, 5, 1, 1), "split here, later"
            ),
        ),
    )


def _hostile() -> Finding:
    return finding(
        SPLIT,
        Place(HOSTILE_PATH, 3, 1, 3, 5),
        HOSTILE,
        severity=Severity.NOTE,
        confidence=Confidence.LOW,
        remedy=HOSTILE,
        excerpt=Excerpt(3, (HOSTILE,), 0, 0, 4, HOSTILE, HOSTILE, 2, 4),
        related=(RelatedPlace(Place(HOSTILE_PATH, 1, 1, 1, 2), HOSTILE),),
    )


def _token() -> Finding:
    return finding(
        TOKEN,
        Place("src/hub.py", 4, 10, 4, 47),
        "A token of Hugging Face stands in the source (hf_, 37 characters)",
        excerpt=Excerpt(
            4, ("login(\"hf_**********************************\")",), 0, 7, 44, "hf_****", "", 0, 0
        ),
    )  # fmt: skip


def _lock() -> Finding:
    return finding(
        LOCK, Place("pyproject.toml"), "No lock file pins what 'pyproject.toml' asks for"
    )


def _maturity() -> Maturity:
    seen = Evidence(True, "stage 'train' is declared", "dvc.yaml", 3, tool="dvc")
    against = Evidence(False, "no remote is set", ".dvc/config", 1)
    data = (
        Capability(
            "data-versioning", "Data versioning", "data", "Can the bytes be fetched again?",
            Outcome.TRUE, score=2, by_signs=3, at_least=True, capped_by=("ART009",),
            evidence=(seen, against, seen, seen),
        ),
        Capability(
            "feature-store", "Feature store", "data", "Are features defined once?",
            Outcome.NOT_APPLICABLE, reason="no tabular features are served",
        ),
    )  # fmt: skip
    drift = Capability("drift", "Data drift detection", "monitoring", "Is live data compared?",
                       reason=HOSTILE)  # fmt: skip
    return Maturity(
        "research",
        (
            Dimension("data", "Data management", data, 0.667, 3, thin=True),
            Dimension("monitoring", "Monitoring", (drift,)),
        ),
        _ladder(),
        0.667,
    )


def _ladder() -> Ladder:
    ci = Requirement("L1a", "CI runs the tests", True, Outcome.FALSE)
    git = Requirement("L1e", HOSTILE, outcome=Outcome.TRUE)
    rungs = (
        Rung(0, "Manual", "ad hoc"),
        Rung(1, "DevOps, no MLOps", "repeatable", (ci, git)),
    )
    steps = (Step("small", "foundation", "Let a workflow run the tests."),)
    return Ladder(0, 1, rungs=rungs, steps=steps)


def build_audit() -> Audit:
    shown = (_leak(), _lock(), _hostile(), _token(), _split())
    return Audit(
        version="0.1.0",
        root="demo",
        git=Git(head="a" * 40, branch="main", remote="git@github.com:org/demo.git"),
        files_total=20,
        files_read=18,
        bytes_read=52_000,
        funnel=Funnel(
            shown=tuple(sorted(shown, key=lambda f: (f.place.path, f.place.line))),
            held={"suppressed": 1, "persona": 3},
            suppressed=((_split(), "a demo, on purpose"),),
            unused=(
                UnusedSuppression("src/old.py", 3, ("unseeded-split",), "nothing to suppress"),
            ),
        ),
        rules=(LEAK, LOCK, SPLIT, TOKEN),
        fail_on=Severity.WARNING,
        unread=(Unread("src/broken.py", "invalid syntax", 7), Unread(HOSTILE_PATH, HOSTILE)),
        crashes=(Crash("rule REP009", f"KeyError: {HOSTILE}", "Traceback ..."),),
        maturity=_maturity(),
    )
