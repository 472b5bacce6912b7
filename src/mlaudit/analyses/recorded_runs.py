"""What the analyses of recorded runs share: which runs they judge, and how they show them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from mlaudit.analyses.spots import spot_of
from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Const, Global, Local, PythonFacts
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.project.values.flow import within
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule

EVERYTHING = (Does.AUTOLOG, Does.HANDED_OVER)
"""What may record anything that a run can hold."""
SWEEPS = ("wandb.agent", "wandb.sweep")
SEARCHES = (
    "sklearn.model_selection.cross_val_score", "sklearn.model_selection.cross_validate",
    "sklearn.model_selection.cross_val_predict",
)  # fmt: skip
"""Fits whose models nobody keeps."""


def judged(project: Project, rule: Rule) -> Iterator[Region]:
    """The runs in the rule's contexts of which all is known that is done in them."""
    for region in project.runs.regions:
        file = project.files[region.opening.path]
        if file.context.value not in rule.contexts or not project.repo.selected(file.path):
            continue
        if region.known and not region.resumed and not region.opaque:
            yield region


def silent(
    project: Project,
    rule: Rule,
    events: Collection[Does],
    is_excused: Callable[[Project, Region], bool],
) -> Iterator[Match]:
    """One match for each run that trains and does none of `events`, unless it is excused.

    A run without training is there to upload or register something, or to show how.
    """
    for region in judged(project, rule):
        fits = () if region.does(*events) else project.runs.fits(region)
        if fits and not is_excused(project, region) and not is_autologged(project, region):
            yield match(
                project, rule, region, [Related(spot_of(project, fits[0]), "trained in it")]
            )


def is_autologged(project: Project, region: Region) -> bool:
    """Whether autologging is on, or may be, where something is fitted in the run.

    It counts in any program that comes to the run, and in the files that the run is followed
    through; not where it is switched on after the last fit of the run.
    """
    paths = {path for path, _ in region.chain} | {visit.site.path for visit in region.visits}
    inside = {visit.site for visit in region.visits}
    for site in _autologs(project, region, paths):
        if site not in inside or not _comes_too_late(project, region, site):
            return True
    return False


def _autologs(project: Project, region: Region, paths: set[str]) -> Iterator[Site]:
    place = _scope_of(project, region.start)
    for entry in project.program.entry_points:
        reached = project.program.reach(entry)
        if place in reached.scopes:
            paths |= {path for path, _ in reached.scopes}
    python = project.runs.python
    for path in sorted(paths & python.keys()):
        for number, call in enumerate(python[path].calls):
            if _is_autolog(call.callee) and call.keyword("disable") != Const(True):
                yield Site(path, number, call.callee)


def _is_autolog(name: str) -> bool:
    from mlaudit.knowledge import api_table

    return name in api_table("tracking", "tracking.autolog")


def _comes_too_late(project: Project, region: Region, site: Site) -> bool:
    sites = [visit.site for visit in region.visits]
    fits = project.runs.fits(region)
    return bool(fits) and all(sites.index(fit) < sites.index(site) for fit in fits)


def _scope_of(project: Project, site: Site) -> tuple[str, int]:
    python = python_of(project, site.path)
    return site.path, python.blocks[python.calls[site.number].block].scope


def is_trial(project: Project, region: Region) -> bool:
    """One of the many runs of a search: nested, of a sweep, or of a study's objective."""
    if region.nested:
        return True
    python = project.runs.python
    for extent in region.extents:
        part = extent.part
        names = [parameter.name for parameter in python[part.path].scopes[part.scope].parameters]
        if "trial" in names or any(call.callee in SWEEPS for call in python[part.path].calls):
            return True
    return any(_is_sweep_of(file, region.opening.path) for file in project.of_kind(Kind.YAML))


def uses_folder_of_run(python: PythonFacts) -> bool:
    """Whether a file writes into the folder that W&B uploads: `wandb.run.dir`."""
    return any(
        isinstance(part, Global | Local) and part.name.endswith("run.dir")
        for value in _values(python)
        for part in within(value)
    )


def _is_sweep_of(file: FileFacts, path: str) -> bool:
    """Whether a configuration of a W&B sweep names the program."""
    values = {e.path: e.value for e in file.document.entries} if file.document else {}
    program = values.get(("program",))
    folder = file.path.rpartition("/")[0]
    places = (program, f"{folder}/{program}")
    return ("method",) in values and isinstance(program, str) and path in places


def reads_config(python: PythonFacts) -> bool:
    """Whether a file takes its settings from the run, or sets them there: `wandb.config.rate`."""
    return any(_is_config(b.name) for b in python.bindings) or any(
        isinstance(part, Global) and _is_config(part.name)
        for value in _values(python)
        for part in within(value)
    )


def _is_config(name: str) -> bool:
    root, _, rest = name.partition(".")
    return rest.split(".")[0] == "config" and (root == "wandb" or "run" in root.lower())


def _values(python: PythonFacts) -> Iterator[AnyValue]:
    for call in python.calls:
        yield from call.args
        yield from (value for _, value in call.keywords)
    yield from (binding.value for binding in python.bindings)


def has(region: Region) -> str:
    """What the run does hold, in words."""
    words = {
        Does.PARAM: "parameters",
        Does.METRIC: "metrics",
        Does.MODEL: "a model",
    }
    held = [text for what, text in words.items() if region.does(what)]
    if not held:
        return "nothing"
    return held[0] if len(held) == 1 else f"{', '.join(held[:-1])} and {held[-1]}"


def match(project: Project, rule: Rule, region: Region, related: list[Related]) -> Match:
    """A finding at the place where the run is opened, in the function that its caller sees."""
    if region.start != region.opening and _alone(project, region):
        spot = spot_of(project, region.start)
    else:
        spot = spot_of(project, region.opening)
        if region.start.path != region.opening.path:
            related = [Related(spot_of(project, region.start), "the run is opened here"), *related]
    values = {"callee": region.start.name, "held": has(region)}
    return Match(rule.id, spot, values, related=tuple(related))


def _alone(project: Project, region: Region) -> bool:
    """Whether this is the only run that its call opens."""
    return sum(other.start == region.start for other in project.runs.regions) == 1
