"""Commands of installers, as Dockerfiles, CI and notebooks have them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.installs import Install, installs


def only(text: str) -> Install:
    found = installs(text, "Dockerfile", 3)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("pip install torch==2.5.1 numpy", [("torch", "==2.5.1"), ("numpy", "")]),
        ("pip3 install -U 'torch>=2,<3'", [("torch", "<3,>=2")]),
        ("python -m pip install --index-url https://example.org torch", [("torch", "")]),
        ("%pip install -q pandas==2.2.3", [("pandas", "==2.2.3")]),
        ("!{sys.executable} -m pip install pandas", [("pandas", "")]),
        ("sudo -H /opt/venv/bin/pip install pandas", [("pandas", "")]),
        ("uv pip install --system 'torch[opt]==2.5.1'", [("torch", "==2.5.1")]),
        ("uv run pip install pandas", [("pandas", "")]),
        ("conda install -y -c pytorch pytorch=2.1", [("pytorch", "==2.1.*")]),
        ("mamba install pytorch::faiss-cpu=1.8.0", [("faiss-cpu", "==1.8.0.*")]),
        ("apt-get update && pip install a==1 && pip install b==2", [("a", "==1"), ("b", "==2")]),
        ("pip install torch$VERSION numpy", [("numpy", "")]),
        ("pip install git+https://example.org/o/r@main", [("r", "")]),
        ("echo pip install torch", []),
        ("pip download torch", []),
        ("pip install -r requirements.txt", []),
    ],
)
def test_what_is_named(text: str, wanted: list[tuple[str, str]]) -> None:
    found = [one for install in installs(text, "Dockerfile", 3) for one in install.dependencies]
    assert [(one.name, one.specifier) for one in found] == wanted
    assert all(one.span.line == 3 and one.group == "" for one in found)


def test_files_and_folders() -> None:
    found = only(
        "pip install -r a.txt -rb.txt -c c.txt -e ../lib ./dist/x-1.0-py3-none-any.whl .[dev]"
    )
    assert found.lists == ("a.txt", "b.txt")
    assert found.constraints == ("c.txt",)
    assert found.projects == ("../lib", ".")
    assert found.archives == ("./dist/x-1.0-py3-none-any.whl",)
    assert found.dependencies == ()


def test_a_path_is_no_distribution() -> None:
    assert only("pip install /app libs/features").dependencies == ()
    assert only("pip install --no-deps .").bare


@pytest.mark.parametrize(
    ("text", "tool", "action"),
    [
        ("uv sync --frozen", "uv", "lock"),
        ("poetry install --only main", "poetry", "lock"),
        ("pdm sync --prod", "pdm", "lock"),
        ("pipenv sync", "pipenv", "lock"),
        ("pixi install", "pixi", "lock"),
        ("conda-lock install conda-lock.yml", "conda", "lock"),
        ("poetry export -o requirements.txt", "poetry", "export"),
        ("uv export > requirements.txt", "uv", "export"),
        ("uv pip compile requirements.in", "uv", "export"),
        ("pip install x", "pip", "resolve"),
        ("conda env create -f environment.yml", "conda", "resolve"),
        ("pip-sync requirements.txt", "pip", "resolve"),
    ],
)
def test_what_is_done(text: str, tool: str, action: str) -> None:
    found = only(text)
    assert (found.tool, found.action) == (tool, action)


@pytest.mark.parametrize(
    ("text", "python"),
    [
        ("uv sync --python 3.10", "==3.10.*"),
        ("uv python install 3.12", "==3.12.*"),
        ("uv venv --python=3.11.4", "==3.11.4"),
        ("conda create -n x python=3.9 pip", "==3.9.*"),
        ("conda install 'python>=3.9'", ">=3.9"),
        ("uv venv --python $VERSION", ""),
    ],
)
def test_interpreters(text: str, python: str) -> None:
    assert only(text).python == python


def test_a_gate_keeps_other_text_out() -> None:
    assert installs("echo hello && make all", "Makefile") == ()


@given(st.text(alphabet="pipinstalluvcondasync -=.[]'\"\\\n$({}>&|;%!#@/:,0123456789"))
def test_no_text_is_an_error(text: str) -> None:
    for command in ("pip install ", "conda install ", "uv sync "):
        installs(command + text, "Dockerfile")
