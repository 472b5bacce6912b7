"""The story with mending: audit, edit in memory, audit again, and write last."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from mlaudit.audit import audit, audit_repo
from mlaudit.config import Settings
from mlaudit.facts.reading import read_facts
from mlaudit.findings.building import SECRETS, shown_text
from mlaudit.findings.sources import Sources
from mlaudit.fixes.drafts import Draft, drafted
from mlaudit.fixes.edits import Shown, Unwritten
from mlaudit.fixes.mending import Mending
from mlaudit.fixes.writing import write_changes
from mlaudit.project.project import Project
from mlaudit.repo.exclusion import without
from mlaudit.repo.model import Repo
from mlaudit.repo.opening import open_repo
from mlaudit.reports.model import Audit
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules


def audit_and_fix(
    paths: Sequence[Path], settings: Settings, *, unsafe: bool
) -> tuple[Audit, tuple[Unwritten, ...]]:
    """The audit after all that can be fixed was fixed, and files that could not be written.

    `unsafe` fixes may change what the program computes. Raises as `audit` does.
    """
    result, draft = audit_draft(paths, settings, unsafe=unsafe)
    unwritten = write_changes(draft.root, draft.changes())
    if unwritten:
        left = {one.path for one in unwritten}
        fixed = sum(fix.path not in left for fix in draft.fixes)
        fixes = replace(result.fixes, fixed=fixed)
        result = replace(audit(paths, settings), fixes=fixes)
    return result, unwritten


def audit_draft(paths: Sequence[Path], settings: Settings, *, unsafe: bool) -> tuple[Audit, Draft]:
    """The same, with nothing written: what would be is in the draft."""
    draft = drafted(without(open_repo(paths), settings.exclude))
    mending = Mending(draft, unsafe=unsafe)
    result = audit_repo(draft, settings)
    while mending.apply(result.funnel.shown):
        gc.collect()  # the facts of the round before
        result = audit_repo(draft, settings)
    return replace(result, fixes=mending.outcome(result.funnel.shown)), draft


def show_changes(draft: Draft, settings: Settings) -> list[Shown]:
    """What was changed, as it may be shown, sorted by path."""
    paths = [change.path for change in draft.changes()]
    before = _masked(replace(draft, edited={}), paths, settings)
    after = _masked(draft, paths, settings)
    return [Shown(path, draft.fixable[path], before[path], after[path]) for path in paths]


def _masked(repo: Repo, paths: Sequence[str], settings: Settings) -> dict[str, str]:
    """Texts of files, with stars for all that rules about credentials find."""
    knowledge = load_rules([Path(pack) for pack in settings.rule_packs])
    facts = read_facts(repo, [file for file in repo.files if file.path in paths]).facts
    rules = [rule for rule in knowledge.rules if rule.family == SECRETS]
    matched = match_rules(Project(repo, facts), rules, knowledge.apis)
    spots = {path: [m.spot for m in matched.matches if m.spot.path == path] for path in paths}
    sources = Sources(repo)
    return {path: shown_text(path, spots[path], facts, sources) for path in paths}
