"""Which images get another tag on their way from a manifest to where they run."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.records import FileFacts
from mlaudit.rules.matchers import images
from mlaudit.rules.parameters import regex

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_KUSTOMIZATION = re.compile(r"(?:.*/)?kustomization\.ya?ml")
_SKAFFOLD = re.compile(r"(?:.*/)?skaffold[^/]*\.ya?ml")
_REPLACES = re.compile(r"(?i)(?:azure/k8s-(?:deploy|bake)|argocd-image-updater)")
_VARIABLE = re.compile(r"\$\{\{ *(?:env|vars)\.(\w+) *\}\}|\$\{(\w+)\}|\$(\w+)")


class Overridden:
    """By Kustomize, Skaffold, actions, or commands of a deployment."""

    def __init__(self, project: Project, commands: list[str]) -> None:
        self._project = project
        self._expressions = [regex(one) for one in commands]

    def by_others(self, image: str) -> bool:
        named, every = self._by_commands
        return every or images.parse(image).name in named | self._declared

    @cached_property
    def _declared(self) -> frozenset[str]:
        """Kustomize has entries of its own to look at, and Skaffold builds what it names."""
        found = set()
        for facts in self._project.sights.counted:
            key = "name" if _KUSTOMIZATION.fullmatch(facts.path) else "image"
            if facts.document is None or not (key == "name" or _SKAFFOLD.fullmatch(facts.path)):
                continue
            found |= {
                images.parse(str(entry.value)).name
                for entry in facts.document.entries
                if entry.path[-1:] == (key,) and {"images", "artifacts"} & set(entry.path)
            }
        return frozenset(found)

    @cached_property
    def _by_commands(self) -> tuple[frozenset[str], bool]:
        """Names of images, and whether there may be any other."""
        found = set()
        for line in self._project.sights.commands:
            for expression in self._expressions:
                known = expression.search(line.text)
                if known is None:
                    continue
                image = known.groupdict().get("image") or "$"
                name = _filled(image.strip("\"'"), self._project.facts[line.path])
                if "$" in name:
                    return frozenset(), True
                found.add(images.parse(name.partition("=")[0]).name)
        return frozenset(found), self._by_actions()

    def _by_actions(self) -> bool:
        return any(
            isinstance(entry.value, str)
            and (_REPLACES.match(entry.value) or _REPLACES.match(str(entry.path[-1])))
            for facts in self._project.sights.counted
            for entry in (facts.document.entries if facts.document is not None else ())
            if entry.path
        )


def _filled(image: str, facts: FileFacts) -> str:
    """The image with the variables put in that the document sets; its tag does not matter."""
    given = {
        str(entry.path[-1]): str(entry.value)
        for entry in (facts.document.entries if facts.document is not None else ())
        if entry.path[-2:-1] == ("env",) and entry.value is not None
    }

    def value(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[3]
        return given.get(name, found[0])

    name = image.partition("=")[0]
    folder, slash, last = name.rpartition("/")
    head, colon, _ = last.partition(":")
    return _VARIABLE.sub(value, f"{folder}{slash}{head}" if colon else name)
