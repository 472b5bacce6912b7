"""Services that answer with a model, and that nothing can ask whether they are well."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.analyses.request_flow import handlers, name_of
from mlaudit.facts.records import FileFacts, Span
from mlaudit.facts.syntax import AnyValue, Call, Global
from mlaudit.knowledge import api_table
from mlaudit.project.project import Project
from mlaudit.project.serving.model import Handler
from mlaudit.repo.model import Kind
from mlaudit.rules.model import Match, Rule, Spot

_WEB = frozenset(
    {"aiohttp", "apiflask", "fastapi", "flask", "litestar", "quart", "sanic", "starlette"}
)
_HEALTH = re.compile(
    r"(?i)health|ready|readi|\blive|liveness|alive|heartbeat|ping|status|probe|monitor"
)
_LIBRARY = re.compile(
    r"(?i)health|fastapi_utils|actuator|mangum|serverless_wsgi|aws_wsgi|awsgi|zappa"
)
"""Modules that bring a route for health, or run the application as a function."""
_PAGES = frozenset(
    {"render_template", "TemplateResponse", "HTMLResponse", "RedirectResponse", "redirect",
     "FileResponse", "send_file", "send_from_directory", "render_template_string"}
)  # fmt: skip
_INCLUDES = frozenset({"include_router", "register_blueprint", "blueprint", "add_routes"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe", "healthcheck", "health_check")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """One match for each project root that answers predictions."""
    services: dict[str, list[Handler]] = {}
    for handler in handlers(project, rule):
        services.setdefault(project.environment.root_of(handler.path).path, []).append(handler)
    for root, found in sorted(services.items()):
        asked = sorted(filter(_predicts, found), key=_rank)
        first = asked[0] if asked else None
        if first is not None and not _may_be_asked(project, root):
            values = {"handler": name_of(project, first), "route": first.route or "/"}
            spot = Spot(first.path, Span(first.line, 0, first.line), code=True)
            yield Match(rule.id, spot, values, "absent")


def _rank(handler: Handler) -> tuple[bool, bool]:
    """What answers with a model comes before what shows a page."""
    return handler.route == "/", "POST" not in handler.methods


def _predicts(handler: Handler) -> bool:
    return handler.framework in _WEB and handler.route is not None


def _may_be_asked(project: Project, root: str) -> bool:
    """Whether a route says how the service is, or something else may."""
    beside = [one for one in project.serving.handlers if _root(project, one.path) == root]
    platforms = api_table("serving", "serving.model-servers")
    if any(one.framework in platforms for one in beside):
        return True
    if any(_is_health(project, one) for one in beside if one.framework in _WEB):
        return True
    files = [(_root(project, path), facts) for path, facts in project.facts.items()]
    return any(
        (of == root and _shows(project, facts)) or (of in (root, "") and _probes(facts))
        for of, facts in files
    )


def _root(project: Project, path: str) -> str:
    return project.environment.root_of(path).path


def _is_health(project: Project, handler: Handler) -> bool:
    if handler.route is None:
        return True  # it may be any route
    if _HEALTH.search(f"{handler.route} {name_of(project, handler)}"):
        return True
    return (
        handler.route == "/" and handler.methods in ((), ("GET",)) and not _pages(project, handler)
    )


def _pages(project: Project, handler: Handler) -> bool:
    """Whether a handler shows a page to people, which is no answer to a probe."""
    index = project.program.resolver.index(handler.path)
    calls = (index.facts.calls[number] for number in index.calls[handler.scope])
    return any(_last(call) in _PAGES for call in calls)


def _last(call: Call) -> str:
    return (call.callee or call.local or call.method).rpartition(".")[2]


def _shows(project: Project, facts: FileFacts) -> bool:
    """Whether a file imports a library for health, or takes in routes that nobody can see."""
    python = facts.python
    if python is None:
        return False
    if any(_LIBRARY.search(item.target) for item in python.imports):
        return True
    return any(
        _last(call) in _INCLUDES and call.args and _is_foreign(project, facts.path, call.args[0])
        for call in python.calls
    )


def _is_foreign(project: Project, path: str, value: AnyValue) -> bool:
    modules = project.program.resolver.modules
    return isinstance(value, Global) and modules.find(value.name, path) is None


def _probes(facts: FileFacts) -> bool:
    """Whether an image, a composition or an orchestrator asks the service by other means."""
    steps = facts.dockerfile.instructions if facts.dockerfile is not None else ()
    if any(step.keyword == "HEALTHCHECK" for step in steps):
        return True
    if facts.document is None or facts.kind is Kind.JSON:
        return False
    return any(entry.path and entry.path[-1] in _PROBES for entry in facts.document.entries)
