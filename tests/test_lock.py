"""pyproject.toml, uv.lock and the exported requirements say the same (`make lock`)."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


def load(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / name).read_text("utf-8"))


LOCK = load("uv.lock")
PACKAGES = {(package["name"], package.get("version", "")): package for package in LOCK["package"]}
OWN = next(package for package in LOCK["package"] if package["name"] == "mlaudit")


def exported(name: str) -> dict[tuple[str, str], set[str]]:
    """Name and version of each pinned requirement, with its hashes."""
    pins: dict[tuple[str, str], set[str]] = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text("utf-8")):
        pin = re.match(r"([a-z0-9-]+)==([^\s;]+)", block)
        if pin:
            pins[pin[1], pin[2]] = set(re.findall(r"--hash=(\S+)", block))
    return pins


def declared(requirements: list[Any]) -> set[tuple[str, str]]:
    parsed = [Requirement(each) for each in requirements if isinstance(each, str)]
    return {(re.sub(r"[._]", "-", each.name.lower()), str(each.specifier)) for each in parsed}


def locked(requirements: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(each["name"], each.get("specifier", "")) for each in requirements}


def test_lock_was_made_from_the_declared_dependencies() -> None:
    project = load("pyproject.toml")
    assert locked(OWN["metadata"]["requires-dist"]) == declared(project["project"]["dependencies"])
    groups = project["dependency-groups"]
    assert {name: locked(group) for name, group in OWN["metadata"]["requires-dev"].items()} == {
        "browser": declared(groups["browser"]),
        "dev": declared(groups["dev"]) | declared(groups["test"]),
        "test": declared(groups["test"]),
    }


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-browser.txt"]
)
def test_export_holds_what_the_lock_holds(name: str) -> None:
    pins = exported(name)
    assert pins
    for pin, hashes in pins.items():
        package = PACKAGES[pin]
        files = [*package.get("wheels", ()), *([package["sdist"]] if "sdist" in package else ())]
        assert hashes == {file["hash"] for file in files}, pin


def test_export_for_development_holds_everything() -> None:
    everything = set(exported("requirements-dev.txt")) | set(exported("requirements-browser.txt"))
    assert everything == {pin for pin in PACKAGES if pin[0] != "mlaudit"}
    assert set(exported("requirements.txt")) < set(exported("requirements-dev.txt"))


def test_lock_names_no_index_but_the_public_one() -> None:
    sources = {package["source"].get("registry") for package in LOCK["package"]} - {None}
    assert sources == {"https://pypi.org/simple"}
    urls = set(re.findall(r"https?://[^/\"]+", (ROOT / "uv.lock").read_text("utf-8")))
    assert urls == {"https://pypi.org", "https://files.pythonhosted.org"}
