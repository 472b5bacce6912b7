"""What the code below each project root cannot do without."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from mlaudit.facts.records import FileFacts, Span
from mlaudit.facts.syntax import Import
from mlaudit.project.environment.import_table import import_table
from mlaudit.project.linking.local_names import local_names
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot

_IN_KERNELS = frozenset(
    {
        "IPython",
        "ipykernel",
        "ipywidgets",
        "jupyter_client",
        "jupyter_core",
        "notebook",
        "traitlets",
    }
)
"""What a notebook runs in."""


class Imported(NamedTuple):
    """An import that is carried out whenever its file is."""

    path: str
    item: Import
    module: str
    """Dotted, as far as the table of distributions may need it."""

    @property
    def spot(self) -> Spot:
        return Spot(self.path, Span(self.item.line, self.item.column), code=True)


Packages: TypeAlias = dict[tuple[str, ...], list[Imported]]
"""Distributions that may bring a module, the usual one first, and where it is imported."""


def imported_packages(
    project: Project, files: Iterable[FileFacts], roots: Mapping[str, ProjectRoot]
) -> dict[str, Packages]:
    """Third-party packages by the path of the root; imports of other roots are left out."""
    known: dict[str, bool] = {}
    local = local_names(project)
    table = import_table()
    found: dict[str, Packages] = {}
    for facts in files:
        root = project.environment.root_of(facts.path).path
        if root not in roots or facts.python is None:
            continue
        for one in _required(facts):
            top = one.module.partition(".")[0]
            outside = known.get(top)
            if outside is None:
                outside = known[top] = top not in local and top not in sys.stdlib_module_names
            names = table.distributions_of(one.module) if outside else ()
            if names:
                found.setdefault(root, {}).setdefault(names, []).append(one)
    return found


def _required(facts: FileFacts) -> Iterator[Imported]:
    """Absolute imports at the top of the module: what stands in a function or under a condition
    may never be carried out."""
    python = facts.python
    if python is None:
        return
    kernel = facts.kind is Kind.NOTEBOOK
    for item in python.imports:
        if item.guard or item.target.startswith("."):
            continue
        block = python.blocks[item.block]
        if block.scope or block.kind != "body":
            continue
        module = max(item.target, item.module, key=len)
        if not (kernel and module.partition(".")[0] in _IN_KERNELS):
            yield Imported(facts.path, item, module)
