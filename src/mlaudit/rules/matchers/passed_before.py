"""`credential: {passed: true}`: secrets that code of the past passed on as literals.

The rules on calls see the code of today; of what is gone, only what calls were given is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlaudit.facts._credential_calls import SECRETS_OF
from mlaudit.facts.syntax import AnyValue, Local, PythonFacts, Secret
from mlaudit.rules.model import Match, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_SHORTEST = 8
_LEAST_ENTROPY = 3.0


class PassedBefore:
    def __init__(self, rule: Rule) -> None:
        self.rule = rule

    def __call__(self, project: Project) -> Iterator[Match]:
        for past in project.past_secrets:
            python = past.facts.python
            if python is None or past.file.context.value not in self.rule.contexts:
                continue
            passed = dict(_passed(python))
            for credential in past.facts.credentials:
                call = passed.get(credential.digest)
                if credential.provider == "named" and call is not None:
                    yield Match(
                        rule=self.rule.id,
                        spot=Spot(past.file.path, credential.span, commit=past.commit),
                        values={"argument": credential.name or "an argument", "name": call},
                        identity=f"past {call} {credential.digest}",
                    )


def _passed(python: PythonFacts) -> Iterator[tuple[str, str]]:
    """Digests of secrets, and what they were given to."""
    for call in python.calls:
        taken = SECRETS_OF.get(call.callee)
        if taken is None:
            continue
        positions, names = taken
        given = [call.args[place] for place in positions if place < len(call.args)]
        given += [value for name, value in call.keywords if name in names]
        for value in given:
            for secret in _secrets(value, python):
                yield secret.digest, call.callee.rpartition(".")[2]
    for binding in python.bindings:
        if binding.kind == "item" and binding.name == "os.environ":
            for secret in _secrets(binding.value, python):
                yield secret.digest, "environ"


def _secrets(value: AnyValue, python: PythonFacts) -> Iterator[Secret]:
    values = [value]
    if isinstance(value, Local):
        values = [binding.value for binding in python.bindings if binding.name == value.name]
    only = values[0] if len(values) == 1 else None
    if isinstance(only, Secret) and _is_real(only):
        yield only


def _is_real(secret: Secret) -> bool:
    varied = secret.length >= _SHORTEST and secret.entropy >= _LEAST_ENTROPY
    return varied and not secret.placeholder
