"""Named conditions, which the lists `where` and `unless` of a rule are made of.

A condition answers True, False, or None where the facts do not settle it. All of `where` must be
True and all of `unless` False: what is not known keeps a rule silent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from mlaudit.rules import (
    on_arguments,
    on_calls,
    on_cuts,
    on_ensembles,
    on_flow,
    on_origins,
    on_partials,
    on_places,
    on_provenance,
    on_texts,
)
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.sites import CallSite, Site, StringSite

Test: TypeAlias = Callable[[Any], "bool | None"]
"""Asks one question of a site."""


class Condition(NamedTuple):
    build: Callable[[Any], Test]
    """From the condition's parameter; raises RulePackError."""
    site: type[Site] = Site
    """The places that it can be asked of."""


CONDITIONS = {
    "argument": Condition(on_arguments.argument, CallSite),
    "beside": Condition(on_texts.beside, StringSite),
    "bound-to": Condition(on_calls.bound_to, CallSite),
    "calls-too": Condition(on_flow.calls_too, CallSite),
    "complemented": Condition(on_calls.complemented, CallSite),
    "context": Condition(on_places.context),
    "cut-in-two": Condition(on_cuts.cut_in_two, CallSite),
    "discarded": Condition(on_flow.discarded, CallSite),
    "drawn-twice": Condition(on_flow.drawn_twice, CallSite),
    "fallback": Condition(on_calls.fallback, CallSite),
    "fetched": Condition(on_provenance.fetched, CallSite),
    "file-runs": Condition(on_texts.file_runs, StringSite),
    "imports": Condition(on_places.imports),
    "in-batch-loop": Condition(on_flow.in_batch_loop, CallSite),
    "in-function": Condition(on_places.in_function),
    "in-repository": Condition(on_provenance.in_repository, CallSite),
    "inside": Condition(on_places.inside),
    "kept": Condition(on_origins.kept, CallSite),
    "key": Condition(on_places.key, StringSite),
    "listed": Condition(on_texts.listed, StringSite),
    "made-of": Condition(on_origins.made_of, CallSite),
    "made-with": Condition(on_flow.made_with, CallSite),
    "mentions": Condition(on_texts.mentions),
    "parameter": Condition(on_places.parameter),
    "path": Condition(on_places.path),
    "result-has": Condition(on_calls.result_has, CallSite),
    "result-leaves": Condition(on_calls.result_leaves, CallSite),
    "result-set": Condition(on_calls.result_set, CallSite),
    "role": Condition(on_places.role, StringSite),
    "partial-of": Condition(on_partials.partial_of, CallSite),
    "passed-to": Condition(on_places.passed_to, StringSite),
    "saved-by": Condition(on_arguments.saved_by, CallSite),
    "seeded": Condition(on_calls.seeded, CallSite),
    "seeded-beside": Condition(on_calls.seeded_beside, CallSite),
    "seeded-by-outer": Condition(on_ensembles.seeded_by_outer, CallSite),
    "seeded-by-params": Condition(on_calls.seeded_by_params, CallSite),
    "text": Condition(on_places.text, StringSite),
    "trains": Condition(on_places.trains),
    "used-by": Condition(on_places.used_by, StringSite),
    "verified": Condition(on_provenance.verified, CallSite),
    "version": Condition(on_places.version),
}
"""All conditions by name, beside `all`, `any`, `not` and `unknown`, which take conditions."""


def compile_condition(data: Any, site: type[Site]) -> Test:
    """The test that a one-key mapping stands for. Raises RulePackError."""
    if not isinstance(data, dict) or len(data) != 1:
        raise RulePackError(f"a condition is a mapping with one key, not {data!r}")
    ((name, parameter),) = data.items()
    if name == "not":
        return _not(compile_condition(parameter, site))
    if name == "unknown":
        return _unknown(compile_condition(parameter, site))
    if name in ("all", "any"):
        tests = [compile_condition(item, site) for item in parameter]
        return _all(tests) if name == "all" else _any(tests)
    found = CONDITIONS.get(name)
    if found is None:
        known = ", ".join(sorted([*CONDITIONS, "all", "any", "not", "unknown"]))
        raise RulePackError(f"unknown condition; known: {known}", key=str(name))
    if not issubclass(site, found.site):
        raise RulePackError(f"cannot be asked of a {site.__name__}", key=name)
    return found.build(parameter)


def compile_guard(data: Any, site: type[Site]) -> Test:
    """All of `where` and none of `unless` in a mapping, as one test."""
    where = [compile_condition(item, site) for item in data.get("where", ())]
    unless = [_not(compile_condition(item, site)) for item in data.get("unless", ())]
    return _all([*where, *unless])


def _not(test: Test) -> Test:
    def negated(site: Site) -> bool | None:
        answer = test(site)
        return None if answer is None else not answer

    return negated


def _unknown(test: Test) -> Test:
    return lambda site: test(site) is None


def _all(tests: list[Test]) -> Test:
    def holds(site: Site) -> bool | None:
        answer: bool | None = True
        for test in tests:
            one = test(site)
            if one is False:
                return False
            if one is None:
                answer = None
        return answer

    return holds


def _any(tests: list[Test]) -> Test:
    return _not(_all([_not(test) for test in tests]))
