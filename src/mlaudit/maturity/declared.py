"""What people declare of practices that no checkout can show: which of it can be taken at its word.

What is incomplete, expired, dated in the future or about something that a checkout does show is
left out, with a warning that names file and key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from mlaudit.config import Attestation
from mlaudit.maturity.catalogue import capabilities, ladder_model
from mlaudit.maturity.model import Declaration

_KEYS = ("capability", "level", "owner", "link", "date", "expires")


class Declared(NamedTuple):
    """What counts, by capability or requirement, and what does not."""

    known: Mapping[str, Declaration] = {}
    places: Mapping[str, str] = {}
    """Where each stands: `pyproject.toml: attest, 1`."""
    warnings: tuple[str, ...] = ()


def declared(attestations: Sequence[Attestation], today: date) -> Declared:
    """The attestations that hold today. Of several about the same the newest counts."""
    known: dict[str, Declaration] = {}
    places: dict[str, str] = {}
    warnings: list[str] = []
    for one in sorted(attestations, key=lambda one: one.date or date.min):
        where = f"{one.source}: attest, {one.number}"
        fault = next(_faults(one, today), None)
        if fault is not None:
            warnings.append(f"{where}, {fault}; it is ignored")
            continue
        known[one.capability] = Declaration(
            one.capability, one.level, one.owner, one.link, str(one.date), str(one.expires)
        )
        places[one.capability] = where
    return Declared(known, places, tuple(sorted(warnings)))


def _faults(one: Attestation, today: date) -> Iterator[str]:
    """What is wrong with it, after the key that it is about."""
    yield from (f"{key}: is missing" for key in _KEYS if not getattr(one, key))
    if one.date is None or one.expires is None:
        return
    if one.capability not in _subjects():
        yield f"capability: there is no capability or requirement {one.capability!r}"
    if one.capability in ladder_model().not_attestable:
        yield f"capability: {one.capability!r} is what a checkout shows"
    if one.date > today:
        yield f"date: {one.date} lies in the future"
    if one.expires < today:
        yield f"expires: expired on {one.expires}"
    if one.expires > _year_after(one.date):
        yield f"expires: {one.expires} is more than 12 months after {one.date}"


def _subjects() -> frozenset[str]:
    requirements = (one.id for level in ladder_model().levels for one in level.requirements)
    return frozenset((*requirements, *(model.id for model in capabilities())))


def _year_after(day: date) -> date:
    """The same day of the next year; after a 29 February the 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)
