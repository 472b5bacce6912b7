"""Turns the version languages of Poetry and conda into PEP 440."""

import re

from mlaudit.patterns import Gated

_CLAUSE = Gated(r"(\^|~=|~|===|==|=|!=|<=|>=|<|>)?\s*(v?[0-9][^\s,|]*|\*)")
_RELEASE = Gated(r"v?(\d+(?:\.\d+)*)")


def poetry_specifier(text: str) -> str:
    """PEP 440 for a Poetry constraint: `^1.2` is `>=1.2,<2.0`, `1.2` is `==1.2`.

    A union (`^1 || ^2`) has no PEP 440 form and stays as written, as does what is no constraint.
    https://python-poetry.org/docs/dependency-specification/
    """
    text = text.strip()
    if not text or text in ("*", "latest") or "|" in text:
        return "" if text in ("*", "latest") else text
    clauses = []
    for part in re.split(r"\s*,\s*|(?<=[0-9*a-z])\s+(?=[<>=!~^])", text):
        found = _CLAUSE.fullmatch(part.strip())
        if found is None:
            return text
        clauses.append(_poetry_clause(found[1] or "", found[2]))
    return ",".join(clause for clause in clauses if clause)


def _poetry_clause(operator: str, version: str) -> str:
    if version == "*":
        return ""
    if operator == "^":
        return f">={version},<{_caret_end(version)}"
    if operator == "~":
        return f">={version},<{_tilde_end(version)}"
    return f"{'==' if operator in ('', '=') else operator}{version}"


def _numbers(version: str) -> list[int]:
    release = _RELEASE.match(version)
    return [int(part[:9]) for part in release[1].split(".")] if release else [0]


def _caret_end(version: str) -> str:
    """The first number that is not zero goes up; all zeros: the last one written does."""
    numbers = _numbers(version)
    place = next((i for i, number in enumerate(numbers) if number), len(numbers) - 1)
    return _raised(numbers, place)


def _tilde_end(version: str) -> str:
    numbers = _numbers(version)
    return _raised(numbers, min(1, len(numbers) - 1))


def _raised(numbers: list[int], place: int) -> str:
    raised = [*numbers[:place], numbers[place] + 1] + [0] * (len(numbers) - place - 1)
    return ".".join(map(str, raised))


def conda_specifier(text: str) -> str:
    """PEP 440 for the version part of a conda match specification, its build string dropped.

    `=1.2` is `==1.2.*`, `==1.2` and `1.2` are `==1.2`, `1.2.*` is `==1.2.*`, `>=1,<2` stays. A
    union (`1.2|1.3`) has no PEP 440 form and stays as written.
    https://docs.conda.io/projects/conda-build/en/stable/resources/package-spec.html
    """
    text = re.sub(r"\s*,\s*", ",", text.strip())
    if "|" in text:
        return text
    return ",".join(filter(None, map(_conda_clause, text.split(","))))


def _conda_clause(text: str) -> str:
    found = re.match(r"(==|!=|<=|>=|~=|=|<|>)?\s*([^\s=]+)", text.strip())
    if found is None or found[2] == "*":
        return ""
    operator, version = found[1] or "", found[2]
    if operator in ("", "=", "==") and version.endswith("*"):
        return f"=={version.rstrip('.*')}.*"
    if operator == "=":
        built = "=" in text.strip()[1:]
        return f"=={version}" if built else f"=={version}.*"
    if operator in ("<=", ">=", "<", ">"):
        version = version.removesuffix("*").rstrip(".")
    return f"{operator or '=='}{version}"
