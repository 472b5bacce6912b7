"""Contexts are told by paths and attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.repo.contexts import context_of
from mlaudit.repo.kinds import kind_of
from mlaudit.repo.model import Context

PATHS: dict[Context, str] = {
    Context.SRC: """train.py src/model.py mypackage/data/loader.py test.py latest/run.py
        contest/solve.py datasets/train.csv data/test/a.csv data/samples/b.csv
        datasets/examples/c.jsonl data/external/d.csv data/generated/e.parquet model.pt
        sampler/nuts.py docstore/index.py protest.py data/demo/x.json.gz example.py LICENSE
        src/testing/helpers.py""",
    Context.SCRIPTS: "scripts/train.py bin/run run.sh Makefile tools/convert.py deploy/start.sh",
    Context.NOTEBOOKS: "eda.ipynb notebooks/eda.ipynb scripts/plot.ipynb src/test.ipynb",
    Context.TESTS: """tests/test_model.py test_model.py src/model_test.py conftest.py
        pkg/tests/helpers.py tests/data/frame.csv tests/requirements.txt tests/nb/a.ipynb
        app/tests.py tests/examples/case.py tests/docs/page.md examples/a/tests/test_b.py
        Tests/x.py tests/data/samples/a.csv data/test/test_load.py docs/tests/x.py""",
    Context.DOCS: """docs/conf.py doc/index.rst README.md CHANGELOG.rst docs/intro.ipynb
        docs/scripts/build.py documentation/a.yaml docs/data/a.csv""",
    Context.EXAMPLES: """examples/train.py example/a.ipynb tutorials/01.ipynb demo/app.py
        docs/examples/a.py examples/scripts/run.sh samples/serve.py examples/config.yaml
        examples/data/test/a.csv examples/a/src/model.py quickstart/main.py""",
    Context.CONFIG: """pyproject.toml configs/train.yaml Dockerfile requirements.txt .env
        .github/workflows/ci.yml package.json .gitignore uv.lock""",
    Context.VENDORED: """vendor/lib/a.py third_party/x/tests/test_x.py src/_vendor/six.py
        node_modules/a/index.js external/tool/examples/a.py venv/lib/site-packages/x.py
        vendor/test_a.py vendor/data/a.csv""",
    Context.GENERATED: """api/model_pb2.py api/model_pb2_grpc.py static/app.min.js
        src/generated/client.py docs/_build/index.html versioneer.py
        .ipynb_checkpoints/a-checkpoint.ipynb a.egg-info/PKG-INFO tests/api_pb2.py""",
}


@pytest.mark.parametrize(
    ("path", "context"),
    [(path, context) for context, paths in PATHS.items() for path in paths.split()],
)
def test_context_of(path: str, context: Context) -> None:
    assert context_of(path, kind_of(path)) is context


def test_every_context_has_a_path() -> None:
    assert set(PATHS) == set(Context)


@pytest.mark.parametrize(
    ("path", "attributes", "context"),
    [
        ("api/client.py", {"linguist-generated": True}, Context.GENERATED),
        ("libs/a.py", {"linguist-vendored": True}, Context.VENDORED),
        ("guide/a.py", {"linguist-documentation": True}, Context.DOCS),
        ("a.ipynb", {"linguist-generated": True}, Context.NOTEBOOKS),
        ("tutorials/a.ipynb", {"linguist-documentation": True}, Context.EXAMPLES),
        ("libs/a.ipynb", {"linguist-vendored": True}, Context.VENDORED),
        ("vendor/ours.py", {"linguist-vendored": False}, Context.SRC),
        ("generated/a.yaml", {"linguist-generated": False}, Context.CONFIG),
        ("src/a.py", {"linguist-generated": False}, Context.SRC),
        ("tests/a.py", {"linguist-vendored": False}, Context.TESTS),
    ],
)
def test_attributes_correct_the_path(
    path: str, attributes: dict[str, bool], context: Context
) -> None:
    assert context_of(path, kind_of(path), attributes) is context


@given(st.text(max_size=200))
def test_any_path_has_a_context(path: str) -> None:
    assert context_of(path, kind_of(path)) in Context
