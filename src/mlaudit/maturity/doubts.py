"""What could matter and cannot be settled: signs that are not seen, and may be there all the same.

A file that cannot be read, a template, a chart that lies elsewhere and the history that a shallow
clone lacks may hold what was looked for. A file is asked by its plain text only, so that most say
nothing of most signs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from mlaudit.facts.records import FileFacts
from mlaudit.maturity.signing import looks_of
from mlaudit.maturity.view import Cloud, View
from mlaudit.project.practices.ci_files import is_ci
from mlaudit.project.practices.looks import Look, SignModel
from mlaudit.project.practices.tools import LARGEST_TEXT
from mlaudit.repo.model import Kind

_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK})
_CHART = re.compile(
    r"\bhelm\s+(?:upgrade|install)\b.*?(?:\s|--repo=)(?P<chart>(?:oci|https?)://\S+)"
)


def doubts(view: View, name: str) -> tuple[str, ...]:
    """Why the sign may be there although it is not seen; empty where it is certainly not."""
    model = looks_of(name)
    if model is not None:
        return tuple(dict.fromkeys(_of_looks(view, model)))
    return tuple(_OWN[name](view)) if name in _OWN else ()


def _of_looks(view: View, model: SignModel) -> Iterator[str]:
    if model.unseen:
        yield f"{model.says}: {model.unseen}"
    clouds, charts = clouds_of(view), charts_of(view)
    for look in model.any:
        for cloud in clouds:
            if _may_hold(look, cloud):
                yield f"{model.says}: `{cloud.path}` {cloud.why}"
        for path, chart in charts if look.objects else ():
            yield f"{model.says}: `{path}` takes a chart from {chart}"


def clouds_of(view: View) -> list[Cloud]:
    """Files in use of which nothing, or not all, is known."""
    if view.clouds is None:
        view.clouds = [cloud for facts in view.counted if (cloud := _cloud(view, facts))]
    return view.clouds


def _cloud(view: View, facts: FileFacts) -> Cloud | None:
    code = facts.kind in _CODE
    why = ""
    if facts.document is not None and facts.document.template:
        why = "is a template"
    elif facts.problems and facts.python is None:
        why = "cannot be read"
    if not why or view.files[facts.path].missing:
        return None
    text = view.project.repo.read_head(facts.path, LARGEST_TEXT).decode("utf-8", "replace")
    return Cloud(facts.path, why, text, code)


def charts_of(view: View) -> list[tuple[str, str]]:
    """Commands and charts that bring objects from elsewhere, and where from."""
    found = []
    for line in view.commands:
        chart = _CHART.search(line.text) if "helm" in line.text else None
        if chart:
            found.append((line.path, chart["chart"]))
    for facts in view.counted:
        if facts.document is not None and facts.path.endswith(("Chart.yaml", "Chart.yml")):
            found += [
                (facts.path, str(entry.value))
                for entry in facts.document.entries
                if entry.path[:1] == ("dependencies",) and entry.path[-1] == "repository"
            ]
    return found


def _may_hold(look: Look, cloud: Cloud) -> bool:
    if not re.search(look.files, cloud.path) or (look.ci and not is_ci(cloud.path)):
        return False
    if look.calls:
        return cloud.code and any(_last(name) in cloud.text for name in look.calls)
    if cloud.code:
        return False
    if look.objects:
        kinds = [re.escape(kind.rpartition("/")[2]).replace(r"\*", "") for kind in look.objects]
        named = any(re.search(rf"\bkind:\s*{kind}", cloud.text) for kind in kinds)
        return named and _last(look.route) in cloud.text
    if look.command:
        return re.search(look.command, cloud.text) is not None
    return bool(look.route) and _last(look.route) in cloud.text


def _last(name: str) -> str:
    """The last part of a dotted name that is spelt out; empty when none is."""
    return next((part for part in reversed(name.split(".")) if part.strip("*")), "")


def _history(view: View) -> Iterator[str]:
    git = view.project.repo.git
    if git is not None and git.shallow:
        yield "the history of changes: this is a shallow clone"


_OWN: Mapping[str, Callable[[View], Iterator[str]]] = {"changes-recorded": _history}
"""Of signs that are code."""
