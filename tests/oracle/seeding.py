"""What the calls of `rules/apis/seeding.yaml` really seed, by trying them.

A call seeds a generator when the same is drawn after it in two processes, although fresh entropy
went into all generators before it.
"""

from __future__ import annotations

import json
import os
import subprocess

import yaml
from programs import ROOT

TABLES = ROOT / "rules" / "apis" / "seeding.yaml"
BACKENDS = ("tensorflow", "torch")
"""Of Keras. A call counts when it seeds under one of them."""

_TRY = """
import importlib, json, os, random, sys
import numpy, tensorflow, torch

STATES = {
    "random.setstate": lambda: random.Random(1).getstate(),
    "numpy.random.set_state": lambda: numpy.random.RandomState(1).get_state(),
    "torch.set_rng_state": lambda: torch.Generator().manual_seed(1).get_state(),
    "torch.random.set_rng_state": lambda: torch.Generator().manual_seed(1).get_state(),
}

def find(name):
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:cut]))
        except ImportError:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        return found

def draws(call, name):
    for forget in (random.seed, numpy.random.seed, torch.seed):
        forget()
    tensorflow.random.set_seed(int.from_bytes(os.urandom(4), "little"))
    call(STATES[name]() if name in STATES else 1234)
    return {
        "python": random.random(),
        "numpy": float(numpy.random.random()),
        "torch": float(torch.rand(())),
        "tensorflow": float(tensorflow.random.uniform(())),
    }

calls = {name: find(name) for name in sys.argv[1:]}
print(json.dumps({name: call and draws(call, name) for name, call in calls.items()}))
"""


def said() -> dict[str, list[str]]:
    """Each seeding call and the generators that the tables say it seeds."""
    tables = yaml.safe_load(TABLES.read_text("utf-8"))["tables"]
    calls: dict[str, list[str]] = {}
    for table, names in tables.items():
        for name in names:
            calls.setdefault(name, []).append(table.partition(".")[2])
    return {name: sorted(generators) for name, generators in sorted(calls.items())}


def seeded(python: str) -> dict[str, list[str] | None]:
    """The generators that each call seeds; None where the installed libraries have no such call."""
    found: dict[str, set[str] | None] = {name: set() for name in said()}
    for backend in BACKENDS:
        first, second = (_draws(python, backend) for _ in range(2))
        for name, seeds in found.items():
            one, other = first[name], second[name]
            if one is None or other is None or seeds is None:
                found[name] = None
            else:
                seeds |= {generator for generator in one if one[generator] == other[generator]}
    return {name: None if seeds is None else sorted(seeds) for name, seeds in found.items()}


def _draws(python: str, backend: str) -> dict[str, dict[str, float] | None]:
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [python, "-c", _TRY, *said()],
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    draws: dict[str, dict[str, float] | None] = json.loads(done.stdout.splitlines()[-1])
    return draws
