"""One more dependency in a manifest, and not a byte else."""

from __future__ import annotations

import sys

import pytest
from fix_samples import finding
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.findings.model import Place
from mlaudit.fixes.manifest_file import ManifestFile
from mlaudit.repo.model import Kind

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


def declared(kind: Kind, text: str, *names: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    for _ in names:
        file = ManifestFile(kind, data)
        missing = [name for name in names if f"{name}\n".encode() not in data]
        findings = [finding(Place("train.py"), distribution=name) for name in missing]
        edits = [edit for fix in file.fixes(findings, "manifest") for edit in fix.edits]
        data = file.applied(edits)
        if kind is Kind.PYPROJECT:
            break
    return data.decode("utf-8", "surrogateescape")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("numpy\n", "numpy\nwandb\n"),
        ("numpy", "numpy\nwandb"),
        ("", "wandb\n"),
        ("a\r\nb\r\n", "a\r\nb\r\nwandb\r\n"),
        ("a\r\nb", "a\r\nb\r\nwandb"),
        ("# only a comment\n\n", "# only a comment\n\nwandb\n"),
    ],
)
def test_lists_grow_at_the_end(before: str, after: str) -> None:
    assert declared(Kind.REQUIREMENTS, before, "wandb") == after


def test_several_are_added_at_once() -> None:
    assert declared(Kind.REQUIREMENTS, "a\n", "wandb", "opencv-python") == (
        "a\nopencv-python\nwandb\n"
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[]", '["wandb"]'),
        ("[\n]", '["wandb"\n]'),
        ('["a"]', '["a", "wandb"]'),
        ("['a']", "['a', 'wandb']"),
        ('["a",]', '["a", "wandb"]'),
        ('["a", "b>=1"] # why', '["a", "b>=1", "wandb"] # why'),
        ('[\n    "a",\n]', '[\n    "a",\n    "wandb",\n]'),
        ('[\n    "a"\n]', '[\n    "a",\n    "wandb"\n]'),
        ('[\n  "a",  # why\n  # end\n]', '[\n  "a",  # why\n  "wandb",\n  # end\n]'),
        ('[\n\t"a" # why\n]', '[\n\t"a", # why\n\t"wandb"\n]'),
        ('["a",\n "b",\n]', '["a",\n "b",\n "wandb",\n]'),
        ('[\r\n  "a",\r\n]', '[\r\n  "a",\r\n  "wandb",\r\n]'),
        (
            '[\n  "a; python_version < \\"4\\"",\n]',
            '[\n  "a; python_version < \\"4\\"",\n  "wandb",\n]',
        ),
    ],
)
@pytest.mark.parametrize("key", ["[project]\ndependencies", "project.dependencies"])
def test_tables_keep_their_form(before: str, after: str, key: str) -> None:
    head, tail = f"# caf\u00e9\n{key} = ", '\nname = "x"\n'
    assert declared(Kind.PYPROJECT, head + before + tail, "wandb") == head + after + tail


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "x"\n',
        '[project]\ndependencies = "a"\n',
        '[project]\ndependencies = ["""a"""]\n',
        "[project\n",
        "\udcff",
    ],
)
def test_what_cannot_be_edited_stays(text: str) -> None:
    assert declared(Kind.PYPROJECT, text, "wandb") == text


@given(
    st.lists(st.sampled_from(["a", "b>=1", "c[x]==2", 'd; python_version < "4"']), max_size=4),
    st.sampled_from(["[", "[\n  ", "[ # why\n\t"]),
    st.sampled_from([",", ", ", ",\n  ", ", # no\n"]),
    st.sampled_from(["]", "\n]", ",]", ", # end\n]", " # end\n]"]),
)
def test_the_list_grows_by_one(items: list[str], head: str, comma: str, tail: str) -> None:
    written = comma.join(f"'{item}'" for item in items)
    before = f"[project]\ndependencies = {head}{written}{tail}\n"
    try:
        tomllib.loads(before)
    except tomllib.TOMLDecodeError:
        return
    after = tomllib.loads(declared(Kind.PYPROJECT, before, "wandb"))
    assert after["project"]["dependencies"] == [*items, "wandb"]
