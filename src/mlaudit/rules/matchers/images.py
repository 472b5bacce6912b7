"""References to container images, taken apart."""

from __future__ import annotations

import re
from typing import NamedTuple

_DATED = re.compile(r"20\d{6}|20\d\d[-.]\d\d[-.]\d\d|[0-9a-f]{7,40}$")


class Image(NamedTuple):
    """`registry.example.org:5000/team/name:tag@sha256:...`"""

    name: str
    tag: str
    digest: str


def parse(reference: str) -> Image:
    """The colon of a registry's port is no tag's."""
    rest, _, digest = reference.partition("@")
    folder, slash, last = rest.rpartition("/")
    name, _, tag = last.partition(":")
    return Image(f"{folder}{slash}{name}", tag, digest)


def floats(reference: str, moving: frozenset[str]) -> str:
    """Why the image is another one tomorrow, for a message; empty when it is not.

    `moving` are words of tags that move: `latest` in `latest-gpu`. A date or a commit in the tag
    holds it still.
    """
    image = parse(reference)
    if not image.name or image.name == "scratch" or image.digest:
        return ""
    if not image.tag:
        return "has no tag"
    if moving.isdisjoint(re.split(r"[-_.]", image.tag.lower())) or _DATED.search(image.tag):
        return ""
    return f"has the moving tag '{image.tag}'"
