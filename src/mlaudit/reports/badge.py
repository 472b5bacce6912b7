"""A badge for a README: the level, as an SVG that needs nothing else."""

from __future__ import annotations

from mlaudit.maturity.model import Maturity

LABEL = "MLOps maturity"
COLOURS = ("#9f2b2b", "#b3541e", "#8a6d00", "#3d7a35", "#1f6f8b")
"""By level; white text on each of them has a contrast of at least 4.5."""
CHARACTER = 6.6
"""Mean width of a character at 11 pixels, in pixels."""
PADDING = 12


def badge(maturity: Maturity) -> str:
    """The badge as text."""
    ladder = maturity.ladder
    value = f"level {ladder.level} of {ladder.reachable}"
    left, right = (round(len(text) * CHARACTER) + PADDING for text in (LABEL, value))
    colour = COLOURS[ladder.level]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{LABEL}: {value}"><title>{LABEL}: {value}</title>'
        f'<clipPath id="r"><rect width="{left + right}" height="20" rx="3"/></clipPath>'
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#444"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>'
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" '
        f'font-size="11"><text x="{left / 2:g}" y="14">{LABEL}</text>'
        f'<text x="{left + right / 2:g}" y="14">{value}</text></g></svg>\n'
    )
