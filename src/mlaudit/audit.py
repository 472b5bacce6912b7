"""The whole story: what is there, what it says, what is wrong with it, how mature it is."""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from mlaudit import __version__
from mlaudit.config import Settings
from mlaudit.facts.reading import Reading, read_facts
from mlaudit.facts.records import FileFacts
from mlaudit.findings.funnel import funnel
from mlaudit.findings.model import Crash, Funnel, Unread
from mlaudit.findings.selection import enabled
from mlaudit.fixes.model import fixable
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.declared import Declared, declared
from mlaudit.maturity.model import Maturity
from mlaudit.project.options import DEFAULTS, Options
from mlaudit.project.project import Project
from mlaudit.repo.exclusion import without
from mlaudit.repo.model import File, Kind, Repo
from mlaudit.repo.opening import open_repo
from mlaudit.reports.model import Audit
from mlaudit.rules.engine import Matched, match_rules
from mlaudit.rules.loading import load_rules

GROUND = frozenset(
    {
        Kind.REQUIREMENTS, Kind.PYPROJECT, Kind.SETUP_CFG, Kind.SETUP_PY, Kind.CONDA, Kind.PIPFILE,
        Kind.PIXI, Kind.LOCK, Kind.ATTRIBUTES,
    }
)  # fmt: skip
"""What is read even when only a part is audited: versions decide what a call means."""


def audit(
    paths: Sequence[Path],
    settings: Settings,
    today: date | None = None,
    tell: Callable[[str], None] | None = None,
) -> Audit:
    """Audit a repository, or the files and folders of it that are named.

    `today` decides which suppressions and declarations have expired; `tell` hears of the progress.
    Raises RepoError for a path that cannot be audited and RulePackError for a rule that cannot be
    understood; nothing else.
    """
    return audit_repo(without(open_repo(paths), settings.exclude), settings, today, tell)


@contextmanager
def uncollected() -> Iterator[None]:
    """Garbage collection off: neither trees nor facts have cycles, and looking for some costs."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@uncollected()
def audit_repo(
    repo: Repo,
    settings: Settings,
    today: date | None = None,
    tell: Callable[[str], None] | None = None,
) -> Audit:
    """Audit a repository that was opened already. Raises RulePackError."""
    knowledge = load_rules([Path(pack) for pack in settings.rule_packs])
    rules = {rule.id: rule for rule in knowledge.rules}

    reading = read_facts(repo, _to_read(repo))
    project = Project(repo, reading.facts, options_of(repo, settings, tell))
    matched = match_rules(project, knowledge.rules, knowledge.apis)
    today = today or date.today()  # noqa: DTZ011
    found = funnel(matched.matches, rules, reading.facts, repo, settings, today)
    said = declared(settings.attest, today)
    maturity = _maturity(project, matched, found, said) if repo.whole else None

    return Audit(
        version=__version__,
        root=repo.root.name,
        git=repo.git,
        files_total=len(repo.files),
        files_read=len(reading.facts),
        bytes_read=reading.bytes_read,
        funnel=found,
        rules=tuple(enabled(rules, settings).values()),
        fail_on=settings.fail_on,
        unread=(*_unread_history(project, settings), *_unread(repo, reading)),
        crashes=tuple(_crashes(reading, matched, maturity)),
        maturity=maturity if isinstance(maturity, Maturity) else None,
        fixes=fixable(found.shown, repo),
    )


def options_of(
    repo: Repo, settings: Settings, tell: Callable[[str], None] | None = None
) -> Options:
    """What of the settings rules and analyses may ask for."""
    return Options(
        large_file=int(settings.large_file_mb * 1_000_000),
        notebooks_policy=settings.notebooks_policy,
        profile=settings.profile,
        history=settings.history and repo.whole,
        exclude=settings.exclude,
        tell=tell or DEFAULTS.tell,
    )


def _to_read(repo: Repo) -> Iterator[File]:
    for file in repo.files:
        if repo.selected(file.path) or file.kind in GROUND:
            yield file


def _unread_history(project: Project, settings: Settings) -> Iterator[Unread]:
    if settings.history and not project.options.history:
        yield Unread(".git", "the history is read when the whole repository is audited")
    for reason in project.history.problems if project.history is not None else ():
        yield Unread(".git", reason)


def _unread(repo: Repo, reading: Reading) -> Iterator[Unread]:
    for skipped in repo.skipped:
        yield Unread(skipped.path, skipped.reason)
    for path in sorted(reading.facts):
        facts = reading.facts[path]
        for problem in facts.problems:
            yield Unread(path, problem.reason, problem.line)
        yield from _unread_cells(facts)


def _unread_cells(facts: FileFacts) -> Iterator[Unread]:
    notebook = facts.notebook
    for cell in notebook.cells if notebook else ():
        if cell.problem:
            line = facts.raw_line(cell.problem.line)
            yield Unread(facts.path, f"cell {cell.index}: {cell.problem.reason}", line)


def _maturity(
    project: Project, matched: Matched, found: Funnel, said: Declared
) -> Maturity | Crash:
    try:
        return assess(project, matched.matches, found.accepted, said)
    except Exception as error:  # a fault of ours must not cost the findings
        return Crash("maturity", f"{type(error).__name__}: {error}", traceback.format_exc())


def _crashes(
    reading: Reading, matched: Matched, maturity: Maturity | Crash | None
) -> Iterator[Crash]:
    for reader in reading.crashes:
        yield Crash(f"reader of {reader.path}", reader.error, reader.trace)
    for rule in matched.crashes:
        yield Crash(f"rule {rule.rule}", rule.error, rule.trace)
    if isinstance(maturity, Crash):
        yield maturity
