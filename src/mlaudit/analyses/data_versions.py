"""Whether anything in a repository gives its data a version."""

from __future__ import annotations

import re

from mlaudit.facts.records import FileFacts
from mlaudit.knowledge import api_table
from mlaudit.patterns import Gated
from mlaudit.project.project import Project

_MANIFEST = Gated(
    r"(?:^|/)[\w.-]*(?:checksums?|sha\d+(?:sums?)?|md5(?:sums?)?|data(?:set)?[-_]manifest)[\w.-]*$",
    re.IGNORECASE,
)
_PINS = frozenset({"revision", "version_id", "versionAsOf", "timestampAsOf", "snapshot-id",
                   "snapshot_id", "VersionId", "known_hash", "md5", "sha256"})  # fmt: skip
_TRACKERS = frozenset({"clearml", "wandb"})
"""Their mere use says nothing of data; artifacts are looked for by name."""


def gives_data_versions(project: Project) -> bool:
    """Whether anything in the repository gives data a version."""
    from mlaudit.project.practices.catalogue import catalogue
    from mlaudit.project.practices.tools import tool_signs

    if project.dvc or any(_MANIFEST.search(path) for path in project.files):
        return True
    if any(_pins(facts) for facts in project.facts.values()):
        return True
    tools = catalogue()
    return any(
        {"feature-store", "data-versioning"} & tools[sign.tool].gives.keys()
        and sign.tool not in _TRACKERS
        for sign in tool_signs(project)
    )


def _pins(facts: FileFacts) -> bool:
    if facts.blob is not None and facts.blob.lfs:
        return True
    if any("filter=lfs" in pattern.attributes for pattern in facts.patterns):
        return True
    if facts.python is None:
        return False
    versioned = api_table("data", "data.versioned")
    artifacts = api_table("maturity", "maturity.dataset-artifacts")
    return any(
        call.callee in versioned
        or call.callee in artifacts
        or any(name in _PINS for name, _ in call.keywords)
        for call in facts.python.calls
    ) or any(text.value in _PINS or text.value.startswith("/pfs/") for text in facts.python.texts)
