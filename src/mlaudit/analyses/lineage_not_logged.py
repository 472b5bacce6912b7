"""Runs that do not say on which data, or from which code, a model was trained."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.recorded_runs import is_autologged, judged, match
from mlaudit.analyses.spots import spot_of
from mlaudit.facts.syntax import AnyValue, Call, Const, Local, Mapping
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.linking.calls import python_of
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.project.runs.events import Does
from mlaudit.project.runs.regions import Region
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Related, Rule

DATA = re.compile(r"(?i)(data|dvc).*(version|hash|rev|commit|digest|sha|tag)|dataset|artifact")
COMMIT = Gated(r"(?i)^(git_?(sha|commit|hash|rev\w*)|commit(_?(sha|hash|id))?|code_version)$")
VERSIONED = ("dvc.yaml", "dvc.lock", ".dvc/config", ".lakectl.yaml")
REMOTE = ("http://", "https://")
"""Data that others publish."""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each run that lacks a version, or has one that was typed in."""
    wrong = set()
    for region in project.runs.regions:
        for site in _typed_in(project, rule, region):
            if site not in wrong:
                wrong.add(site)
                values = {"what": "states a commit that was typed in", "callee": site.name}
                yield Match(rule.id, spot_of(project, site), values)
    for region in judged(project, rule):
        if not project.runs.fits(region) or region.does(Does.HANDED_OVER):
            continue
        missing = list(_missing(project, region))
        if missing and not is_autologged(project, region):
            found = match(project, rule, region, [related for _, related in missing])
            what = "says nothing of the version of " + " and ".join(word for word, _ in missing)
            yield Match(rule.id, found.spot, {**found.values, "what": what}, related=found.related)


def _missing(project: Project, region: Region) -> Iterator[tuple[str, Related]]:
    keys = list(_keys(project, region))
    if any(key is None for key in keys):
        return  # written from a dict that is not in sight
    told = [key for key in keys if key is not None]
    read = _reads(project, region)
    if read is not None and not region.does(Does.DATA) and not any(map(DATA.search, told)):
        yield "the data", Related(spot_of(project, read), "the data are read here")
    notebook = project.files[region.opening.path].kind is Kind.NOTEBOOK
    recorded = region.owner != "mlflow" or _on_databricks(project, region)
    if notebook and not recorded and not any(map(COMMIT.search, told)):
        yield "the code", Related(spot_of(project, region.start), "MLflow knows no commit here")


def _on_databricks(project: Project, region: Region) -> bool:
    """Databricks records the revision of the notebook."""
    python = python_of(project, region.opening.path)
    words = [text.value for text in python.texts] + [call.local for call in python.calls]
    return any("databricks" in word or word.startswith(("dbutils", "spark.")) for word in words)


# what is written to the run


def _pairs(
    project: Project, region: Region
) -> Iterator[tuple[Site, AnyValue | None, AnyValue | None]]:
    """Names and values of tags and parameters; a name of None may be any."""
    for site in (region.start, *(visit.site for visit in region.visits)):
        call = project.runs.call(site)
        last = site.name.rpartition(".")[2]
        if last in ("set_tag", "log_param") and site.name.startswith("mlflow"):
            first = 0 if site.name.count(".") == 1 else 1
            yield site, *_argument(call, "key", first), *_argument(call, "value", first + 1)
        elif last in ("set_tags", "log_params", "start_run", "init", "update"):
            several = _several(call, last)
            if isinstance(several, Mapping):
                for key, value in zip(several.keys, several.values, strict=True):
                    yield site, key, value
            elif several is not None:
                yield site, None, None


def _argument(call: Call, name: str, place: int) -> tuple[AnyValue | None]:
    value = call.keyword(name)
    return (value if value is not None else call.args[place] if len(call.args) > place else None,)


def _several(call: Call, last: str) -> AnyValue | None:
    """The dict of names and values that a call is given."""
    if last == "start_run":
        return call.keyword("tags")
    if last == "init":
        return call.keyword("config")
    first = 0 if call.callee.count(".") <= 1 else len(call.args) - 1
    return call.args[first] if call.args else next((value for _, value in call.keywords), None)


def _keys(project: Project, region: Region) -> Iterator[str | None]:
    for _, key, _ in _pairs(project, region):
        known = isinstance(key, Const) and isinstance(key.value, str)
        yield str(key.value) if known and isinstance(key, Const) else None


def _typed_in(project: Project, rule: Rule, region: Region) -> Iterator[Site]:
    """Where a commit is written to the run that is a text in the code."""
    for site, key, value in _pairs(project, region):
        if not isinstance(key, Const) or not COMMIT.search(str(key.value)) or value is None:
            continue
        file = project.files[site.path]
        if file.context.value not in rule.contexts or not project.repo.selected(site.path):
            continue
        constant = project.program.constant(site.path, value, project.runs.call(site).block)
        if constant is not None and isinstance(constant.value, str) and constant.value:
            yield site


# what it is trained on


def _reads(project: Project, region: Region) -> Site | None:
    """A file outside git that a program reads on its way to the run, or in it."""
    if _has_versions(project, region):
        return None
    tables = api_table("tracking", "tracking.data-files")
    for site in _ways(project, region):
        if site.name in tables:
            path = _path_of(project, site)
            if path and not path.startswith(REMOTE) and not _is_in_git(project, site, path):
                return site
    return None


def _ways(project: Project, region: Region) -> Iterator[Site]:
    python = python_of(project, region.start.path)
    block = python.calls[region.start.number].block
    place = region.start.path, python.blocks[block].scope
    yield from (visit.site for visit in region.visits if visit.certain)
    for entry in project.program.entry_points:
        reached = project.program.reach(entry)
        if place in reached.scopes:
            yield from reached.sites


def _has_versions(project: Project, region: Region) -> bool:
    root = project.environment.root_of(region.opening.path).path
    below = f"{root}/" if root else ""
    return any(below + name in project.files or name in project.files for name in VERSIONED)


def _path_of(project: Project, site: Site) -> str:
    """The literal path, or the default of the parameter that it is; empty where it is neither."""
    python = python_of(project, site.path)
    call = python.calls[site.number]
    if not call.args:
        return ""
    value = call.args[0]
    constant = project.program.constant(site.path, value, call.block)
    if constant is None and isinstance(value, Local):
        scope = python.scopes[python.blocks[call.block].scope]
        defaults = [p.default for p in scope.parameters if p.name == value.name]
        constant = defaults[0] if defaults and isinstance(defaults[0], Const) else None
    return constant.value if constant is not None and isinstance(constant.value, str) else ""


def _is_in_git(project: Project, site: Site, path: str) -> bool:
    folder = site.path.rpartition("/")[0]
    name = path.removeprefix("./").lstrip("/")
    while name.startswith("../"):
        name = name[3:]
    return any(
        known == name or known.endswith(f"/{name}") or known == f"{folder}/{name}"
        for known in project.files
    ) or f"{name}.dvc" in {known for known in project.files if known.endswith(".dvc")}
