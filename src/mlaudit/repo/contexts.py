"""What a file is there for, told by its path and by what .gitattributes says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from mlaudit.repo.model import Context, Kind

_FOLDERS: dict[str, Context] = {
    name: context
    for context, names in {
        Context.VENDORED: """vendor vendors vendored _vendor _vendored third_party third-party
            thirdparty 3rdparty 3rd_party external externals extern node_modules bower_components
            site-packages .venv venv""",
        Context.GENERATED: """generated _generated __generated__ autogen _build __pycache__
            .ipynb_checkpoints htmlcov""",
        Context.TESTS: """test tests __tests__ unittests unit_tests unit-tests integration_tests
            integration-tests functional_tests e2e_tests testdata test_data""",
        Context.DOCS: "doc docs documentation docsrc",
        Context.EXAMPLES: """example examples tutorial tutorials demo demos sample samples
            quickstart quickstarts cookbook cookbooks walkthrough walkthroughs getting-started
            getting_started""",
        Context.SCRIPTS: "scripts script bin tools",
    }.items()
    for name in names.split()
}

# In `data/test`, `datasets/samples` and `data/external` the words speak of data.
_DATA_FOLDERS = frozenset({"data", "dataset", "datasets"})

_GENERATED_NAME = re.compile(
    r".+_pb2(_grpc)?\.pyi?|.+\.min\.(js|css)|.+\.(js|css)\.map|versioneer\.py|.+\.egg-info"
    r"|.+-checkpoint\.ipynb"
)
_TEST_NAME = re.compile(r"test_.*\.py|.+_test\.py|conftest\.py|tests\.py")

_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK, Kind.SETUP_PY, Kind.SHELL, Kind.MAKEFILE})
_CONFIG = frozenset(set(Kind) - _CODE - {Kind.TEXT, Kind.BLOB})
_PROSE = (".md", ".rst", ".mdx", ".adoc")

_ATTRIBUTES = {
    "linguist-vendored": Context.VENDORED,
    "linguist-generated": Context.GENERATED,
    "linguist-documentation": Context.DOCS,
}

ATTRIBUTE_NAMES = tuple(_ATTRIBUTES)
"""The git attributes that say what a file is there for, as GitHub's linguist reads them."""


def context_of(path: str, kind: Kind, attributes: Mapping[str, bool] | None = None) -> Context:
    """The context of a file. `path` is relative to the root, so the root's own name says nothing.

    Whatever lies in a vendored tree is vendored; then the file's own name decides (`test_*.py`,
    `*_pb2.py`), then a generated tree, then one of tests; between docs and examples the
    innermost folder does. `attributes` are those of ATTRIBUTE_NAMES that are set (True) or unset
    (False) for it.
    """
    folder, _, name = path.lower().rpartition("/")
    context = _of_folder(folder, kind in _CODE)
    if context is not Context.VENDORED:
        context = _of_name(name) or context
    if attributes:
        context = _corrected(context, kind, attributes)
    if context is None or context is Context.SCRIPTS:
        return _of_kind(name, kind, context is Context.SCRIPTS)
    return context


def _of_name(name: str) -> Context | None:
    if _GENERATED_NAME.fullmatch(name):
        return Context.GENERATED
    return Context.TESTS if _TEST_NAME.fullmatch(name) else None


@lru_cache(maxsize=8192)
def _of_folder(folder: str, code: bool) -> Context | None:
    found: list[Context] = []
    for segment in folder.split("/"):
        if segment in _DATA_FOLDERS and not code and Context.TESTS not in found:
            break
        context = _FOLDERS.get(segment)
        if context is not None:
            found.append(context)
        elif segment.endswith(".egg-info"):
            found.append(Context.GENERATED)
    for strong in (Context.VENDORED, Context.GENERATED, Context.TESTS):
        if strong in found:
            return strong
    told = [context for context in found if context is not Context.SCRIPTS]
    return (told or found or [None])[-1]


def _corrected(
    context: Context | None, kind: Kind, attributes: Mapping[str, bool]
) -> Context | None:
    for name, named in _ATTRIBUTES.items():
        value = attributes.get(name)
        # Notebooks are often marked as generated or documentation for no other reason than to
        # keep them out of GitHub's language statistics.
        if value and (kind is not Kind.NOTEBOOK or named is Context.VENDORED):
            return named
        if value is False and context is named:
            return None
    return context


def _of_kind(name: str, kind: Kind, script: bool) -> Context:
    if kind is Kind.NOTEBOOK:
        return Context.NOTEBOOKS
    if kind in _CONFIG:
        return Context.CONFIG
    if name.endswith(_PROSE):
        return Context.DOCS
    if script or kind in (Kind.SHELL, Kind.MAKEFILE):
        return Context.SCRIPTS
    return Context.SRC
