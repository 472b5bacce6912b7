"""Chains of steps that a model goes through, and what is missing between them."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from mlaudit.knowledge import api_table
from mlaudit.maturity.catalogue_views import GapModel, PatternModel, StepModel, patterns_model
from mlaudit.maturity.model import Evidence, Gap, Outcome, Pattern, Phase, Stage
from mlaudit.maturity.places import place
from mlaudit.maturity.signing import seen
from mlaudit.maturity.view import View
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.project.pipelines.model import Act, Pipeline, Proof

LINK = " > "
COLLECTION = "data-collection"
MANY = 60
"""Programs beyond which only those that train are followed."""
COLLECTED = 3
"""Programs that train, beyond which they are a collection, and not one chain."""


def patterns(view: View, given: Container[str], phases: Mapping[str, Phase]) -> Iterator[Pattern]:
    """Training, serving and monitoring, each with its steps and its gaps."""
    for model in patterns_model().patterns:
        reason = next((text for one, text in model.not_applicable.items() if one in given), None)
        if reason is not None:
            yield Pattern(model.id, model.name, Outcome.NOT_APPLICABLE, reason)
            continue
        stages = tuple(_stage(step, view, phases) for step in model.steps)
        gaps = [*_missing(model, stages), *(gap for one in model.gaps for gap in _gap(one, view))]
        if any(step.phase for step in model.steps):
            gaps += (*_links(model, stages, view), *_crowded(view))
        outcome = Outcome.FALSE if gaps else Outcome.TRUE
        yield Pattern(model.id, model.name, outcome, stages=stages, gaps=tuple(gaps))


def _stage(step: StepModel, view: View, phases: Mapping[str, Phase]) -> Stage:
    if step.phase:
        known = phases[step.phase]
        return Stage(step.name, known.outcome, known.evidence[:1])
    shown = tuple(one for name in step.any for one in seen(view, name))[:1]
    if shown:
        return Stage(step.name, Outcome.TRUE, shown)
    return Stage(step.name, Outcome.FALSE if step.absent else Outcome.NOT_AVAILABLE)


def _missing(model: PatternModel, stages: Sequence[Stage]) -> Iterator[Gap]:
    """A line for each step that was not seen; one for all, where there is none at all."""
    if model.absent and all(stage.outcome is Outcome.FALSE for stage in stages):
        yield Gap("all steps", model.absent, ".")
        return
    for step, stage in zip(model.steps, stages, strict=True):
        if stage.outcome is Outcome.FALSE:
            yield Gap(step.name, step.absent, ".")


def _gap(model: GapModel, view: View) -> Iterator[Gap]:
    """One line, at the first place that shows it."""
    shown = [seen(view, name) for name in model.sees]
    if not all(shown) or any(seen(view, name) for name in model.lacks):
        return
    if not model.rules:
        yield Gap(model.edge, model.says, shown[0][0].path, shown[0][0].line)
        return
    for match in view.matches:
        if match.rule in model.rules and view.counts(match.spot.path):
            at, line = place(view, match)
            yield Gap(model.edge, model.says, at, line, match.rule)
            return


# what comes before what


def _links(model: PatternModel, stages: Sequence[Stage], view: View) -> Iterator[Gap]:
    """Neighbours that programs do one by one, and that nothing puts in order."""
    there = [
        (step, stage.evidence[0].path)
        for step, stage in zip(model.steps, stages, strict=True)
        if stage.outcome is Outcome.TRUE
    ]
    if len(there) < 2 or len(view.training) > COLLECTED:
        return
    if not all(one.settled for one in _pipelines(view)):
        return
    does = {entry.path: set(_names(_of_entry(view, entry))) for entry in _programs(view)}
    ordered = _ordered(view)
    for (one, here), (other, next_to) in pairwise(there):
        if here == next_to:
            continue
        first = [path for path, done in does.items() if one.phase in done]
        second = [path for path, done in does.items() if other.phase in done]
        pair = (one.phase, other.phase)
        if not first or not second or pair in ordered or set(first) & set(second):
            continue
        if not _run_by_one_file(view, first, second):
            roots = {view.project.environment.root_of(path).path for path in (first[0], second[0])}
            way = "in two projects" if len(roots) > 1 else "one by one"
            says = f"'{first[0]}' and '{second[0]}' are run {way}, and nothing links them"
            yield Gap(f"{one.name}{LINK}{other.name}", says, second[0])


def _run_by_one_file(view: View, first: Sequence[str], second: Sequence[str]) -> bool:
    """Whether a script, a Makefile or the like runs both."""
    texts: dict[str, str] = {}
    for line in view.commands:
        texts[line.path] = f"{texts.get(line.path, '')}\n{line.text}"
    ends = [{path.rpartition("/")[2] for path in paths} for paths in (first, second)]
    return any(all(any(end in text for end in some) for some in ends) for text in texts.values())


def _programs(view: View) -> Iterator[EntryPoint]:
    """Those of the part that are in use; of a repository full of them, those that train."""
    entries = [
        entry
        for entry in view.project.program.entry_points
        if entry.path in view.files
        and view.counts(entry.path)
        and not entry.path.endswith(".ipynb")
    ]
    return iter(entries if len(entries) <= MANY else view.training)


def _of_entry(view: View, entry: EntryPoint) -> tuple[Act, ...]:
    return view.project.pipelines.phases_of_code.of_entry(entry)


def _ordered(view: View) -> frozenset[tuple[str, str]]:
    """Pairs of phases of which a pipeline does the first before the second."""
    pairs: set[tuple[str, str]] = set()
    for pipeline in _pipelines(view):
        acts = {stage.name: _proven(view, pipeline, stage.name) for stage in pipeline.stages}
        for name, after in acts.items():
            before = {one for other in pipeline.before(name) for one in acts.get(other, ())}
            pairs.update((a, b) for b in after for a in (*before, *after))
    return frozenset(pairs)


def _pipelines(view: View) -> Iterator[Pipeline]:
    return (one for one in view.project.pipelines.counted if one.path in view.files)


def _proven(view: View, pipeline: Pipeline, stage: str) -> tuple[str, ...]:
    return _names(view.project.pipelines.phases(pipeline, pipeline.stage(stage)))


def _names(acts: Iterable[Act]) -> tuple[str, ...]:
    return tuple(act.phase.value for act in acts if act.proof is not Proof.NAME)


def _crowded(view: View) -> Iterator[Gap]:
    """Notebooks that do nearly everything, where no pipeline does."""
    if any(len(pipeline.stages) > 1 and _trains(view, pipeline) for pipeline in _pipelines(view)):
        return
    reading = {facts.path for facts, _ in view.calls(api_table("data", "data.reads"))}
    for entry in view.training:
        if entry.path.endswith(".ipynb"):
            done = {*_names(_of_entry(view, entry))}
            done |= {COLLECTION} if entry.path in reading else set()
            if len(done) >= patterns_model().many_phases:
                says = f"one notebook holds {len(done)} phases and no pipeline declares them"
                yield Gap("all steps", says, entry.path)


def _trains(view: View, pipeline: Pipeline) -> bool:
    return any("training" in _proven(view, pipeline, stage.name) for stage in pipeline.stages)


def acts_seen(view: View) -> Iterator[tuple[str, Evidence, bool]]:
    """What stages and training programs do: phase, place, and whether its name alone says so.

    A job for the whole repository may run what belongs to another project of it.
    """
    for pipeline in _pipelines(view):
        for stage in pipeline.stages:
            for act in view.project.pipelines.phases(pipeline, stage):
                if act.path in view.files:
                    says = f"the stage '{stage.name}': {act.says}"
                    yield act.phase.value, _evidence(view, act, says), act.proof is Proof.NAME
    for entry in view.training:
        for act in _of_entry(view, entry):
            yield act.phase.value, _evidence(view, act, act.says), act.proof is Proof.NAME


def _evidence(view: View, act: Act, says: str) -> Evidence:
    facts = view.project.facts.get(act.path)
    line = facts.raw_line(act.line) if facts is not None else act.line
    return Evidence(True, says, act.path, line)
