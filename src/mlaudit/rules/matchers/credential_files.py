"""`credential: {files: ...}`: tracked files that exist to hold secrets.

files:
  settings: true                # .env files with a real value under the name of a secret
  private-keys: true            # PEM and SSH keys, wherever they stand
  names:                        # told by the name, where some secret stands in them
    - {what: a netrc file, file: [GLOBS]}
  documents:                    # told by keys that must have a value, and by values
    - {what: ..., file: [GLOBS], keys: [ROUTES], equal: {ROUTE: VALUE}}
templates: [words]              # such words in the name: a template without secrets
throwaway: [words]              # such words in the path, or the context of tests: a note
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from mlaudit.facts.records import Entry, FileFacts, Span
from mlaudit.facts.secrets import is_placeholder, is_secret_name
from mlaudit.repo.model import Context, File
from mlaudit.rules.matchers import paths
from mlaudit.rules.model import Match, Rule, Severity, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.matchers import Matcher

_UNTOLD = frozenset({"named", "private-key", "encrypted-private-key"})
"""What no rule of its own tells in a .env file."""
_SHORTEST = 8
"""Characters; what is shorter is a development default, or no secret at all."""

_DEVELOPMENT = 12
"""Characters; real keys and generated passwords are longer."""


class _Named(NamedTuple):
    what: str
    fits: Any
    keys: frozenset[str]
    equal: Mapping[str, Any]

    @staticmethod
    def of(data: Any) -> _Named:
        paths.known(data, "what", "file", "keys", "equal")
        return _Named(
            data["what"],
            paths.glob(words(data["file"])),
            frozenset(words(data.get("keys", []))),
            data.get("equal", {}),
        )


class _Seen(NamedTuple):
    what: str
    span: Span
    severity: Severity | None = None


def prepare(rule: Rule, data: Mapping[str, Any]) -> Matcher:
    files = paths.known(data["files"], "settings", "private-keys", "names", "documents")
    return _CredentialFiles(rule, data, files)


class _CredentialFiles:
    def __init__(self, rule: Rule, data: Mapping[str, Any], files: Mapping[str, Any]) -> None:
        self.rule = rule
        self.settings = files.get("settings") is True
        self.private_keys = files.get("private-keys") is True
        self.names = [_Named.of(entry) for entry in files.get("names", ())]
        self.documents = [_Named.of(entry) for entry in files.get("documents", ())]
        self.templates = frozenset(words(data.get("templates", [])))
        self.throwaway = frozenset(words(data.get("throwaway", [])))

    def __call__(self, project: Project) -> Iterator[Match]:
        if project.repo.git is None:
            return
        yield from self._of_the_past(project)
        for file in paths.selected(project, self.rule):
            facts = project.facts.get(file.path)
            if not file.tracked or not file.size or facts is None or self._is_template(file):
                continue
            for seen in self._seen(facts):
                yield Match(
                    rule=self.rule.id,
                    spot=Spot(file.path, seen.span),
                    values={"what": seen.what, "held": "Tracked by git"},
                    identity=seen.what,
                    severity=Severity.NOTE if self._is_throwaway(file) else seen.severity,
                )

    def _of_the_past(self, project: Project) -> Iterator[Match]:
        for past in project.past_secrets:
            file = past.file
            if file.context.value not in self.rule.contexts or self._is_template(file):
                continue
            for seen in self._seen(past.facts):
                yield Match(
                    rule=self.rule.id,
                    spot=Spot(file.path, seen.span, commit=past.commit),
                    values={"what": seen.what, "held": "In the history of git"},
                    identity=f"past {file.path} {seen.what}",
                    severity=Severity.NOTE if self._is_throwaway(file) else seen.severity,
                )

    def _is_template(self, file: File) -> bool:
        return not self.templates.isdisjoint(paths.tokens(file.path.rpartition("/")[2]))

    def _is_throwaway(self, file: File) -> bool:
        if file.context is Context.TESTS:
            return True
        return not self.throwaway.isdisjoint(paths.tokens(file.path))

    def _seen(self, facts: FileFacts) -> Iterator[_Seen]:
        for named in self.names:
            if named.fits(facts.path) and facts.credentials:
                yield _Seen(named.what, Span())
                return
        for named in self.documents:
            if named.fits(facts.path) and _holds(facts, named):
                yield _Seen(named.what, Span())
                return
        if self.settings:
            yield from _real_settings(facts)
        if self.private_keys:
            for credential in facts.credentials:
                if credential.provider == "private-key" and not credential.output:
                    yield _Seen("a private key", credential.span)


def _holds(facts: FileFacts, named: _Named) -> bool:
    """Whether all keys have a text that is no placeholder, and all values are as they must be."""
    entries = {".".join(map(str, entry.path)): entry for entry in _entries(facts)}
    for key, value in named.equal.items():
        if key not in entries or entries[key].value != value:
            return False
    return all(key in entries and _is_real(entries[key], facts) for key in named.keys)


def _entries(facts: FileFacts) -> tuple[Entry, ...]:
    return facts.document.entries if facts.document is not None else ()


def _is_real(entry: Entry, facts: FileFacts) -> bool:
    """Whether a value is a known secret, which the document holds masked, or no placeholder."""
    if not isinstance(entry.value, str):
        return False
    place = (entry.value_line, entry.value_column)
    for credential in facts.credentials:
        if credential.span.line == place[0] and credential.span.column >= place[1]:
            return True
    return not is_placeholder(entry.value)


def _real_settings(facts: FileFacts) -> Iterator[_Seen]:
    """The first secret of a .env file, for the file; the worst decides how bad it is.

    Tokens of known providers are told one by one by their own rule.
    """
    told = {one.span.line for one in facts.credentials if one.provider not in _UNTOLD}
    real = [
        setting
        for setting in facts.settings
        if is_secret_name(setting.name) and not setting.placeholder and setting.length >= _SHORTEST
        if setting.span.line not in told
    ]
    if real:
        worst = max(real, key=lambda setting: setting.length)
        severity = Severity.NOTE if worst.length < _DEVELOPMENT else None
        yield _Seen(f"a file with a value for {worst.name}", worst.span, severity)
