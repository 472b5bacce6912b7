"""A maturity made by hand, with all that a report can show of it."""

from __future__ import annotations

from msgspec import structs

from mlaudit.maturity.model import (
    Capability,
    ChecklistLine,
    Dimension,
    Evidence,
    Gap,
    Ladder,
    Maturity,
    Outcome,
    Pattern,
    Phase,
    Requirement,
    RootLevel,
    Rung,
    Stage,
    Step,
    StepKind,
)

DECLARED = "dependencies are declared"
OUTSIDE = ("alerts", "drift-detection", "ab-testing")


def capability(name: str, outcome: Outcome = Outcome.TRUE, **changes: object) -> Capability:
    score = 1 if outcome is Outcome.TRUE else None
    made = Capability(name, name.capitalize(), "d", "?", outcome, score, score)
    return structs.replace(made, **changes)


def build_maturity() -> Maturity:
    """With all that a report can show of it."""
    evidence = (
        Evidence(True, DECLARED, "pyproject.toml"),
        Evidence(True, DECLARED, "requirements.txt"),
        Evidence(True, DECLARED, "requirements.txt", 3),
        Evidence(True, "uv lock", "uv.lock"),
    )
    idle = tuple(
        capability(name, Outcome.NOT_APPLICABLE, reason="nothing is served") for name in OUTSIDE
    )
    model = Dimension("m", "Model", (capability("reproducibility", evidence=evidence),), 0.33, 1)
    lines = (
        ChecklistLine("a", "A lock is there", outcome=Outcome.TRUE),
        ChecklistLine("b", "Data is fixed", outcome=Outcome.NOT_AVAILABLE, reason="not followed"),
        ChecklistLine(
            "c",
            "Metrics are kept",
            outcome=Outcome.FALSE,
            evidence=(Evidence(False, "no metric is written", "train.py", 7),),
        ),
        ChecklistLine(
            "f",
            "Downloads are fixed",
            outcome=Outcome.FALSE,
            evidence=(Evidence(False, "one is not", "b.py", rule="SAF008"),),
        ),
        ChecklistLine("d", "Kernels", informative=True, outcome=Outcome.FALSE),
        ChecklistLine("e", "Notebooks", outcome=Outcome.NOT_APPLICABLE, reason="none"),
    )
    rungs = (
        Rung(0, "Manual", "ad hoc"),
        Rung(1, "DevOps", "repeatable", (Requirement("L1a", "CI", True, Outcome.TRUE),)),
        Rung(2, "Training", "reliable", (
            Requirement("L2a", "A pipeline", True, Outcome.FALSE),
            Requirement("L2b", "Tracking", False, Outcome.TRUE),
        )),
        Rung(3, "Deploying", "scalable", (
            Requirement("L3a", "Releases", True, Outcome.FALSE),
            Requirement("L3b", "A gate", False, Outcome.TRUE),
        )),
    )  # fmt: skip
    train = (Stage("Train", Outcome.TRUE),)
    gaps = (Gap("Register", "no registry", "."), Gap("A > B", "unlinked", "b.py", 2, "X1"))
    steps = tuple(Step("small", "foundation", f"Do thing {n}.", file="a.py") for n in range(5))
    loose = Step("medium", "foundation", "Choose one.", kind=StepKind.CHOOSE)
    win = Step("small", "automation", "Write `CARD.md`.", kind=StepKind.QUICK_WIN, file="CARD.md")
    return Maturity(
        profile="research",
        dimensions=(model, Dimension("s", "Monitoring", idle)),
        ladder=Ladder(1, 3, rungs=rungs, steps=steps, banked=("L2b", "L3b")),
        score=0.33,
        lifecycle=(
            Phase("training", "Training", Outcome.TRUE),
            Phase("evaluation", "Evaluation", Outcome.TRUE, by_name=True),
            Phase("registration", "Registration", Outcome.FALSE),
            Phase("monitoring", "Monitoring", Outcome.NOT_APPLICABLE),
        ),
        patterns=(
            Pattern("training", "Training", Outcome.FALSE, "", train, gaps),
        ),
        checklist=lines,
        roadmap=(*steps, win, loose),
        roots=tuple(
            RootLevel(f"p{n}", "research", True, False, 0, 0, 0, 2, None) for n in range(12)
        ),
    )  # fmt: skip
