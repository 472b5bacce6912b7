"""The calls that a walk through a program met, as their files have them."""

from __future__ import annotations

from mlaudit.facts.syntax import Call, PythonFacts
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project


def python_of(project: Project, path: str) -> PythonFacts:
    python = project.facts[path].python
    assert python is not None
    return python


def call_of(project: Project, site: Site) -> Call:
    return python_of(project, site.path).calls[site.number]


def written(project: Project, site: Site) -> str:
    """What is called, by the name that tells most."""
    call = call_of(project, site)
    return site.name or call.local or call.callee or call.method
