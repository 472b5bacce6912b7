"""pyproject.toml, whichever tools share it."""

from __future__ import annotations

import pytest
from manifest_samples import manifest_of, only, read, said, spanned

from mlaudit.facts.records import Manifest
from mlaudit.facts.specifiers import poetry_specifier

PATH = "pyproject.toml"


def of(content: str) -> Manifest:
    return manifest_of(PATH, content)


def test_the_standard_table() -> None:
    content = """
[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "demo"
requires-python = ">=3.10"
classifiers = ["Private :: Do Not Upload"]
dependencies = ["numpy>=1.26", "Tomli>=2; python_version < '3.11'",
  "lib @ git+https://github.com/o/lib@v2"]
[project.optional-dependencies]
GPU = ["torch[x]>=2"]
[project.scripts]
train = "demo.train:main"
"""
    manifest = of(content)
    assert (manifest.manager, manifest.name, manifest.python) == ("pep621", "demo", ">=3.10")
    assert (manifest.build_backend, manifest.packaged) == ("setuptools.build_meta", True)
    assert manifest.scripts == (("train", "demo.train:main"),)
    assert manifest.classifiers == ("Private :: Do Not Upload",)
    assert said(manifest, "") == {"numpy": ">=1.26", "tomli": ">=2", "lib": ""}
    assert said(manifest, "extra:gpu") == {"torch": ">=2"}
    assert said(manifest, "build") == {"setuptools": ">=61"}
    assert spanned(content, manifest.dependencies[0]) == '"numpy>=1.26"'
    lib = manifest.dependencies[2]
    assert (lib.source, lib.ref, lib.span.line) == ("vcs", "v2", 11)


def test_the_document_is_there_too() -> None:
    facts = read(PATH, '[tool.ruff]\nline-length = 100\n[project]\nname = "x"\n')
    assert facts.document is not None
    assert ("tool", "ruff", "line-length") in {entry.path for entry in facts.document.entries}


def test_tool_settings_alone_are_no_manifest() -> None:
    facts = read(PATH, "[tool.black]\nline-length = 100\n")
    assert facts.manifest is None
    assert facts.document is not None


def test_groups_include_groups_and_survive_cycles() -> None:
    manifest = of("""
[dependency-groups]
test = ["pytest>=8", {include-group = "Lint_All"}]
lint-all = ["ruff", {include-group = "test"}, {include-group = "lint-all"}]
""")
    assert said(manifest, "test") == {"pytest": ">=8", "ruff": ""}
    assert said(manifest, "lint-all") == {"pytest": ">=8", "ruff": ""}


def test_groups_that_multiply_end() -> None:
    names = [f"g{number}" for number in range(60)]
    lines = [
        f"{name} = [" + ", ".join([f'{{include-group = "{after}"}}'] * 8) + "]"
        for name, after in zip(names, [*names[1:], "g0"], strict=True)
    ]
    assert of("[project]\nname='x'\n[dependency-groups]\n" + "\n".join(lines)).name == "x"


def test_uv_sources_and_workspace() -> None:
    manifest = of("""
[project]
name = "app"
dependencies = ["torch>=2", "lib", "near", "member", "plain"]
[tool.uv]
dev-dependencies = ["pytest"]
[tool.uv.workspace]
members = ["packages/*"]
exclude = ["packages/old"]
[tool.uv.sources]
torch = [{ index = "cpu", marker = "sys_platform == 'darwin'" }, { index = "cu124" }]
Lib = { git = "https://u:t0ken@github.com/o/lib", tag = "v1" }
near = { path = "../near", editable = true }
member = { workspace = true }
""")
    found = {one.name: one for one in manifest.dependencies}
    assert manifest.manager == "uv"
    assert manifest.workspace == ("packages/*", "!packages/old")
    assert {name: one.source for name, one in found.items()} == {
        "torch": "index",
        "lib": "vcs",
        "near": "editable",
        "member": "editable",
        "plain": "index",
        "pytest": "index",
    }
    assert (found["lib"].url, found["lib"].ref) == ("git+https://github.com/o/lib", "v1")
    assert found["pytest"].group == "dev"


POETRY = """
[tool.poetry]
name = "demo"
package-mode = false
classifiers = ["Topic :: Scientific/Engineering"]
[tool.poetry.dependencies]
python = "^3.10"
numpy = "^1.26"
pandas = {version = "~2.1", extras = ["sql", "aws"]}
six = {version = "1.16.*", optional = true}
lib = {git = "https://github.com/o/lib.git", branch = "main"}
near = {path = "../near", develop = true}
tomli = {version = "*", python = "<3.11"}
torch = [
  {version = "2.1", platform = "linux"},
  {version = ">=2.0,<2.2", markers = "sys_platform == 'darwin'"},
]
[tool.poetry.group.dev.dependencies]
pytest = "8.0.0"
[tool.poetry.dev-dependencies]
mypy = "^1"
[tool.poetry.extras]
compat = ["six"]
[tool.poetry.scripts]
run = "demo:main"
[build-system]
requires = ["poetry-core"]
build-backend = "poetry.core.masonry.api"
"""


def test_poetry() -> None:
    manifest = of(POETRY)
    assert (manifest.manager, manifest.name, manifest.python) == ("poetry", "demo", "^3.10")
    assert not manifest.packaged
    assert manifest.scripts == (("run", "demo:main"),)
    assert said(manifest, "") == {
        "numpy": ">=1.26,<2.0",
        "pandas": ">=2.1,<2.2",
        "lib": "",
        "near": "",
        "tomli": "",
        "torch": ">=2.0,<2.2",
    }
    assert said(manifest, "dev") == {"mypy": ">=1,<2", "pytest": "==8.0.0"}
    assert said(manifest, "extra:compat") == {"six": "==1.16.*"}
    found = {one.name: one for one in manifest.dependencies}
    assert found["pandas"].extras == ("aws", "sql")
    assert (found["lib"].source, found["lib"].ref) == ("vcs", "main")
    assert found["near"].source == "editable"
    assert found["tomli"].marker == 'python_version < "3.11"'
    assert [one.marker for one in manifest.dependencies if one.name == "torch"] == [
        'sys_platform == "linux"',
        "sys_platform == 'darwin'",
    ]
    assert POETRY.splitlines()[found["numpy"].span.line - 1] == 'numpy = "^1.26"'


def test_poetry_beside_the_standard_table_adds_no_second_declaration() -> None:
    manifest = of("""
[project]
name = "demo"
requires-python = ">=3.11"
dependencies = ["torch>=2"]
[tool.poetry.dependencies]
torch = {source = "cu121"}
[tool.poetry.group.dev.dependencies]
pytest = "*"
""")
    assert manifest.manager == "poetry"
    assert said(manifest) == {"torch": ">=2", "pytest": ""}
    assert manifest.python == ">=3.11"


def test_poetry_with_dynamic_dependencies() -> None:
    manifest = of("""
[project]
name = "demo"
dynamic = ["dependencies"]
[tool.poetry.dependencies]
numpy = "^2"
""")
    assert said(manifest) == {"numpy": ">=2,<3"}
    assert manifest.dynamic == ("dependencies",)


def test_pdm() -> None:
    manifest = of("""
[project]
name = "demo"
dependencies = ["numpy"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
Test = ["pytest>=8", "-e file:///${PROJECT_ROOT}/sub#egg=sub"]
[build-system]
requires = ["pdm-backend"]
build-backend = "pdm.backend"
""")
    assert (manifest.manager, manifest.packaged) == ("pdm", False)
    assert said(manifest, "test")["pytest"] == ">=8"


def test_setuptools_dynamic_files_are_includes() -> None:
    manifest = manifest_of(
        "lib/pyproject.toml",
        """
[project]
name = "lib"
dynamic = ["dependencies", "optional-dependencies"]
[tool.setuptools.dynamic]
dependencies = {file = ["requirements.txt", "../../outside.txt"]}
[tool.setuptools.dynamic.optional-dependencies]
dev = {file = "dev.txt"}
""",
    )
    assert [(one.path, one.group, one.span.line) for one in manifest.includes] == [
        ("lib/requirements.txt", "", 6),
        ("lib/dev.txt", "extra:dev", 8),
    ]


def test_pixi_inside_pyproject() -> None:
    manifest = of("""
[project]
name = "x"
[tool.pixi.dependencies]
pytorch = "2.1.*"
""")
    assert manifest.manager == "pixi"
    assert only(manifest).channel == "conda"


def test_only_a_build_system_belongs_to_setuptools() -> None:
    manifest = of('[build-system]\nrequires = ["setuptools"]\n')
    assert (manifest.manager, said(manifest)) == ("setuptools", {"setuptools": ""})


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("^1.2.3", ">=1.2.3,<2.0.0"),
        ("^0.2.3", ">=0.2.3,<0.3.0"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3.0"),
        ("~1", ">=1,<2"),
        ("1.2", "==1.2"),
        ("=1.2", "==1.2"),
        ("1.*", "==1.*"),
        ("*", ""),
        (">=1,<2", ">=1,<2"),
        (">=1 <2", ">=1,<2"),
        ("~=1.4.2", "~=1.4.2"),
        ("!=1.5", "!=1.5"),
        ("^1.0 || ^2.0", "^1.0 || ^2.0"),
    ],
)
def test_poetry_constraints_become_pep_440(written: str, wanted: str) -> None:
    assert poetry_specifier(written) == wanted


@pytest.mark.parametrize(
    "content",
    [
        "[project\nname=",
        "project = 1\ntool = []\n",
        "[project]\ndependencies = 3\noptional-dependencies = [1]\n",
        "[tool.poetry]\ndependencies = []\ngroup = 1\nextras = {x = 1}\n",
        "[tool.uv]\nsources = 1\nworkspace = 2\n[project]\nname = 1\ndependencies = [1, 'x']\n",
        "[dependency-groups]\na = 1\nb = [{include-group = 1}, {x = 1}]\n",
        "x = " + "[" * 5000,
    ],
)
def test_wrong_shapes_are_survived(content: str) -> None:
    assert read(PATH, content).path == PATH


def test_an_unreadable_requirement_is_a_problem_with_its_line() -> None:
    facts = read(PATH, "[project]\nname = 'x'\ndependencies = [\n  'numpy',\n  '???',\n]\n")
    assert [problem.line for problem in facts.problems] == [5]


def test_commands_of_task_runners() -> None:
    facts = read(
        "pyproject.toml",
        '[project]\nname = "x"\nversion = "0"\n[tool.pdm.scripts]\ntrain = "python train.py"\n'
        '[tool.pixi.feature.gpu.target.linux-64.tasks]\nfit = { cmd = "python fit.py" }\n'
        '[tool.hatch.envs.default.scripts]\nall = ["python a.py", "python b.py"]\n',
    )
    assert [(one.text, one.target) for one in facts.commands] == [
        ("python train.py", "train"),
        ("python fit.py", "fit"),
        ("python a.py", "all"),
        ("python b.py", "all"),
    ]
