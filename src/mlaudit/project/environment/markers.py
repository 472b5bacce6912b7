"""Environment markers (PEP 508), asked of all machines that a project may run on."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_MINORS = range(6, 17)
_PLATFORMS = (
    ("linux", "Linux", "posix", "x86_64"),
    ("linux", "Linux", "posix", "aarch64"),
    ("darwin", "Darwin", "posix", "arm64"),
    ("win32", "Windows", "nt", "AMD64"),
)


def applies(marker: str, python: str = "") -> bool | None:
    """Whether the marker holds on every machine (True), on none (False), or on some (None).

    `python` is the PEP 440 specifier of the interpreters that the project takes. None, too, for
    what cannot be evaluated.
    """
    if not marker:
        return True
    found = machines(marker, python)
    if found is None:
        return None
    if len(found) == len(_machines(python)):
        return True
    return None if found else False


def overlap(one: str, other: str, python: str = "") -> bool:
    """Whether both markers hold on some machine; when in doubt, they do not."""
    first, second = machines(one, python), machines(other, python)
    return first is not None and second is not None and bool(first & second)


@lru_cache(maxsize=1024)
def machines(marker: str, python: str) -> frozenset[int] | None:
    """Numbers of the machines on which it holds; None where it cannot be evaluated."""
    from packaging.markers import InvalidMarker, Marker, UndefinedEnvironmentName

    worlds = _machines(python)
    if not marker:
        return frozenset(range(len(worlds)))
    try:
        parsed = Marker(marker)
        return frozenset(i for i, world in enumerate(worlds) if parsed.evaluate(dict(world)))
    except (InvalidMarker, UndefinedEnvironmentName, ValueError, RecursionError):
        return None


@lru_cache(maxsize=64)
def _machines(python: str) -> tuple[dict[str, Any], ...]:
    minors = [minor for minor in _MINORS if _takes(python, minor)] or list(_MINORS)
    return tuple(
        {
            "extra": "",
            "implementation_name": "cpython",
            "implementation_version": f"3.{minor}.9",
            "os_name": os_name,
            "platform_machine": machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": system,
            "platform_version": "",
            "python_full_version": f"3.{minor}.9",
            "python_version": f"3.{minor}",
            "sys_platform": platform,
        }
        for minor in minors
        for platform, system, os_name, machine in _PLATFORMS
    )


def _takes(python: str, minor: int) -> bool:
    """Whether some release of the series is among those that the project takes."""
    from mlaudit.project.environment.versions import disjoint

    return not disjoint(python, f"==3.{minor}.*")
