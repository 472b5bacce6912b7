"""Practices by the names that the maturity model gives their signs, for rules that miss one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from msgspec import Struct

from mlaudit.knowledge import shipped, shipped_names
from mlaudit.project.practices.deploying import deploy_commands
from mlaudit.project.practices.looks import Sight, SignModel, see
from mlaudit.project.practices.sights import Sights
from mlaudit.project.practices.triggers import pipelines_triggered, training_triggers


class _Capability(Struct, frozen=True):
    signs: dict[str, SignModel] = {}


_CODE: Mapping[str, Callable[[Sights], Iterator[Sight]]] = {
    "deploy-command-in-ci": deploy_commands,
    "training-triggered": training_triggers,
    "training-pipeline-triggered": pipelines_triggered,
}
"""Signs that no data describes."""


def sights_of(sights: Sights, name: str) -> Iterator[Sight]:
    """The places where a practice shows itself. Raises KeyError for a name that nothing defines."""
    if name in _CODE:
        yield from _CODE[name](sights)
        return
    model = _signs()[name]
    for look in model.any:
        yield from see(look, model.says, sights)


@cache
def _signs() -> Mapping[str, SignModel]:
    return {
        name: model
        for file in shipped_names("maturity")
        for name, model in shipped(file, _Capability).signs.items()
    }
