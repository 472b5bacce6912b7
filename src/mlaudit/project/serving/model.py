"""What answers requests: records."""

from __future__ import annotations

from msgspec import Struct


class Handler(Struct, frozen=True):
    """A function that a server runs for each request."""

    path: str
    scope: int
    line: int
    framework: str
    """Top-level module of what serves it: `fastapi`, `flask`, `bentoml`; `lambda`, `sagemaker`."""
    route: str | None = None
    """None where there is none, or where it is not statically known."""
    methods: tuple[str, ...] = ()
    """HTTP methods, in upper case; empty when they are not said."""


class Unit(Struct, frozen=True):
    """A manifest, command or call by which a model answers without code of the repository."""

    path: str
    line: int
    says: str
