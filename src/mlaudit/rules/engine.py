"""Rules meet the project: one pass over all calls, one over all texts, then all other rules."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from mlaudit.facts.records import Document, FileFacts
from mlaudit.facts.syntax import Binding, Call, PythonFacts, Text, Unknown
from mlaudit.project.profile import Profile, profile
from mlaudit.rules.apis import Apis
from mlaudit.rules.matchers import kind_of, parts_of, prepare
from mlaudit.rules.matchers.call import CallMatcher
from mlaudit.rules.matchers.string import StringMatcher
from mlaudit.rules.model import InProduction, Match, Rule
from mlaudit.rules.parameters import pattern
from mlaudit.rules.sites import CallSite, EntrySite, TextSite
from mlaudit.rules.values import whole_texts

if TYPE_CHECKING:
    from mlaudit.project.project import Project


class RuleCrash(Struct, frozen=True):
    """An error of mlaudit's own in one rule; all other rules went on."""

    rule: str
    error: str
    trace: str


class Matched(NamedTuple):
    matches: tuple[Match, ...]
    crashes: tuple[RuleCrash, ...]


def match_rules(project: Project, rules: Sequence[Rule], apis: Apis) -> Matched:
    """All that the rules see in the project. Raises RulePackError for a rule without sense."""
    run = _Run(project, apis)
    calls: list[CallMatcher] = []
    strings: list[StringMatcher] = []
    others: list[tuple[Rule, Any]] = []
    for rule in rules:
        for part in parts_of(rule):
            matcher = prepare(part, apis)
            match kind_of(part):
                case "call":
                    calls.append(matcher)
                case "string":
                    strings.append(matcher)
                case _:
                    others.append((part, matcher))
    _match_calls(run, calls)
    _match_strings(run, strings)
    for rule, matcher in others:
        run.all_of(rule, matcher)
    matches = _in_production(run.matches, rules, project)
    return Matched(tuple(matches), tuple(run.crashes.values()))


def _in_production(
    matches: Iterable[Match], rules: Iterable[Rule], project: Project
) -> Iterator[Match]:
    """The matches, of which some weigh more where others rely on a model."""
    said = {rule.id: rule.production for rule in rules if rule.production != InProduction()}
    for match in matches:
        more = said.get(match.rule)
        if more is None or profile(project) is not Profile.PRODUCTION:
            yield match
        else:
            yield replace(
                match,
                severity=match.severity or more.severity,
                persona=match.persona or more.persona,
            )


class _Run:
    """What is collected on the way. A rule that crashed is not tried again."""

    def __init__(self, project: Project, apis: Apis) -> None:
        self.project = project
        self.apis = apis
        self.matches: list[Match] = []
        self.crashes: dict[str, RuleCrash] = {}

    def one(self, rule: Rule, match: Callable[..., Match | None], *given: Any) -> None:
        if rule.id in self.crashes:
            return
        try:
            found = match(*given)
        except Exception as error:
            self.crashed(rule, error)
        else:
            if found is not None:
                self.matches.append(found)

    def all_of(self, rule: Rule, matcher: Callable[[Project], Iterable[Match]]) -> None:
        try:
            self.matches.extend(matcher(self.project))
        except Exception as error:
            self.crashed(rule, error)

    def crashed(self, rule: Rule, error: Exception) -> None:
        problem = f"{type(error).__name__}: {error}"
        self.crashes[rule.id] = RuleCrash(rule.id, problem, traceback.format_exc())

    def files(self) -> Iterator[tuple[FileFacts, str]]:
        """Selected files with their contexts."""
        for path, facts in self.project.facts.items():
            file = self.project.files.get(path)
            if file is not None and self.project.repo.selected(path):
                yield facts, file.context.value


class _CallIndex:
    """Which rules of one context want to see a call, by its name as resolved in the file."""

    def __init__(self, matchers: Iterable[CallMatcher], apis: Apis) -> None:
        self._apis = apis
        self._exact: dict[str, list[tuple[CallMatcher, str]]] = {}
        self._patterns: dict[str, list[tuple[re.Pattern[str], CallMatcher, str]]] = {}
        for matcher in matchers:
            for name in matcher.names:
                if "*" not in name:
                    self._exact.setdefault(name, []).append((matcher, name))
                else:
                    last = name.rpartition(".")[2]
                    entry = (pattern(name), matcher, name)
                    self._patterns.setdefault("*" if "*" in last else last, []).append(entry)
        self.stores = self._stored(".__setitem__")
        self.attributes = self._stored(".__set__")
        self.last_parts = frozenset(name.rpartition(".")[2] for name in self.attributes)
        self.known: dict[str, list[tuple[CallMatcher, str]]] = {"": []}
        """Answers so far: for nearly every call of a repository, one look here is all."""

    def _stored(self, method: str) -> frozenset[str]:
        names = (name for name in self._exact if name.endswith(method))
        return frozenset(name.removesuffix(method) for name in names)

    def wanting(self, callee: str) -> list[tuple[CallMatcher, str]]:
        """Matchers, each with the name of its own that the call goes under."""
        found = self.known.get(callee)
        if found is None:
            found = self.known[callee] = self._search(self._apis.canonical(callee))
        return found

    def _search(self, name: str) -> list[tuple[CallMatcher, str]]:
        found = list(self._exact.get(name, ()))
        for last in (name.rpartition(".")[2], "*"):
            for expression, matcher, row in self._patterns.get(last, ()):
                if expression.fullmatch(name):
                    found.append((matcher, row))
        return found


def _match_calls(run: _Run, matchers: list[CallMatcher]) -> None:
    every = _CallIndex(matchers, run.apis)
    callees = run.project.callees.files
    calling = {path for name in callees if every.wanting(name) for path in callees[name]}
    indexes: dict[str, _CallIndex] = {}
    for facts, context in run.files():
        if facts.python is None:
            continue
        index = indexes.get(context)
        if index is None:
            wanted = [matcher for matcher in matchers if context in matcher.rule.contexts]
            index = indexes[context] = _CallIndex(wanted, run.apis)
        if facts.path in calling:
            _match_calls_of(run, facts, facts.python, index)
        _match_stores_of(run, facts, facts.python, index)


def _match_calls_of(run: _Run, facts: FileFacts, python: PythonFacts, index: _CallIndex) -> None:
    known = index.known
    for number, call in enumerate(python.calls):
        wanting = known.get(call.callee)
        for matcher, row in index.wanting(call.callee) if wanting is None else wanting:
            name = run.apis.canonical(call.callee)
            site = CallSite(run.project, facts, run.apis, call, number, name)
            run.one(matcher.rule, matcher.match, site, row)


def _match_stores_of(run: _Run, facts: FileFacts, python: PythonFacts, index: _CallIndex) -> None:
    for binding in python.bindings if index.stores or index.attributes else ():
        store = _store(binding, python, index)
        for matcher, row in index.wanting(store) if store else ():
            site = CallSite(run.project, facts, run.apis, _as_call(binding, store), -1, row)
            run.one(matcher.rule, matcher.match, site, row)


def _store(binding: Binding, python: PythonFacts, index: _CallIndex) -> str:
    """The name of the call that is made for `name[key] = value` or `name.attribute = value`."""
    name = binding.name
    if binding.kind == "item":
        return f"{name}.__setitem__" if name in index.stores else ""
    if binding.kind != "assign" or name[name.rfind(".") + 1 :] not in index.last_parts:
        return ""
    root, _, rest = name.partition(".")
    for item in python.imports if rest else ():
        if item.name == root and f"{item.target}.{rest}" in index.attributes:
            return f"{item.target}.{rest}.__set__"
    return ""


def _as_call(binding: Binding, store: str) -> Call:
    """A store as the call that Python makes of it."""
    given = (binding.value,)
    return Call(
        callee=store,
        local="",
        receiver=None,
        args=(binding.key or Unknown(), *given) if binding.kind == "item" else given,
        keywords=(),
        block=binding.block,
        line=binding.line,
        column=binding.column,
        end_line=0,
        end_column=0,
    )


def _match_strings(run: _Run, matchers: list[StringMatcher]) -> None:
    for facts, context in run.files():
        wanted = [matcher for matcher in matchers if context in matcher.rule.contexts]
        if wanted and facts.python is not None:
            _match_texts(run, facts, whole_texts(facts.python), wanted)
        if wanted and facts.document is not None:
            _match_entries(run, facts, facts.document, wanted)


def _match_texts(
    run: _Run, facts: FileFacts, texts: list[Text], matchers: list[StringMatcher]
) -> None:
    for matcher in matchers:
        search, roles = matcher.expression.search, matcher.roles
        for text in texts:
            if text.role in roles and search(text.value):
                site = TextSite(run.project, facts, run.apis, text)
                run.one(matcher.rule, matcher.match, site)


def _match_entries(
    run: _Run, facts: FileFacts, document: Document, matchers: list[StringMatcher]
) -> None:
    for matcher in matchers:
        search = matcher.expression.search
        for entry in document.entries if "config" in matcher.roles else ():
            if isinstance(entry.value, str) and search(entry.value):
                site = EntrySite(run.project, facts, run.apis, entry)
                run.one(matcher.rule, matcher.match, site)
