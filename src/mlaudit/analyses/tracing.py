"""What an entry point reaches, as a tree: seeds, draws, loads, splits, fits, records, saves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from mlaudit.analyses.randomness import ALL, Randomness, named
from mlaudit.analyses.seeding_order import Order, order_of
from mlaudit.analyses.spots import line_text
from mlaudit.knowledge import Names, api_table
from mlaudit.project.linking.calls import call_of, python_of, written
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.linking.frames import frame_of
from mlaudit.project.linking.steps import Run, Site, Trace
from mlaudit.project.project import Project

TABLES = {
    "splits": (("tracing", "tracing.splits"),),
    "loads": (("tracing", "tracing.loads"),),
    "saves": (("tracking", "tracking.keepers"), ("tracking", "tracking.metric-files")),
    "records": (("tracking", "tracking.records"), ("tracing", "tracing.tracks")),
}
"""What is shown of a call by its name, the first that fits."""


class Leaf(Struct):
    """A call of interest."""

    kind: str
    """`seeds`, `may seed`, `draws`, `loads`, `splits`, `fits`, `records` or `saves`."""
    name: str
    place: str
    """`train.py:41`; for a notebook `nb.ipynb:cell 3:2`."""
    about: str = ""
    """The generators that are seeded or drawn from."""
    times: int = 1
    """How often in a row it stands there."""


class Branch(Struct):
    """Code of the repository that is run, and what of interest it does."""

    name: str
    place: str
    """Where it is run from."""
    how: str = "runs"
    """`runs`, `imports`, `defines` or `hands over`."""
    steps: list[Leaf | Branch] = []


class Traced(Struct):
    """The tree, and what the seeds in it are worth."""

    root: Branch
    verdicts: list[str]
    """One a generator that training draws from; empty when nothing is trained."""


def trace(project: Project, entry: EntryPoint) -> Traced:
    """Follows an entry point. Branches that lead to nothing of interest are left out."""
    randomness = Randomness(project)
    root = Branch(_entry_name(project, entry), line_text(project, entry.path, entry.line))
    _Tree(project, randomness, entry, root).grow()
    verdicts: list[str] = []
    if project.program.fits(entry):
        verdicts = list(_verdicts(project, order_of(project, randomness, entry)))
    return Traced(root, verdicts)


def _entry_name(project: Project, entry: EntryPoint) -> str:
    qualname = python_of(project, entry.path).scopes[entry.scope].qualname
    return f"{entry.path}:{qualname}" if qualname else entry.path


class _Tree:
    def __init__(
        self, project: Project, randomness: Randomness, entry: EntryPoint, root: Branch
    ) -> None:
        self._project = project
        self._randomness = randomness
        self._entry = entry
        self._root = root
        self._fits = frozenset(project.program.fits(entry))
        self._tables = {
            kind: [api_table(*table) for table in tables] for kind, tables in TABLES.items()
        }

    def grow(self) -> None:
        stack = [self._root]
        for step, here in self._project.program.graph.walk(self._entry):
            del stack[len(here) + 1 :]
            if isinstance(step, Run):
                path = here[-1].path if here else self._entry.path
                branch = self._branch(path, step)
                stack[-1].steps.append(branch)
                stack.append(branch)
            else:
                self._add(stack[-1], step, here)
        _prune(self._root)

    def _branch(self, path: str, run: Run) -> Branch:
        scope = python_of(self._project, run.path).scopes[run.scope]
        place = line_text(self._project, path, run.line)
        if run.scope == 0:
            return Branch(run.path, place, "imports", [])
        how = "defines" if scope.kind == "class" else "hands over" if run.held else "runs"
        return Branch(scope.qualname, place, how, [])

    def _add(self, branch: Branch, site: Site, here: Trace) -> None:
        for kind, about in self._kinds(site, here):
            name = written(self._project, site)
            line = call_of(self._project, site).line
            leaf = Leaf(kind, name, line_text(self._project, site.path, line), about)
            last = branch.steps[-1] if branch.steps else None
            if isinstance(last, Leaf) and (last.kind, last.name) == (kind, name):
                last.times += 1
            else:
                branch.steps.append(leaf)

    def _kinds(self, site: Site, here: Trace) -> Iterator[tuple[str, str]]:
        effect = self._randomness.effect(site, lambda: frame_of(self._entry, here))
        if effect.seeds:
            yield "seeds", "all" if effect.seeds == ALL else named(_in_order(effect.seeds))
        if effect.may_seed:
            yield "may seed", ""
        if effect.draws:
            yield "draws", named([effect.draws])
        if site in self._fits:
            yield "fits", ""
        elif site.name:
            yield from ((kind, "") for kind, tables in self._tables.items() if _in(site, tables))


def _in(site: Site, tables: Iterable[Names]) -> bool:
    return any(site.name in table for table in tables)


def _in_order(generators: Iterable[str]) -> list[str]:
    return sorted(generators)


def _prune(branch: Branch) -> bool:
    """Takes out what leads to nothing. Whether anything is left."""
    order: list[Branch] = []
    stack = [branch]
    while stack:
        one = stack.pop()
        order.append(one)
        stack += [step for step in one.steps if isinstance(step, Branch)]
    for one in reversed(order):
        one.steps = [step for step in one.steps if isinstance(step, Leaf) or step.steps]
    return bool(branch.steps)


def _verdicts(project: Project, order: Order) -> Iterator[str]:
    for generator in _in_order(order.seeded):
        yield f"{named([generator])}: seeded before training draws from it"
    for draw in order.draws:
        line = call_of(project, draw.event.site).line
        place = line_text(project, draw.event.site.path, line)
        name = written(project, draw.event.site)
        if draw.doubt is not None:
            doubt = written(project, draw.doubt.site)
            yield f"{named([draw.generator])}: not determined, for '{doubt}' may seed it"
        elif draw.option:
            yield f"{named([draw.generator])}: seeded only with {draw.option}"
        else:
            yield f"{named([draw.generator])}: not seeded before '{name}' at {place}"
