from __future__ import annotations

import time

import pytest
from document_samples import facts
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts.commands import python_target, read_makefile, read_shell, split_commands
from mlaudit.facts.json_document import read_json
from mlaudit.facts.records import Command
from mlaudit.facts.toml_document import read_toml
from mlaudit.facts.yaml_document import read_yaml
from mlaudit.repo.model import Kind


def yaml_commands(path: str, text: str) -> list[tuple[str, int, str]]:
    return [(item.text, item.line, item.target) for item in facts(read_yaml, text, path).commands]


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("a && b || c; d | e & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("X=1 Y='a b' python x.py", [["X=1", "Y=a b", "python", "x.py"]]),
        ('a \'b c\' "d \\" e" f\\ g', [["a", "b c", 'd " e', "f g"]]),
        ("a > out.txt 2>&1 < in", [["a"]]),
        ("a &> out b", [["a", "b"]]),
        ("a \\\n  b", [["a", "b"]]),
        ("a # b\nc d#e", [["a"], ["c", "d#e"]]),
        ("if a; then b; else c; fi", [["a"], ["b"], ["c"]]),
        ("for x in 1 2; do a $x; done", [["a", "$x"]]),
        ("(cd a && b)", [["cd", "a"], ["b"]]),
        ("a $(b | c) ${{ x && y }} {{ z }}", [["a", "$(b | c)", "${{ x && y }}", "{{ z }}"]]),
        ("cat <<E | b\nc && d\nE\ne", [["cat"], ["b"], ["e"]]),
        ("a ''", [["a", ""]]),
        ("it's open", [["it's", "open"]]),
        ("", []),
    ],
)
def test_split_commands(text: str, commands: list[list[str]]) -> None:
    assert split_commands(text) == commands


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("python train.py --x 1", "train.py"),
        ("python3.11 -u ./src//train.py", "src/train.py"),
        ("python -W ignore -X dev x.py", "x.py"),
        ("python -m pkg.train x.py", "-m pkg.train"),
        ("py -3 x.py", "x.py"),
        (".venv/bin/python x.py", "x.py"),
        ("$(PYTHON) x.py", "x.py"),
        ("CUDA_VISIBLE_DEVICES=0 nohup time python x.py", "x.py"),
        ("sudo -E env A=b timeout -s KILL 10 python x.py", "x.py"),
        ("./x.py", "x.py"),
        ("uv run --with rich x.py", "x.py"),
        ("uv run -m a.b", "-m a.b"),
        ("uv run --group dev -- python x.py", "x.py"),
        ("poetry run python -m a", "-m a"),
        ("conda run -n env --no-capture-output python x.py", "x.py"),
        ("accelerate launch --config_file c.yaml --num_processes 2 x.py --a b.py", "x.py"),
        ("accelerate launch -m a.b", "-m a.b"),
        ("torchrun --nproc_per_node 2 x.py", "x.py"),
        ("python -m torch.distributed.run --nproc 2 x.py", "x.py"),
        ("python -m cProfile -o out x.py", "x.py"),
        ("python -m coverage run -m pytest", "-m pytest"),
        ("coverage run --source a -m pytest", "-m pytest"),
        ("mpirun -np 4 python x.py", "x.py"),
        ("bash -c 'cd a && python x.py'", "x.py"),
        ("streamlit run app.py", "app.py"),
        ("gunicorn -k uvicorn.workers.UvicornWorker -b localhost:80 a.b:app", "-m a.b"),
        ("python -m uvicorn main:app --host 0.0.0.0", "-m main"),
        ("python -c 'import x.py'", None),
        ("python $DIR/x.py", None),
        ("python - x.py", None),
        ("python", None),
        ("uv run", None),
        ("pytest tests/x.py", None),
        ("black x.py", None),
        ("docker run image python x.py", None),
        ("A=b", None),
        ("env", None),
    ],
)
def test_python_target(text: str, target: str | None) -> None:
    (argv,) = split_commands(text)
    assert python_target(argv) == target


def test_python_target_of_nothing() -> None:
    assert python_target([]) is None
    assert python_target(["time"] * 100_000) is None


def test_shell_scripts() -> None:
    text = (
        "#!/bin/sh\nset -e # strict\n\nfoo &&\n  bar \\\n  baz\nif a\nthen\n  b\nfi\n"
        "cat > x <<'E'\nnot run\nE\necho 'two\nlines'\nlast\n"
    )
    assert facts(read_shell, text, "x.sh", Kind.SHELL).commands == (
        Command("set -e", 2),
        Command("foo &&   bar    baz", 4),
        Command("if a", 7),
        Command("b", 9),
        Command("cat > x <<'E'", 11),
        Command("echo 'two\nlines'", 14),
        Command("last", 16),
    )


def test_makefiles() -> None:
    text = (
        ".PHONY: all train\nPY ?= python3\nDIR := src\nARGS = --out $(DIR)\nARGS += -v # more\n"
        "all: train missing\ntrain: data.csv | $(DIR)\n"
        "\t@$(PY) $(DIR)/train.py \\\n\t  $(ARGS) $< # n\n"
        "ifdef X\n\t-echo $@ $$HOME $(UNKNOWN)\nendif\n\n# note\none two: ; run it\n"
        "define block\n\tnot run\nendef\nname := a:b\n"
    )
    found = facts(read_makefile, text, "Makefile", Kind.MAKEFILE).commands
    assert found == (
        Command("make train", 6, "all"),
        Command("python3 src/train.py --out src -v data.csv # n", 8, "train"),
        Command("echo train $HOME $(UNKNOWN)", 11, "train"),
        Command("run it", 15, "one"),
        Command("run it", 15, "two"),
    )


def test_github_workflows() -> None:
    text = (
        "on: push\njobs:\n  build:\n    steps:\n      - uses: a/b@v1\n      - run: pip install x\n"
        "      - name: n\n        run: |\n          # note\n          python a.py \\\n"
        "            --b\n          make test\n      - run: >\n          python\n          c.py\n"
        "        with: {run: not this}\n"
    )
    assert yaml_commands(".github/workflows/ci.yml", text) == [
        ("pip install x", 6, ""),
        ("python a.py    --b", 10, ""),
        ("make test", 12, ""),
        ("python c.py", 14, ""),
    ]
    assert yaml_commands("config.yml", text) == []


@pytest.mark.parametrize(
    ("path", "text", "commands"),
    [
        (
            ".gitlab-ci.yml",
            "before_script:\n- a\ntest:\n  script: b\n.x:\n  script:\n  - c\n  - - d\n  other: e\n",
            [("a", 2, ""), ("b", 4, ""), ("c", 7, ""), ("d", 8, "")],
        ),
        (
            "azure-pipelines.yml",
            "steps:\n- script: a\n- bash: |\n    b\n- task: x\n  inputs: {inlineScript: c}\n",
            [("a", 2, ""), ("b", 4, ""), ("c", 6, "")],
        ),
        (
            ".circleci/config.yml",
            ("jobs:\n  x:\n    steps:\n    - checkout\n    - run: a\n"
            "    - run: {name: n, command: b}\n"),
            [("a", 5, ""), ("b", 6, "")],
        ),
        (
            "dvc.yaml",
            "stages:\n  train:\n    cmd: python a.py\n    deps: [a.py]\n  two:\n    cmd: [b, c]\n",
            [("python a.py", 3, "train"), ("b", 6, "two"), ("c", 6, "two")],
        ),
        ("MLproject", "entry_points:\n  main: {command: 'python a.py {x}'}\n",
         [("python a.py {x}", 2, "main")]),
        (
            "docker-compose.yml",
            "services:\n  a: {command: python a.py}\n  b:\n    command: [python, 'b c.py']\n",
            [("python a.py", 2, ""), ("python 'b c.py'", 4, "")],
        ),
        (
            "k8s/job.yaml",
            ("apiVersion: batch/v1\nkind: Job\nspec:\n  template:\n    spec:\n      containers:\n"
            "      - args: ['--x', 1]\n        command: [python, a.py]\n      - args: [b]\n"),
            [("python a.py --x 1", 8, ""), ("b", 9, "")],
        ),
        (".pre-commit-config.yaml", "repos:\n- hooks:\n  - {id: x, entry: python a.py}\n",
         [("python a.py", 3, "")]),
        (
            "train.yml",
            ("$schema: https://azuremlschemas.azureedge.net/x.json\ncommand: >-\n"
            "  python a.py\n  --b\n"),
            [("python a.py --b", 3, "")],
        ),
        ("Taskfile.yml", "tasks:\n  t:\n    cmds:\n    - a\n    - cmd: b\n",
         [("a", 4, "t"), ("b", 5, "t")]),
    ],
)  # fmt: skip
def test_yaml_documents(path: str, text: str, commands: list[tuple[str, int, str]]) -> None:
    assert yaml_commands(path, text) == commands


def test_toml_documents() -> None:
    text = (
        '[tool.poe.tasks]\na = "python a.py"\nb = { cmd = "b" }\nc = """\nd\ne\n"""\n'
        '[tool.pixi.tasks]\nf = ["python", "f.py"]\n[tool.hatch.envs.x.scripts]\ng = ["h", "i"]\n'
        '[tool.pdm.scripts]\nj.shell = "k"\n[other.tasks]\nl = "m"\n'
    )
    found = facts(read_toml, text, "pyproject.toml", Kind.TOML).commands
    assert [(item.text, item.line, item.target) for item in found] == [
        ("python a.py", 2, "a"), ("b", 3, "b"), ("d", 5, "c"), ("e", 6, "c"),
        ("python f.py", 9, "f"), ("h", 11, "g"), ("i", 11, "g"), ("k", 13, "j"),
    ]  # fmt: skip


def test_json_documents() -> None:
    text = '{\n "scripts": {\n  "train": "python a.py && b"\n }\n}\n'
    found = facts(read_json, text, "app/package.json", Kind.JSON).commands
    assert found == (Command("python a.py && b", 3, "train"),)


@pytest.mark.parametrize(
    "text",
    [
        "{{" * 50_000, "$(" * 50_000, '"\\"' * 50_000, "'" * 50_001, "`" * 50_001, "${" * 50_000,
        "<<A\n" * 20_000, "! " * 50_000, "A=b " * 50_000, "a" + " " * 100_000, "bash -c '" * 5000,
        "A = " + "$(A)$(A)" * 1000 + "\n" + "a:\n\t$(A)\n" * 50, "\\\n" * 50_000,
        " ".join(f"t{n}" for n in range(5000)) + ":\n" + "\tx\n" * 5000,
    ],
)  # fmt: skip
def test_hostile_files_take_no_time(text: str) -> None:
    start = time.perf_counter()
    facts(read_makefile, text)
    for command in facts(read_shell, text).commands:
        for argv in split_commands(command.text):
            python_target(argv)
    assert time.perf_counter() - start < 10


_PIECES = st.sampled_from(
    ["a", " ", "\n", "\t", "\\", "'", '"', "$", "(", ")", "{", "}", "|", "&", ";", "<", ">", "<<E",
     "#", "`", "=", ":", "python ", "x.py", "-m ", "uv run ", "if ", "define\n", "é", "\x00", "%"]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_no_text_raises(text: str) -> None:
    for reader in (read_makefile, read_shell):
        for command in facts(reader, text).commands:
            for argv in split_commands(command.text):
                assert argv
                python_target(argv)
