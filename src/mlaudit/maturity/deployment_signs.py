"""Signs that something is served, and that a machine releases it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.project.deploying import deploy_commands
from mlaudit.repo.model import Kind

_SERVES = re.compile(
    r"\b(uvicorn|gunicorn|hypercorn|bentoml serve|mlflow models serve|torchserve|vllm serve|"
    r"tritonserver|tensorflow_model_server|ray serve|serve run|streamlit run|flask run)\b"
)
_SERVING_FILES = ("bentofile.yaml", "cog.yaml")
_SERVING_KINDS = frozenset(
    {"InferenceService", "SeldonDeployment", "BentoDeployment", "RayService"}
)
_CLOUD = re.compile(
    r"^AWS::SageMaker::Endpoint$|"
    r"/(managedOnline|kubernetesOnline|modelBatch|batch)(Deployment|Endpoint)\.schema\.json$"
)
"""A resource of CloudFormation, and the schemas by which Azure ML knows its files."""


def serving_unit(view: View) -> Iterator[Evidence]:
    for facts in view.counted:
        if facts.path.rpartition("/")[2] in _SERVING_FILES:
            yield Evidence(True, "a service is declared", facts.path)
        if facts.kind is Kind.DOCKERFILE and facts.dockerfile is not None:
            for step in facts.dockerfile.instructions:
                if step.keyword in ("CMD", "ENTRYPOINT") and _SERVES.search(_flat(step.value)):
                    yield Evidence(True, "an image serves", facts.path, step.span.line)
        yield from _kubernetes(facts, _SERVING_KINDS, "an object that serves")
        yield from _cloud_endpoint(facts)
    for facts, call in islice(view.calls(api_table("maturity", "maturity.endpoints")), MOST):
        says = f"'{call.callee}' makes an endpoint"
        yield Evidence(True, says, facts.path, facts.raw_line(call.line))
    services = _services(view)
    for facts in view.counted if services else ():
        root = view.project.environment.root_of(facts.path).path
        if root in services or not root:
            yield from _kubernetes(facts, frozenset({"Deployment"}), "an object that serves")


def _cloud_endpoint(facts: FileFacts) -> Iterator[Evidence]:
    for entry in facts.document.entries if facts.document is not None else ():
        if isinstance(entry.value, str) and _CLOUD.search(entry.value):
            yield Evidence(True, "an endpoint is declared", facts.path, entry.line)
            return


def _services(view: View) -> frozenset[str]:
    """Project roots with a service of their own: a database is deployed just like one."""
    frameworks = api_table("maturity", "maturity.web-frameworks")
    return frozenset(
        view.project.environment.root_of(facts.path).path
        for facts in view.counted
        for item in (facts.python.imports if facts.python is not None else ())
        if item.target.partition(".")[0] in frameworks
    )


def _kubernetes(facts: FileFacts, kinds: frozenset[str], says: str) -> Iterator[Evidence]:
    if facts.document is None or facts.kind is not Kind.YAML:
        return
    api = {e.document for e in facts.document.entries if e.path == ("apiVersion",)}
    for entry in facts.document.entries:
        if entry.path == ("kind",) and entry.document in api and entry.value in kinds:
            yield Evidence(True, f"{says}: {entry.value}", facts.path, entry.line)


def deploy_command_in_ci(view: View) -> Iterator[Evidence]:
    for one in deploy_commands(view):
        yield Evidence(True, one.says, one.path, one.line)


def gitops_application(view: View) -> Iterator[Evidence]:
    for facts in view.counted:
        for evidence in _kubernetes(facts, frozenset({"Application", "Kustomization"}), "GitOps"):
            text = [e.value for e in facts.document.entries] if facts.document else []
            if any(isinstance(v, str) and _GITOPS.match(v) for v in text):
                yield evidence


_GITOPS = re.compile(r"argoproj\.io/|kustomize\.toolkit\.fluxcd\.io/")


def _flat(command: str) -> str:
    """An exec form as one line of words."""
    return re.sub(r'[\[\]",]+', " ", command).replace("  ", " ")
