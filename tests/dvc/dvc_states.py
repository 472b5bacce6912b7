"""States that a DVC repository can be in, each made with real DVC.

Every state starts from files, is run with `dvc repro`, committed, and then changed. Commands are
those of a shell, so that nothing but DVC is needed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PIPELINE = """\
stages:
  prepare:
    cmd: cat data/raw.csv src/prepare.txt > data/clean.csv
    deps:
      - data/raw.csv
      - src/prepare.txt
    outs:
      - data/clean.csv
  train:
    cmd: cat data/clean.csv > model.txt && echo '{"auc":0.9}' > metrics.json
    deps:
      - data/clean.csv
      - src/train.txt
    params:
      - train.rate
      - train.layers
    outs:
      - model.txt
    metrics:
      - metrics.json:
          cache: false
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "data/raw.csv": "a,b\n1,2\n",
    "src/prepare.txt": "prepare\n",
    "src/train.txt": "train\n",
    "params.yaml": "train:\n  rate: 0.001\n  layers: [8, 4]\n  name: cnn\n",
}
FOLDER = """\
stages:
  train:
    cmd: cat src/*.txt > model.txt
    deps: [src]
    outs: [model.txt]
"""


OUT = "outs: [model.txt]"


def pipeline(name: str, *lines: str) -> str:
    """A dvc.yaml with one stage."""
    return "".join(f"{line}\n" for line in ("stages:", f"  {name}:", *(f"    {x}" for x in lines)))


_AUTHOR = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "a"), ("EMAIL", "a@example.org"), ("DATE", "2024-01-01T00:00:00Z"))
}


class Work:
    """A repository that is being brought into a state."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str) -> None:
        subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True,
            env={**os.environ, **_AUTHOR},
        )  # fmt: skip

    def start(self, files: dict[str, str], *, repro: bool = True) -> None:
        """Lays the files out, runs all stages and commits."""
        from dvc.repo import Repo

        self.git("init", "-q", "-b", "main")
        Repo.init(str(self.root)).close()
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "-A")
        if repro:
            self.repro()
        self.commit()

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "state", "--allow-empty")

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(text.encode())

    def change(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text("utf-8")
        assert old in text, (path, old)
        self.write(path, text.replace(old, new))

    def remove(self, *paths: str) -> None:
        for path in paths:
            target = self.root / path
            shutil.rmtree(target) if target.is_dir() else target.unlink()

    def unpull(self, *paths: str) -> None:
        """As in a clone that nobody pulled in."""
        self.remove(".dvc/cache", *paths)

    @contextmanager
    def dvc(self) -> Iterator[object]:
        from dvc.repo import Repo

        before = Path.cwd()
        os.chdir(self.root)
        try:
            with Repo() as repo:
                yield repo
        finally:
            os.chdir(before)

    def repro(self) -> None:
        with self.dvc() as repo:
            repo.reproduce(all_pipelines=True)

    def add(self, path: str) -> None:
        with self.dvc() as repo:
            repo.add(path)

    def status(self) -> dict[str, object]:
        """What `dvc status --json` prints."""
        with self.dvc() as repo:
            return {stage: _plain(entries) for stage, entries in repo.status().items()}


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


class State(NamedTuple):
    name: str
    make: Callable[[Work], None]
    determined: bool = True
    """Whether the files in a checkout settle everything that DVC says."""


STATES: dict[str, State] = {}


def state(make: Callable[[Work], None]) -> Callable[[Work], None]:
    name = make.__name__.replace("_", "-")
    STATES[name] = State(name, make)
    return make


def undetermined(make: Callable[[Work], None]) -> Callable[[Work], None]:
    name = make.__name__.replace("_", "-")
    STATES[name] = State(name, make, determined=False)
    return make


@state
def fresh(work: Work) -> None:
    work.start(FILES)


@state
def dependency_changed(work: Work) -> None:
    work.start(FILES)
    work.write("src/train.txt", "train better\n")


@state
def dependency_touched_only(work: Work) -> None:
    work.start(FILES)
    work.write("src/train.txt", FILES["src/train.txt"])


@state
def first_of_two_stages_changed(work: Work) -> None:
    work.start(FILES)
    work.write("data/raw.csv", "a,b\n3,4\n")


@state
def folder_file_changed(work: Work) -> None:
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", "src/deep/b.txt": "b\n"})
    work.write("src/deep/b.txt", "changed\n")


@state
def folder_file_added(work: Work) -> None:
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n"})
    work.write("src/b.txt", "b\n")


@state
def folder_fresh(work: Work) -> None:
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", "src/é.txt": "b\n", "src/Z/c.txt": "c"})


@undetermined
def folder_file_removed(work: Work) -> None:
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", "src/b.txt": "b\n"})
    work.remove("src/b.txt")


@undetermined
def folder_with_files_that_git_ignores(work: Work) -> None:
    ignored = {".gitignore": "*.pyc\n"}
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", **ignored})
    work.write("src/a.pyc", "compiled")


@state
def folder_with_files_that_dvc_ignores(work: Work) -> None:
    ignored = {".dvcignore": "*.log\n/src/tmp/\n"}
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", "src/run.log": "1\n", **ignored})
    work.write("src/run.log", "2\n")
    work.write("src/tmp/x", "3\n")


@state
def parameter_changed(work: Work) -> None:
    work.start(FILES)
    work.change("params.yaml", "0.001", "0.01")


@state
def parameter_list_changed(work: Work) -> None:
    work.start(FILES)
    work.change("params.yaml", "[8, 4]", "[8, 5]")


@state
def parameter_that_no_stage_takes_changed(work: Work) -> None:
    work.start(FILES)
    work.change("params.yaml", "cnn", "rnn")


@state
def parameter_spelled_otherwise(work: Work) -> None:
    work.start(FILES)
    work.change("params.yaml", "rate: 0.001", "rate: 1e-3  # the same")
    work.change("params.yaml", "layers: [8, 4]", "layers:\n    - 8\n    - 0o4")


@state
def parameter_missing(work: Work) -> None:
    work.start(FILES)
    work.change("params.yaml", "  rate: 0.001\n", "")


@state
def parameters_file_missing(work: Work) -> None:
    work.start(FILES)
    work.remove("params.yaml")


@state
def parameter_added(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "      - train.rate\n", "      - train.rate\n      - train.name\n")


@state
def parameter_of_a_list_item(work: Work) -> None:
    work.start(_with_params("train.layers.1", FILES["params.yaml"]))
    work.change("params.yaml", "[8, 4]", "[9, 4]")


def _with_params(params: str, text: str, path: str = "params.yaml") -> dict[str, str]:
    taken = f"params: [{params}]"
    return {"dvc.yaml": pipeline("train", f"cmd: cat {path} > model.txt", taken, OUT), path: text}


@state
def parameters_in_json(work: Work) -> None:
    work.start(_with_params("p.json: [a.b, c]", '{"a": {"b": 1.0}, "c": true}', "p.json"))
    work.write("p.json", '{"a": {"b": 1}, "c": false}')


@state
def parameters_in_toml(work: Work) -> None:
    work.start(_with_params("p.toml: [a.b]", "[a]\nb = 3\nc = 1\n", "p.toml"))
    work.write("p.toml", "[a]\nb = 4\nc = 1\n")


@state
def parameters_in_python(work: Work) -> None:
    text = "RATE = 0.1\nSIZE: int = 3\nSHAPE = (1, 2)\nclass Train:\n    EPOCHS = 5\n"
    text += "    def __init__(self):\n        self.depth = 2\n"
    work.start(_with_params("p.py: [RATE, SIZE, SHAPE, Train.EPOCHS, Train.depth]", text, "p.py"))
    work.change("p.py", "EPOCHS = 5", "EPOCHS = 6")
    work.change("p.py", "depth = 2", "depth = 3")


@state
def parameters_as_a_whole_file(work: Work) -> None:
    work.start(_with_params("p.yaml: null", "a: 1\nb: {c: 2}\nd: 3\n", "p.yaml"))
    work.write("p.yaml", "a: 1\nb: {c: 3}\ne: 5\n")


@state
def parameters_as_a_whole_file_fresh(work: Work) -> None:
    text = "a: on\nb: 017\nc: 1_000\nd: ~\ne: .5\nf: '017'\nh: 12:30:45\ni: yes\n"
    work.start(_with_params("p.yaml: null", text, "p.yaml"))


@state
def lock_missing(work: Work) -> None:
    work.start(FILES)
    work.remove("dvc.lock")


@state
def never_run(work: Work) -> None:
    work.start(FILES, repro=False)


@state
def stage_added(work: Work) -> None:
    work.start(FILES)
    lines = ("cmd: cat model.txt > report.txt", "deps: [model.txt]", "outs: [report.txt]")
    added = pipeline("report", *lines).removeprefix("stages:\n")
    work.write("dvc.yaml", PIPELINE + added)


@state
def stage_removed(work: Work) -> None:
    work.start(FILES)
    work.write("dvc.yaml", PIPELINE[: PIPELINE.index("  train:")])


@state
def stage_renamed(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "  train:\n", "  fit:\n")


@state
def command_changed(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "cat data/clean.csv >", "cat -n data/clean.csv >")


@state
def command_as_list_and_folded(work: Work) -> None:
    commands = "    cmd:\n      - echo one > a.txt\n      - echo two >> a.txt\n"
    folded = "    cmd: >-\n      echo three\n      > b.txt\n"
    work.start(
        {
            "dvc.yaml": f"stages:\n  a:\n{commands}    deps: [x.txt]\n    outs: [a.txt]\n"
            f"  b:\n{folded}    deps: [x.txt]\n    outs: [b.txt]\n",
            "x.txt": "x\n",
        }
    )
    work.change("dvc.yaml", "echo two", "echo 2")


@state
def comments_and_descriptions_changed(work: Work) -> None:
    work.start(FILES)
    work.change(
        "dvc.yaml", "  prepare:\n", "  # first\n  prepare:\n    desc: cleans\n    meta: {a: 1}\n"
    )


@state
def frozen_and_changed(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "  train:\n", "  train:\n    frozen: true\n")
    work.write("src/train.txt", "other\n")
    work.write("model.txt", "other\n")


@state
def always_changed(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "  train:\n", "  train:\n    always_changed: true\n")


@state
def stage_without_dependencies_and_outputs(work: Work) -> None:
    work.start({"dvc.yaml": pipeline("hello", "cmd: echo hello")})


@undetermined
def output_deleted(work: Work) -> None:
    work.start(FILES)
    work.remove("model.txt")


@state
def output_modified(work: Work) -> None:
    work.start(FILES)
    work.write("model.txt", "by hand\n")


@state
def output_folder_modified(work: Work) -> None:
    text = pipeline(
        "a", "cmd: mkdir out && cp x.txt out/1 && cp x.txt out/2", "deps: [x.txt]", "outs: [out]"
    )
    work.start({"dvc.yaml": text, "x.txt": "x\n"})
    work.write("out/2", "by hand\n")


@state
def output_uncached_modified(work: Work) -> None:
    work.start(
        {**FILES, "dvc.yaml": PIPELINE.replace("- model.txt", "- model.txt: {cache: false}")}
    )
    work.write("model.txt", "by hand\n")


@state
def metrics_uncached_modified(work: Work) -> None:
    work.start(FILES)
    work.write("metrics.json", '{"auc": 1.0}\n')


@state
def plots_and_persistent_outputs(work: Work) -> None:
    pipeline = (
        "stages:\n  a:\n"
        "    cmd: cat x.txt > plot.csv && cat x.txt > kept.txt && cat x.txt > m.json\n"
        "    deps: [x.txt]\n    outs:\n      - kept.txt: {persist: true, push: false}\n"
        "    plots:\n      - plot.csv: {cache: false, x: a, y: b}\n    metrics: [m.json]\n"
    )
    work.start({"dvc.yaml": pipeline, "x.txt": "{}\n"})
    work.write("x.txt", "[]\n")


@state
def output_added(work: Work) -> None:
    work.start(FILES)
    work.change("dvc.yaml", "      - model.txt\n", "      - model.txt\n      - log.txt\n")


@state
def dependency_added(work: Work) -> None:
    work.start(FILES)
    work.write("src/common.txt", "x\n")
    work.change(
        "dvc.yaml", "      - src/train.txt\n", "      - src/train.txt\n      - ./src/common.txt\n"
    )


@state
def dependency_moved(work: Work) -> None:
    work.start(FILES)
    work.write("src/fit.txt", "train\n")
    work.remove("src/train.txt")


@undetermined
def dependency_that_git_ignores_is_not_there(work: Work) -> None:
    work.start({**FILES, ".gitignore": "/local\n", "local/x.txt": "x\n",
                "dvc.yaml": PIPELINE.replace("- src/train.txt", "- local/x.txt")})  # fmt: skip
    work.remove("local")


@undetermined
def not_pulled(work: Work) -> None:
    work.start(FILES)
    work.unpull("data/clean.csv", "model.txt")


@undetermined
def not_pulled_and_changed(work: Work) -> None:
    work.start(FILES)
    work.unpull("data/clean.csv", "model.txt")
    work.write("src/train.txt", "other\n")
    work.change("params.yaml", "0.001", "0.5")


@undetermined
def folder_with_data_that_was_not_pulled(work: Work) -> None:
    work.start({"dvc.yaml": FOLDER, "src/a.txt": "a\n", "src/data.txt": "d\n"}, repro=False)
    work.git("rm", "-q", "--cached", "src/data.txt")
    work.add("src/data.txt")
    work.repro()
    work.commit()
    work.unpull("src/data.txt", "model.txt")


FOREACH = """\
stages:
  clean:
    foreach: [de, fr]
    do:
      cmd: cat raw/${item}.csv > ${item}.csv
      deps: ["raw/${item}.csv"]
      outs: ["${item}.csv"]
"""


@state
def foreach_fresh(work: Work) -> None:
    work.start({"dvc.yaml": FOREACH, "raw/de.csv": "1\n", "raw/fr.csv": "2\n"})


@state
def foreach_one_changed(work: Work) -> None:
    work.start({"dvc.yaml": FOREACH, "raw/de.csv": "1\n", "raw/fr.csv": "2\n"})
    work.write("raw/fr.csv", "3\n")


@state
def foreach_member_added(work: Work) -> None:
    work.start({"dvc.yaml": FOREACH, "raw/de.csv": "1\n", "raw/fr.csv": "2\n"})
    work.change("dvc.yaml", "[de, fr]", "[de, fr, it]")
    work.write("raw/it.csv", "3\n")


@state
def foreach_over_mapping_from_parameters(work: Work) -> None:
    pipeline = (
        "stages:\n  fit:\n    foreach: ${models}\n    do:\n"
        "      cmd: echo ${key} ${item.rate} ${item.flags[0]} > ${key}.txt\n"
        "      params: ['models.${key}.rate']\n      outs: ['${key}.txt']\n"
    )
    params = "models:\n  cnn: {rate: 1e-3, flags: [true]}\n  rnn: {rate: 0.2, flags: [no]}\n"
    work.start({"dvc.yaml": pipeline, "params.yaml": params})
    work.change("params.yaml", "0.2", "0.3")


@state
def foreach_over_list_of_mappings(work: Work) -> None:
    pipeline = (
        "stages:\n  fit:\n    foreach:\n      - {name: a, size: 1}\n      - {name: b, size: 2}\n"
        "    do:\n      cmd: echo ${item.name} ${item.size} > ${item.name}.txt\n"
        "      deps: [x.txt]\n      outs: ['${item.name}.txt']\n"
    )
    work.start({"dvc.yaml": pipeline, "x.txt": "x\n"})
    work.change("dvc.yaml", "size: 2", "size: 3")


@state
def matrix(work: Work) -> None:
    pipeline = (
        "stages:\n  fit:\n    matrix:\n      model: [cnn, {name: rnn}]\n      size: ${sizes}\n"
        "    cmd: echo '${key}' ${item.size} > ${key}.txt\n    deps: [x.txt]\n"
        "    outs: ['${key}.txt']\n"
    )
    work.start({"dvc.yaml": pipeline, "params.yaml": "sizes: [1, 2.5]\n", "x.txt": "x\n"})
    work.change("params.yaml", "[1, 2.5]", "[1, 3.5]")


VARS = """\
vars:
  - settings.yaml:io,names
  - more: {deep: {list: [a, b]}}
stages:
  fit:
    wdir: ${io.folder}
    vars:
      - local.yaml
      - own: 3
    cmd: echo ${names[1]} ${more.deep.list[0]} ${own} ${rate} ${flag} \\${HOME} > ${io.file}
    deps: ["${ io.input }"]
    params: [depth]
    outs: ["${io.file}"]
"""
VARS_FILES = {
    "dvc.yaml": VARS,
    "settings.yaml": "io: {folder: work, file: out.txt, input: in.txt}\nnames: [x, y]\nunused: 1\n",
    "params.yaml": "rate: 1e-05\nflag: true\n",
    "work/local.yaml": "depth2: 1\n",
    "work/params.yaml": "depth: 4\n",
    "work/in.txt": "in\n",
}


@state
def variables_fresh(work: Work) -> None:
    work.start(VARS_FILES)


@state
def variable_changed(work: Work) -> None:
    work.start(VARS_FILES)
    work.change("params.yaml", "1e-05", "2e-05")


@state
def variable_of_working_folder_changed(work: Work) -> None:
    work.start(VARS_FILES)
    work.write("work/in.txt", "other\n")
    work.write("work/params.yaml", "depth: 5\n")


@state
def mapping_as_arguments(work: Work) -> None:
    text = pipeline("fit", "cmd: echo ${args} > a.txt", "deps: [x.txt]", "outs: [a.txt]")
    params = "args:\n  rate: 0.1\n  name: a b\n  verbose: true\n  quiet: false\n"
    params += "  sizes: [1, 2]\n  deep: {k: v}\n"
    work.start({"dvc.yaml": text, "params.yaml": params, "x.txt": "x\n"})


@state
def mapping_as_arguments_changed(work: Work) -> None:
    mapping_as_arguments(work)
    work.change("params.yaml", "[1, 2]", "[1, 3]")


NESTED = {
    "dvc.yaml": pipeline(
        "top", "cmd: cat part/out.txt > top.txt", "deps: [part/out.txt]", "outs: [top.txt]"
    ),
    "part/dvc.yaml": pipeline(
        "low",
        "cmd: cat ../in.txt own.txt > out.txt",
        "deps: [../in.txt, own.txt]",
        "params: [k]",
        "outs: [out.txt]",
    ),
    "part/params.yaml": "k: 1\n",
    "part/own.txt": "own\n",
    "in.txt": "in\n",
}


@state
def pipelines_in_folders_fresh(work: Work) -> None:
    work.start(NESTED)


@state
def pipelines_in_folders_changed(work: Work) -> None:
    work.start(NESTED)
    work.write("in.txt", "other\n")
    work.write("part/params.yaml", "k: 2\n")


@state
def working_folder_of_stage(work: Work) -> None:
    text = pipeline(
        "a",
        "wdir: part",
        "cmd: cat x.txt ../y.txt > z.txt",
        "deps: [x.txt, ../y.txt]",
        "outs: [z.txt]",
    )
    work.start({"dvc.yaml": text, "part/x.txt": "x\n", "y.txt": "y\n"})
    work.write("y.txt", "changed\n")


def _added(work: Work) -> None:
    work.start(
        {"data/raw.csv": "1\n", "images/a.txt": "a\n", "images/deep/b.txt": "b\n"}, repro=False
    )
    work.git("rm", "-r", "-q", "--cached", "data", "images")
    work.add("data/raw.csv")
    work.add("images")
    work.commit()


@state
def pointers_fresh(work: Work) -> None:
    _added(work)


@state
def pointer_data_changed(work: Work) -> None:
    _added(work)
    work.write("data/raw.csv", "2\n")


@state
def pointer_folder_changed(work: Work) -> None:
    _added(work)
    work.write("images/c.txt", "c\n")


@undetermined
def pointer_data_not_pulled(work: Work) -> None:
    _added(work)
    work.unpull("data/raw.csv", "images")


@state
def pointer_updated_but_pipeline_not(work: Work) -> None:
    work.start({"data/raw.csv": "1\n"}, repro=False)
    work.git("rm", "-r", "-q", "--cached", "data")
    work.add("data/raw.csv")
    work.write(
        "dvc.yaml",
        pipeline("a", "cmd: cat data/raw.csv > a.txt", "deps: [data/raw.csv]", "outs: [a.txt]"),
    )
    work.repro()
    work.commit()
    work.write("data/raw.csv", "2\n")
    work.add("data/raw.csv")


@state
def import_from_address(work: Work) -> None:
    source = work.root.parent / "source.txt"
    source.write_text("1\n")
    work.start({"a.txt": "a\n"}, repro=False)
    with work.dvc() as repo:
        repo.imp_url("../source.txt", out="in.txt")
    work.commit()


@state
def import_from_repository(work: Work) -> None:
    other = Work(work.root.parent / "other")
    other.root.mkdir()
    other.start({"a.txt": "a\n"}, repro=False)
    work.start({"b.txt": "b\n"}, repro=False)
    with work.dvc() as repo:
        repo.imp("../other", "a.txt", out="in.txt")
    work.commit()


@state
def line_ends_changed(work: Work) -> None:
    work.start(FILES)
    work.write("src/train.txt", "train\r\n")


def _as_dvc_2(work: Work) -> None:
    """The lock and cache as DVC 2 would have written them: text with the line ends of Unix."""
    work.start({**FILES, "src/train.txt": "train\r\n"})
    text = (work.root / "dvc.lock").read_text("utf-8").replace("      hash: md5\n", "")
    dos, unix = (hashlib.md5(data).hexdigest() for data in (b"train\r\n", b"train\n"))
    work.write("dvc.lock", text.replace(dos, unix))
    cache = work.root / ".dvc" / "cache"
    shutil.copytree(cache / "files" / "md5", cache, dirs_exist_ok=True)


@state
def lock_of_dvc_2(work: Work) -> None:
    _as_dvc_2(work)


@state
def lock_of_dvc_2_changed(work: Work) -> None:
    _as_dvc_2(work)
    work.write("src/train.txt", "other\r\n")


@state
def two_files_of_parameters(work: Work) -> None:
    files = _with_params("a, other.yaml: [b, c.d]", "a: 1\n")
    work.start({**files, "other.yaml": "b: x\nc: {d: 'y'}\n"})
    work.write("other.yaml", "b: x\nc: {d: 'z'}\n")


@state
def part_of_parameters_taken(work: Work) -> None:
    """A key whose value is a mapping."""
    work.start(_with_params("train", FILES["params.yaml"]))
    work.change("params.yaml", "cnn", "rnn")
