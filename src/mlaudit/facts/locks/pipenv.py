"""Pipfile.lock."""

from __future__ import annotations

import json
import re
from typing import Literal

from mlaudit.facts.pep508 import normalise
from mlaudit.facts.records import Lock, Locked, Problem

_COMMIT = re.compile(r"[0-9a-f]{40}")
_JSON_KEY = re.compile(r'^[ \t]+"([^"\n]+)":\s*\{', re.MULTILINE)


def read_pipenv(text: str) -> Lock | Problem:
    """Pipfile.lock: https://pipenv.pypa.io/en/latest/"""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Problem("not valid JSON")
    if not isinstance(content, dict):
        return Problem("not a lock file")
    lines = _json_lines(text)
    packages = [
        _pipenv_package(name, fields, lines.get(name, 1))
        for section in content
        if section != "_meta" and isinstance(content[section], dict)
        for name, fields in content[section].items()
        if isinstance(fields, dict)
    ]
    meta = content.get("_meta")
    requires = meta.get("requires") if isinstance(meta, dict) else None
    requires = requires if isinstance(requires, dict) else {}
    python = requires.get("python_full_version") or requires.get("python_version") or ""
    return Lock("pipenv", tuple(packages), str(python))


def _json_lines(text: str) -> dict[str, int]:
    lines: dict[str, int] = {}
    line, end = 1, 0
    for match in _JSON_KEY.finditer(text):
        start = match.start(1)
        line += text.count("\n", end, start)
        end = start
        lines.setdefault(match[1], line)
    return lines


def _pipenv_package(name: str, fields: dict[str, object], line: int) -> Locked:
    def text(key: str) -> str:
        value = fields.get(key)
        return value if isinstance(value, str) else ""

    source: Literal["index", "vcs", "url", "path"] = "index"
    if text("git"):
        source = "vcs"
    elif text("path"):
        source = "path"
    elif text("file") or text("url"):
        source = "url"
    commit = text("ref") if _COMMIT.fullmatch(text("ref")) else ""
    version = text("version").removeprefix("==")
    return Locked(normalise(name), version, source, commit, line, marker=text("markers"))
