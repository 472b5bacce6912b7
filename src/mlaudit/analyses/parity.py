"""What the manifests, the images, CI and notebooks of one project root say, side by side."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec import Struct

from mlaudit.facts.records import Dependency, Span
from mlaudit.project.environment.distributions import known_distributions
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import INSTALLERS
from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.roots import ProjectRoot, is_beside
from mlaudit.rules.model import Related, Spot

_COMMON = frozenset(
    {
        *("requirements", "requirement", "reqs", "constraints", "constraint", "environment", "env"),
        *(
            "conda",
            "dockerfile",
            "containerfile",
            "docker",
            "pyproject",
            "setup",
            "pipfile",
            "pixi",
        ),
        *(
            "base",
            "main",
            "common",
            "core",
            "all",
            "runtime",
            "app",
            "prod",
            "production",
            "python",
        ),
        *("ci", "test", "tests", "testing", "dev", "develop", "development", "lint", "notebook"),
    }
)
"""Words in the names of files that are installed together, or that serve everybody."""
_EXTREMES = re.compile(
    r"min(?:imum|imal)?|old(?:est)?|lowest|floor|legacy|compat\w*|back\w*|nightly|latest|canary"
    r"|upstream|matrix|[ctg]pus?|cuda\d*|rocm\d*|versions?|slow"
)
"""Words in the names of jobs that try other versions than those in use."""
_EXTENSION = re.compile(r"\.(?:txt|in|pip|ya?ml|toml|cfg|py|lock|dockerfile)$")
_WORD = re.compile(r"[a-z]+\d*|\d+")
_SIDES = ("manifest", "constraints", "lock", "conda", "image", "ci", "notebook")
_TOGETHER = frozenset({"", "dev", "test"})
"""Groups that are installed beside the runtime dependencies; extras and docs are for others."""


class Said(Struct, frozen=True):
    """What one source says of one distribution."""

    dependency: Dependency
    side: str
    """One of `_SIDES`."""
    path: str
    plain: bool
    """The file serves everybody: no variant such as `requirements-gpu.txt`."""
    code: bool = False

    @property
    def spot(self) -> Spot:
        return Spot(self.path, self.dependency.span, code=self.code)


def main_name(name: str) -> str:
    """The distribution that a variant of it stands for."""
    return known_distributions().variants.get(name, name)


def said_by_all(environment: Environment, root: ProjectRoot) -> dict[str, list[Said]]:
    """All that has a version, by distribution; the sources with most authority first."""
    everything = [
        *_declared(environment, root),
        *_locked(environment, root),
        *_installed(environment, root),
    ]
    table: dict[str, list[Said]] = {}
    for one in sorted(everything, key=lambda one: _SIDES.index(one.side)):
        table.setdefault(main_name(one.dependency.name), []).append(one)
    return {name: said for name, said in table.items() if name and name not in INSTALLERS}


def _declared(environment: Environment, root: ProjectRoot) -> Iterator[Said]:
    for path in (*root.files, *root.constraints):
        manifest = environment.manifest(path)
        if manifest is None or environment.is_compiled(path):
            continue
        for one in manifest.dependencies:
            if one.specifier and one.group in _TOGETHER:
                side = "constraints" if path in root.constraints else "manifest"
                side = "conda" if manifest.manager == "conda" else side
                yield Said(one, side, path, is_plain(path, root))


def _locked(environment: Environment, root: ProjectRoot) -> Iterator[Said]:
    """Locks and compiled lists, for those to compare with who do not take from them."""
    for path in environment.locks_of(root):
        lock = environment.lock(path)
        for one in lock.packages if lock else ():
            if one.version:
                span = Span(one.line)
                wanted = Dependency(one.name, f"=={one.version}", one.marker, span=span)
                yield Said(wanted, "lock", path, is_plain(path, root))
    for path in root.files:
        manifest = environment.manifest(path) if environment.is_compiled(path) else None
        for each in manifest.dependencies if manifest else ():
            if each.specifier:
                yield Said(each, "lock", path, is_plain(path, root))


def _installed(environment: Environment, root: ProjectRoot) -> Iterator[Said]:
    for setup in environment.setups(root):
        plain = is_usual(environment, setup, root)
        for one in named_by(environment, setup):
            if one.specifier:
                yield Said(one, setup.side, setup.path, plain, setup.code)


def named_by(environment: Environment, setup: Setup) -> Iterator[Dependency]:
    """What the commands of a setup name themselves; and of its base image, what stays as it is."""
    named = [one for install in setup.installs for one in install.dependencies]
    yield from named
    if setup.given:
        again = {main_name(one.name) for one in named}
        for install in setup.installs:
            for written in install.lists:
                manifest = environment.manifest(environment.named_file(setup, written))
                wanted = manifest.dependencies if manifest is not None else ()
                again.update(main_name(one.name) for one in wanted)
        yield from (one for one in setup.given if one.name not in again)


def is_plain(path: str, root: ProjectRoot) -> bool:
    """Whether the name of a file has no word that makes it a variant: cpu, py39, train ..."""
    folder, _, name = path.removeprefix(root.path).strip("/").rpartition("/")
    words = _WORD.findall(_EXTENSION.sub("", name.lower()))
    parts = [part for part in folder.split("/") if part and not is_beside(part)]
    return name.endswith(".lock") or (not parts and all(word in _COMMON for word in words))


def is_usual(environment: Environment, setup: Setup, root: ProjectRoot) -> bool:
    """Whether a setup is for the versions in use, and no variant or trial of others."""
    if setup.side == "notebook":
        return True
    if setup.side == "image":
        return is_plain(setup.path, root)
    words = _WORD.findall(f"{posixpath.basename(setup.path)} {setup.name}".lower())
    if any(_EXTREMES.fullmatch(word) for word in words):
        return False
    job = ("jobs", setup.name)
    return not any(key[:2] == job and "matrix" in key for key, _ in environment.entries(setup.path))


def related(said: list[Said], without: Spot) -> tuple[Related, ...]:
    """All sides with their places, each once."""
    shown = dict.fromkeys(
        Related(one.spot, f"{one.dependency.name} {one.dependency.specifier}") for one in said
    )
    return tuple(one for one in shown if one.spot != without)[:10]
