"""Signs that something is served, and how a machine releases it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import islice

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.practices.deploying import (
    deploy_commands,
    disabled_deploys,
    job_at,
    model_starts,
    releasing_jobs,
    version_inputs,
)
from mlaudit.project.practices.jobs import Job
from mlaudit.project.practices.looks import Sight
from mlaudit.project.practices.sights import Sights
from mlaudit.project.practices.triggers import paused_training, pipelines_at_rest, training_triggers
from mlaudit.repo.model import Kind


@cache
def _serves() -> re.Pattern[str]:
    return re.compile(
        r"\b(uvicorn|gunicorn|hypercorn|granian|bentoml serve|mlflow models serve|torchserve"
        r"|vllm serve|tritonserver|tensorflow_model_server|ray serve|serve run|streamlit run"
        r"|flask run|fastapi run|litserve)\b"
    )


@cache
def _tests() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w-])(?:pytest|py\.test|unittest|tox|nox|(?:make|just|task|poe|hatch run|pixi run"
        r"|mise run|invoke) (?:\S+ )*\S*(?:test|check|ci)\S*|hatch test)(?![\w-])"
    )


@cache
def _builds() -> re.Pattern[str]:
    return re.compile(
        r"\bdocker (?:buildx )?build\b|\bkaniko\b|\bbentoml build\b|\bgcloud builds\b"
    )


_PRODUCTION = Gated(r"(?i)(?:^|[-_ /])(?:prod|prd|live)")
_STAGING = Gated(r"(?i)(?:^|[-_ /])(?:stag|stg|uat|preprod|pre-prod|qa|test|dev)")


def serving_unit(view: View) -> Iterator[Evidence]:
    """What can be deployed and answers with a model, or with what a service of it is built."""
    for facts in view.counted:
        if facts.kind is Kind.DOCKERFILE and facts.dockerfile is not None:
            for step in facts.dockerfile.instructions:
                flat = re.sub(r'[\[\]",\s]+', " ", step.value)
                if step.keyword in ("CMD", "ENTRYPOINT") and _serves().search(flat):
                    yield Evidence(True, "an image serves", facts.path, step.span.line)
    units = (one for one in view.project.serving.units if one.path in view.files)
    for unit in islice(units, MOST):
        yield Evidence(True, unit.says, unit.path, unit.line)
    homes = {_home(view, handler.path) for handler in view.project.serving.of_models}
    for thing in view.objects if homes else ():
        if thing.kind == "apps/Deployment" and _home(view, thing.path) in {*homes, ""}:
            yield Evidence(True, "an object that serves: Deployment", thing.path, thing.line)


def _home(view: View, path: str) -> str:
    return view.project.environment.root_of(path).path


def _as_sign(look: Callable[[Sights], Iterable[Sight]]) -> Callable[[View], Iterator[Evidence]]:
    """What is known below the rules, as evidence."""

    def sign(view: View) -> Iterator[Evidence]:
        for one in islice(look(view), MOST):
            yield Evidence(True, one.says, one.path, one.line)

    return sign


deploy_command_in_ci = _as_sign(deploy_commands)
deploy_disabled = _as_sign(disabled_deploys)
release_started_by_model = _as_sign(model_starts)
version_to_release = _as_sign(version_inputs)
training_triggered = _as_sign(training_triggers)
training_paused = _as_sign(paused_training)
pipeline_at_rest = _as_sign(pipelines_at_rest)


# jobs that come before a release


def deploy_untested(view: View) -> Iterator[Evidence]:
    """No release waits for tests, neither in its own job nor in one that it needs."""
    released = releasing_jobs(view)
    if released and not any(
        any(map(_is_test, _before(view, job))) or _follows_workflow(view, job) for job in released
    ):
        for job in released:
            says = f"the job '{job.name}' deploys whatever the tests say"
            yield Evidence(True, says, job.path, job.line)


def _before(view: View, job: Job) -> Iterator[Job]:
    """The job itself, those that it needs, and those of the workflows that they call."""
    needed = [one for one in view.jobs if one.path == job.path and one.name in job.after]
    for one in (job, *needed):
        yield one
        called = one.workflow.removeprefix("./")
        yield from (other for other in view.jobs if called and other.path == called)


def _is_test(job: Job) -> bool:
    return any(_tests().search(command.text) for command in job.commands)


def _follows_workflow(view: View, job: Job) -> bool:
    return any(
        entry.path[1:2] == ("workflow_run",)
        for facts in (view.facts[job.path],)
        for entry in (facts.document.entries if facts.document is not None else ())
    )


def promotion_ordered(view: View) -> Iterator[Evidence]:
    """A release to production that waits for one to another environment."""
    for job in releasing_jobs(view):
        if not _PRODUCTION.search(job.environment or job.name):
            continue
        for one in _before(view, job):
            if (
                one is not job
                and _STAGING.search(one.environment or one.name)
                and _releases(view, one)
            ):
                says = f"'{job.name}' waits for '{one.name}'"
                yield Evidence(True, says, job.path, job.line)
                break


def rebuilt_per_stage(view: View) -> Iterator[Evidence]:
    """Each of the releases to several environments builds an image of its own."""
    building = [
        job
        for job in releasing_jobs(view)
        if any(_builds().search(command.text) for command in job.commands)
        or any(step.uses.startswith("docker/build-push-action@") for step in job.steps)
    ]
    if len({job.environment or job.name for job in building}) > 1:
        for job in building:
            says = f"'{job.name}' builds an image of its own"
            yield Evidence(True, says, job.path, job.line)


def _releases(view: View, job: Job) -> bool:
    return any(job_at(view, one.path, one.line) == job for one in deploy_commands(view))


def releases_after(view: View, jobs: Iterable[Job]) -> Iterator[Evidence]:
    """The releases that wait for one of these jobs."""
    given = list(jobs)
    for job in releasing_jobs(view):
        if any(one in given for one in _before(view, job)):
            says = f"the job '{job.name}' waits for it"
            yield Evidence(True, says, job.path, job.line)
