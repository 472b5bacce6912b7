"""Code that does not run on what the manifests declare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.installs import installs

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_WORDS = (
    b"colab.research.google.com", b'"colab"', b"google.colab", b"kaggle", b"dbutils",
    b"# /// script", b"Databricks notebook", b"application/vnd.databricks", b"sagemaker",
)  # fmt: skip
"""Of notebooks and scripts that run where much is installed already, or that name what they need
in themselves (PEP 723)."""


def is_hosted(project: Project, path: str) -> bool:
    """Whether the file is made for Colab, Kaggle, Databricks or the like, or names what it needs;
    also when it cannot be read."""
    try:
        data = project.repo.read(path)
    except OSError:
        return True
    return any(word in data for word in _WORDS)


def installs_itself(project: Project, path: str) -> bool:
    """Whether it is a notebook with commands that install something."""
    notebook = project.facts[path].notebook
    magics = notebook.magics if notebook is not None else ()
    return any(installs(magic.text, path) for magic in magics)
