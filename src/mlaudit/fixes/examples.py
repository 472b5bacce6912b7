"""Runs the fixes in a rule's examples: the fix of `bad` is `fixed`, and that is clean."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from msgspec.structs import replace

from mlaudit.config import Settings
from mlaudit.facts.reading import read_facts
from mlaudit.findings.funnel import funnel
from mlaudit.findings.model import Finding
from mlaudit.fixes.drafts import drafted
from mlaudit.fixes.mending import Mending
from mlaudit.project.project import Project
from mlaudit.repo.model import Repo
from mlaudit.repo.opening import open_repo
from mlaudit.rules.apis import Apis
from mlaudit.rules.engine import match_rules
from mlaudit.rules.examples import Failure, laid_out, path_of, run_example, unmarked
from mlaudit.rules.model import Persona, Rule


def run_fixes(rule: Rule, apis: Apis) -> list[Failure]:
    """What fails of the examples that say how they are fixed; empty when all is well."""
    failures = (run_fix(rule, number, apis) for number in range(1, len(rule.examples) + 1))
    return [failure for failure in failures if failure is not None]


def run_fix(rule: Rule, number: int, apis: Apis) -> Failure | None:
    """Fixes one example, numbered from 1. None when that gives what it should, or nothing is said.

    What a rule without a fix shows as better is only asked to be clean.
    """
    example = rule.examples[number - 1]
    if not example.fixed:
        return None
    fixed = replace(example, bad="", good=example.fixed, fixed="", expect=())
    found = run_example(replace(rule, examples=(fixed,)), 1, apis)
    if found is not None:
        return replace(found, number=number, crash=found.crash or "`fixed` is not clean")
    if rule.fix is None:
        return None
    with laid_out(rule, example) as folder:
        given = fix_text(folder, path_of(rule, example), rule, apis)
    if given == unmarked(example.fixed):
        return None
    return Failure(rule.id, number, crash=f"the fix does not give `fixed`, but\n{given}")


def fix_text(folder: Path, path: str, rule: Rule, apis: Apis) -> str:
    """What becomes of one file of a repository when findings of the rule are fixed."""
    draft = drafted(open_repo([folder]))
    mending = Mending(draft, unsafe=True)
    while mending.apply(_findings(draft, rule, apis)):
        pass
    return draft.read(path).decode()


def _findings(repo: Repo, rule: Rule, apis: Apis) -> tuple[Finding, ...]:
    facts = read_facts(repo, repo.files).facts
    matches = match_rules(Project(repo, facts), [rule], apis).matches
    settings = Settings(persona=Persona.AUDITOR)
    return funnel(matches, {rule.id: rule}, facts, repo, settings, date.min).shown
