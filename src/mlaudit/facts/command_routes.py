"""Where documents keep commands: which files, and which keys in them.

In a route `#` stands for the index of a sequence, and dots in keys are written as `_`.
"""

from __future__ import annotations

from typing import NamedTuple

from mlaudit.patterns import Gated

_KEY = r"[^.]+"
_STEPS = r"(?:.+\.)?steps\.#"


class Route(NamedTuple):
    path: Gated
    """What the path of the file contains."""
    keys: Gated
    """What the keys must be in full; the group `name` names the target."""
    words: bool = False
    """A sequence is one command, a word an item; else each item is a command."""
    marks: tuple[str, ...] = ()
    """Keys at the top of a document, all of which tell that the route applies."""


def _route(path: str, keys: str, *, words: bool = False, marks: tuple[str, ...] = ()) -> Route:
    return Route(Gated(path), Gated(keys), words, marks)


_YAML = r"\.ya?ml$"
_NAME = rf"(?P<name>{_KEY})"
_PIXI = rf"(?:feature\.{_KEY}\.)?(?:target\.{_KEY}\.)?tasks\.{_NAME}(?:\.cmd)?"

YAML_ROUTES = (
    _route(r"(?:^|/)\.github/workflows/", rf"jobs\.{_KEY}\.steps\.#\.run"),
    _route(r"(?:^|/)action\.ya?ml$", r"runs\.steps\.#\.run"),
    _route(
        r"gitlab-ci[^/]*\.ya?ml$|(?:^|/)\.gitlab/",
        rf"(?:{_KEY}\.)?(?:before_|after_)?script(?:\.#)*",
    ),
    _route(r"azure-?pipelines|(?:^|/)\.azure", rf"{_STEPS}\.(?:script|bash|pwsh|powershell)"),
    _route(r"azure-?pipelines|(?:^|/)\.azure", rf"{_STEPS}\.inputs\.(?:inlineScript|script)"),
    _route(_YAML, rf"{_STEPS}\.(?:script|bash)", marks=("steps",)),
    _route(_YAML, rf"{_STEPS}\.(?:script|bash)", marks=("stages",)),
    _route(_YAML, rf"{_STEPS}\.(?:script|bash)", marks=("jobs",)),
    _route(r"(?:^|/)\.circleci/", rf"{_STEPS}\.run(?:\.command)?"),
    _route(r"bitbucket-pipelines\.ya?ml$", r".+\.(?:after-)?script\.#"),
    _route(
        r"(?:^|/)\.travis\.ya?ml$",
        r"(?:.+\.)?(?:before_install|install|before_script|script|after_success)(?:\.#)?",
    ),
    _route(r"(?:^|/)\.buildkite/", r"steps\.#\.commands?(?:\.#)?"),
    _route(r"(?:^|/)\.(?:drone|woodpecker)", rf"(?:steps|pipeline)\.{_KEY}\.commands\.#"),
    _route(r"(?:^|/)dvc\.yaml$", rf"stages\.{_NAME}\.(?:do\.)?cmd(?:\.#)?"),
    _route(r"(?:^|/)MLproject$", rf"entry_points\.{_NAME}\.command"),
    _route(r"compose[^/]*\.ya?ml$", rf"services\.{_KEY}\.(?:command|entrypoint)", words=True),
    _route(
        _YAML,
        r"(?:.+\.)?(?:containers|initContainers)\.#\.(?:command|args)",
        words=True,
        marks=("apiVersion", "kind"),
    ),
    _route(
        _YAML,
        r"(?:.+\.)?(?:container|template)\.(?:command|args)",
        words=True,
        marks=("apiVersion", "kind"),
    ),
    _route(r"(?:^|/)\.pre-commit-config\.ya?ml$", r"repos\.#\.hooks\.#\.entry"),
    _route(r"(?:^|/)\.pre-commit-hooks\.ya?ml$", r"#\.entry"),
    _route(r"(?:^|/)[Tt]askfile[^/]*\.ya?ml$", rf"tasks\.{_NAME}\.cmds?(?:\.#(?:\.cmd)?)?"),
    _route(_YAML, rf"(?:jobs\.{_NAME}\.|trial\.)?command", marks=("$schema",)),
    _route(_YAML, r"transform\.cmd", words=True, marks=("pipeline", "transform")),
    _route(_YAML, r"setup|run", marks=("resources", "run")),
    _route(_YAML, r"entrypoint", words=True, marks=("entrypoint", "searcher")),
)

TOML_ROUTES = (
    _route(r"pyproject", rf"tool\.poe\.tasks\.{_NAME}(?:\.(?:cmd|shell))?(?:\.#(?:\.cmd)?)?"),
    _route(r"pyproject", rf"tool\.(?:pdm|rye)\.scripts\.{_NAME}(?:\.(?:cmd|shell))?", words=True),
    _route(r"pyproject", rf"tool\.taskipy\.tasks\.{_NAME}(?:\.cmd)?", words=True),
    _route(r"pyproject", rf"tool\.pixi\.{_PIXI}", words=True),
    _route(r"pyproject", rf"tool\.hatch\.envs\.{_KEY}\.scripts\.{_NAME}(?:\.#)?"),
    _route(r"pyproject", rf"tool\.tox\.env\.{_NAME}\.commands\.#", words=True),
    _route(r"(?:^|/)pixi\.toml$", _PIXI, words=True),
    _route(r"(?:^|/)Pipfile$", rf"scripts\.{_NAME}(?:\.call)?"),
    _route(r"(?:^|/)hatch\.toml$", rf"envs\.{_KEY}\.scripts\.{_NAME}(?:\.#)?"),
    _route(r"(?:^|/)tox\.toml$", rf"env\.{_NAME}\.commands\.#", words=True),
    _route(r"(?:^|/)\.?mise\.toml$", rf"tasks\.{_NAME}\.run(?:\.#)?"),
    _route(r"(?:^|/)poe_tasks\.toml$", rf"tasks\.{_NAME}(?:\.(?:cmd|shell))?(?:\.#)?"),
)

JSON_ROUTES = (
    _route(r"(?:^|/)package\.json$", rf"scripts\.{_NAME}"),
    _route(
        r"devcontainer\.json$",
        rf"(?:onCreate|updateContent|postCreate|postStart|postAttach)Command(?:\.{_NAME})?",
        words=True,
    ),
    _route(r"\.json$", r"transform\.cmd", words=True, marks=("pipeline", "transform")),
)
