"""Seeds that the user may choose and that nothing reads."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.analyses.options_model import Option
from mlaudit.analyses.reads import Reads
from mlaudit.analyses.seed_options import MODULES, options
from mlaudit.facts.syntax import Local, PythonFacts
from mlaudit.project.project import Project
from mlaudit.rules.matchers import in_context
from mlaudit.rules.model import Match, Rule

LOADERS = frozenset({"yaml", "omegaconf", "toml", "tomllib", "json"})


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each option, field or key."""
    reads = Reads(project)
    keyed = _keys_seed(project)
    seen = set()
    for file in in_context(project, rule):
        if file.python is None or not _may_declare(file.python, keyed):
            continue
        for option in options(reads, file):
            if option.spot not in seen and _is_ignored(reads, option):
                seen.add(option.spot)
                yield Match(rule.id, option.spot, {"option": option.what})


def _may_declare(python: PythonFacts, keyed: bool) -> bool:
    roots = {item.target.partition(".")[0] for item in python.imports}
    return not roots.isdisjoint(MODULES) or (keyed and not roots.isdisjoint(LOADERS))


def _keys_seed(project: Project) -> bool:
    """Whether some document has a seed at its top."""
    return any(
        len(entry.path) == 1 and "seed" in str(entry.path[0])
        for file in project.facts.values()
        if file.document is not None
        for entry in file.document.entries
    )


def _is_ignored(reads: Reads, option: Option) -> bool:
    if not option.holders or _plainly_read(reads, option):
        return False
    if not option.field:
        return not any(reads.mentioned(holder) for holder in option.holders)
    return not any(reads.may_read(holder, option.field) for holder in option.holders)


def _plainly_read(reads: Reads, option: Option) -> bool:
    """A cheap first question: `anything.seed` is passed to some call beside the holder."""
    end = f".{option.field}"
    if not option.field:
        return False
    paths = {holder.path for holder in option.holders}
    return any(
        isinstance(value, Local) and value.name.endswith(end)
        for path in paths
        for call in reads.flow(path).python.calls
        for value in (*call.args, *(value for _, value in call.keywords))
    )
