"""Data that DVC keeps where nobody else can fetch it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mlaudit.analyses.artefact_severity import severity_at
from mlaudit.facts.dvc_records import Remote
from mlaudit.facts.records import Span
from mlaudit.project.dvc.paths import located
from mlaudit.project.dvc.repositories import DvcRoot, Owned
from mlaudit.project.project import Project
from mlaudit.project.roots import within
from mlaudit.rules.model import Match, Related, Rule, Severity, Spot

_SHARED = re.compile(
    r"(//|\\\\|/(mnt|media|net|nfs\w*|afs|gpfs|lustre|beegfs|cluster|shared?|volumes|dbfs|gcs|s3)/)",
    re.IGNORECASE,
)
"""Where network drives are mounted: a folder there may well be everybody's."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://")
_WINDOWS = re.compile(r"[a-zA-Z]:[\\/]")
_HOPS = 10


class _Fault(NamedTuple):
    says: str
    line: int = 1
    severity: Severity | None = None


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match for each DVC repository."""
    for root in project.dvc:
        kept = [owned for owned in root.outputs if _kept(root, owned)]
        fault = _fault(project, root, kept) if kept else None
        if fault is not None:
            yield _match(project, rule, root, kept[0], fault)


def _kept(root: DvcRoot, owned: Owned) -> bool:
    """Whether only the remote can give the output: it is cached, was made, and not imported."""
    output = owned.output
    if not (output.cached and output.push) or owned.imported:
        return False
    if not owned.stage:
        return bool(output.recorded.md5)
    for file in root.pipelines:
        if file.path == owned.declared and file.lock and owned.stage in file.lock.stages:
            return True
    return False


def _fault(project: Project, root: DvcRoot, kept: list[Owned]) -> _Fault | None:
    config = root.config
    if config.shared_cache or not _readable(project, root):
        return None
    names = {owned.output.remote.lower() or config.default for owned in kept}
    if "" not in names:
        faults = [_of_remote(project, root, name) for name in sorted(names)]
        return next((fault for fault in faults if fault is not None), None)
    usable = [name for name in config.remotes if _of_remote(project, root, name) is None]
    if any(name in usable for name in _chosen(project)):
        return None
    if not config.remotes:
        return _Fault("has no remote")
    first = next(iter(config.remotes.values()))
    if usable:
        return _Fault("names none of its remotes as the default", first.line)
    return _of_remote(project, root, first.name)


def _readable(project: Project, root: DvcRoot) -> bool:
    """Whether the configuration is known: it is absent, or nothing in it is beyond reading."""
    if root.config_path not in project.files:
        return True
    return root.text(root.config_path) is not None and not root.config.problems


def _chosen(project: Project) -> Iterator[str]:
    """Remotes that commands of CI, scripts or the README name."""
    for facts in project.facts.values():
        commands = [*facts.commands, *(facts.prose.commands if facts.prose else ())]
        for command in commands:
            words = command.text.split() if "dvc" in command.text else []
            for word, following in zip(words, [*words[1:], ""], strict=False):
                if word in ("-r", "--remote"):
                    yield following.strip("\"'").lower()
                elif word.startswith("--remote="):
                    yield word.removeprefix("--remote=").strip("\"'").lower()


def _of_remote(project: Project, root: DvcRoot, name: str) -> _Fault | None:
    """What is wrong with one remote; None when others may reach it."""
    config = root.config
    remote = config.remotes.get(name)
    if remote is None or not remote.url:
        line = remote.line if remote is not None else config.default_line or 1
        says = f"says of its remote '{name}' not where it is"
        return _Fault(says, line, Severity.NOTE)  # config.local may, on every machine
    url = _resolved(remote, config.remotes)
    if url is None or not _is_own(project, root, url):
        return None
    return _Fault(f"has its remote '{name}' in a folder of one machine", remote.url_line)


def _resolved(remote: Remote, remotes: Mapping[str, Remote]) -> str | None:
    """The address behind `remote://name/...`; None when that leads nowhere."""
    url = remote.url
    for _ in range(_HOPS):
        if not url.startswith("remote://"):
            return url
        base = remotes.get(url[len("remote://") :].partition("/")[0].lower())
        if base is None or not base.url:
            return None
        url = base.url
    return None


def _is_own(project: Project, root: DvcRoot, url: str) -> bool:
    """Whether the address is a folder that only one machine has."""
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1] not in ("file", "local"):
        return False
    path = url[scheme.end() :] if scheme is not None else url
    if "$" in path or _SHARED.match(path):
        return False
    if path.startswith(("/", "~")) or _WINDOWS.match(path):
        return True
    inside = located(root.folder, ".dvc", path)
    return inside is None or not _in_git(project, inside)


def _in_git(project: Project, folder: str) -> bool:
    """Whether git itself keeps the remote, as in tutorials."""
    return any(file.tracked and within(folder, file.path) for file in project.repo.files)


def _match(project: Project, rule: Rule, root: DvcRoot, owned: Owned, fault: _Fault) -> Match:
    there = root.config_path in project.files
    path = root.config_path if there else owned.declared
    line = fault.line if there else owned.output.line
    message = f"a clone cannot get '{posixpath.basename(owned.path)}', among others"
    related = (Related(Spot(owned.declared, Span(owned.output.line)), message),) if there else ()
    return Match(
        rule=rule.id,
        spot=Spot(path, Span(line)),
        values={"problem": fault.says},
        identity=root.folder or ".",
        severity=fault.severity or severity_at(project, rule, path),
        related=related,
    )
