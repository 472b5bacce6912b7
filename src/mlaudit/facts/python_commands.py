"""Which Python file or module a command runs."""

from __future__ import annotations

import posixpath
import re

from mlaudit.facts.shell import split_commands

_PYTHON = re.compile(r"(?:python|pypy|ipython|pythonw)[\d.]*(?:\.exe)?|py")
_PYTHON_VARIABLE = re.compile(
    r"\$[({]?\w*(?:PYTHON|PY|interpreter)\w*[)}]?|\$\{\{?[^}]*python[^}]*\}\}?"
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*\+?=")
_MODULE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_APPLICATION = re.compile(r"([A-Za-z_][\w.]*):[A-Za-z_][\w.]*(?:\(\))?")
_UNKNOWN = re.compile(r"[$`*{}<>]")

_MOST_PREFIXES = 20
_SHELLS = frozenset({"sh", "bash", "zsh", "dash"})
_OPTIONS_OF_PYTHON = frozenset({"-W", "-X", "--check-hash-based-pycs"})

_PREFIXES = {
    # Programs that run the command that follows, with those of their options that take a value.
    "chronic": "", "env": "-u --unset -C --chdir -S", "exec": "-a", "nice": "-n", "nohup": "",
    "setsid": "", "stdbuf": "-i -o -e", "sudo": "-u -g -C -D -h -p", "time": "-f -o",
    "timeout": "-s -k", "xvfb-run": "-n -s -e -f", "ionice": "-c -n", "taskset": "", "numactl": "",
    "uv run": "--with --with-requirements --with-editable --python -p --project --directory"
    " --extra --group --only-group --no-group --env-file --package --index --index-url",
    "uvx": "--with --from --python -p", "uv tool run": "--with --from --python -p",
    "poetry run": "", "pdm run": "-p --project", "pipenv run": "", "rye run": "",
    "hatch run": "", "pixi run": "-e --environment --manifest-path", "conda run":
    "-n --name -p --prefix --cwd", "mamba run": "-n --name -p --prefix --cwd", "micromamba run":
    "-n --name -p --prefix --cwd", "dotenv run": "", "doppler run": "-p -c", "infisical run": "",
    "op run": "", "ray job submit": "--address --runtime-env --working-dir",
    "srun": "-n -N -p -c -t -J -o -e", "mpirun": "-n -np -H -x --hostfile -hostfile",
    "mpiexec": "-n -np", "horovodrun": "-np -H", "singularity exec": "-B --bind",
    "apptainer exec": "-B --bind", "nsys profile": "-o -t --trace", "ncu": "-o",
    "coverage run": "--source --include --omit --rcfile --context --data-file",
}  # fmt: skip
_LAUNCHERS = frozenset({
    "accelerate", "torchrun", "deepspeed", "streamlit", "gradio", "chainlit", "fastapi",
    "marimo", "scalene", "kernprof", "viztracer", "py-spy", "composer", "colossalai",
    "bentoml", "mprof", "panel", "bokeh", "voila", "solara", "taipy", "locust", "metaflow",
    "torchx", "lightning", "fabric",
})  # fmt: skip
_MODULE_LAUNCHERS = frozenset({
    "torch.distributed.run", "torch.distributed.launch", "accelerate.commands.launch",
    "accelerate", "accelerate.launch", "deepspeed", "cProfile", "profile", "pdb", "ipdb",
    "trace", "debugpy", "coverage", "kernprof", "memory_profiler", "scalene",
    "torch.utils.bottleneck", "streamlit", "viztracer", "line_profiler",
    "torch_xla.distributed.xla_dist",
})  # fmt: skip
_SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian"})


def python_target(argv: list[str]) -> str | None:
    """The script as a path (`src/train.py`), or the module as `-m package.module`.

    Sees through runners (`uv run`, `conda run -n x`, `sh -c`), launchers (`accelerate launch`,
    `torchrun`) and servers (`uvicorn app:api` runs `-m app`). None when nothing of Python is run,
    or what is run is not written out.
    """
    argv = without_runners(argv)
    if not argv:
        return None
    name = argv[0].rpartition("/")[2]
    if _PYTHON.fullmatch(name) or _PYTHON_VARIABLE.fullmatch(argv[0]):
        return _of_python(argv[1:])
    if name in _SHELLS and len(argv) > 2 and argv[1] in ("-c", "-lc", "-ec", "-xc", "-exc"):
        return _first(argv[2])
    if name in _LAUNCHERS:
        return _launched(argv[1:])
    if name in _SERVERS:
        return _served(argv[1:])
    return _script(argv[0])


def without_runners(argv: list[str]) -> list[str]:
    """The command that `sudo`, `uv run`, `conda run -n x` and assignments in front of it run."""
    for _ in range(_MOST_PREFIXES):
        at = 0
        while at < len(argv) and _ASSIGNMENT.match(argv[at]):
            at += 1
        argv = argv[at:]
        rest = _after_prefix(argv) if argv else None
        if rest is None:
            return argv
        argv = rest
    return []


def _after_prefix(argv: list[str]) -> list[str] | None:
    """What a runner runs; None when this is no runner."""
    first = argv[0].rpartition("/")[2]
    for size in (3, 2, 1):
        valued = _PREFIXES.get(" ".join((first, *argv[1:size])))
        if valued is not None and len(argv) >= size:
            break
    else:
        return None
    takes_value = frozenset(valued.split())
    at = size
    while at < len(argv) and argv[at].startswith("-"):
        if argv[at] in ("-m", "--module"):
            return ["python", *argv[at:]]
        at += 2 if argv[at] in takes_value else 1
    if first in ("timeout", "taskset") and at < len(argv):
        at += 1
    return argv[at:]


def _of_python(arguments: list[str]) -> str | None:
    at = 0
    while at < len(arguments):
        argument = arguments[at]
        if argument == "-m":
            return _module(arguments[at + 1 :])
        if argument in ("-c", "-"):
            return None
        if not argument.startswith("-"):
            return _script(argument)
        if argument.startswith("-m") and _MODULE.fullmatch(argument[2:]):
            return _module([argument[2:], *arguments[at + 1 :]])
        at += 2 if argument in _OPTIONS_OF_PYTHON else 1
    return None


def _module(arguments: list[str]) -> str | None:
    if not arguments or not _MODULE.fullmatch(arguments[0]):
        return None
    name = arguments[0]
    if name in _MODULE_LAUNCHERS:
        return _launched(arguments[1:]) or f"-m {name}"
    if name in _SERVERS:
        return _served(arguments[1:]) or f"-m {name}"
    return f"-m {name}"


def _launched(arguments: list[str]) -> str | None:
    """The first script or module among the arguments of a launcher."""
    for at, argument in enumerate(arguments):
        if argument in ("-m", "--module") and at + 1 < len(arguments):
            return _module(arguments[at + 1 :])
        if argument.endswith(".py") and not argument.startswith("-"):
            return _script(argument)
    return None


def _served(arguments: list[str]) -> str | None:
    for argument in arguments:
        if application := _APPLICATION.fullmatch(argument):
            return f"-m {application[1]}"
    return None


def _script(argument: str) -> str | None:
    if not argument.endswith(".py") or _UNKNOWN.search(argument):
        return None
    return posixpath.normpath(argument)


def _first(text: str) -> str | None:
    for argv in split_commands(text):
        # One shell inside another is enough: no text of ours goes deeper.
        if argv[0].rpartition("/")[2] not in _SHELLS and (target := python_target(argv)):
            return target
    return None
