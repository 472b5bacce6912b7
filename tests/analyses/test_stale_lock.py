"""Locks that real tools wrote: fresh ones are silent, and an edit of the manifest is seen."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mlaudit.analyses.stale_lock import Stale, stale_in
from mlaudit.project.survey import survey
from mlaudit.repo.opening import open_repo

RECORDED = Path(__file__).parent / "recorded_projects"
PROJECTS = sorted(path.name for path in RECORDED.iterdir() if path.is_dir())


def stale(folder: Path) -> list[Stale]:
    environment = survey(open_repo([folder])).environment
    return [one for root in environment.roots for one in stale_in(environment, root)]


def copied(name: str, to: Path) -> Path:
    return Path(shutil.copytree(RECORDED / name, to / name))


@pytest.mark.parametrize("name", PROJECTS)
def test_what_a_tool_has_just_written_is_not_stale(name: str, tmp_path: Path) -> None:
    assert stale(copied(name, tmp_path)) == []


EDITS = {
    "new": ("uv-rich", "pyproject.toml", '"attrs>=23"', '"polars"', "polars"),
    "raised": ("uv-rich", "pyproject.toml", "six<2", "six>=2", "six"),
    "group": ("uv-rich", "pyproject.toml", "iniconfig>=2", "iniconfig>=3", "iniconfig"),
    "extra": ("uv-rich", "pyproject.toml", "pluggy>=1", "msgspec", "msgspec"),
    "marker": ("uv-rich", "pyproject.toml", "tomli>=2; p", "tomli>=9; p", "tomli"),
    "fork-new": ("uv-fork", "pyproject.toml", "iniconfig>=2;", "iniconfig>=9;", "iniconfig"),
    "fork-old": ("uv-fork", "pyproject.toml", "iniconfig<2;", "iniconfig<1;", "iniconfig"),
    "member": ("uv-work", "packages/b/pyproject.toml", '"six"', '"idna>=99"', "idna"),
    "member-group": ("uv-work", "packages/b/pyproject.toml", "iniconfig", "pluggy", "pluggy"),
    "conflicting-extras": ("uv-over", "pyproject.toml", "click==8.0.4", "click==7.0", "click"),
    "poetry": ("poetry-rich", "pyproject.toml", '"^23.1"', '"^99"', "attrs"),
    "poetry-group": ("poetry-rich", "pyproject.toml", "alabaster", "pygments", "pygments"),
    "poetry-pep735": ("poetry-pep621", "pyproject.toml", "pycodestyle", "pyflakes", "pyflakes"),
    "pipenv": ("pipenv", "Pipfile", '">=23"', '"<2"', "attrs"),
    "pip-compile": ("pip-tools", "requirements.in", "click<8.2", "click<8", "click"),
    "pip-compile-constrained": (
        "pip-tools",
        "requirements-dev.in",
        "iniconfig",
        "pluggy",
        "pluggy",
    ),
    "pip-compile-extra": (
        "pip-tools-hash",
        "pyproject.toml",
        'dev=["iniconfig"]',
        'dev=["pluggy"]',
        "pluggy",
    ),
    "uv-compile": ("uv-compile", "requirements/base.in", "click", "click>=99", "click"),
    "pylock": ("uv-pylock", "pyproject.toml", "attrs>=23", "attrs<2", "attrs"),
}
"""Project, file, text in it, what comes in its place, and what is stale then."""


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_manifest_is_seen(edit: tuple[str, str, str, str, str], tmp_path: Path) -> None:
    name, file, before, after, wanted = edit
    folder = copied(name, tmp_path)
    text = (folder / file).read_text()
    assert before in text
    (folder / file).write_text(text.replace(before, after))
    found = stale(folder)
    assert {one.declaration.dependency.name for one in found} == {wanted}
    assert {one.declaration.path for one in found} == {file}


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        pytest.param("uv-rich", "colorama; sys", "termcolor; sys", id="another-platform"),
        pytest.param("uv-rich", "importlib-metadata; python", "zipp; python", id="no-interpreter"),
        pytest.param("uv-over", "six<1.16", "six<1.15", id="overridden"),
    ],
)
def test_what_the_lock_need_not_have(name: str, before: str, after: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path)
    text = (folder / "pyproject.toml").read_text()
    assert before in text
    (folder / "pyproject.toml").write_text(text.replace(before, after))
    assert stale(folder) == []
