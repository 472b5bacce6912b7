"""Dockerfiles: stages and instructions, with the defaults of ARG and ENV put in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mlaudit.facts.commands import MAX_SIZE, shell_commands
from mlaudit.facts.contents import read_contents
from mlaudit.facts.dockerfile_text import RawInstruction, raw_instructions
from mlaudit.facts.records import Command, Dockerfile, FileFacts, Instruction, Problem, Stage
from mlaudit.facts.templates import has_placeholder
from mlaudit.facts.variables import Variables

if TYPE_CHECKING:
    from mlaudit.facts.source import Source
    from mlaudit.repo.model import Kind

_KEYWORDS = frozenset({
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK",
    "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME",
    "WORKDIR",
})  # fmt: skip
_MOST_STAGES = 100
_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT"})
_FROM = re.compile(
    r"(?:--\S+\s+)*(?P<image>\S+)(?:\s+as\s+(?P<name>\S+))?\s*(?:#.*)?", re.IGNORECASE
)
_FLAGS = re.compile(r"(?:--[a-z]+(?:=\S*)?\s+)+")
_PAIR = re.compile(r"""([A-Za-z_]\w*)(?:=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*))?""")


def read_dockerfile(source: Source) -> FileFacts:
    """Stages, instructions, and the commands that they run."""
    path, kind = source.file.path, source.file.kind
    if len(source.data) > MAX_SIZE:
        return FileFacts(path, kind, problems=(Problem("too large for text written by hand"),))
    return read_contents(source, lambda text: _facts(path, kind, text))


def _facts(path: str, kind: Kind, text: str) -> FileFacts:
    reader = _Reader()
    for raw in raw_instructions(text):
        reader.take(raw)
        if len(reader.stages) >= _MOST_STAGES:
            reader.problems.insert(0, Problem(f"{_MOST_STAGES} stages; no more are read"))
            break
    dockerfile = Dockerfile(tuple(reader.stages), tuple(reader.instructions))
    problems = () if has_placeholder(text) else tuple(reader.problems[:1])
    commands = tuple(reader.commands)
    return FileFacts(path, kind, dockerfile=dockerfile, commands=commands, problems=problems)


class _Reader:
    def __init__(self) -> None:
        self.stages: list[Stage] = []
        self.instructions: list[Instruction] = []
        self.commands: list[Command] = []
        self.problems: list[Problem] = []
        self._named: dict[str, int] = {}
        self._global = Variables()
        self._of_stages: list[Variables] = []
        self._entrypoint: list[str] | None = None

    def take(self, raw: RawInstruction) -> None:
        if raw.keyword not in _KEYWORDS:
            self.problems.append(Problem("not a Dockerfile instruction", raw.span.line))
            return
        if raw.keyword == "FROM":
            self._stage(raw)
            return
        words = _exec_form(raw.value) if raw.keyword in _COMMANDS else None
        value, resolved = raw.value, True
        if words is None:
            value, resolved = self._variables.substitute(raw.value)
        self._instruction(raw, value, resolved)
        if raw.keyword in ("ARG", "ENV"):
            self._define(raw.keyword, raw.value)
        elif raw.keyword in _COMMANDS:
            self._command(raw, value, words)

    @property
    def _variables(self) -> Variables:
        return self._of_stages[-1] if self._of_stages else self._global

    def _instruction(self, raw: RawInstruction, value: str, resolved: bool) -> None:
        stage = len(self.stages) - 1
        self.instructions.append(Instruction(raw.keyword, value, stage, raw.span, resolved))

    def _stage(self, raw: RawInstruction) -> None:
        self._entrypoint = None
        match = _FROM.fullmatch(raw.value)
        if match is None:
            self.problems.append(Problem("FROM names no image", raw.span.line))
            return
        image, resolved = self._global.substitute(match["image"])
        image = image.strip("\"'")
        base = self._named.get(image.lower(), -1)
        self.stages.append(Stage(image, match["name"] or "", raw.span, resolved, base))
        self._of_stages.append(self._of_stages[base].copy() if base >= 0 else Variables())
        if match["name"]:
            self._named[match["name"].lower()] = len(self.stages) - 1
        value, all_resolved = self._global.substitute(raw.value)
        self._instruction(raw, value, all_resolved)

    def _define(self, keyword: str, text: str) -> None:
        variables = self._variables
        name, _, rest = text.partition(" ")
        if keyword == "ENV" and "=" not in name:
            variables.define({name: rest.strip()})
            return
        pairs = {match[1]: match[2] for match in _PAIR.finditer(text)}
        variables.define({name: value for name, value in pairs.items() if value is not None})
        if keyword == "ARG":
            variables.adopt([name for name, value in pairs.items() if value is None], self._global)

    def _command(self, raw: RawInstruction, value: str, words: list[str] | None) -> None:
        line = raw.span.line
        if raw.keyword == "ENTRYPOINT":
            self._entrypoint = words
        elif raw.keyword == "CMD" and self._entrypoint and words is not None:
            words = [*self._entrypoint, *words]
        if raw.body is not None:
            self.commands += shell_commands(*raw.body)
        elif words is not None:
            import shlex

            self.commands.append(Command(shlex.join(words), line))
        elif text := _FLAGS.sub("", value, count=1) if value.startswith("--") else value:
            self.commands.append(Command(text, line))


def _exec_form(value: str) -> list[str] | None:
    """The words of `["python", "train.py"]`; None for the shell form."""
    flags = _FLAGS.match(value)
    text = value[flags.end() :] if flags else value
    if not text.startswith("["):
        return None
    import json

    try:
        words: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        return None
    return words
