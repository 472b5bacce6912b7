"""The one place that decides what the user sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from mlaudit.config import Settings
from mlaudit.facts.records import FileFacts
from mlaudit.findings.building import SECRETS, Candidate, build
from mlaudit.findings.model import Funnel, UnusedSuppression
from mlaudit.findings.selection import enabled, is_selected, shows
from mlaudit.findings.sources import Sources
from mlaudit.findings.suppressions import Allowances, FileSuppressions
from mlaudit.repo.model import Context, Repo
from mlaudit.rules.model import Match, Rule, Severity, Spot

REASONS = (
    "not selected",
    "path",
    "context",
    "duplicate",
    "suppressed",
    "allowed",
    "severity",
    "confidence",
    "persona",
)
"""Why a match is held back, in the order in which it is asked."""

_LOWER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.NOTE}


def funnel(
    matches: Sequence[Match],
    rules: Mapping[str, Rule],
    facts: Mapping[str, FileFacts],
    repo: Repo,
    settings: Settings,
    today: date,
) -> Funnel:
    """What to show of `matches`, and how much was held back. `rules` are all, by id.

    `today` decides which suppressions have expired.
    """
    sieve = _Sieve(rules, facts, repo, settings, today)
    held: Counter[str] = Counter()
    candidates: list[Candidate] = []
    accepted: list[tuple[Match, str]] = []
    for match in sorted(matches, key=_order):
        candidate, reason = sieve.judge(match)
        if reason:
            held[reason] += 1
        if candidate is not None:
            candidates.append(candidate)
            if candidate.reason is not None:
                accepted.append((match, candidate.reason))
    built = build(candidates, _secrets(matches, rules), facts, Sources(repo))
    return Funnel(
        shown=tuple(finding for finding, why in built if why is None),
        held={reason: held[reason] for reason in REASONS if held[reason]},
        suppressed=tuple((finding, why) for finding, why in built if why is not None),
        unused=tuple(sieve.unused()),
        accepted=tuple(accepted),
    )


def _order(match: Match) -> tuple[object, ...]:
    """Equal matches side by side, the worst first; the order of processes does not show."""
    severity = match.severity.rank if match.severity is not None else -1
    confidence = match.confidence.rank if match.confidence is not None else -1
    return (*_key(match), -severity, -confidence)


def _key(match: Match) -> tuple[object, ...]:
    span = match.spot.span
    where = (match.spot.path, match.spot.commit, match.spot.code, span.line, span.column)
    end = (span.end_line, span.end_column)
    return (*where, *end, match.rule, tuple(sorted(match.values.items())), match.identity)


def _secrets(matches: Sequence[Match], rules: Mapping[str, Rule]) -> dict[str, list[Spot]]:
    """Where secrets stand, by file: held back or not, no excerpt may show them."""
    spots: dict[str, list[Spot]] = {}
    for match in matches:
        if rules[match.rule].family == SECRETS and not match.spot.commit:
            spots.setdefault(match.spot.path, []).append(match.spot)
    return spots


class _Sieve:
    """Judges matches one by one, in the order of `_order`."""

    def __init__(
        self,
        rules: Mapping[str, Rule],
        facts: Mapping[str, FileFacts],
        repo: Repo,
        settings: Settings,
        today: date,
    ) -> None:
        self._rules = rules
        self._repo = repo
        self._settings = settings
        self._contexts = {file.path: file.context for file in repo.files}
        self._selected = {rule.id for rule in rules.values() if is_selected(rule, settings)}
        self._allowances = Allowances(settings.allow)
        self._suppressions = {
            path: FileSuppressions(file, today)
            for path, file in facts.items()
            if file.suppressions or _has_cell_suppressions(file)
        }
        self._last: tuple[object, ...] = ()

    def judge(self, match: Match) -> tuple[Candidate | None, str]:
        """The candidate, and the reason why it is not shown, empty when it is."""
        rule = self._rules[match.rule]
        reason = self._out_of_scope(match, rule)
        if reason:
            return None, reason
        held, why = self._accepted(match, rule)
        candidate = self._candidate(match, rule, why)
        if held:
            return candidate, held
        reason = self._below(candidate)
        return (None, reason) if reason else (candidate, "")

    def _out_of_scope(self, match: Match, rule: Rule) -> str:
        whole_repository = rule.scope == "repository"
        key = _key(match)
        duplicate, self._last = key == self._last, key
        if rule.id not in self._selected:
            return "not selected"
        if not (self._repo.whole if whole_repository else self._repo.selected(match.spot.path)):
            return "path"
        context = self._context(match)
        if not whole_repository and context is not None and not _applies(rule, context):
            return "context"
        return "duplicate" if duplicate else ""

    def _context(self, match: Match) -> Context | None:
        """None for a file of the past: there the matcher decides."""
        return None if match.spot.commit else self._contexts.get(match.spot.path)

    def _candidate(self, match: Match, rule: Rule, why: str | None) -> Candidate:
        severity = match.severity or rule.severity
        if self._context(match) is Context.EXAMPLES:
            severity = _LOWER.get(severity, severity)
        return Candidate(
            match=match,
            rule=rule,
            severity=severity,
            confidence=match.confidence or rule.confidence,
            persona=match.persona or rule.persona,
            reason=why,
        )

    def _accepted(self, match: Match, rule: Rule) -> tuple[str, str | None]:
        """How the match is suppressed, and the reason that was given."""
        # A comment of today says nothing of a file in an old commit.
        file = None if match.spot.commit else self._suppressions.get(match.spot.path)
        why = file.reason(rule, match.spot) if file is not None else None
        if why is not None:
            return "suppressed", why
        why = self._allowances.reason(rule, match.spot.path)
        return ("allowed" if why is not None else ""), why

    def _below(self, candidate: Candidate) -> str:
        settings = self._settings
        if candidate.severity.rank < settings.min_severity.rank:
            return "severity"
        if candidate.confidence.rank < settings.min_confidence.rank:
            return "confidence"
        if not shows(candidate.rule, candidate.persona, settings):
            return "persona"
        return ""

    def unused(self) -> Iterator[UnusedSuppression]:
        """Suppressions of nothing, sorted by path and line."""
        active = enabled(self._rules, self._settings)
        for path in sorted(self._suppressions):
            if self._repo.selected(path):
                found = self._suppressions[path].unused(self._rules, active)
                yield from sorted(found, key=lambda unused: (unused.line, unused.rules))


def _has_cell_suppressions(facts: FileFacts) -> bool:
    return facts.notebook is not None and any(cell.suppress for cell in facts.notebook.cells)


def _applies(rule: Rule, context: Context) -> bool:
    """Scripts and examples go with src; tests, docs, vendored and generated files must be named."""
    if context.value in rule.contexts:
        return True
    follows_src = context in (Context.SCRIPTS, Context.EXAMPLES)
    return follows_src and Context.SRC.value in rule.contexts
