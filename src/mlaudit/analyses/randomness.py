"""What calls do to the random generators that a whole process shares."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from msgspec import Struct

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import AnyValue, Call, Const, Global, Result, Secret, Unknown
from mlaudit.patterns import Gated
from mlaudit.project.linking.frames import Frame
from mlaudit.project.linking.steps import Site
from mlaudit.project.project import Project
from mlaudit.rules.apis import Api, Apis
from mlaudit.rules.conditions import compile_guard
from mlaudit.rules.sites import CallSite

GENERATORS = {
    "python": "Python",
    "numpy": "NumPy",
    "torch": "torch",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
}
"""The generators, and what people call them."""

ALL = frozenset(GENERATORS)
FRAMEWORKS = ALL - {"tensorflow"}
_SEEDS = {
    "seeding.python": frozenset({"python", "keras"}),  # Keras takes its seeds from Python
    "seeding.numpy": frozenset({"numpy"}),
    "seeding.torch": frozenset({"torch"}),
    "seeding.tensorflow": frozenset({"tensorflow"}),
    "frameworks.seed": FRAMEWORKS,
    "frameworks.seed-when-made": FRAMEWORKS,
}
_DRAWS = {
    "draws.python": ("python", False),
    "draws.numpy": ("numpy", False),
    "draws.torch": ("torch", False),
    "draws.torch-later": ("torch", True),
    "draws.tensorflow": ("tensorflow", False),
    "draws.keras": ("keras", False),
    "draws.keras-backend": ("backend", False),
}
TAKES_ENTROPY = frozenset({"random.seed", "numpy.random.seed"})
"""Calls that take a seed from the operating system when they are given None."""
KEEPS = frozenset(
    {
        "numpy.random.get_state", "random.getstate", "torch.get_rng_state",
        "torch.random.get_rng_state",
    }
)  # fmt: skip
"""Calls that return the state of a generator."""
_BACKENDS = {"jax": "numpy", "tensorflow": "tensorflow", "torch": "torch"}
"""What Keras shuffles with, by its backend."""
_KERAS = (
    "tensorflow.keras.",
    "tensorflow.python.keras.",
    "tensorflow.compat.v1.keras.",
    "tf_keras.",
)
_SEED_WORDS = Gated(r"seed|determin|reproducib|fix_rand|set_rand", re.IGNORECASE)
_SETUP_WORDS = Gated(r"^(setup|set_up|init|initialize|prepare|configure)(_|$)|_(setup|init)$")
_NAMING = Gated(
    r"(^|_)(names?|id|uuid|dir|folder|path|port|token|string|suffix|jitter|backoff|retry|sleep)(_|$)"
)
_KNOWN = frozenset(
    {
        "builtins", "gym", "gymnasium", "jax", "keras", "numpy", "random", "scipy", "sklearn",
        "tensorflow", "torch", "torchvision", "pandas", "optuna", "os", "secrets",
    }
)  # fmt: skip
"""Libraries of which the tables name all that seeds."""


class Effect(Struct, frozen=True):
    """What one call does."""

    seeds: frozenset[str] = frozenset()
    draws: str = ""
    """The generator that it draws from."""
    later: bool = False
    """It makes an object that draws when training uses it."""
    may_seed: bool = False
    """It could not be followed, and may seed anything."""
    keeps: bool = False
    """It returns the state of a generator."""


NOTHING = Effect()


class _Row(Struct, frozen=True):
    effect: Effect
    api: Api


class Randomness:
    """Looks calls up in the tables of what seeds and what draws."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._keras_apart = keras_draws_from_python(project)
        self._backends: dict[str, Effect] = {}
        """What Keras shuffles with, by the file that the program starts with."""

    def effect(self, site: Site, frame: Callable[[], Frame] | None = None) -> Effect:
        """With a frame, arguments are followed to the callers."""
        if not site.name:
            return NOTHING if site.local else self._unresolved(site)
        rows = _rows(site.name.removesuffix(".__init__"))
        if site.name in KEEPS:
            return _KEEPING
        if not rows:
            return _UNKNOWN if _sounds_like_seeding(site.name) else NOTHING
        seeds = frozenset[str]().union(*(row.effect.seeds for row in rows))
        if seeds:
            return self._seeding(seeds) if self._is_given(site) else NOTHING
        found = next((row.effect for row in rows if self._holds(site, row, frame)), NOTHING)
        return self._of_backend(frame) if found.draws == "backend" else found

    def _of_backend(self, frame: Callable[[], Frame] | None) -> Effect:
        start = list(frame().all())[-1].path if frame is not None else ""
        if start not in self._backends:
            backend = _BACKENDS.get(keras_backend(self._project, start), "")
            self._backends[start] = Effect(draws=backend) if backend else NOTHING
        return self._backends[start] if self._keras_apart else NOTHING

    def _holds(self, site: Site, row: _Row, frame: Callable[[], Frame] | None) -> bool:
        """Whether the row speaks of this call, with its arguments."""
        if not row.effect.draws:
            return True
        if row.effect.draws == "python" and self._makes_a_name(site):
            return False
        return self._fulfils(site, row.api, frame)

    def call(self, site: Site) -> Call:
        python = self._project.facts[site.path].python
        assert python is not None
        return python.calls[site.number]

    def _makes_a_name(self, site: Site) -> bool:
        """Names of folders and runs, ports and pauses are no part of what is trained."""
        call = self.call(site)
        if any(isinstance(arg, Global) and arg.name.startswith("string.") for arg in call.args):
            return True
        python = self._project.facts[site.path].python
        assert python is not None
        scope = python.scopes[python.scope_of(call.block)]
        return bool(_NAMING.search(scope.name))

    def _unresolved(self, site: Site) -> Effect:
        call = self.call(site)
        written = call.callee or call.local or call.method
        last = written.rpartition(".")[2]
        if _SEED_WORDS.search(last):
            return _UNKNOWN
        if call.callee.startswith(".") and self._is_lost(site.path, call.callee):
            return _UNKNOWN
        if self._is_picked(site.path, call):
            return _UNKNOWN
        plain = not call.callee and not call.method and "." not in call.local
        return _UNKNOWN if plain and _SETUP_WORDS.search(last) else NOTHING

    def _is_picked(self, path: str, call: Call) -> bool:
        """`getattr(module, name)()` of a module of the repository: it may run all of it."""
        if not isinstance(call.receiver, Result) or call.method:
            return False
        picks = self.call(Site(path, call.receiver.call, ""))
        base = picks.args[0] if picks.callee == "builtins.getattr" and picks.args else None
        if not isinstance(base, Global):
            return False
        found = self._project.program.resolver.modules.find(base.name, path)
        return found is not None and not found.rest

    def _is_lost(self, path: str, name: str) -> bool:
        """Whether a name is imported from the repository, and not found where it should be."""
        found = self._project.program.resolver.modules.find(name, path)
        return found is None or len(found.rest) == 1

    def _is_given(self, site: Site) -> bool:
        """Whether a number is given: `random.seed()` takes one from the operating system."""
        call = self.call(site)
        first = call.args[0] if call.args else None
        if site.name in ("random.seed", "numpy.random.seed"):
            return (first is not None or bool(call.keywords)) and first != Const(None)
        return first != Const(None)

    def _seeding(self, seeds: frozenset[str]) -> Effect:
        old = "tensorflow" in seeds and not self._keras_apart
        return Effect(seeds=seeds | {"keras"} if old else seeds)

    def _fulfils(self, site: Site, api: Api, frame: Callable[[], Frame] | None) -> bool:
        if not (api.where or api.unless):
            return True
        call = self.call(site)
        facts = self._project.facts[site.path]
        place = _CallOnWay(self._project, facts, _apis(), call, site.number, site.name)
        place.arguments = api.arguments
        place.frame = frame
        return compile_guard({"where": api.where, "unless": api.unless}, CallSite)(place) is True


class _CallOnWay(CallSite):
    """A call on one way through a program."""

    frame: Callable[[], Frame] | None = None

    def constant(self, value: AnyValue) -> Const | Secret | None:
        found = super().constant(value)
        if found is not None or self.frame is None or isinstance(value, Unknown):
            return found
        known = self.project.program.values.given(self.frame(), self.index, value)
        sure = known is not None and not known.option
        return known.value if known and sure and isinstance(known.value, Const) else None


def keras_draws_from_python(project: Project) -> bool:
    """Whether Keras is 2.10 or later, as far as is known.

    From then on `tf.random.set_seed` says nothing of the weights of its layers.
    """
    environment = project.environment
    for root in environment.roots:
        for name in ("keras", "tensorflow"):
            version = environment.version(root, name)
            if version is not None:
                return version.all_at_least("2.10")
    return True


def keras_backend(project: Project, start: str) -> str:
    """The backend that a program chooses, or else something around it; empty for several."""
    program = project.program
    entries = [entry for entry in program.entry_points if entry.path == start]
    own = {path for entry in entries for path, _ in program.reach(entry).scopes}
    chosen = {backend for path in own for backend in _backends(project.facts[path])}
    if not chosen:
        others = (file for file in project.facts.values() if file.python is None)
        chosen = {backend for file in others for backend in _backends(file)}
    return "" if len(chosen) > 1 else next(iter(chosen), "tensorflow")


def _backends(file: FileFacts) -> Iterator[str]:
    for text in file.python.texts if file.python else ():
        if text.value == "KERAS_BACKEND" and file.python:
            beside = {one.value for one in file.python.texts if one.line == text.line}
            yield from beside & _BACKENDS.keys()
    words = [command.text for command in file.commands]
    words += [one.value for one in (file.dockerfile.instructions if file.dockerfile else ())]
    for word in words:
        yield from _NAMED_BACKEND.findall(word)


_NAMED_BACKEND = re.compile(r"KERAS_BACKEND[\s=]+[\"']?(\w+)")
_UNKNOWN = Effect(may_seed=True)
_KEEPING = Effect(keeps=True)


@cache
def _sounds_like_seeding(name: str) -> bool:
    root = name.partition(".")[0]
    return root not in _KNOWN and bool(_SEED_WORDS.search(name.rpartition(".")[2]))


@cache
def _apis() -> Apis:
    from mlaudit.rules.loading import load_rules

    return load_rules().apis


@cache
def _tables() -> tuple[dict[str, list[_Row]], list[tuple[re.Pattern[str], _Row]]]:
    exact: dict[str, list[_Row]] = {}
    patterns: list[tuple[re.Pattern[str], _Row]] = []
    for table, effect in _effects():
        for name, api in _apis().table(table).items():
            if "*" in name:
                patterns.append((_pattern(name), _Row(effect, api)))
            else:
                exact.setdefault(name, []).append(_Row(effect, api))
    return exact, patterns


def _effects() -> Iterator[tuple[str, Effect]]:
    """What the rows of each table do. What draws nothing after all comes before what draws."""
    for name, seeds in _SEEDS.items():
        yield name, Effect(seeds=seeds)
    yield "frameworks.may-seed", _UNKNOWN
    yield "draws.none", NOTHING
    for name, (generator, later) in _DRAWS.items():
        yield name, Effect(draws=generator, later=later)


def _pattern(name: str) -> re.Pattern[str]:
    escaped = re.escape(name).replace(r"\*\*", ".*").replace(r"\*", "[^.()]*")
    return re.compile(escaped)


@cache
def _rows(name: str) -> tuple[_Row, ...]:
    """The rows of all tables for a name."""
    exact, patterns = _tables()
    public = _apis().canonical(_public(name))
    found = list(exact.get(public, ()))
    found += (row for pattern, row in patterns if pattern.fullmatch(public))
    return tuple(found)


def _public(name: str) -> str:
    for alias in _KERAS:
        if name.startswith(alias):
            return f"keras.{name[len(alias) :]}"
    return name


def named(generators: Iterable[str]) -> str:
    """`torch, NumPy and Python`."""
    words = [GENERATORS[one] for one in generators]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
