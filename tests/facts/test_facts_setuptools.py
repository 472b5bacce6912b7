"""setup.cfg and setup.py."""

from __future__ import annotations

import pytest
from manifest_samples import manifest_of, read, said, spanned

CFG = """\
[metadata]
name = demo
classifiers =
    Programming Language :: Python :: 3
    License :: OSI Approved :: MIT License

[options]
packages = find:
python_requires = >=3.8
install_requires =
    numpy>=1.20  # arrays
    torch==2.1; sys_platform == "linux"
    # a comment
setup_requires = cython

[options.extras_require]
dev = pytest; black

[options.entry_points]
console_scripts =
    demo = demo.cli:main
"""


def test_setup_cfg() -> None:
    manifest = manifest_of("setup.cfg", CFG)
    assert (manifest.manager, manifest.name, manifest.python) == ("setuptools", "demo", ">=3.8")
    assert manifest.packaged
    assert len(manifest.classifiers) == 2
    assert manifest.scripts == (("demo", "demo.cli:main"),)
    assert said(manifest, "") == {"numpy": ">=1.20", "torch": "==2.1"}
    assert said(manifest, "build") == {"cython": ""}
    assert said(manifest, "extra:dev") == {"pytest": "", "black": ""}
    assert spanned(CFG, manifest.dependencies[0]) == "numpy>=1.20"
    assert spanned(CFG, manifest.dependencies[1]) == 'torch==2.1; sys_platform == "linux"'
    assert manifest.dependencies[1].marker == 'sys_platform == "linux"'


def test_setup_cfg_of_tools_only() -> None:
    assert read("setup.cfg", "[flake8]\nmax-line-length = 100\n").manifest is None


def test_requirements_read_from_a_file() -> None:
    manifest = manifest_of("lib/setup.cfg", "[options]\ninstall_requires = file: req.txt, b.txt\n")
    assert [one.path for one in manifest.includes] == ["lib/req.txt", "lib/b.txt"]
    assert manifest.dependencies == ()


@pytest.mark.parametrize(
    "content", ["no section\n", "[a\n", "[options]\n[options]\nx=1\nx=2\n", "\0", "[options]\n x\n"]
)
def test_broken_ini(content: str) -> None:
    assert read("setup.cfg", content).path == "setup.cfg"


SETUP = """\
from setuptools import find_packages, setup

BASE = ["numpy>=1.20", "pandas"]
EXTRAS = {"dev": ["pytest"]}
EXTRAS["gpu"] = ["torch==2.1"]

if __name__ == "__main__":
    setup(
        name="demo",
        python_requires=">=3.8",
        packages=find_packages(),
        install_requires=BASE + ["tqdm", *("a", "b")],
        extras_require=EXTRAS,
        entry_points={"console_scripts": ["demo = demo.cli:main"]},
        classifiers=["Programming Language :: Python :: 3"],
    )
"""


def test_setup_py_is_read_from_its_literals() -> None:
    manifest = manifest_of("setup.py", SETUP)
    assert (manifest.name, manifest.python, manifest.packaged) == ("demo", ">=3.8", True)
    assert said(manifest, "") == {"numpy": ">=1.20", "pandas": "", "tqdm": "", "a": "", "b": ""}
    assert said(manifest, "extra:gpu") == {"torch": "==2.1"}
    assert said(manifest, "extra:dev") == {"pytest": ""}
    assert manifest.scripts == (("demo", "demo.cli:main"),)
    assert manifest.dynamic == ()
    assert spanned(SETUP, manifest.dependencies[0]) == '"numpy>=1.20"'


@pytest.mark.parametrize(
    "reading",
    [
        "with open('requirements.txt') as f:\n    needed = f.read().splitlines()\n",
        "needed = [line for line in open('requirements.txt')]\n",
        "from pathlib import Path\nneeded = Path('requirements.txt').read_text().split()\n",
        "def load(name):\n    return open(name).readlines()\nneeded = load('requirements.txt')\n",
        "def load():\n    return open('requirements.txt').readlines()\nneeded = load()\n",
        "here = '.'\nfile = 'requirements.txt'\nneeded = load(join(here, file))\n",
    ],
)
def test_a_file_that_is_read_is_an_include(reading: str) -> None:
    manifest = manifest_of("pkg/setup.py", f"{reading}setup(name='x', install_requires=needed)\n")
    assert manifest.dynamic == ("dependencies",)
    assert [one.path for one in manifest.includes] == ["pkg/requirements.txt"]


def test_what_is_computed_is_dynamic() -> None:
    manifest = manifest_of(
        "setup.py", "setup(install_requires=compute(), extras_require=more(), **known)\n"
    )
    assert manifest.dynamic == ("dependencies", "optional-dependencies")
    assert manifest.includes == ()


def test_arguments_in_a_dict() -> None:
    manifest = manifest_of(
        "setup.py",
        "import setuptools\nkw = dict(name='x', install_requires=['y'])\nsetuptools.setup(**kw)\n",
    )
    assert (manifest.name, said(manifest)) == ("x", {"y": ""})


def test_a_module_that_is_only_called_setup() -> None:
    assert read("src/setup.py", "def prepare(): pass\nprepare()\n").manifest is None


@pytest.mark.parametrize(
    "content",
    [
        "print 'python 2'\nsetup()\n",
        "a = b\nb = a\nsetup(install_requires=a)\n",
        "a = [*a, *a]\nsetup(install_requires=a)\n",
        "a = [" + "*a," * 500 + "]\nsetup(install_requires=a)\n",
        "setup(name=" + "(" * 2000 + "1" + ")" * 2000 + ")\n",
        "setup(install_requires=" + "+".join(["['a']"] * 3000) + ")\n",
        "\0",
    ],
)
def test_hostile_scripts_are_survived(content: str) -> None:
    assert read("setup.py", content).path == "setup.py"


def test_nothing_is_run() -> None:
    facts = read("setup.py", "raise SystemExit(1)\nsetup(name='x')\n")
    assert facts.manifest is not None
