"""Images that are deployed under a tag that moves, or under none.

moving: [WORDS]            # words of tags that move
places:                    # where documents name what is deployed
  - objects: [KINDS]       # Kubernetes objects, as `group/Kind`; or
    files: REGEX           # paths of documents, and
    keys: {KEY: REGEX}     # what stands at the top of them
    route: KEYS            # down to the image, `*` is one key, `**` any number
    name: [KEYS]           # the route leads to the tag, and one of these beside it to the name
    beside: {KEY: REGEX}   # needs this beside it ...
    unless: {KEY: REGEX}   # ... and not that
    tagged: true           # only with a tag: elsewhere it is no image
commands: [REGEX]          # that deploy, with a group `image` or `tag`
overrides: [REGEX]         # commands that put in another tag before anything is deployed
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from msgspec import Struct, convert

from mlaudit.analyses.container_starts import ASIDE
from mlaudit.analyses.image_overrides import Overridden
from mlaudit.facts.records import Entry, FileFacts, Span
from mlaudit.project.practices.tools import COUNTED, LARGEST_TEXT
from mlaudit.rules.matchers import images
from mlaudit.rules.matchers.config import route_expression
from mlaudit.rules.model import Match, Rule, Spot
from mlaudit.rules.parameters import regex

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_TEMPLATE = re.compile(r"[${}<>%]|\bPLACEHOLDER\b")


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """One way in which documents name an image that is deployed."""

    route: str
    objects: tuple[str, ...] = ()
    files: str = ""
    keys: dict[str, str] = {}
    name: tuple[str, ...] = ()
    beside: dict[str, str] = {}
    unless: dict[str, str] = {}
    tagged: bool = False
    deployed: str = ""


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each image that is another one tomorrow."""
    if not project.serving.served:
        return
    data = rule.detect["analysis"]
    moving = frozenset(data["moving"])
    overridden = Overridden(project, data["overrides"])
    for path, line, image in (
        *_in_documents(project, rule, convert(data["places"], list[Place]), overridden),
        *_in_commands(project, data["commands"]),
        *_in_terraform(project, regex(data["terraform"])),
        *_in_code(project, rule, data["arguments"]),
    ):
        problem = _problem(image, moving)
        if problem:
            values = {"image": image, "problem": problem}
            yield Match(rule.id, Spot(path, line), values)


def _problem(image: str, moving: frozenset[str]) -> str:
    """Why it moves; empty where a template fills in the tag, or the name is a placeholder."""
    name, _, tag = image.rpartition(":")
    if _TEMPLATE.search(image) and (not name or "/" in tag or _TEMPLATE.search(tag)):
        return ""
    parsed = images.parse(image)
    last = parsed.name.rpartition("/")[2]
    if not _TEMPLATE.search(parsed.name) and (last != last.lower() or last == "auto"):
        return ""  # names of images have no capitals
    return images.floats(image, moving)


# documents


def _in_documents(
    project: Project, rule: Rule, places: list[Place], overridden: Overridden
) -> Iterator[tuple[str, Span, str]]:
    for place in places:
        if place.deployed and not _runs_in_ci(project, place.deployed):
            continue
        for facts, entries in _candidates(project, place):
            context = project.files[facts.path].context.value
            aside = ASIDE.search(facts.path) or context not in rule.contexts
            if aside or not project.repo.selected(facts.path):
                continue
            for entry, image in _images(place, entries):
                if not (place.objects and overridden.by_others(image)):
                    yield facts.path, Span(entry.value_line, entry.value_column), image


def _runs_in_ci(project: Project, command: str) -> bool:
    expression = re.compile(command)
    return any(expression.search(f"{one.path}: {one.text}") for one in project.sights.ci_commands)


def _candidates(project: Project, place: Place) -> Iterator[tuple[FileFacts, tuple[Entry, ...]]]:
    if place.objects:
        for thing in project.sights.objects:
            if thing.kind in place.objects:
                yield project.facts[thing.path], thing.entries
        return
    files = re.compile(place.files)
    for facts in project.sights.counted:
        document = facts.document
        if document is None or document.template or not files.search(facts.path):
            continue
        top = {str(one.path[0]): one.value for one in document.entries if len(one.path) == 1}
        if all(key in top and re.search(want, str(top[key])) for key, want in place.keys.items()):
            yield facts, document.entries


def _images(place: Place, entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, str]]:
    fitting = _fitting(place.route, entries)
    if not fitting:
        return
    known = {(entry.document, entry.path): entry.value for entry in entries}
    for entry in fitting:

        def beside(key: str, entry: Entry = entry) -> Any:
            up, name = key.count("../") + 1, key.rpartition("/")[2]
            return known.get((entry.document, (*entry.path[:-up], name)), _ABSENT)

        image = _image(place, str(entry.value).strip(), beside)
        if not image or (place.tagged and not images.parse(image).tag):
            continue
        needed = all(
            beside(key) is not _ABSENT and re.search(want, str(beside(key)))
            for key, want in place.beside.items()
        )
        silenced = any(
            beside(key) is not _ABSENT and re.search(no, str(beside(key)))
            for key, no in place.unless.items()
        )
        if needed and not silenced:
            yield entry, image


_ABSENT = object()


def _fitting(route: str, entries: tuple[Entry, ...]) -> list[Entry]:
    """The texts at the end of a route. Most entries fail at the last key."""
    last = route.rpartition(".")[2]
    ends = [
        one for one in entries if one.path and one.path[-1] == last and isinstance(one.value, str)
    ]
    if not ends:
        return []
    expression = re.compile(re.sub(r"^\.\*\\\.", r"(?:.*\\.)?", route_expression(route)))
    return [one for one in ends if expression.fullmatch(".".join(map(str, one.path)))]


def _image(place: Place, text: str, beside: Callable[[str], Any]) -> str:
    """The text, or the name beside a tag and the tag; empty where there is none."""
    if not place.name or not text:
        return text
    names = (beside(key) for key in place.name)
    name = next((one for one in names if isinstance(one, str) and one), "")
    return f"{name}:{text}" if name else ""


# commands


def _in_commands(project: Project, patterns: list[str]) -> Iterator[tuple[str, Span, str]]:
    expressions = [regex(one) for one in patterns]
    for line in project.sights.commands:
        if line.path.endswith(".ipynb") or not project.repo.selected(line.path):
            continue
        for expression in expressions:
            for found in expression.finditer(line.text):
                for text in _named(found.groupdict()):
                    yield line.path, Span(line.line), text.strip("\"'")


def _named(groups: dict[str, str | None]) -> list[str]:
    """The images that a command names: one, several as `container=image`, or only a tag."""
    if groups.get("images"):
        return [one.partition("=")[2] for one in str(groups["images"]).split()]
    return [groups.get("image") or f"{groups.get('name') or 'image'}:{groups.get('tag')}"]


# code


def _in_terraform(project: Project, expression: re.Pattern[str]) -> Iterator[tuple[str, Span, str]]:
    for path, file in project.files.items():
        if not path.endswith(".tf") or file.missing or file.context not in COUNTED:
            continue
        if ASIDE.search(path) or not project.repo.selected(path):
            continue
        text = project.repo.read_head(path, LARGEST_TEXT).decode("utf-8", "replace")
        for found in expression.finditer(text):
            line = text.count("\n", 0, found.start("image")) + 1
            yield path, Span(line), found["image"]


def _in_code(
    project: Project, rule: Rule, arguments: dict[str, str]
) -> Iterator[tuple[str, Span, str]]:
    for path in project.callees.calling(arguments):
        facts = project.facts[path]
        known = project.files[path].context.value in rule.contexts and project.repo.selected(path)
        for text in facts.python.texts if facts.python is not None and known else ():
            if text.role == "argument" and arguments.get(text.callee) == text.name:
                yield path, Span(text.line), text.value
