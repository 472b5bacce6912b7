"""Signs that only the checklist of reproducibility asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.project.nature import Nature
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.repo.model import Kind

_TRAINS = (
    r"\b(?:re)?train\w*|\bfine[-_]?tun\w*|\bdvc (?:repro|exp run)|\bmlflow run|\bkedro run"
    r"|\bsnakemake\b|\bzenml pipeline run"
)


def is_application(view: View) -> Iterator[Evidence]:
    root = view.project.environment.root_of("")
    if view.project.nature(root) is not Nature.LIBRARY:
        yield Evidence(True, "an application: its versions are its own", ".")


def git_remote(view: View) -> Iterator[Evidence]:
    git = view.project.repo.git
    if git is not None and git.remote:
        yield Evidence(True, "git has a remote", ".")


def image_built(view: View) -> Iterator[Evidence]:
    images = (one for one in view.counted if one.kind is Kind.DOCKERFILE and one.dockerfile)
    for facts in islice(images, MOST):
        yield Evidence(True, "an image is built", facts.path)


def notebook_kept(view: View) -> Iterator[Evidence]:
    notebooks = (one for one in view.counted if one.notebook is not None)
    for facts in islice(notebooks, MOST):
        yield Evidence(True, "a notebook", facts.path)


def ci_file(view: View) -> Iterator[Evidence]:
    jobs = (one for one in view.counted if is_ci(one.path))
    for facts in islice(jobs, MOST):
        yield Evidence(True, "jobs of CI", facts.path)


def readme_trains(view: View) -> Iterator[Evidence]:
    """A README, be it of a folder, names a command that trains, or a program that does."""
    names = [entry.path.rpartition("/")[2] for entry in view.training]
    programs = [re.escape(name) for name in names if name.endswith(".py")]
    expression = re.compile("|".join([_TRAINS, *(rf"(?<![\w-]){one}\b" for one in programs)]))
    for path, facts in view.facts.items():
        if facts.prose is None or not path.rpartition("/")[2].lower().startswith("readme"):
            continue
        for step in facts.prose.commands:
            if expression.search(step.text):
                yield Evidence(True, f"the README says '{step.text[:60]}'", path, step.line)
                return
