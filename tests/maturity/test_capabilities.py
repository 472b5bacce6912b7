"""Each level of each capability by a repository that has it, each trap by one that has not.

`capabilities/<id>.yaml` lists the repositories: `with` takes in files of `_shared.yaml`, `score` is
what is found, `capped` what holds it down, `findings` what rules are to have found, and where.
With `git` it is a repository of git.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.catalogue import capabilities
from mlaudit.maturity.model import Capability
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.model import Match, Spot

CASES = Path(__file__).parent / "capabilities"
NAMES = [model.id for model in capabilities()]


@cache
def read(name: str) -> Any:
    return yaml.safe_load((CASES / f"{name}.yaml").read_text("utf-8"))


def cases() -> Iterator[Any]:
    for name in NAMES:
        for case in read(name):
            yield pytest.param(name, case, id=f"{name}: {case['is']}")


def judged(root: Path, name: str, case: dict[str, Any]) -> Capability:
    files: dict[str, str] = {}
    for shared in case.get("with", ()):
        files |= read("_shared")[shared]
    for path, text in (files | case.get("files", {})).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    if case.get("git"):
        subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    repo = open_repo([root])
    matches = [_match(rule, given) for rule, given in case.get("findings", {}).items()]
    found = assess(Project(repo, read_facts(repo, repo.files).facts), matches)
    return next(c for d in found.dimensions for c in d.capabilities if c.id == name)


def _match(rule: str, given: str | dict[str, str]) -> Match:
    values = {} if isinstance(given, str) else given
    return Match(rule, Spot(values.get("path", str(given))), values)


@pytest.mark.parametrize(("name", "case"), list(cases()))
def test_score(tmp_path: Path, name: str, case: dict[str, Any]) -> None:
    found = judged(tmp_path, name, case)
    told = "\n".join(f"{one.path}:{one.line} {one.says}" for one in found.evidence)
    assert found.score == case["score"], told or found.reason
    assert list(found.capped_by) == case.get("capped", []), told


@pytest.mark.parametrize("name", NAMES)
def test_every_level_has_a_repository_that_reaches_it(name: str) -> None:
    reached = {case["score"] for case in read(name) if "capped" not in case}
    assert {0, 1, 2, 3} <= reached


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_that_caps_has_a_repository_that_shows_it(name: str) -> None:
    model = next(one for one in capabilities() if one.id == name)
    capped = {cap for case in read(name) for cap in case.get("capped", ())}
    assert {cap for cap in model.caps if not cap.isupper()} <= capped
