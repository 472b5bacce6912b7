from __future__ import annotations

import time

import pytest
from document_samples import facts
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.dockerfile import read_dockerfile
from mlaudit.facts.records import Command, Dockerfile, FileFacts, Span
from mlaudit.repo.model import Kind


def read(text: str) -> FileFacts:
    return facts(read_dockerfile, text, "Dockerfile", Kind.DOCKERFILE)


def dockerfile(text: str) -> Dockerfile:
    found = read(text).dockerfile
    assert found is not None
    return found


def test_stages_and_what_they_build_on() -> None:
    stages = dockerfile(
        "FROM --platform=$BUILDPLATFORM python:3.11 AS Base\nfrom base as next\nFROM scratch\n"
        "FROM python:3.11@sha256:ab\n"
    ).stages
    assert [(stage.image, stage.name, stage.base, stage.resolved) for stage in stages] == [
        ("python:3.11", "Base", -1, True),
        ("base", "next", 0, True),
        ("scratch", "", -1, True),
        ("python:3.11@sha256:ab", "", -1, True),
    ]
    assert stages[1].span == Span(2, 1, 0, 18)


@pytest.mark.parametrize(
    ("before", "image", "expected", "resolved"),
    [
        ("ARG V=3.11", "python:${V}-slim", "python:3.11-slim", True),
        ("ARG I=python T=3.9", "$I:$T", "python:3.9", True),
        ("ARG V='3.11'\nARG I=python:$V", "$I", "python:3.11", True),
        ("ARG V", "python:$V", "python:$V", False),
        ("ARG V", "python:${V:-3.10}", "python:3.10", True),
        ("", "python:${V:-${W:-3}}", "python:3", True),
        ("ARG V=1", "python${V:+:3.12}", "python:3.12", True),
        ("", "python${V:+:3.12}", "python", True),
        ("ARG V=3", "python:${V%.*}", "python:${V%.*}", False),
    ],
)
def test_defaults_are_put_in(before: str, image: str, expected: str, resolved: bool) -> None:
    (stage,) = dockerfile(f"{before}\nFROM {image}\n").stages
    assert (stage.image, stage.resolved) == (expected, resolved)


def test_variables_have_scopes() -> None:
    found = dockerfile(
        "ARG V=1\nFROM a AS one\nRUN x $V\nARG V\nENV P=/p Q=$P\nRUN y $V '$V' \"it's $P\" $Q\n"
        "FROM b\nRUN z $V $P\nFROM one\nRUN w $V $P\n"
    )
    runs = [item for item in found.instructions if item.keyword == "RUN"]
    assert [(run.stage, run.value, run.resolved) for run in runs] == [
        (0, "x $V", False),
        (0, "y 1 '$V' \"it's /p\" $Q", False),
        (1, "z $V $P", False),
        (2, "w 1 /p", True),
    ]


def test_continuations_comments_and_spans() -> None:
    found = dockerfile("FROM a\n  RUN one \\\n# note\n\n    && two \\\n    three  \nCMD x\n")
    run = found.instructions[1]
    assert run.value == "one  && two  three"
    assert run.span == Span(2, 3, 6, 10)
    assert found.instructions[2].span == Span(7, 1, 0, 6)


def test_the_escape_directive() -> None:
    found = dockerfile(
        "# syntax=docker/dockerfile:1\n# escape=`\nFROM a\nRUN dir C:\\ `\n  && b\nCMD c\n"
    )
    assert [item.value for item in found.instructions] == ["a", "dir C:\\  && b", "c"]
    assert len(dockerfile("FROM a\n# escape=`\nRUN x `\nRUN y\n").instructions) == 3


def test_here_documents() -> None:
    read_facts = read(
        "FROM a\nRUN <<EOF\npip install x\nFROM nothing\nEOF\nCOPY <<a <<'b' /to/\n1\na\n2\nb\n"
        "RUN python - <<E && ls\nimport x\nE\nCMD z\n"
    )
    assert read_facts.dockerfile is not None
    assert [item.keyword for item in read_facts.dockerfile.instructions] == [
        "FROM", "RUN", "COPY", "RUN", "CMD",
    ]  # fmt: skip
    assert read_facts.dockerfile.instructions[1].span == Span(2, 1, 5, 4)
    assert read_facts.commands[:2] == (Command("pip install x", 3), Command("FROM nothing", 4))


def test_commands() -> None:
    commands = read(
        "FROM a\nARG V=2\nRUN --mount=type=cache,target=/r pip install t==$V\n"
        'RUN ["pip", "list", "a b"]\n'
        'ENTRYPOINT ["python", "-u"]\nCMD ["train.py"]\nFROM b\nCMD ["serve.py"]\nCMD python $X\n'
    ).commands
    assert commands == (
        Command("pip install t==2", 3),
        Command("pip list 'a b'", 4),
        Command("python -u", 5),
        Command("python -u train.py", 6),
        Command("serve.py", 8),
        Command("python $X", 9),
    )


def test_what_is_no_instruction_is_a_problem() -> None:
    assert [(p.reason, p.line) for p in read("FROM a\nBOGUS b\n").problems] == [
        ("not a Dockerfile instruction", 2)
    ]
    assert read("FROM a\n{% if x %}\nRUN b\n{% endif %}\n").problems == ()
    assert read("FROM\n").problems[0].reason == "FROM names no image"


@pytest.mark.parametrize(
    "text",
    [
        "ENV A=aaaaaaaaaa\n" + "ENV A=$A$A\n" * 3000 + "RUN " + "$A" * 5000,
        "RUN \\\n" * 50_000,
        "RUN <<A\n" * 2000,
        "FROM " + " " * 50_000 + "x y",
        "ARG " + 'a="' * 50_000,
        "RUN " + "${a:-" * 20_000,
        "".join(f"ENV a{n}=b\n" for n in range(2000)) + "FROM a AS x\n" + "FROM x AS x\n" * 2000,
        "RUN a" + "\n" * 990_000,
        "RUN a" + " " * 2_000_000,
    ],
)
def test_hostile_files_take_no_time(text: str) -> None:
    start = time.perf_counter()
    read(text)
    assert time.perf_counter() - start < 5


@given(st.lists(st.sampled_from(
    ["FROM a", " AS b", "\n", "RUN ", "$X", "${X:-", "}", "\\", "<<E", "E", '"', "'", "ARG X=1",
     "ENV ", "[", "]", "#", "# escape=`", "`", " ", "é", "CMD ", "ONBUILD "]
), max_size=25).map("".join))  # fmt: skip
def test_no_text_raises(text: str) -> None:
    read(text)
