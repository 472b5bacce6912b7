"""Which manifest of a root people would write one more dependency into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlaudit.facts.paths import group_of
from mlaudit.facts.records import FileFacts
from mlaudit.project.environment.freezing import is_compiled
from mlaudit.repo.model import Context, Kind

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.project.roots import ProjectRoot

_LIST = ("project", "dependencies")
_USUAL = ("requirements", "base", "main", "common", "core")


def manifest_to_extend(project: Project, root: ProjectRoot) -> str:
    """Path of the root's PEP 621 list, else of its one plain list of requirements that no tool
    wrote; empty where there is none, or several are as good."""
    for path in root.manifests:
        if project.facts[path].kind is Kind.PYPROJECT and _has_list(project.facts[path]):
            return path
    plain = [path for path in root.files if _is_plain(project, path)]
    plain = [path for path in plain if path.endswith(".in")] or plain
    usual = [path for path in plain if _stem(path) in _USUAL]
    chosen = [path for path in usual if _stem(path) == _USUAL[0]] or usual or plain
    return chosen[0] if len(chosen) == 1 else ""


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0].lower()


def _has_list(facts: FileFacts) -> bool:
    return facts.document is not None and any(
        entry.path == _LIST and entry.kind == "sequence" for entry in facts.document.entries
    )


def _is_plain(project: Project, path: str) -> bool:
    manifest, file = project.facts[path].manifest, project.files[path]
    if file.kind is not Kind.REQUIREMENTS or manifest is None or file.context is not Context.CONFIG:
        return False
    written = bool(manifest.dependencies) and not is_compiled(manifest)
    return written and not path.endswith(".lock") and not group_of(path)
