"""Which images are deployed under a tag that moves, however a document puts it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["OPS007"]
SERVICE = """\
import joblib
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")

@app.post("/predict")
def predict(row: list[float]):
    return model.predict([row]).tolist()
"""


@pytest.fixture
def found(tmp_path: Path) -> Callable[[dict[str, str]], list[str]]:
    def run(files: dict[str, str]) -> list[str]:
        for path, text in {"service.py": SERVICE, **files}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        repo = open_repo([tmp_path])
        project = Project(repo, read_facts(repo, repo.files).facts)
        matched = match_rules(project, [RULE], KNOWLEDGE.apis)
        assert matched.crashes == ()
        return [one.values["image"] for one in matched.matches]

    return run


def pod(image: str) -> str:
    return f"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n    - image: {image}\n"


@pytest.mark.parametrize(
    ("image", "floats"),
    [
        ("churn", True),
        ("churn:latest", True),
        ("registry:5000/churn", True),
        ("${REGISTRY}/churn:latest", True),
        ("churn:nightly-cpu", True),
        ("churn:1.4", False),
        ("churn:latest@sha256:" + "a" * 64, False),
        ("churn:nightly-20260110", False),
        ("${IMAGE:-churn:latest}", False),
        ("$IMAGE", False),
        ("churn:$TAG", False),
        ("IMAGE_NAME", False),
        ("team/IMAGE:latest", False),
        ("auto", False),
        ("'3'", True),
        ("''", False),
        ("null", False),
        ("[a, b]", False),
    ],
)
def test_images_of_kubernetes(found, image, floats):
    assert bool(found({"k8s/pod.yaml": pod(image)})) is floats


@pytest.mark.parametrize(
    ("path", "text", "images"),
    [
        ("charts/a/values.yaml", "tag: latest\nrepository: a/b\n", ["a/b:latest"]),
        ("charts/a/values.yaml", "x: {image: 'a/b:latest', tag: latest}\n", ["a/b:latest"]),
        ("charts/a/values.yaml", "x: {image: debian}\n", []),
        ("charts/a/values-dev.yaml", "tag: latest\nrepository: a/b\n", []),
        ("kustomization.yaml", "images: [{name: a, newTag: latest}]\n", ["a:latest"]),
        ("kustomization.yaml", "images: [{name: a, digest: 'sha256:1'}]\n", []),
        ("stack.prod.yml", "services: {a: {image: b}}\n", ["b"]),
        ("stack.prod.yml", "services: {a: {image: b, build: .}}\n", []),
        ("task.json", '{"containerDefinitions": [{"image": "b"}]}', ["b"]),
        (
            "deploy.sh",
            "kubectl set image deployment/a one=x/a:1.4 two=x/b:latest\n",
            ["x/b:latest"],
        ),
        ("deploy.sh", "helm upgrade churn ./chart --set image.tag=latest\n", ["churn:latest"]),
        ("deploy.sh", "kubectl create deployment a --image='x/b:latest'\n", ["x/b:latest"]),
        ("deploy.sh", "docker build -t x/b:latest .\n", []),
        ("main.tf", 'image = "x/b:latest"\nimage = "debian-cloud/debian-12"\n', ["x/b:latest"]),
    ],
)
def test_other_documents(found, path, text, images):
    assert found({path: text}) == images


def test_what_an_object_says_is_replaced_by_name(found):
    override = "images: [{name: x/churn, newTag: '1.4'}]\n"
    files = {"k8s/pod.yaml": pod("x/churn"), "k8s/kustomization.yaml": override}
    assert found(files) == []
    assert found({"k8s/pod.yaml": pod("x/other")}) == ["x/other"]


def test_a_compose_file_is_deployed_where_a_job_says_so(found):
    compose = {"compose.yaml": "services: {a: {image: b}}\n"}
    assert found(compose) == []
    job = "on: push\njobs: {a: {steps: [{run: docker compose up -d}]}}\n"
    assert found({**compose, ".github/workflows/test.yml": job}) == []
    assert found({**compose, ".github/workflows/deploy.yml": job}) == ["b"]


@pytest.mark.parametrize(
    ("step", "images"),
    [
        ("kustomize edit set image x/churn=x/churn:$GITHUB_SHA", ["redis"]),
        ("./kustomize edit set image $IMAGE:$GITHUB_SHA", ["redis"]),
        ('kustomize edit set image "${{ env.IMAGE }}:${{ github.sha }}"', ["redis"]),
        ("kustomize edit set image $UNKNOWN:$GITHUB_SHA", []),
        ("sed -i s/latest/$GITHUB_SHA/ k8s/pod.yaml", []),
        ("kubectl apply -f k8s/pod.yaml", ["x/churn:latest", "redis"]),
    ],
)
def test_what_a_job_replaces(found, step, images):
    env = "env: {IMAGE: x/churn}\n"
    job = f"on: push\n{env}jobs:\n  a:\n    steps:\n      - run: |\n          {step}\n"
    pods = pod("x/churn:latest") + "    - image: redis\n"
    assert found({"k8s/pod.yaml": pods, ".github/workflows/cd.yml": job}) == images
