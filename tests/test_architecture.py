"""The direction of imports between rooms, and what start-up may cost."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "mlaudit"

FLOORS = (
    ("", "caches", "knowledge", "patterns", "settings_files", "tables"),
    ("repo",),
    ("facts",),
    ("project",),
    ("rules", "config"),
    ("analyses",),
    ("findings",),
    ("maturity",),
    ("fixes",),
    ("reports",),
    ("audit",),
    ("mending", "over_time"),
    ("cli", "__main__"),
)
"""Rooms from the ground up: each imports from its own floor and those below."""

CONFIG_MAY_IMPORT = {"mlaudit.rules.model", "mlaudit.settings_files", "mlaudit.tables"}

OWNERS = {
    "git": "mlaudit.repo.",
    "jsonschema": "mlaudit.rules.loading",
    "libcst": "mlaudit.fixes.",
    "rich": "mlaudit.reports.",
    "sarif_om": "mlaudit.reports.sarif",
    "yaml": "mlaudit.facts.yaml",
}
"""Who alone may import what is slow to import when a module is loaded."""


def modules() -> dict[str, ast.Module]:
    """Every module with its syntax tree, by full name."""
    found = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = ast.parse(file.read_bytes(), str(file))
    return found


MODULES = modules()


def imported(node: ast.AST) -> list[str]:
    """Names that a statement imports: modules, and what is taken from them."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom(level=0, module=str(module)):
            return [f"{module}.{alias.name}" for alias in node.names]
        case ast.ImportFrom():
            return ["relative"]
        case _:
            return []


def at_load(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is loaded."""
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        for field in ("body", "orelse", "finalbody"):
            yield from at_load(getattr(node, field, []))
        for handler in getattr(node, "handlers", []):
            yield from at_load(handler.body)


def floor(name: str) -> int:
    room = (*name.split("."), "")[1]
    floors = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert floors, f"{name}: say in FLOORS where {room!r} stands"
    return floors[0]


def own_imports(name: str) -> set[str]:
    names = {found for node in ast.walk(MODULES[name]) for found in imported(node)}
    own = {found for found in names if found.split(".")[0] == "mlaudit"}
    return {found if found in MODULES else found.rpartition(".")[0] for found in own}


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_go_down(name: str) -> None:
    assert "relative" not in {found for node in ast.walk(MODULES[name]) for found in imported(node)}
    assert {found for found in own_imports(name) if floor(found) > floor(name)} == set()


def test_settings_know_no_room_but_the_record_of_a_rule() -> None:
    assert own_imports("mlaudit.config") <= CONFIG_MAY_IMPORT
    assert own_imports("mlaudit.tables") == set()
    assert own_imports("mlaudit.knowledge") == {"mlaudit.caches"}


@pytest.mark.parametrize("name", MODULES)
def test_slow_libraries_are_imported_where_they_are_used(name: str) -> None:
    found = {each.split(".")[0] for node in at_load(MODULES[name].body) for each in imported(node)}
    foreign = {library for library, owner in OWNERS.items() if not name.startswith(owner)}
    assert found & foreign == set()


def test_the_test_sees_imports_that_run_at_load() -> None:
    source = """
if TYPE_CHECKING:
    import rich
try:
    import yaml
except ImportError:
    import git
def later():
    import libcst
class Record:
    import jsonschema
"""
    nodes = at_load(ast.parse(source).body)
    assert [name for node in nodes for name in imported(node)] == ["yaml", "git", "jsonschema"]


def run(code: str, *args: str, cwd: Path) -> set[str]:
    """Top names of the modules that a fresh process has imported after the code."""
    report = "\nimport sys; sys.stderr.write(' '.join({m.split('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code + report, *args], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_version_is_answered_before_anything_is_imported(tmp_path: Path) -> None:
    loaded = run("from mlaudit.cli import main; main()", "--version", cwd=tmp_path)
    assert {"click", "msgspec", "rich", "yaml"} & loaded == set()


def test_check_of_one_file_imports_nothing_slow(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import numpy as np\nnp.random.rand(3)\n")
    code = "import sys\nfrom mlaudit.cli.app import run\nassert run(sys.argv[1:]) in (0, 1)"
    loaded = run(code, "-q", "train.py", cwd=tmp_path)
    assert "mlaudit" in loaded
    assert {"rich", "libcst", "jsonschema", "git", "sarif_om", "attr"} & loaded == set()
