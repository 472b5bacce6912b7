"""Reads setup.cfg and setup.py. The second is a program: it is parsed, and never run."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator

from mlaudit.facts.paths import beside
from mlaudit.facts.pep508 import normalise, parse
from mlaudit.facts.records import Dependency, FileFacts, Include, Manifest, Problem, Span
from mlaudit.facts.source import Source, UnreadableError

_SCRIPT = re.compile(r"\s*([^=\s]+)\s*=\s*(\S+)")


def read_setup_cfg(source: Source) -> FileFacts:
    """The manifest, where the file describes a project and not only tools."""
    file = source.file
    config = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        text = source.text
        config.read_string(text)
    except UnreadableError as error:
        return FileFacts(file.path, file.kind, problems=(Problem(str(error)),))
    except configparser.Error as error:
        line = getattr(error, "lineno", 0) or next(iter(getattr(error, "errors", ())), (0, ""))[0]
        return FileFacts(file.path, file.kind, problems=(Problem("not valid INI", line),))
    if not (config.has_section("options") or config.has_section("metadata")):
        return FileFacts(file.path, file.kind)
    manifest = _Cfg(config, text, file.path).manifest()
    return FileFacts(file.path, file.kind, manifest=manifest, problems=manifest.problems)


class _Cfg:
    def __init__(self, config: configparser.RawConfigParser, text: str, path: str) -> None:
        self.config = config
        self.path = path
        self.places = _places(text)
        self.problems: list[Problem] = []
        self.includes: list[Include] = []

    def manifest(self) -> Manifest:
        dependencies = tuple(self._dependencies())
        return Manifest(
            "setuptools",
            dependencies=dependencies,
            includes=tuple(self.includes),
            name=self._value("metadata", "name"),
            python=self._value("options", "python_requires"),
            python_span=self._span("options", self._value("options", "python_requires")),
            scripts=tuple(self._scripts()),
            classifiers=tuple(filter(None, self._value("metadata", "classifiers").split("\n"))),
            packaged=any(self._value("options", key) for key in ("packages", "py_modules")),
            problems=tuple(self.problems),
        )

    def _value(self, section: str, key: str) -> str:
        """The option; setuptools still takes a dash for an underscore."""
        for written in (key, key.replace("_", "-")):
            if self.config.has_option(section, written):
                return (self.config.get(section, written) or "").strip()
        return ""

    def _dependencies(self) -> Iterator[Dependency]:
        for key, group in (
            ("install_requires", ""),
            ("setup_requires", "build"),
            ("tests_require", "test"),
        ):
            yield from self._listed("options", self._value("options", key), group)
        section = "options.extras_require"
        for extra in self.config.options(section) if self.config.has_section(section) else ():
            group = f"extra:{normalise(extra)}"
            yield from self._listed(section, self._value(section, extra), group)

    def _listed(self, section: str, value: str, group: str) -> Iterator[Dependency]:
        if value.startswith("file:"):
            for name in value.removeprefix("file:").split(","):
                target = beside(self.path, name)
                if target:
                    span = self._span(section, value)
                    self.includes.append(Include("requirement", target, span, group))
            return
        for text in re.split(r"[\n;]" if "\n" not in value else r"\n", value):
            requirement = text.split(" #")[0].strip()
            if requirement and not requirement.startswith("#"):
                yield from self._parsed(section, requirement, group)

    def _parsed(self, section: str, text: str, group: str) -> Iterator[Dependency]:
        span = self._span(section, text)
        dependency, reason = parse(text, group=group, span=span)
        if reason:
            self.problems.append(Problem(reason, span.line))
        if dependency:
            yield dependency

    def _span(self, section: str, text: str) -> Span:
        return self.places.get((section, text.split("\n")[0].strip()), Span())

    def _scripts(self) -> Iterator[tuple[str, str]]:
        for line in self._value("options.entry_points", "console_scripts").split("\n"):
            found = _SCRIPT.match(line)
            if found:
                yield found[1], found[2]


def _places(text: str) -> dict[tuple[str, str], Span]:
    """Where each section first has a line, or a value behind its key."""
    places: dict[tuple[str, str], Span] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("["):
            section = line.strip().strip("[]")
        for part in (line, line.partition("=")[2], line.partition(" #")[0]):
            stripped = part.strip()
            if stripped:
                column = line.index(stripped) + 1
                span = Span(number, column, 0, column + len(stripped))
                places.setdefault((section, stripped), span)
    return places


def read_setup_py(source: Source) -> FileFacts:
    """The manifest of the `setup()` call; a module that only has that name is Python like any."""
    from mlaudit.facts.setup_script import read_script

    file = source.file
    try:
        manifest = read_script(source.data, file.path)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = (error.lineno or 0) if isinstance(error, SyntaxError) else 0
        return FileFacts(file.path, file.kind, problems=(Problem("not valid Python", line),))
    if manifest is None:
        from mlaudit.facts.python import read_python

        return read_python(source)
    return FileFacts(file.path, file.kind, manifest=manifest, problems=manifest.problems)
