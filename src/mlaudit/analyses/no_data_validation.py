"""Tables that are loaded and trained on, with nothing in between that may refuse them."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.analyses.unseeded_training import training_programs
from mlaudit.patterns import Gated
from mlaudit.project.collected import test_files
from mlaudit.project.linking.calls import python_of, written
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.rules.model import Match, Related, Rule

_READS = Gated(
    r"(?:pandas|polars|dask\.dataframe|pyspark|modin\.pandas|cudf)\.(?:[\w()]+\.)*(?:read|scan)_\w+"
)
_LOOKS = Gated(
    r"(?i)valid|check|schema|assert|verif|isnull|isna|notnull|notna|expect|sanity|quality|exit"
    r"|Features$|between|ensure|require|dtypes?$|info$|has_nan|isfinite|isnan|pydantic|duplicated"
)
"""In a name: something looks at what was loaded."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each project, on the first table that is loaded."""
    if not any(map(_READS.fullmatch, project.callees.files)):
        return
    found: dict[str, tuple[Site, Site]] = {}
    for entry in training_programs(project, rule):
        root = project.environment.root_of(entry.path).path
        if root not in found and not _may_refuse(project, entry):
            for read in project.program.reach(entry).sites:
                if _READS.fullmatch(read.name):
                    found[root] = (read, project.program.fits(entry)[0])
                    break
    if not found or _validates(project):
        return
    for root, (read, fit) in found.items():
        related = (Related(spot_of(project, fit), "the model is fitted here"),)
        values = {"callee": written(project, read)}
        yield Match(rule.id, spot_of(project, read), values, root or ".", related=related)


def _may_refuse(project: Project, entry: EntryPoint) -> bool:
    """Whether anything that the program runs looks at data, or may stop it."""
    reached = project.program.reach(entry)
    if any(_LOOKS.search(written(project, one)) for one in (*reached.sites, *reached.unresolved)):
        return True
    return any(
        one.kind in ("assert", "raise") and python.blocks[one.block].scope == scope
        for path, scope in reached.scopes
        for python in (python_of(project, path),)
        for one in python.statements
    )


def _validates(project: Project) -> bool:
    """Whether a tool for it is in use, or tests look at data."""
    from mlaudit.project.practices.catalogue import catalogue
    from mlaudit.project.practices.tools import tool_signs

    if any("data" in facts.path.lower() for facts in test_files(project)):
        return True
    tools = catalogue()
    return any("data-validation" in tools[sign.tool].gives for sign in tool_signs(project))
