"""Signs that rest on what rules found in programs that train, or did not find."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.maturity.model import MOST, Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.linking.entry_points import EntryPoint
from mlaudit.rules.model import Match

_UNSEEDED = frozenset({"REP001", "REP002", "REP003", "REP005", "REP006"})
_SAMPLERS = Gated(r"samplers?\b|Sampler\b|SearchCV\b|keras_tuner|skopt")


def training_seeded(view: View) -> Iterator[Evidence]:
    """No training entry point draws what nobody seeds, as far as its calls could be followed."""
    yield from _without(view, _UNSEEDED, "this program seeds what it draws with")


def settings_kept(view: View) -> Iterator[Evidence]:
    """No training entry point keeps its hyperparameters in code alone."""
    yield from _without(view, frozenset({"TRK016"}), "this program hides no settings in its code")


def paths_portable(view: View) -> Iterator[Evidence]:
    """No training entry point reads from a path of one machine."""
    yield from _without(view, frozenset({"REP010"}), "this program names no path of one machine")


def _without(view: View, rules: frozenset[str], says: str) -> Iterator[Evidence]:
    if any(True for _ in _in_training(view, rules)):
        return
    for entry in view.training[:MOST]:
        yield Evidence(True, says, entry.path, entry.line)


def _in_training(view: View, rules: frozenset[str]) -> Iterator[Match]:
    """Findings of these rules in files whose code a training program runs."""
    found = [match for match in view.matches if match.rule in rules]
    reached = view.within("training") if found else frozenset()
    return (match for match in found if match.spot.path in reached)


def training_without_tracking(view: View) -> Iterator[Evidence]:
    """Nothing that trains leads to a tracker, wherever one may be called."""
    untracked = [match for match in view.matches if match.rule == "TRK001"]
    if not untracked or not all(_is_of(view, entry, untracked) for entry in view.training):
        return
    for match in untracked[:MOST]:
        says = "this trains, and no tracker hears of it"
        yield Evidence(True, says, match.spot.path, match.spot.span.line, rule=match.rule)


def _is_of(view: View, entry: EntryPoint, matches: list[Match]) -> bool:
    paths = {entry.path} | {site.path for site in view.project.program.fits(entry)}
    return any(match.spot.path in paths for match in matches)


def sampler_unseeded(view: View) -> Iterator[Evidence]:
    """A search draws its trials from entropy."""
    for match in view.matches:
        if match.rule == "REP002" and any(map(_SAMPLERS.search, match.values.values())):
            says = "the search draws from a generator without a seed"
            yield Evidence(True, says, match.spot.path, match.spot.span.line, rule=match.rule)


def notebooks_out_of_order(view: View) -> Iterator[Evidence]:
    """Only notebooks train, and they do not run from top to bottom."""
    training = {entry.path for entry in view.training}
    if not training or not all(path.endswith(".ipynb") for path in training):
        return
    for match in view.matches:
        if match.rule in ("NBK001", "NBK002") and match.spot.path in training:
            says = "the only training is a notebook whose cells are out of order"
            yield Evidence(True, says, match.spot.path, match.spot.span.line, rule=match.rule)
