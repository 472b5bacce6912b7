"""`credential`: secrets in files, of which only place, first characters and length are seen.

    providers: [url] or {all-but: [url]}   # ids of the provider table; see `Credential.provider`
    outputs: false                         # true: in saved output of notebooks; false: elsewhere
    levels:                                # the first that fits counts
      - {local: true, severity: note}      # a URL of this machine
      - {contexts: [tests], severity: note}

`files` speaks of tracked files that exist to hold secrets; see `credential_files.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlaudit.facts.records import Credential, FileFacts
from mlaudit.repo.model import Context
from mlaudit.rules.matchers import credential_files, in_context, paths
from mlaudit.rules.model import Match, Rule, Severity, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = paths.known(
        rule.detect["credential"],
        "providers", "outputs", "levels", "files", "templates", "throwaway",
    )  # fmt: skip
    if "files" in data:
        return credential_files.prepare(rule, data)
    return _Secrets(rule, data)


class _Secrets:
    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.wanted = _providers(data["providers"])
        self.outputs = data.get("outputs")
        self.levels = [_Level(entry) for entry in data.get("levels", ())]

    def __call__(self, project: Project) -> Iterator[Match]:
        for facts in in_context(project, self.rule):
            context = project.files[facts.path].context
            for credential in _distinct(facts, self.wanted):
                if self.outputs is None or self.outputs is in_output(facts, credential):
                    yield self._match(facts.path, context, credential)

    def _match(self, path: str, context: Context, credential: Credential) -> Match:
        severity = next(
            (level.severity for level in self.levels if level.fits(credential, context)), None
        )
        return Match(
            rule=self.rule.id,
            spot=Spot(path, credential.span),
            values={"provider": credential.provider, "masked": masked(credential)},
            identity=f"{credential.provider} {credential.digest}",
            severity=severity,
        )


class _Level:
    def __init__(self, data: Any) -> None:
        paths.known(data, "local", "contexts", "severity")
        self.severity: Severity = paths.level(data["severity"])
        self.local = data.get("local")
        self.contexts = paths.contexts(data["contexts"]) if "contexts" in data else None

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
    """One for each place, though several patterns may see the same secret."""
    places: set[tuple[int, int]] = set()
    for credential in facts.credentials:
        place = (credential.span.line, credential.span.column)
        if wanted(credential.provider) and place not in places:
            places.add(place)
            yield credential


def in_output(facts: FileFacts, credential: Credential) -> bool:
    """Whether the secret stands in the saved output of a notebook's cell."""
    if facts.notebook is None or credential.virtual_line:
        return False
    line = credential.span.line
    cells = [cell for cell in facts.notebook.cells if cell.raw_line <= line]
    return bool(cells and cells[-1].outputs and cells[-1].kind == "code")


def masked(credential: Credential) -> str:
    """How it begins and how long it is, as much as may be shown."""
    return f"{credential.prefix}…, {credential.length} characters"
