"""What the optimizers of a program change: the weights of a model, or what a model is shown."""

from __future__ import annotations

from mlaudit.facts.syntax import Collection, Local, PythonFacts
from mlaudit.project.linking.resolution import Definition, External, Resolver
from mlaudit.project.linking.steps import Site

OPTIMIZERS = "torch.optim."
SCHEDULES = "torch.optim.lr_scheduler."


def is_optimizer(site: Site) -> bool:
    """Whether a call makes an optimizer of torch."""
    if not site.name.startswith(OPTIMIZERS) or site.name.startswith(SCHEDULES):
        return False
    return site.name.rpartition(".")[2][:1].isupper()


def shapes_input(resolver: Resolver, facts: PythonFacts, site: Site) -> bool:
    """An image that is optimised until a model sees something in it: nothing is trained.

    The optimizer is made of tensors each of which is called upon as the first argument of an
    object in the same function: `Adam([image])`, then `model(image)`.
    """
    call = facts.calls[site.number]
    first = call.args[0] if call.args else call.keyword("params")
    if not isinstance(first, Collection) or not first.items:
        return False
    scope = facts.scope_of(call.block)
    shown = {
        other.args[0]
        for number, other in enumerate(facts.calls)
        if other.args
        and facts.scope_of(other.block) == scope
        and _calls_object(resolver, facts, site.path, number)
    }
    return all(isinstance(item, Local) and item in shown for item in first.items)


def _calls_object(resolver: Resolver, facts: PythonFacts, path: str, number: int) -> bool:
    """`model(x)`: the call of something that was given or made, and is no function."""
    call = facts.calls[number]
    if call.method or (call.local and "." in call.local and not call.local.startswith("self.")):
        return False
    target = resolver.call(path, number)
    if isinstance(target, External):
        return target.name.endswith(".__call__")
    if isinstance(target, Definition):
        return call.local.rpartition(".")[2] != _name(resolver, target)
    return bool(call.local)


def _name(resolver: Resolver, target: Definition) -> str:
    return resolver.index(target.path).facts.scopes[target.scope].name
