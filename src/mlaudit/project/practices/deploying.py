"""By what a machine releases what is served: commands, actions, programs, and their jobs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.practices.jobs import Job, events
from mlaudit.project.practices.looks import Sight
from mlaudit.project.practices.places import commands_behind, programs_of
from mlaudit.project.practices.sights import Sights
from mlaudit.project.practices.tools import LARGEST_TEXT

_ACTIONS = frozenset(
    {
        "azure/k8s-deploy", "azure/webapps-deploy", "azure/container-apps-deploy-action",
        "google-github-actions/deploy-cloudrun", "google-github-actions/deploy-appengine",
        "google-github-actions/deploy-cloud-functions",
        "aws-actions/aws-cloudformation-github-deploy", "akhileshns/heroku-deploy",
        "aws-actions/amazon-ecs-deploy-task-definition",
        "superfly/flyctl-actions", "bentoml/deploy-bento-action", "deliverybot/helm",
        "koslib/helm-eks-action", "serverless/github-action",
    }
)  # fmt: skip
"""What only copies files or publishes a page is left out."""
_VERSION = Gated(r"(?i)version|tag|image|sha|revision|ref\b|alias|model|run_id")
_MODELS = Gated(r"(?i)(?:^|/)(?:models?(?:/|$)|dvc\.lock)|\.dvc$")


@cache
def _deploys() -> re.Pattern[str]:
    return re.compile(
        r"(?<![\w-])(kubectl (?:apply|set image|replace)|helm (?:upgrade|install)"
        r"|bentoml (?:cloud )?deploy|bentoml deployment (?:create|update|apply)"
        r"|az ml (?:online|batch)-(?:deployment|endpoint) (?:create|update)"
        r"|gcloud (?:ai endpoints deploy-model|run deploy|app deploy|functions deploy)"
        r"|databricks bundle deploy|terra(?:form|grunt) apply|pulumi up|cdk deploy|sam deploy"
        r"|eb deploy|aws (?:ecs update-service|cloudformation deploy|lambda update-function-code"
        r"|sagemaker (?:create|update)-endpoint)|flyctl deploy|modal deploy"
        r"|anyscale service (?:rollout|deploy)|(?:serverless|sls) deploy|argocd app sync"
        r"|kustomize build \S+ ?\| ?kubectl apply)(?![\w-])"
    )


def deploys(command: str) -> str:
    """The part of a command that releases something; empty where there is none."""
    found = _deploys().search(command)
    return found[1] if found else ""


def deploy_commands(sights: Sights) -> Iterator[Sight]:
    """What CI runs to release: commands, directly or in a script, actions, and programs."""
    for line in sights.ci_commands:
        for one in commands_behind(sights, line):
            released = deploys(one.text)
            if released:
                yield Sight(f"CI runs '{released}'", line.path, line.line)
                break
    yield from _jenkins(sights)
    yield from _actions(sights)
    endpoints = {
        facts.path for facts, _ in sights.calls(api_table("maturity", "maturity.endpoints"))
    }
    for line, program in programs_of(sights, sights.ci_commands) if endpoints else ():
        if program in endpoints:
            yield Sight(f"CI runs '{program}', which deploys", line.path, line.line)


def disabled_deploys(sights: Sights) -> Iterator[Sight]:
    """The releases, where all are of jobs and steps that never run."""
    released = tuple(deploy_commands(sights))
    if all(_is_off(sights, one) for one in released):
        for one in released:
            yield Sight("the job that deploys never runs", one.path, one.line)


def _is_off(sights: Sights, released: Sight) -> bool:
    job = job_at(sights, released.path, released.line)
    if job is None:
        return False
    holding = [step for step in job.steps if step.line <= released.line]
    return job.off or bool(holding and holding[-1].off)


def _jenkins(sights: Sights) -> Iterator[Sight]:
    """What stands in the text of a Jenkinsfile, whose commands nobody parses."""
    for path in sights.files:
        if path.endswith("Jenkinsfile") and not sights.files[path].missing:
            text = sights.project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")
            for number, line in enumerate(text.splitlines(), 1):
                released = deploys(line) if not line.lstrip().startswith("//") else ""
                if released:
                    yield Sight(f"CI runs '{released}'", path, number)


def _actions(sights: Sights) -> Iterator[Sight]:
    for job in sights.jobs:
        for step in job.steps:
            action = step.uses.partition("@")[0].lower()
            if action in _ACTIONS:
                yield Sight(f"a job uses '{action}'", job.path, step.line)


# jobs


def job_at(sights: Sights, path: str, line: int) -> Job | None:
    """The job that a line of a workflow belongs to."""
    before = [job for job in sights.jobs if job.path == path and job.line <= line]
    return max(before, key=lambda job: job.line, default=None)


def releasing_jobs(sights: Sights) -> tuple[Job, ...]:
    """The jobs that release something."""
    found = (job_at(sights, one.path, one.line) for one in deploy_commands(sights))
    return tuple({(job.path, job.name): job for job in found if job is not None}.values())


def version_inputs(sights: Sights) -> Iterator[Sight]:
    """Releases that somebody starts by hand with the version to release."""
    for path in {job.path for job in releasing_jobs(sights)}:
        facts = sights.facts[path]
        started = events(facts).get("workflow_dispatch")
        inputs = started.get("inputs") if isinstance(started, dict) else None
        for name in inputs if isinstance(inputs, dict) else ():
            used = re.compile(rf"inputs\.{re.escape(str(name))}\b")
            lines = [
                entry.line
                for entry in (facts.document.entries if facts.document is not None else ())
                if isinstance(entry.value, str) and used.search(entry.value)
            ]
            if _VERSION.search(str(name)) and lines:
                says = f"a release takes the version to go to: '{name}'"
                yield Sight(says, path, lines[0])


def model_starts(sights: Sights) -> Iterator[Sight]:
    """Releases that a new version of the model starts."""
    for path in sorted({job.path for job in releasing_jobs(sights)}):
        started = events(sights.facts[path])
        by_event = [name for name in ("repository_dispatch", "workflow_run") if name in started]
        pushed = started.get("push")
        paths = pushed.get("paths", ()) if isinstance(pushed, dict) else ()
        if by_event:
            yield Sight(f"'{by_event[0]}' starts the release", path)
        elif any(_MODELS.search(str(one)) for one in paths if isinstance(paths, list)):
            yield Sight("a push of a model starts the release", path)
    yield from version_inputs(sights)
