"""Requirements files as people, pip, its compilers and conda write them."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from manifest_samples import manifest_of, only, read, said, spanned
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mlaudit.facts.pep508 import parse
from mlaudit.facts.records import Dependency


def one(line: str) -> Dependency:
    return only(manifest_of("requirements.txt", line))


@pytest.mark.parametrize(
    ("line", "name", "specifier"),
    [
        ("numpy", "numpy", ""),
        ("Scikit_Learn == 1.5.0", "scikit-learn", "==1.5.0"),
        ("torch>=2.1,<3  # the trainer", "torch", "<3,>=2.1"),
        ("torch==2.1.0+cu118", "torch", "==2.1.0+cu118"),
        ("mlem[dvc,fastapi]>=0.4.0", "mlem", ">=0.4.0"),
        ("litdata >= 0.2.0rc, <0.3.0", "litdata", "<0.3.0,>=0.2.0rc"),
        ("kfp>=2,!=2.1.*", "kfp", "!=2.1.*,>=2"),
        ("foo (>=1.0)", "foo", ">=1.0"),
    ],
)
def test_a_requirement_gives_name_and_specifier(line: str, name: str, specifier: str) -> None:
    found = one(line)
    assert (found.name, found.specifier) == (name, specifier)


def test_marker_extras_and_hashes_are_told_apart() -> None:
    found = one(
        "accelerate[b, a]==1.0 ; python_version < '3.11' \\\n"
        "    --hash=sha256:aa \\\n"
        "    --hash=sha256:bb\n"
    )
    assert found.extras == ("a", "b")
    assert found.marker == 'python_version < "3.11"'
    assert found.hashed
    assert found.raw == "accelerate[b, a]==1.0 ; python_version < '3.11'"


def test_spans_cover_the_requirement_alone() -> None:
    content = (
        "# top\n\n  numpy>=1  # why\n-e git+https://github.com/o/r.git@v1#egg=x\nb==1 --hash=x:y\n"
    )
    manifest = manifest_of("requirements.txt", content)
    assert [spanned(content, found) for found in manifest.dependencies] == [
        "numpy>=1",
        "git+https://github.com/o/r.git@v1#egg=x",
        "b==1",
    ]
    assert [found.span.line for found in manifest.dependencies] == [3, 4, 5]


def test_a_requirement_over_several_lines_spans_them() -> None:
    found = one("torch>=2, \\\n  <3\n")
    assert (found.specifier, found.span.line, found.span.end_line) == ("<3,>=2", 1, 2)


def test_includes_are_relative_to_the_repository() -> None:
    manifest = manifest_of(
        "services/api/requirements.txt",
        "-r base.txt\n-rextra.txt\n--requirement=../shared/requirements.txt\n"
        "-c ../../constraints.txt\n-r ../../../outside.txt\n-r /etc/abs.txt\n-r https://x.org/r.txt\n",
    )
    assert [(found.kind, found.path, found.span.line) for found in manifest.includes] == [
        ("requirement", "services/api/base.txt", 1),
        ("requirement", "services/api/extra.txt", 2),
        ("requirement", "services/shared/requirements.txt", 3),
        ("constraint", "constraints.txt", 4),
    ]


@pytest.mark.parametrize(
    ("line", "name", "source", "url", "ref"),
    [
        (
            "git+https://x.org/o/My.Repo",
            "my-repo",
            "vcs",
            "git+https://x.org/o/My.Repo",
            "",
        ),
        (
            "git+https://github.com/o/r.git@0a1b#egg=Name&subdirectory=x",
            "name",
            "vcs",
            "git+https://github.com/o/r.git",
            "0a1b",
        ),
        ("git+ssh://git@github.com/o/r@v1", "r", "vcs", "git+ssh://git@github.com/o/r", "v1"),
        (
            "peft @ git+https://x.org/o/peft@main",
            "peft",
            "vcs",
            "git+https://x.org/o/peft",
            "main",
        ),
        ("./libs/thing", "", "path", "./libs/thing", ""),
        ("-e .", "", "editable", ".", ""),
        ("-e ../shared", "", "editable", "../shared", ""),
        ("numpy @ file:///croot/numpy_1", "numpy", "path", "file:///croot/numpy_1", ""),
    ],
)
def test_sources_other_than_the_index(
    line: str, name: str, source: str, url: str, ref: str
) -> None:
    found = one(line)
    assert (found.name, found.source, found.url, found.ref) == (name, source, url, ref)


def test_a_wheel_tells_its_version() -> None:
    found = one("https://example.org/cu118/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl")
    assert (found.name, found.specifier, found.source) == ("torch", "==2.1.0+cu118", "url")


def test_passwords_in_urls_are_never_kept() -> None:
    found = one("x @ git+https://user:s3cr3t@example.org/o/r.git@v1")
    assert "s3cr3t" not in repr(found)
    assert (found.url, found.ref) == ("git+https://example.org/o/r.git", "v1")


def test_options_are_no_dependencies() -> None:
    manifest = manifest_of(
        "requirements.txt",
        "--index-url https://u:p@example.org/simple\n-i https://x\n--pre\n-f ./wheels\n",
    )
    assert manifest.dependencies == ()
    assert manifest.problems == ()


def test_conda_list_export() -> None:
    manifest = manifest_of(
        "requirements.txt",
        "# This file may be used to create an environment using:\n"
        "# $ conda create --name <env> --file <this file>\n"
        "# platform: linux-64\n"
        "@EXPLICIT\n"
        "_libgcc_mutex=0.1=main\nnumpy=1.21.2=py39h20f2e39_0\ntorch=1.10.0=pypi_0\nscipy=1.7\n",
    )
    assert manifest.compiled_by == "conda list"
    assert said(manifest)["numpy"] == "==1.21.2"
    assert said(manifest)["scipy"] == "==1.7.*"
    assert [found.channel for found in manifest.dependencies] == ["conda", "conda", "pip", "conda"]


_UV = "# This file was autogenerated by uv via the following command:\n#    "


@pytest.mark.parametrize(
    ("header", "tool"),
    [
        ("#\n# This file is autogenerated by pip-compile with Python 3.11\n", "pip-compile"),
        (_UV + "uv pip compile requirements.in -o requirements.txt\n", "uv pip compile"),
        (_UV + "uv export\n", "uv export"),
        ("# This file is @generated by PDM.\n", "pdm export"),
        ("numpy\n## The following requirements were added by pip freeze:\n", "pip freeze"),
        ("# see the notes on pip-tools\n", ""),
    ],
)
def test_the_header_names_the_compiler(header: str, tool: str) -> None:
    assert manifest_of("requirements.txt", header + "numpy==1\n").compiled_by == tool


@pytest.mark.parametrize(
    "data",
    [
        "torch==2.0\r\nnumpy\r\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "torch==2.0\nnumpy".encode("utf-16-be"),
        codecs.BOM_UTF8 + b"torch==2.0\rnumpy",
    ],
)
def test_encodings_of_windows(data: bytes) -> None:
    assert said(manifest_of("requirements.txt", data)) == {"torch": "==2.0", "numpy": ""}


def test_other_bytes_spoil_their_line_only() -> None:
    facts = read("requirements.txt", b"# caf\xe9\nnumpy==1.0\n")
    assert facts.manifest is not None
    assert said(facts.manifest) == {"numpy": "==1.0"}
    assert facts.problems[0].line == 1


def test_lines_that_cannot_be_read_are_problems_with_their_line() -> None:
    facts = read("requirements.txt", "numpy\n???\nold>=1.*\n<<<<<<< HEAD\n=======\n")
    assert [problem.line for problem in facts.problems] == [2, 3, 4, 5]
    assert facts.manifest is not None
    assert said(facts.manifest) == {"numpy": "", "old": ">=1.*"}


def test_groups_come_from_the_file_name() -> None:
    groups = {
        path: only(manifest_of(path, "x")).group
        for path in (
            "requirements.txt",
            "requirements-dev.txt",
            "requirements/test.txt",
            "requirements/base.txt",
            "docs/requirements.txt",
            "requirements_gpu.txt",
        )
    }
    assert groups == {
        "requirements.txt": "",
        "requirements-dev.txt": "dev",
        "requirements/test.txt": "test",
        "requirements/base.txt": "",
        "docs/requirements.txt": "docs",
        "requirements_gpu.txt": "",
    }


@pytest.mark.parametrize(
    "line",
    [
        "a" * 100_000 + "==",
        "x; " + "(" * 3000,
        "-" * 50_000,
        "a-" * 2000 + "1.conda",
        " " * 200_000 + "# x",
        "\0\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
        "https://" + "a@" * 2000,
    ],
)
def test_hostile_lines_end_in_time(line: str) -> None:
    assert len(manifest_of("requirements.txt", line).dependencies) < 2


_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9._-]{0,8}[a-z0-9]", fullmatch=True)
_VERSIONS = st.from_regex(
    r"[0-9]{1,3}(\.[0-9]{1,2}){0,2}(rc1|\.post1|\.dev2|\+cu118|\.\*)?", fullmatch=True
)
_CLAUSES = st.lists(
    st.tuples(st.sampled_from(["==", ">=", "<=", "<", ">", "!=", "~="]), _VERSIONS), max_size=3
)


@given(_NAMES, _CLAUSES, st.sampled_from(["", "[x]", "[x, y-z]", " "]))
def test_the_quick_way_agrees_with_packaging(
    name: str, clauses: list[tuple[str, str]], extras: str
) -> None:
    text = f"{name}{extras}{', '.join(map(''.join, clauses))}"
    found, reason = parse(text)
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        assert reason
        return
    assert found is not None
    assert not reason
    assert SpecifierSet(found.specifier) == wanted.specifier
    assert set(found.extras) == wanted.extras
    assert found.name == canonicalize_name(name)


@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    assert read("requirements.txt", data).manifest is not None
