"""Where an absence is shown: on the file that one would edit, or the first of code."""

from __future__ import annotations

from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.project import Project
from mlaudit.rules.matchers.file import place_of_absence

PLACES = (
    "pyproject.toml", "setup.py", "requirements.txt", "environment.yml", "*.py", "*.ipynb",
    "**/*.py", "**/*.ipynb",
)  # fmt: skip


def place_in(project: Project) -> str:
    """A path; empty where there is no code in use."""
    files = [
        file
        for file in project.repo.files
        if file.context in COUNTED and not file.path.startswith(".") and "/." not in file.path
    ]
    return place_of_absence(files, PLACES)
