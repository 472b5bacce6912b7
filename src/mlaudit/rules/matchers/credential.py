"""`credential`: secrets in files, of which only place, first characters and length are seen.

    providers: [url] or {all-but: [url]}   # ids of the provider table; see `Credential.provider`
    outputs: false                         # true: in saved output of notebooks; false: elsewhere
    unless-in: [GLOBS]                     # not in such files
    unless-tracked: [GLOBS]                # not in such files where git tracks them
    build: [...]                           # only in files of that kind; see `build_files.py`
    levels:                                # the first that fits counts
      - {local: true, severity: note}      # of a development set-up
      - {contexts: [tests], severity: note}
      # `once: true` in a level: all that fit are one finding a file

`passed` speaks of literals that code of the past passed on; see `passed_before.py`.
`files` speaks of tracked files that exist to hold secrets; see `credential_files.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from mlaudit.facts.credentials import vendor_of
from mlaudit.facts.records import Credential, FileFacts
from mlaudit.repo.model import Context
from mlaudit.rules.matchers import credential_files, in_context, paths
from mlaudit.rules.matchers.build_files import BuildFiles
from mlaudit.rules.matchers.passed_before import PassedBefore
from mlaudit.rules.model import Match, Rule, Severity, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(
        rule.detect["credential"],
        "providers", "outputs", "levels", "unless-in", "unless-tracked", "build",
        "sealed", "files", "templates", "throwaway", "passed",
    )  # fmt: skip
    if "passed" in data:
        return PassedBefore(rule)
    if "files" in data:
        return credential_files.prepare(rule, data)
    return _Secrets(rule, data)


class _Secrets:
    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.wanted = _providers(data["providers"])
        self.outputs = data.get("outputs")
        self.allowed = paths.glob(words(data.get("unless-in", [])))
        self.elsewhere = paths.glob(words(data.get("unless-tracked", [])))
        self.build = BuildFiles(data["build"], data.get("sealed")) if "build" in data else None
        self.levels = [_Level(entry) for entry in data.get("levels", ())]

    def __call__(self, project: Project) -> Iterator[Match]:
        for facts in in_context(project, self.rule):
            if facts.credentials and self._speaks_of(project, facts):
                found = list(self._found(facts))
                yield from self._matches(facts, project.files[facts.path].context, found)
        if self.build is None and self.outputs is not True:
            yield from self._of_the_past(project)

    def _of_the_past(self, project: Project) -> Iterator[Match]:
        """What was committed once and is gone from the files: every clone still has it."""
        for past in project.past_secrets:
            path, context = past.file.path, past.file.context
            if self.allowed(path) or self.elsewhere(path):
                continue
            if context.value in self.rule.contexts:
                for match in self._matches(past.facts, context, list(self._found(past.facts))):
                    yield in_history(match, past.commit)

    def _speaks_of(self, project: Project, facts: FileFacts) -> bool:
        if self.allowed(facts.path):
            return False
        if project.files[facts.path].tracked and self.elsewhere(facts.path):
            return False
        return self.build is None or self.build.holds(project, facts)

    def _found(self, facts: FileFacts) -> Iterator[Credential]:
        for credential in _distinct(facts, self.wanted):
            if self.outputs is not None and self.outputs is not in_output(facts, credential):
                continue
            if self.build is None or self.build.is_open(facts, credential):
                yield credential

    def _matches(
        self, facts: FileFacts, context: Context, found: list[Credential]
    ) -> Iterator[Match]:
        once: dict[_Level, list[Credential]] = {}
        for credential in found:
            level = next((one for one in self.levels if one.fits(credential, context)), None)
            if level is not None and level.once:
                once.setdefault(level, []).append(credential)
            else:
                yield self._match(facts.path, credential, level)
        for level, (first, *others) in once.items():
            more = f", and {len(others)} more in this file" if others else ""
            yield self._match(facts.path, first, level, more)

    def _match(
        self, path: str, credential: Credential, level: _Level | None, more: str = ""
    ) -> Match:
        return Match(
            rule=self.rule.id,
            spot=Spot(path, credential.span),
            values={
                "provider": vendor_of(credential.provider),
                "masked": masked(credential),
                "name": credential.name,
                "more": more,
                "held": "the file",
            },
            identity=f"{credential.provider} {credential.digest}",
            severity=level.severity if level is not None else None,
        )


def in_history(match: Match, commit: str) -> Match:
    """The same, said of a commit."""
    return replace(
        match,
        spot=Spot(match.spot.path, match.spot.span, commit=commit),
        values={**match.values, "held": "the history of git"},
        identity=f"past {match.identity}",
    )


class _Level:
    def __init__(self, data: Any) -> None:
        paths.known(data, "local", "contexts", "severity", "once")
        self.severity: Severity = paths.level(data["severity"])
        self.local = data.get("local")
        self.contexts = paths.contexts(data["contexts"]) if "contexts" in data else None
        self.once = data.get("once") is True

    def fits(self, credential: Credential, context: Context) -> bool:
        if self.local is not None and credential.local is not self.local:
            return False
        return self.contexts is None or context in self.contexts


def _providers(data: Any) -> Callable[[str], bool]:
    if isinstance(data, dict):
        others = frozenset(words(paths.known(data, "all-but")["all-but"]))
        return lambda provider: provider not in others
    wanted = frozenset(words(data))
    return lambda provider: provider in wanted


def _distinct(facts: FileFacts, wanted: Callable[[str], bool]) -> Iterator[Credential]:
    """One for each place; and what a URL or a provider's own rule tells is not told by its name."""
    places: set[tuple[int, int]] = set()
    told = {one.digest for one in facts.credentials if one.provider != "named"}
    for credential in facts.credentials:
        place = (credential.span.line, credential.span.column)
        if credential.provider == "named" and credential.digest in told:
            continue
        if wanted(credential.provider) and place not in places:
            places.add(place)
            yield credential


def in_output(facts: FileFacts, credential: Credential) -> bool:
    """Whether the secret stands in the saved output of a notebook's cell, or of its widgets."""
    return facts.notebook is not None and credential.output


def masked(credential: Credential) -> str:
    """How it begins and how long it is, as much as may be shown."""
    return f"{credential.prefix}…, {credential.length} characters"
