"""What git holds of a commit gives what its clean checkout gives, in every fixture."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from repository_fixtures import NAMES, lay_out

from mlaudit.facts.reading import read_facts
from mlaudit.maturity.assessment import assess
from mlaudit.maturity.model import Maturity
from mlaudit.project.project import Project
from mlaudit.repo.gitfolder import find_git_folder
from mlaudit.repo.model import Repo
from mlaudit.repo.objects import Blobs
from mlaudit.repo.opening import open_repo
from mlaudit.repo.past import open_commit
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules

COMMITTED = [name for name in NAMES if name != "fresh"]
"""`fresh` has no commit yet."""

Seen = tuple[list[tuple[str, str, int]], Maturity]


def seen(repo: Repo) -> Seen:
    knowledge = load_rules()
    project = Project(repo, read_facts(repo, repo.files).facts)
    matched = match_rules(project, knowledge.rules, knowledge.apis)
    places = [(one.rule, one.spot.path, one.spot.span.line) for one in matched.matches]
    return sorted(places), assess(project, matched.matches)


@contextmanager
def last_commit(root: Path) -> Iterator[Repo]:
    folder = find_git_folder(root)
    assert folder is not None
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, check=True
    )
    with Blobs(folder) as blobs, open_commit(folder, blobs, head.stdout.strip()) as repo:
        yield repo


@pytest.mark.parametrize("name", COMMITTED)
def test_the_last_commit_is_judged_as_its_checkout(name: str, tmp_path: Path) -> None:
    root = lay_out(name, tmp_path / name)
    for command in (("clean", "-q", "-d", "-x", "-f"), ("reset", "-q", "--hard")):
        subprocess.run(["git", *command], cwd=root, check=True)
    on_disk = seen(open_repo([root]))
    with last_commit(root) as repo:
        assert seen(repo) == on_disk
