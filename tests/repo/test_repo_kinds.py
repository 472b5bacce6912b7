"""Kinds are told by names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.repo.kinds import kind_of, kind_of_script
from mlaudit.repo.model import Kind

NAMES: dict[Kind, str] = {
    Kind.PYTHON: "train.py src/a/model.PY stubs/a.pyi app.pyw",
    Kind.NOTEBOOK: "eda.ipynb notebooks/1.ipynb",
    Kind.REQUIREMENTS: """requirements.txt requirements-dev.txt requirements_gpu.txt
        dev-requirements.txt requirements.dev.txt requirements.in a/requirements.lock
        requirements/base.txt requirements/dev.in constraints.txt constraints-3.11.txt
        docs/requirements.txt Requirements.txt reqs/test.txt""",
    Kind.PYPROJECT: "pyproject.toml services/api/pyproject.toml",
    Kind.SETUP_CFG: "setup.cfg",
    Kind.SETUP_PY: "setup.py",
    Kind.CONDA: """environment.yml environment.yaml environment-gpu.yml environment_dev.yaml
        conda.yaml conda_env.yml conda-dependencies.yml env.yml env-gpu.yaml condaenv.yml
        batch-environment.yml""",
    Kind.PIPFILE: "Pipfile",
    Kind.PIXI: "pixi.toml",
    Kind.LOCK: """Pipfile.lock poetry.lock uv.lock pdm.lock pixi.lock conda-lock.yml
        gpu.conda-lock.yml pylock.toml pylock.dev.toml""",
    Kind.DOCKERFILE: """Dockerfile dockerfile Dockerfile.gpu Dockerfile-dev Dockerfile_train
        gpu.Dockerfile docker/api.dockerfile Containerfile Containerfile.dev R_Dockerfile""",
    Kind.YAML: """a.yaml .github/workflows/ci.yml data.csv.dvc dvc.lock dvc.yaml MLproject MLmodel
        docker-compose.yml my-environments.yaml CITATION.cff requirements.yml dockerfile.yml
        environments/prod.yaml""",
    Kind.TOML: "ruff.toml .streamlit/config.toml",
    Kind.JSON: "package.json data/a.json tsconfig.json",
    Kind.DOTENV: ".env .env.local .env.example prod.env app/.env.production .env-dev",
    Kind.MAKEFILE: "Makefile makefile GNUmakefile rules.mk Makefile.common",
    Kind.SHELL: "run.sh setup.bash .envrc job.sbatch job.slurm .bashrc",
    Kind.IGNORE: ".gitignore .dockerignore .dvcignore api.dockerignore a/.gitignore .bentoignore",
    Kind.ATTRIBUTES: ".gitattributes data/.gitattributes",
    Kind.TEXT: """README.md LICENSE notes.txt justfile docs/index.rst Dockerfile.md Dockerfile.j2
        MANIFEST.in packages.txt index.html .dvc/config .python-version main.tf unknown.xyz
        .flake8 requirements.md environment.txt Jenkinsfile model.c a/txt .txt ignore""",
    Kind.BLOB: """model.pt model.pkl data.csv data.parquet image.png a.tar.gz model.onnx w.h5
        x.safetensors a.npy movie.mp4 font.woff2 lib.so data.jsonl a.JPG requirements.pdf
        runs/events.out.tfevents.1690000000.host.123.0 model.bin frozen.pb data.zip""",
}


@pytest.mark.parametrize(
    ("path", "kind"), [(path, kind) for kind, names in NAMES.items() for path in names.split()]
)
def test_kind_of(path: str, kind: Kind) -> None:
    assert kind_of(path) is kind


def test_every_kind_has_a_name() -> None:
    assert set(NAMES) == set(Kind)


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"#!/usr/bin/env python\n", Kind.PYTHON),
        (b"#!/usr/bin/env python3.11\nimport os", Kind.PYTHON),
        (b"#! /usr/local/bin/python3 -u\n", Kind.PYTHON),
        (b"#!/usr/bin/env -S python -u\n", Kind.PYTHON),
        (b"#!/usr/bin/env -S PYTHONPATH=. python\n", Kind.PYTHON),
        (b"#!python\n", Kind.PYTHON),
        (b"#!/bin/sh\n", Kind.SHELL),
        (b"#!/usr/bin/env bash\r\n", Kind.SHELL),
        (b"#!/usr/bin/env node\n", Kind.TEXT),
        (b"#!/usr/bin/pythonista\n", Kind.TEXT),
        (b"#!", Kind.TEXT),
        (b"", Kind.TEXT),
        (b"echo python\n", Kind.TEXT),
        (b"\x7fELF\x02\x01\x01\0", Kind.BLOB),
    ],
)
def test_kind_of_script(head: bytes, kind: Kind) -> None:
    assert kind_of_script(head) is kind


@given(st.text(max_size=200), st.binary(max_size=300))
def test_any_name_and_any_head_have_a_kind(path: str, head: bytes) -> None:
    assert kind_of(path) in Kind
    assert kind_of_script(b"#!" + head) in Kind
