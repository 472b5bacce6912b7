"""A project of which only those files are read that say something of its environment."""

from __future__ import annotations

import re

from mlaudit.facts.reading import read_facts
from mlaudit.project.environment.interpreters import VERSION_FILES
from mlaudit.project.glance import GROUND
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.project import Project
from mlaudit.repo.model import File, Kind, Repo

_MISE = re.compile(r"(?:.+/)?\.?mise\.toml")


def survey(repo: Repo) -> Project:
    """For questions about manifests, locks, images, CI and what notebooks install."""
    files = [file for file in repo.files if not file.missing and _speaks(repo, file)]
    return Project(repo, read_facts(repo, files).facts)


def _speaks(repo: Repo, file: File) -> bool:
    if file.kind in GROUND or file.kind is Kind.DOCKERFILE:
        return True
    if file.kind is Kind.YAML:
        return is_ci(file.path)
    if file.kind is Kind.TOML:
        return bool(_MISE.fullmatch(file.path))
    if file.path.rpartition("/")[2] in VERSION_FILES:
        return True
    if file.kind is not Kind.NOTEBOOK:
        return False
    try:
        return b" install " in repo.read(file.path)
    except OSError:
        return False
