"""The checklist of reproducibility: what makes the same inputs give the same result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from mlaudit.maturity.catalogue_views import LineModel, ObjectModel, checklist_model
from mlaudit.maturity.model import MOST, ChecklistLine, Evidence, Outcome
from mlaudit.maturity.places import place
from mlaudit.maturity.view import View

Seen = Callable[[str], Sequence[Evidence]]
"""What a sign of this name shows in the repository."""


def checklist(view: View, seen: Seen) -> tuple[ChecklistLine, ...]:
    """Every line with its outcome, in their order."""
    return tuple(_judge(line, view, seen) for line in checklist_model().lines)


def every_line_holds(lines: Sequence[ChecklistLine]) -> Iterator[Evidence]:
    """Evidence that all lines that apply hold; none while one does not, or cannot be told."""
    asked = [one for one in lines if one.counts]
    if asked and all(one.outcome is Outcome.TRUE for one in asked):
        yield Evidence(True, f"all {len(asked)} lines of the checklist hold", ".")


def _judge(model: LineModel, view: View, seen: Seen) -> ChecklistLine:
    blank = ChecklistLine(model.id, model.says, informative=model.informative)
    against = tuple(islice(_against(model, view), MOST))
    if against:
        return blank.settled(Outcome.FALSE, against)
    for name in model.needs:
        reason = _absent(checklist_model().objects[name], seen)
        if reason is not None:
            return blank.settled(*reason)
    shown = [seen(name) for name in (*model.all, *model.any, *model.shows)]
    firsts = tuple(dict.fromkeys(one for pieces in shown for one in pieces[:2]))[:MOST]
    holds = all(seen(name) for name in model.all)
    if not holds or (model.any and not any(seen(name) for name in model.any)):
        return _missing(model, blank, seen)
    return blank.settled(Outcome.TRUE, firsts or _silence(model))


def _against(model: LineModel, view: View) -> Iterator[Evidence]:
    """What the rules found, one piece a rule and file."""
    known = set()
    for match in view.matches:
        says, path = model.silent.get(match.rule), match.spot.path
        if says is not None and (match.rule, path) not in known and view.counts(path):
            known.add((match.rule, path))
            yield Evidence(False, says, *place(view, match), rule=match.rule)


def _absent(model: ObjectModel, seen: Seen) -> tuple[Outcome, tuple[Evidence, ...], str] | None:
    """Why the question has no object; None where it has one."""
    if any(seen(name) for name in model.any):
        return None
    unclear = [one for name in model.unclear for one in seen(name)][:1]
    if unclear:
        return Outcome.NOT_AVAILABLE, tuple(unclear), model.unclear_says
    return Outcome.NOT_APPLICABLE, (), model.absent


def _missing(model: LineModel, blank: ChecklistLine, seen: Seen) -> ChecklistLine:
    """A sign was not seen: said of the place where it was looked for."""
    if model.unsettled:
        return blank.settled(Outcome.NOT_AVAILABLE, (), model.unsettled)
    objects = checklist_model().objects
    signs = [model.searched] if model.searched else []
    signs += [name for need in reversed(model.needs) for name in objects[need].any]
    places = [(one.path, one.line) for name in signs for one in seen(name)]
    path, line = places[0] if places else (".", 1)
    return blank.settled(Outcome.FALSE, (Evidence(False, model.lacks, path, line),))


def _silence(model: LineModel) -> tuple[Evidence, ...]:
    rules = " and ".join(model.silent)
    return (Evidence(True, f"nothing found by {rules}", "."),)
