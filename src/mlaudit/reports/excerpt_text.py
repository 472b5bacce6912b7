"""Source with a gutter of line numbers, and the place underlined."""

from __future__ import annotations

from collections.abc import Iterator

from mlaudit.findings.model import Excerpt
from mlaudit.reports.escape import terminal
from mlaudit.reports.painting import Painter, display_width

TAB = "    "


def excerpt_lines(excerpt: Excerpt, painter: Painter, style: str) -> Iterator[str]:
    """The excerpt, each line cut to the width. Nothing when there is none."""
    if not excerpt.lines or not any(line.strip() for line in excerpt.lines):
        return
    digits = len(str(excerpt.first_line + len(excerpt.lines) - 1))
    room = painter.width - digits - 5
    bar = painter.paint("|", "blue")
    focus = excerpt.lines[excerpt.focus]
    cut = _cut(focus, excerpt, room)
    for offset, line in enumerate(excerpt.lines):
        marked = offset == excerpt.focus
        number = painter.paint(f"{excerpt.first_line + offset:>{digits}}", "blue")
        text = _shown(line[cut:] if marked else line, room)
        if offset < excerpt.focus and not line.strip():
            continue
        yield f"  {number} {bar} {text}"
        if marked:
            before = display_width(_clean(focus[cut : excerpt.mark_start]))
            wide = display_width(_clean(focus[excerpt.mark_start : excerpt.mark_end]))
            underline = "^" * max(1, min(wide, room - before))
            yield f"  {' ' * digits} {bar} {' ' * before}{painter.paint(underline, style)}"


def _cut(line: str, excerpt: Excerpt, room: int) -> int:
    """Characters to leave out on the left, so that the place can be seen."""
    if display_width(_clean(line[: excerpt.mark_end])) <= room:
        return 0
    if display_width(_clean(line[: excerpt.mark_start])) <= room // 2:
        return 0
    return max(0, excerpt.mark_start - room // 4)


def _shown(line: str, room: int) -> str:
    """As much of the line as there is room for."""
    text = _clean(line)
    if display_width(text) <= room:
        return text
    kept: list[str] = []
    left = room - 3
    for character in text:
        left -= display_width(character)
        if left < 0:
            break
        kept.append(character)
    return "".join(kept) + "..."


def _clean(line: str) -> str:
    return terminal(line.replace("\t", TAB))
