"""What DVC's files say, and that no file of theirs makes a reader slow or fail."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from mlaudit.facts.dvc import read_lock, read_pipeline, read_pointer
from mlaudit.facts.dvc_config import read_config
from mlaudit.facts.dvc_records import Lock, Pipeline, Pointer, Stage, Unresolved
from mlaudit.facts.dvc_stages import Context, Files, Spreading
from mlaudit.facts.dvc_templates import Budget, Filler, TemplateError
from mlaudit.facts.dvc_values import Loaded, Opaque, load_values, load_yaml, same
from mlaudit.facts.records import Problem

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)


class Held(Files):
    """Files of values that are held in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def load(self, path: str) -> Mapping[str, Any]:
        if path not in self.files:
            raise TemplateError(f"there is no '{path}'")
        loaded = load_values(path, self.files[path])
        assert isinstance(loaded, Loaded)
        return loaded.value


def spread(text: str, **files: str) -> list[Stage | Unresolved]:
    """All stages; `params="..."` is the params.yaml that DVC takes by itself."""
    pipeline = read_pipeline(text)
    assert isinstance(pipeline, Pipeline), pipeline
    spreading = Spreading("", Held({f"{k}.yaml": v for k, v in files.items()}), Filler(Budget()))
    before = ["params.yaml"] if "params" in files else []
    context = spreading.extended(Context(), "", [*before, *pipeline.variables])
    return [one for each in pipeline.definitions for one in spreading.spread(each, context)]


def stages(text: str, **files: str) -> dict[str, Stage]:
    found = spread(text, **files)
    assert all(isinstance(one, Stage) for one in found), found
    return {one.name: one for one in found if isinstance(one, Stage)}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e-5", 1e-5), ("1e5", 1e5), (".5", 0.5), ("5.", 5.0), ("+1", 1), ("017", 17),
        ("0o17", 15), ("0x1F", 31), ("1_000", 1000), ("on", "on"), ("yes", "yes"), ("True", True),
        ("~", None),
        ("Null", None), ("12:30:45", "12:30:45"), ("1.2.3", "1.2.3"), ("-.inf", float("-inf")),
        ("'017'", "017"), ("2024-01-31", Opaque("2024-01-31")), ("1e", "1e"), ("nan", "nan"),
        ("+.5e3", "+.5e3"), ("9" * 10_000, "9" * 10_000),
    ],
)  # fmt: skip
def test_plain_scalars_are_read_as_yaml_1_2(written: str, value: object) -> None:
    loaded = load_yaml(f"a: {written}\n")
    assert isinstance(loaded, Loaded)
    assert loaded.value == {"a": value}
    assert type(loaded.value["a"]) is type(value)


def test_values_of_every_kind_of_file() -> None:
    json = load_values("p.json", '{"a": {"b": [1, 2.5, null]}}')
    assert json == ({"a": {"b": [1, 2.5, None]}}, {})
    toml = load_values("p.toml", "[a]\nb = 2024-01-31\nc = [1]\n")
    assert isinstance(toml, Loaded)
    assert toml.value == {"a": {"b": Opaque("2024-01-31"), "c": [1]}}
    python = load_values(
        "p.py",
        "import os\nA: int = 1\nB = (1, 'x')\nC = os.environ\nD = {'k': [1]}\n"
        "class Train:\n    E = 2\n    def __init__(self):\n        self.f = 3\n        g = 4\n",
    )
    assert isinstance(python, Loaded)
    train = {"E": 2, "f": 3}
    assert python.value == {"A": 1, "B": [1, "x"], "D": {"k": [1]}, "Train": train}
    assert python.line("Train", "E") == 6


def test_lines_are_those_of_the_keys() -> None:
    loaded = load_yaml("# head\na:\n  - x\n  - y: 1\n    z: 2\n")
    assert isinstance(loaded, Loaded)
    assert [loaded.line(*p) for p in (("a",), ("a", 1), ("a", 1, "z"), ("a", 1, "?"))] == [
        2,
        4,
        5,
        4,
    ]


def test_equality_is_that_of_dvc() -> None:
    assert same({"a": [1, 2.0]}, {"a": [1.0, 2]}) is True
    assert same({"a": 1}, {"a": 1, "b": 2}) is False
    assert same([1], [1, 2]) is False
    assert same(Opaque("2024-01-31 10:00"), Opaque("2024-01-31T10:00")) is None
    assert same([float("nan"), 1], [float("nan"), 2]) is False
    assert same([float("nan")], [float("nan")]) is None


def test_pointer_with_every_field() -> None:
    pointer = read_pointer(
        "wdir: ..\nfrozen: true\ndeps:\n- path: a.csv\n  repo:\n    url: ../x\n    rev_lock: abc\n"
        "outs:\n- md5: ABC.dir\n  size: 3\n  nfiles: 2\n  path: data\n  remote: Store\n"
        "  push: false\n"
        "- etag: 'q'\n  path: m.json\n  cache: false\n  metric: true\n  hash: etag\n"
    )
    assert isinstance(pointer, Pointer)
    data, metrics = pointer.outputs
    assert (data.path, data.line, data.remote, data.push) == ("data", 12, "Store", False)
    assert (data.recorded.md5, data.recorded.files, data.recorded.legacy) == ("abc.dir", 2, True)
    assert data.recorded.of_folder
    assert (metrics.kind, metrics.cached, metrics.recorded.complete) == ("metrics", False, False)
    assert pointer.imported
    assert pointer.frozen
    assert pointer.dependencies[0].imported


def test_outputs_and_parameters_of_a_stage() -> None:
    stage = stages(
        "stages:\n  a:\n    cmd: x\n    wdir: w\n    params:\n    - lr\n    - p.json: [a.b, c]\n"
        "    - q.toml:\n    - other.epochs\n    outs:\n    - m.pkl:\n        cache: false\n"
        "    metrics: [m.json]\n    plots:\n    - p.csv: {x: a, cache: false}\n    frozen: true\n"
    )["a"]
    assert [(p.path, p.keys, p.line) for p in stage.parameters] == [
        ("params.yaml", ("lr", "other.epochs"), 6), ("p.json", ("a.b", "c"), 7), ("q.toml", (), 8),
    ]  # fmt: skip
    assert [(o.path, o.kind, o.cached) for o in stage.outputs] == [
        ("m.pkl", "outs", False), ("m.json", "metrics", True), ("p.csv", "plots", False),
    ]  # fmt: skip
    assert stage.outputs[0].line == 11
    assert stage.frozen


def test_stages_run_always_without_inputs_and_outputs() -> None:
    found = stages(
        "stages:\n  a: {cmd: x}\n  b: {cmd: x, outs: [y]}\n  c: {cmd: x, deps: [y]}\n"
        "  d: {cmd: x, params: [y]}\n  e: {cmd: x, deps: [y], always_changed: true}\n"
    )
    assert [name for name, stage in found.items() if stage.runs_always] == ["a", "e"]


def test_templates_name_nested_keys_and_items() -> None:
    found = stages(
        "vars: [{n: {l: [1, {k: v}]}}]\nstages:\n  a:\n"
        "    cmd: 'go ${n.l[1].k} ${n.l[0]} ${ flag } ${rate} \\${HOME}'\n"
        "    deps: ['${n.l[1].k}.csv']\n",
        params="flag: yes\nrate: 1e-5\n",
    )
    assert found["a"].command == "go v 1 yes 1e-05 ${HOME}"
    assert found["a"].dependencies[0].path == "v.csv"


def test_groups_name_their_members_as_dvc_does() -> None:
    assert list(stages("stages: {a: {foreach: [x, 1, true], do: {cmd: 'go ${item}'}}}")) == [
        "a@x", "a@1", "a@true",
    ]  # fmt: skip
    found = stages(
        "stages: {a: {foreach: [{n: x}, {n: y}], do: {cmd: '${item.n}', deps: ['${item.n}']}}}"
    )
    assert {name: stage.command for name, stage in found.items()} == {"a@0": "x", "a@1": "y"}
    found = stages("stages: {a: {foreach: {k: {n: 1}}, do: {cmd: '${key}-${item.n}'}}}")
    assert found["a@k"].command == "k-1"
    matrix = "stages: {a: {matrix: {m: [x, {n: 1}], s: '${sizes}'}, cmd: '${item.s} ${key}'}}"
    found = stages(matrix, params="sizes: [1, 2]\n")
    assert list(found) == ["a@x-1", "a@x-2", "a@m1-1", "a@m1-2"]
    assert found["a@m1-2"].command == "2 m1-2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("stages: {a: {cmd: '${no}'}}", "there is no 'no'"),
        ("stages: {a: {cmd: x, deps: ['${l}']}}\nvars: [{l: [1]}]", "more than a text"),
        ("stages: {a: {foreach: 3, do: {cmd: x}}}", "neither a list nor a mapping"),
        ("stages: {a: {foreach: [1], do: 3}}", "no 'do'"),
        ("stages: {a: {matrix: [1], cmd: x}}", "no lists"),
        ("stages: {a: {deps: [x]}}", "without a command"),
        ("stages: {a: {cmd: x, deps: x}}", "'deps' is no list"),
        ("stages: {a: {cmd: x, deps: [[x]]}}", "a path that is no text"),
        ("stages: {a: {cmd: x, vars: [other.yaml]}}", "there is no 'other.yaml'"),
        ("stages: {a: {cmd: x, vars: [v.yaml, 'v.yaml:k']}}", "loaded twice"),
        ("stages: {a: {cmd: x, vars: [{k: 1}, v.yaml]}}", "given twice"),
        ("stages: {a: {cmd: x, vars: ['v.yaml:z']}}", "lacks a key"),
    ],
)
def test_stage_that_is_not_known_has_a_reason(text: str, reason: str) -> None:
    (found,) = spread(text, v="k: 1\n")
    assert isinstance(found, Unresolved)
    assert reason in found.reason


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "1",
        "stages: 1",
        "stages: {a: 1}",
        "vars: 1",
        "a: 1\na: 2",
        "a: 1\n---\nb: 2",
        "{",
        BOMB,
    ],
)
def test_pipeline_that_is_none_has_a_reason(text: str) -> None:
    assert isinstance(read_pipeline(text), Problem)


@pytest.mark.parametrize(
    "text", ["outs: 1", "outs: [1]", "outs: [{}]", "[]", "outs: [{path: [1]}]"]
)
def test_pointer_that_is_none_has_a_reason(text: str) -> None:
    assert isinstance(read_pointer(text), Problem)


@pytest.mark.parametrize(
    "body",
    ["stages: [1]", "stages: {a: 1}", "stages: {a: {deps: {x: 1}}}", "stages: {a: {params: [1]}}",
     "stages: {a: {params: {p: 1}}}", "stages: {a: {outs: [{md5: x}]}}", "<<<<<<< HEAD\n"],
)  # fmt: skip
def test_lock_that_is_none_has_a_reason(body: str) -> None:
    assert isinstance(read_lock(f"schema: '2.0'\n{body}\n"), Problem)


def test_lock_of_another_schema_is_not_read() -> None:
    assert isinstance(read_lock("schema: '2.0'\nstages: {}\n"), Lock)
    assert isinstance(read_lock("train: {cmd: x}\n"), Problem)


def test_configuration_keeps_where_data_lies_and_nothing_else() -> None:
    config = read_config(
        "[core]\n    remote = Store  # ours\n['remote \"store\"']\n    url = s3://b/p # x\n"
        '    secret_access_key = hunter2\n["remote \\"bare\\""]\n[remote "two"]\nurl = "/a b"\n'
        "[cache]\nshared = group\n[parsing]\nbool = boolean_optional\n"
    )
    assert (config.default, config.default_line) == ("store", 2)
    store = config.remotes["store"]
    assert (store.name, store.url, store.url_line) == ("store", "s3://b/p", 4)
    assert config.remotes["two"].url == "/a b"
    assert config.shared_cache
    assert config.parsing
    assert not config.problems
    assert "hunter2" not in repr(config)


def test_configuration_with_a_line_that_is_none_has_a_problem() -> None:
    assert [problem.line for problem in read_config("[core]\nremote\n").problems] == [2]


GROWS = "vars: [{x: " + "y" * 100_000 + "}]\nstages: {a: {cmd: '" + "${x}" * 20_000 + "'}}"
NINE = "[1, 2, 3, 4, 5, 6, 7, 8, 9]"


@pytest.mark.parametrize(
    "text",
    [
        GROWS,
        "stages: {a: {cmd: '" + "${" * 200_000 + "'}}",
        "stages: {a: {cmd: x, matrix: {" + ", ".join(f"k{n}: {NINE}" for n in range(9)) + "}}}",
        "stages: {a: {foreach: ["
        + "1, " * 1_999
        + "2], do: {cmd: x, deps: ["
        + "d, " * 40_000
        + "]}}}",
        "stages: {a: {cmd: x, vars: [" + "{a: 1}, " * 30_000 + "]}}",
    ],
)
def test_templates_that_grow_take_no_time(text: str) -> None:
    start = time.process_time()
    assert spread(text)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("p.yaml", BOMB), ("p.yaml", "[" * 100_000), ("p.yaml", "a: " + "{b: " * 5_000),
        ("p.json", "[" * 200_000), ("p.toml", "a = " + "[" * 100_000),
        ("p.py", "a = " + "(" * 100_000), ("p.py", "a = " + "-" * 100_000 + "1"),
        ("p.py", "a = \0"), ("p.json", "{"), ("p.yaml", "a: b: c"),
    ],
)  # fmt: skip
def test_values_made_to_hurt_are_refused(path: str, text: str) -> None:
    start = time.process_time()
    assert isinstance(load_values(path, text), Problem)
    assert time.process_time() - start < 5


def test_configuration_made_to_hurt_takes_no_time() -> None:
    start = time.process_time()
    read_config("".join(f'[remote "r{n}"]\nurl = {" " * 50}x\n' for n in range(50_000)))
    read_config("[a]\nb = " + " " * 2_000_000 + "x\n" + "[" * 100_000)
    assert time.process_time() - start < 5
