"""`git: {outputs: ...}`: folders that a tracker or trainer has written, tracked by git.

    outputs:
      - {tool: MLflow, directory: mlruns, signature: meta.yaml}

A tool's output is a file that fits `signature` (a pattern) at any depth below a folder named
`directory`; a folder of that name alone is none. Without `directory` the output is whatever folder
holds the signature, and all such folders of a tool below one top folder are one finding.
`ignore` is the line for .gitignore where the folder would be too much. `format` asks for the format
of the signature's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from mlaudit.patterns import Gated
from mlaudit.project.stored import Past
from mlaudit.repo.model import File
from mlaudit.rules.ignoring import ignores, lines_for
from mlaudit.rules.matchers import past, paths
from mlaudit.rules.model import Match, Rule
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.matchers import Matcher


class _Signature(NamedTuple):
    tool: str
    expression: Gated
    """Its group `folder` is the output."""
    joined: bool
    """Several folders may be one output."""
    format: str
    line: str
    word: str
    """Stands in every path that fits."""

    @staticmethod
    def of(data: Any) -> _Signature:
        paths.known(data, "tool", "directory", "signature", "format", "ignore")
        name = paths.translate(data["signature"])
        directory = data.get("directory", "")
        if directory:
            folder = rf"(?P<folder>(?:.*?/)?{paths.translate(directory)})/(?:.*/)?"
        else:
            folder = r"(?:(?P<folder>.*)/)?"
        expression = Gated(folder + name)
        return _Signature(
            tool=data["tool"],
            expression=expression,
            joined=not directory,
            format=data.get("format", ""),
            line=data.get("ignore", ""),
            word=max(re.split(r"[*?]", data["signature"]), key=len),
        )

    def output(self, path: str) -> str | None:
        """The folder that the path proves to be an output; at the root the file itself."""
        match = self.expression.fullmatch(path)
        if match is None:
            return None
        return (not self.format and match["folder"]) or path


class _Output(NamedTuple):
    tool: str
    folders: tuple[str, ...]
    """Or single files."""
    signature: File
    line: str = ""

    def holds(self, path: str) -> bool:
        return any(path == folder or path.startswith(f"{folder}/") for folder in self.folders)


def prepare(rule: Rule, data: Any) -> Matcher:
    paths.known(data, "outputs", "lower-in", "unless-named", "history")
    return _Outputs(rule, data)


class _Outputs:
    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.signatures = [_Signature.of(entry) for entry in data["outputs"]]
        self.lower_in = paths.contexts(data.get("lower-in", []))
        self.unless_named = frozenset(words(data.get("unless-named", [])))

        self.history = bool(data.get("history", False))

    def __call__(self, project: Project) -> Iterator[Match]:
        if project.repo.git is None:
            return
        tracked = [file for file in paths.selected(project, self.rule) if file.tracked]
        present = self._found(tracked, (), project)
        for output in present:
            yield self._match(output, tracked, project)
        if self.history:
            gone = list(past.selected(project, self.rule))
            for output in self._found(gone, present, project):
                yield self._match(output, gone, project)

    def _found(
        self, files: Sequence[File], known: Sequence[_Output], project: Project
    ) -> list[_Output]:
        # Few paths hold a word of a signature, so this comes first.
        likely = [f for f in files if any(one.word in f.path for one in self.signatures)]
        files = [file for file in likely if self.unless_named.isdisjoint(paths.tokens(file.path))]
        found: list[_Output] = []
        for signature in self.signatures:
            # A run keeps the event files of another tool among its artefacts.
            held = (*known, *found)
            fresh = [file for file in files if not any(out.holds(file.path) for out in held)]
            found += _outputs(signature, fresh, project)
        return found

    def _match(self, output: _Output, files: Sequence[File], project: Project) -> Match:
        inside = [file for file in files if output.holds(file.path)]
        lower = past.is_lower(output.signature, self.lower_in) or past.is_little(inside)
        directory = _common(output.folders)
        return Match(
            rule=self.rule.id,
            spot=past.spot_of(output.signature),
            values={
                "tool": output.tool,
                "ignore": self._line(output, project),
                "directory": directory or ".",
                "files": paths.counted(len(inside), "file"),
                "size": paths.readable(sum(project.stored.size(file) or 0 for file in inside)),
                **past.values_of(inside, project),
            },
            identity=past.identity_of(output.signature, f"{output.tool} {directory}"),
            severity=paths.lowered(self.rule.severity) if lower else None,
            remedy=past.remedy_of(output.signature),
            related=past.commits_of([output.signature], project),
        )

    def _line(self, output: _Output, project: Project) -> str:
        """For .gitignore: the line that its signature names, or those of its folders."""
        if isinstance(output.signature, Past):
            return ""
        is_ignored = ignores(project)
        if output.line:
            return "" if is_ignored(output.signature.path) else output.line
        is_file = output.signature.path in output.folders
        return lines_for([f if is_file else f"{f}/" for f in output.folders], is_ignored)


def _outputs(signature: _Signature, files: Sequence[File], project: Project) -> Iterator[_Output]:
    """What one signature proves; the folders of one output are joined."""
    groups: dict[str, dict[str, File]] = {}
    for file in files:
        folder = signature.output(file.path)
        if folder is None or (signature.format and _format(project, file) != signature.format):
            continue
        group = folder.partition("/")[0] if signature.joined else folder
        groups.setdefault(group, {}).setdefault(folder, file)
    for members in groups.values():
        first = next(iter(members.values()))
        yield _Output(signature.tool, tuple(members), first, signature.line)


def _format(project: Project, file: File) -> str:
    blob = project.stored.blob(file)
    return blob.format if blob is not None else ""


def _common(folders: Sequence[str]) -> str:
    """The deepest folder that holds all of them."""
    first, last = min(folders).split("/"), max(folders).split("/")
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    return "/".join(first[:shared])
