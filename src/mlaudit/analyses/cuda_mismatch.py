"""`analysis: cuda-mismatch`: packages built for another major version of CUDA than the image's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from mlaudit.facts.records import Dependency, FileFacts, Span, Stage
from mlaudit.patterns import Gated
from mlaudit.rules.model import Match, Related, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.environment.environment import Environment
    from mlaudit.project.environment.setup_model import Setup
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot

_IMAGE = Gated(r"(?:\bcuda[:/_-]?v?|-cu(?=\d{3}\b))(\d{1,2})(?:\.\d+|\d)?", re.IGNORECASE)
_INDEX = Gated(r"/(?:whl|wheels|simple|nightly)[\w./-]{0,60}?/(?:torch_stable/)?cu(\d{2,3})\b")
_LOCAL = Gated(r"\+(?:[\w.]{0,40}\.)?(?:pt\d+)?cu(\d{2,3})\b")
_NAMED = Gated(r"-(?:cu|cuda)(\d{2,3})x?$")
_EXTRA = Gated(r"cuda(\d{2})(?:[-_]\w+)?")
_CONDA = frozenset({"pytorch-cuda", "cuda-version", "cudatoolkit", "cuda-toolkit", "cuda"})
_FRAMEWORKS = frozenset({"torch", "torchvision", "torchaudio", "jax", "jaxlib", "paddlepaddle-gpu"})


class Build(NamedTuple):
    """Something that was built for one major version of CUDA."""

    what: str
    major: int
    spot: Spot


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match an image, at the `FROM` that brings CUDA."""
    environment = project.environment
    for root, setup in _setups(environment):
        facts = project.facts.get(setup.path)
        file = project.files.get(setup.path)
        if facts is None or file is None or file.context.value not in rule.contexts:
            continue
        stage = _base(facts)
        major = _major_of_image(stage) if stage else 0
        builds = list(_builds(environment, root, setup, facts)) if major else []
        # Lists for several machines name a build for each.
        if stage and builds and all(one.major != major for one in builds):
            yield _match(rule, setup, stage, major, builds[0])


def _setups(environment: Environment) -> Iterator[tuple[ProjectRoot, Setup]]:
    """Each once, with the root that it belongs to."""
    found = {
        (setup.path, setup.name): (root, setup)
        for root in environment.roots
        for setup in environment.setups(root)
    }
    for setup in environment.strays:
        found.setdefault((setup.path, setup.name), (environment.root_of(setup.path), setup))
    return (found[key] for key in sorted(found))


def _match(rule: Rule, setup: Setup, stage: Stage, major: int, build: Build) -> Match:
    return Match(
        rule.id,
        Spot(setup.path, stage.span),
        {"image": stage.image, "major": str(major), "what": build.what, "built": str(build.major)},
        identity=f"{stage.image} {build.what}",
        related=(Related(build.spot, f"asks for a build for CUDA {build.major}"),),
    )


def _base(facts: FileFacts) -> Stage | None:
    """The image that the last stage comes from."""
    stages = facts.dockerfile.stages if facts.dockerfile else ()
    number = len(stages) - 1
    while number >= 0 and 0 <= stages[number].base < number:
        number = stages[number].base
    return stages[number] if number >= 0 and stages[number].resolved else None


def _major_of_image(stage: Stage) -> int:
    """Of `nvidia/cuda:12.1.0-base` or `pytorch/pytorch:2.1.0-cuda11.8-cudnn8-runtime`; else 0."""
    found = _IMAGE.search(stage.image)
    return _major(found[1]) if found else 0


def _major(digits: str) -> int:
    """Of `118`, `12` or `92`: versions before 10 had one digit in front."""
    number = int(digits[:2])
    return number if number < 20 else int(digits[0])


def _builds(
    environment: Environment, root: ProjectRoot, setup: Setup, facts: FileFacts
) -> Iterator[Build]:
    lines = {install.line for install in setup.installs}
    for command in facts.commands:
        if command.line in lines:
            for found in _INDEX.finditer(command.text):
                yield Build(found[0][1:], _major(found[1]), Spot(setup.path, Span(command.line)))
    for install in setup.installs:
        yield from _of_dependencies(install.dependencies, setup.path)
        for written in install.lists:
            path = environment.named_file(setup, written)
            if path:
                yield from _of_list(environment, path)
    if any(install.action == "lock" for install in setup.installs):
        yield from _of_lock(environment, root)


def _of_list(environment: Environment, path: str) -> Iterator[Build]:
    manifest = environment.manifest(path)
    if manifest is None:
        return
    yield from _of_dependencies(manifest.dependencies, path)
    for url in manifest.indexes:
        found = _INDEX.search(url)
        if found:
            yield Build(found[0][1:], _major(found[1]), Spot(path))


def _of_dependencies(dependencies: Iterable[Dependency], path: str) -> Iterator[Build]:
    for one in dependencies:
        digits = _digits(one)
        if digits and not one.group:
            yield Build(one.raw or one.name, _major(digits), Spot(path, one.span))


def _digits(one: Dependency) -> str:
    if one.channel == "conda" and one.name in _CONDA:
        found = re.match(r"==(\d+)(?:\.|$)", one.specifier)
        return found[1] if found else ""
    found = _LOCAL.search(f"{one.specifier} {one.url}") or _NAMED.search(one.name)
    if found:
        return found[1]
    extras = (_EXTRA.fullmatch(extra) for extra in one.extras if one.name in _FRAMEWORKS)
    return next((extra[1] for extra in extras if extra), "")


def _of_lock(environment: Environment, root: ProjectRoot) -> Iterator[Build]:
    for name in sorted(_FRAMEWORKS):
        for one in environment.locked(root, name):
            found = _LOCAL.search(one.locked.version)
            if found:
                what = f"{name} {one.locked.version}"
                yield Build(what, _major(found[1]), Spot(one.path, Span(one.locked.line)))
