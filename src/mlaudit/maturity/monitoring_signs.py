"""Signs about metrics that a service keeps, and about alerts on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from mlaudit.facts.records import Document, FileFacts
from mlaudit.facts.syntax import Const
from mlaudit.knowledge import Names
from mlaudit.maturity.model import Evidence
from mlaudit.maturity.view import View
from mlaudit.patterns import Gated
from mlaudit.project.document_trees import DocumentTree, mapping

_KINDS = ("Counter", "Gauge", "Histogram", "Summary", "Info", "Enum")
_UPDATES = ("inc", "dec", "observe", "set", "time", "count_exceptions", "track_inprogress",
            "set_to_current_time", "info", "state", "set_function")  # fmt: skip
_EXPOSED = (
    "prometheus_client.start_http_server", "prometheus_client.start_wsgi_server",
    "prometheus_client.make_asgi_app", "prometheus_client.make_wsgi_app",
    "prometheus_client.generate_latest", "prometheus_client.exposition.generate_latest",
    "prometheus_client.push_to_gateway", "prometheus_client.exposition.push_to_gateway",
    "prometheus_client.write_to_textfile", "prometheus_fastapi_instrumentator.**.expose",
    "prometheus_flask_exporter.PrometheusMetrics", "starlette_exporter.handle_metrics",
    "bentoml.service", "bentoml.Service", "ray.serve.deployment", "litserve.LitServer", ".expose",
)  # fmt: skip
_OTHERS = (
    "prometheus_fastapi_instrumentator.**.instrument", "opentelemetry.metrics.get_meter",
    "opentelemetry.**.instrument_app", "sentry_sdk.init", "ddtrace.patch_all",
    "datadog.statsd.increment", "statsd.StatsClient", "boto3.client().put_metric_data",
    "bentoml.monitor", "starlette_exporter.PrometheusMiddleware",
    "prometheus_flask_exporter.PrometheusMetrics",
)  # fmt: skip


def metrics_unseen(view: View) -> Iterator[Evidence]:
    """Metrics of Prometheus are all that is measured, and nothing updates or exposes them."""
    made = list(_constructed(view))
    if not made or any(view.calls(Names(_OTHERS))):
        return
    updates = [*(f".{one}" for one in _UPDATES), *(f"prometheus_client.**.{u}" for u in _UPDATES)]
    if not any(view.calls(Names(updates))):
        says = "nothing ever updates this metric"
    elif not any(view.calls(Names(_EXPOSED))):
        says = "nothing exposes this metric"
    else:
        return
    for facts, line, _ in made:
        yield Evidence(True, says, facts.path, line)


def _constructed(view: View) -> Iterator[tuple[FileFacts, int, str]]:
    """The metrics that code makes: file, line and name."""
    names = [f"prometheus_client.{kind}" for kind in _KINDS]
    more = [f"prometheus_client.metrics.{kind}" for kind in _KINDS]
    for facts, call in view.calls(Names([*names, *more])):
        name = call.args[0] if call.args else call.keyword("name")
        text = str(name.value) if isinstance(name, Const) else ""
        yield facts, facts.raw_line(call.line), text


# alerts


class Alert(NamedTuple):
    path: str
    line: int
    name: str
    metrics: frozenset[str]
    severity: bool
    runbook: bool


@cache
def _shipped() -> re.Pattern[str]:
    """Metrics that services and platforms export without code of the repository."""
    return re.compile(
        r"(?:up|ALERTS|vector|absent)$|(?:node|kube|container|istio|process|python|http|https|nginx"
        r"|kubelet|scrape|probe|redis|pg|postgres|mysql|mongodb|kafka|rabbitmq|go|jvm|grpc|envoy"
        r"|seldon|vllm|nv|ray|bentoml|kserve|knative|revision|alertmanager|prometheus|DCGM|airflow"
        r"|mlflow|feast|flask|fastapi|starlette|uvicorn|gunicorn|traefik|haproxy|argo|argocd|cadvisor"
        r"|machine|apiserver|etcd|coredns|cert|certmanager|blackbox|windows|otelcol|tritonserver"
        r"|torchserve|ts|request|requests|predictions_requests|celery|windmill|minio|elasticsearch)"
        r"[_:]"
    )


@cache
def _about_model() -> re.Pattern[str]:
    return re.compile(
        r"(?i)predict|score|drift|model|confidence|accuracy|feature|psi|label|outcome|precision"
        r"|recall|f1|auc|rmse|mae|quality|inference"
    )


_NAME = Gated(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_WORDS = frozenset({"and", "or", "unless", "bool", "group_left", "group_right", "inf", "nan"})
_ENDS = ("", "_total", "_sum", "_count", "_bucket", "_created", "_info")


def model_alert(view: View) -> Iterator[Evidence]:
    """An alert on what the model does, as code exports it, with a severity and a runbook."""
    exported = _exported(view)
    for alert in _alerts(view):
        own = alert.metrics & exported
        if alert.severity and alert.runbook and any(map(_about_model().search, own)):
            says = f"'{alert.name}' watches the model, with severity and runbook"
            yield Evidence(True, says, alert.path, alert.line)


def alerts_on_nothing(view: View) -> Iterator[Evidence]:
    """All alerts are on metrics that nobody exports."""
    found = [alert for alert in _alerts(view) if alert.metrics]
    exported = _exported(view)
    for alert in found:
        if any(name in exported or _shipped().match(name) for name in alert.metrics):
            return
    for alert in found:
        says = f"nobody exports the metric of '{alert.name}'"
        yield Evidence(True, says, alert.path, alert.line)


def _exported(view: View) -> frozenset[str]:
    made = {name for _, _, name in _constructed(view) if name}
    return frozenset(name.removesuffix("_total") + end for name in made for end in _ENDS)


def _alerts(view: View) -> Iterator[Alert]:
    for facts in view.counted:
        document = facts.document
        if document is None or document.template or "kube-prometheus" in facts.path:
            continue
        if any(entry.path[-1:] == ("alert",) for entry in document.entries):
            for number in sorted({entry.document for entry in document.entries}):
                yield from _alerts_in(facts.path, document, number)


def _alerts_in(path: str, document: Document, number: int) -> Iterator[Alert]:
    tree = DocumentTree(document, number)
    top = mapping(tree.value)
    route: tuple[str | int, ...] = ("spec", "groups") if "spec" in top else ("groups",)
    groups = mapping(top.get("spec")).get("groups") if "spec" in top else top.get("groups")
    for g, group in enumerate(_items(groups)):
        for r, rule in enumerate(_items(mapping(group).get("rules"))):
            given = mapping(rule)
            if "alert" not in given:
                continue
            told = {str(key).lower() for key in mapping(given.get("annotations"))}
            labels = {str(key).lower() for key in mapping(given.get("labels"))}
            yield Alert(
                path,
                tree.line(*route, g, "rules", r),
                str(given["alert"]),
                _metrics(str(given.get("expr") or "")),
                bool(labels & {"severity", "priority", "level"}),
                any("runbook" in key or "playbook" in key for key in told),
            )


@cache
def _aside() -> re.Pattern[str]:
    """What stands beside the metrics of an expression: labels, ranges, texts, modifiers."""
    return re.compile(
        r"\{[^}]*\}|\[[^\]]*\]|\"[^\"]*\"|'[^']*'"
        r"|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)|\boffset\s+\w+"
    )


def _metrics(expression: str) -> frozenset[str]:
    """The names of metrics in an expression of PromQL; functions are left out."""
    text = _aside().sub(" ", expression)
    return frozenset(
        found[0]
        for found in _NAME.finditer(text)
        if found[0] not in _WORDS and not text[found.end() :].lstrip().startswith("(")
    )


def receiver_empty(view: View) -> Iterator[Evidence]:
    """Receivers of Alertmanager that have a name, and nobody behind it."""
    for facts in view.counted:
        document = facts.document
        if document is None or document.template:
            continue
        if not any(entry.path in _RECEIVERS for entry in document.entries):
            continue
        for number in sorted({entry.document for entry in document.entries}):
            yield from _empty_in(facts.path, DocumentTree(document, number))


_RECEIVERS = (("receivers",), ("spec", "receivers"))


def _empty_in(path: str, tree: DocumentTree) -> Iterator[Evidence]:
    top = mapping(tree.value)
    inside = "receivers" not in top
    receivers = _items(mapping(top.get("spec")).get("receivers") if inside else top["receivers"])
    if receivers and not any(map(_is_reached, receivers)) and ("route" in top or inside):
        route = ("spec", "receivers", 0) if inside else ("receivers", 0)
        yield Evidence(True, "the receiver of the alerts is empty", path, tree.line(*route))


def _is_reached(receiver: Any) -> bool:
    return any(
        value for key, value in mapping(receiver).items() if str(key).lower().endswith("configs")
    )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
