"""SARIF 2.1.0, as GitHub code scanning and other viewers read it.

The object model is sarif-om's. Its companion for JSON leaves out values equal to defaults (by which
a warning would inherit its rule's level) and is slow, so `_plain` turns the objects into data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import attr
import sarif_om as om

from mlaudit.findings.model import Crash, Excerpt, Finding, Place, RelatedPlace, Unread
from mlaudit.reports.encoding import encode
from mlaudit.reports.escape import uri_path
from mlaudit.reports.model import Audit, exit_status
from mlaudit.reports.sarif_rules import LEVELS, descriptor
from mlaudit.reports.words import PROJECT_PAGE
from mlaudit.rules.model import Rule

SCHEMA_URI = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT = "%SRCROOT%"
UNREAD_ID = "MLAUDIT001"
CRASH_ID = "MLAUDIT002"

_SCP_LIKE = re.compile(r"(?:[^@/:]+@)?([^@/:]{2,}):(?!/)(.+)")


def render(audit: Audit) -> str:
    """One log with one run. Suppressed findings are left out, for GitHub would show them."""
    log = om.SarifLog(version="2.1.0", schema_uri=SCHEMA_URI, runs=[_run(audit)])
    return encode(_plain(log))


def _run(audit: Audit) -> om.Run:
    rules = _rules(audit)
    indices = {rule.id: index for index, rule in enumerate(rules)}
    return om.Run(
        tool=om.Tool(driver=_driver(audit.version, rules)),
        results=[_result(finding, indices) for finding in audit.funnel.shown],
        invocations=[_invocation(audit)],
        original_uri_base_ids={ROOT: om.ArtifactLocation(description=_message("Repository root."))},
        version_control_provenance=_provenance(audit),
        automation_details=om.RunAutomationDetails(id="mlaudit/"),
        column_kind="unicodeCodePoints",
        newline_sequences=["\r\n", "\n", "\r"],
        default_encoding="utf-8",
    )


def _rules(audit: Audit) -> list[Rule]:
    """All that were enabled, and any other that a finding refers to."""
    rules = {rule.id: rule for rule in audit.rules}
    rules.update((finding.rule.id, finding.rule) for finding in audit.funnel.shown)
    return [rules[id_] for id_ in sorted(rules)]


def _driver(version: str, rules: Iterable[Rule]) -> om.ToolComponent:
    return om.ToolComponent(
        name="mlaudit",
        full_name=f"mlaudit {version}",
        version=version,
        semantic_version=version,
        organization="mlaudit",
        information_uri=PROJECT_PAGE,
        short_description=_multiformat("Audits machine-learning repositories."),
        rules=[descriptor(rule) for rule in rules],
        notifications=[
            _notification_descriptor(
                UNREAD_ID, "UnreadFile", "A file could not be read.", "warning"
            ),
            _notification_descriptor(CRASH_ID, "InternalError", "mlaudit failed inside.", "error"),
        ],
    )


def _notification_descriptor(id_: str, name: str, text: str, level: str) -> om.ReportingDescriptor:
    return om.ReportingDescriptor(
        id=id_,
        name=name,
        short_description=_multiformat(text),
        full_description=_multiformat(text),
        help=_multiformat(text),
        default_configuration=om.ReportingConfiguration(level=level),
    )


# Results


def _result(finding: Finding, indices: Mapping[str, int]) -> om.Result:
    fingerprints = {"mlauditFingerprint/v1": finding.fingerprint}
    if finding.line_hash:
        fingerprints["primaryLocationLineHash"] = finding.line_hash
    commit = {"commit": finding.place.commit} if finding.place.commit else {}
    related = [_related(number, other) for number, other in enumerate(finding.related, 1)]
    return om.Result(
        rule_id=finding.rule.id,
        rule_index=indices[finding.rule.id],
        kind="fail",
        level=LEVELS[finding.severity],
        message=_message(finding.message),
        locations=[_location(finding.place, finding.excerpt)],
        related_locations=related or None,
        code_flows=[_code_flow(finding.flow)] if finding.flow else None,
        partial_fingerprints=fingerprints,
        properties={
            "confidence": finding.confidence.value,
            "persona": finding.persona.value,
            "remedy": finding.remedy,
            **commit,
        },
    )


def _location(place: Place, excerpt: Excerpt) -> om.Location:
    return om.Location(
        physical_location=om.PhysicalLocation(
            artifact_location=_artifact(place.path),
            region=_region(place, excerpt.snippet),
            context_region=_context_region(excerpt),
        ),
        logical_locations=[_cell(place)] if place.cell else None,
    )


def _related(number: int, related: RelatedPlace) -> om.Location:
    location = _location(related.place, Excerpt())
    location.id = number
    location.message = _message(related.message)
    return location


def _code_flow(steps: Iterable[RelatedPlace]) -> om.CodeFlow:
    """The way of the program, in one thread."""
    locations = []
    for step in steps:
        location = _location(step.place, Excerpt())
        location.message = _message(step.message)
        locations.append(om.ThreadFlowLocation(location=location))
    return om.CodeFlow(thread_flows=[om.ThreadFlow(locations=locations)])


def _artifact(path: str) -> om.ArtifactLocation:
    return om.ArtifactLocation(uri=uri_path(path), uri_base_id=ROOT)


def _region(place: Place, snippet: str) -> om.Region:
    if (place.line, place.column) >= (place.end_line, place.end_column):
        return om.Region(start_line=place.line)
    return om.Region(
        start_line=place.line,
        start_column=place.column,
        end_line=place.end_line,
        end_column=place.end_column,
        snippet=_content(snippet),
    )


def _context_region(excerpt: Excerpt) -> om.Region | None:
    if not excerpt.context_line:
        return None
    return om.Region(
        start_line=excerpt.context_line,
        end_line=excerpt.context_end_line,
        snippet=_content(excerpt.context),
    )


def _content(text: str) -> om.ArtifactContent | None:
    return om.ArtifactContent(text=text) if text else None


def _cell(place: Place) -> om.LogicalLocation:
    inside = {"line": place.cell_line, "column": place.cell_column} if place.cell_line else None
    return om.LogicalLocation(
        name=f"cell {place.cell}",
        fully_qualified_name=f"{place.path}:cell {place.cell}",
        kind="cell",
        properties=inside,
    )


# The run around them


def _invocation(audit: Audit) -> om.Invocation:
    notes = [_unread(item) for item in audit.unread] + [_crash(item) for item in audit.crashes]
    return om.Invocation(
        execution_successful=not audit.crashes,
        exit_code=exit_status(audit),
        tool_execution_notifications=notes or None,
    )


def _unread(unread: Unread) -> om.Notification:
    region = om.Region(start_line=unread.line) if unread.line else None
    place = om.PhysicalLocation(artifact_location=_artifact(unread.path), region=region)
    return om.Notification(
        descriptor=om.ReportingDescriptorReference(id=UNREAD_ID, index=0),
        level="warning",
        message=_message(f"Not read: {unread.reason}"),
        locations=[om.Location(physical_location=place)],
    )


def _crash(crash: Crash) -> om.Notification:
    return om.Notification(
        descriptor=om.ReportingDescriptorReference(id=CRASH_ID, index=1),
        level="error",
        message=_message(f"{crash.where}: {crash.error}"),
    )


def _provenance(audit: Audit) -> list[om.VersionControlDetails] | None:
    git = audit.git
    uri = _repository_uri(git.remote) if git is not None else ""
    if git is None or not uri:
        return None
    details = om.VersionControlDetails(
        repository_uri=uri,
        revision_id=git.head or None,
        branch=git.branch or None,
        mapped_to=om.ArtifactLocation(uri_base_id=ROOT),
    )
    return [details]


def _repository_uri(remote: str) -> str:
    """The remote as an absolute URI without user and password; empty for a path on this machine."""
    scp_like = _SCP_LIKE.fullmatch(remote)
    try:
        parts = urlsplit(f"ssh://{scp_like[1]}/{scp_like[2]}" if scp_like else remote)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2]
    if not host or parts.scheme not in ("http", "https", "ssh", "git"):
        return ""
    return urlunsplit(
        (parts.scheme, quote(host, safe=":[]"), quote(parts.path, safe="/~%"), "", "")
    )


# Texts and plain data


def _message(text: str) -> om.Message:
    return om.Message(text=_sentence(text))


def _multiformat(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _sentence(text: str) -> str:
    """Ended by a full stop, and without what viewers would take for a link."""
    text = text.replace("](", "] (")
    return text if text.endswith((".", "!", "?")) else f"{text}."


_SCALARS = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    """Objects of sarif-om as data: without what is not set, with what only equals a default."""
    kind = value.__class__
    if kind in _SCALARS:
        return value
    if kind is list:
        return [_plain(item) for item in value]
    if kind is dict:
        return {key: _plain(item) for key, item in value.items()}
    data = {}
    for name, key, unset in _fields(kind):
        item = getattr(value, name)
        if item is None:
            continue
        if item.__class__ not in _SCALARS:
            data[key] = _plain(item)
        elif item != unset:
            data[key] = item
    return data


@cache
def _fields(kind: type[Any]) -> tuple[tuple[str, str, int | None], ...]:
    """Attribute, its name in SARIF, and the number that means that it is not set."""
    return tuple(
        (field.name, field.metadata["schema_property_name"], -1 if field.default == -1 else None)
        for field in attr.fields(kind)
    )
