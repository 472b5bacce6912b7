"""The table of modules and distributions, held against the distributions that are installed."""

from __future__ import annotations

import importlib.util
import re
import sys
from importlib.metadata import distributions, packages_distributions
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import pytest

from mlaudit.knowledge import knowledge_root
from mlaudit.project.environment.import_table import import_table

GENERATOR = knowledge_root() / "apis" / "generators" / "generate_imports.py"


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_imports", GENERATOR)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("generate_imports", module)
    spec.loader.exec_module(module)
    return module


def test_it_knows_what_code_of_machine_learning_imports() -> None:
    table = import_table()
    names = {name for many in table.modules.values() for name in many}
    assert len(names) > 1000
    assert all(name == normalised(name) for name in names)


@pytest.mark.parametrize(
    ("module", "first"),
    [
        ("sklearn.svm", "scikit-learn"),
        ("cv2", "opencv-python"),
        ("PIL.Image", "pillow"),
        ("yaml", "pyyaml"),
        ("google.protobuf.message", "protobuf"),
        ("google.cloud.storage", "google-cloud-storage"),
        ("azure.storage.blob", "azure-storage-blob"),
        ("mpl_toolkits.mplot3d", "matplotlib"),
        ("ruamel.yaml", "ruamel-yaml"),
        ("opentelemetry.trace", "opentelemetry-api"),
        ("torch.utils.tensorboard", "torch"),
        ("tensorflow.keras", "tensorflow"),
    ],
)
def test_the_usual_distribution_comes_first(module: str, first: str) -> None:
    assert import_table().distributions_of(module)[0] == first


@pytest.mark.parametrize("module", ["google", "azure", "google.colab", "nowhere.known", "utils"])
def test_what_many_share_or_nobody_knows_tells_nothing(module: str) -> None:
    assert import_table().distributions_of(module) == ()


def test_builds_bring_the_same_modules() -> None:
    brought = import_table().distributions_of
    assert {"opencv-python-headless", "py-opencv"} <= set(brought("cv2"))
    assert {"tensorflow-cpu", "tensorflow-intel", "tf-nightly"} <= set(brought("tensorflow"))
    assert {"pytorch", "torch-nightly"} <= set(brought("torch"))


def test_requirements_are_followed() -> None:
    table = import_table()
    along = table.brought_along(["sentence-transformers"])
    assert {"torch", "numpy", "huggingface-hub"} <= along
    assert table.brought_along(["no-such-distribution"]) == frozenset()
    assert table.is_described("pandas")
    assert not table.is_described("no-such-distribution")


def test_the_table_agrees_with_what_is_installed() -> None:
    table = import_table()
    checked = 0
    for module, names in packages_distributions().items():
        brought = table.distributions_of(module)
        if brought and module in table.modules:
            assert {normalised(name) for name in names} & set(brought), module
            checked += 1
    assert checked >= 5


def test_requirements_agree_with_what_is_installed() -> None:
    table = import_table()
    checked = 0
    for one in distributions():
        name = normalised(one.metadata["Name"])
        wanted = {normalised(re.split(r"[^\w.-]", line)[0]) for line in one.requires or ()}
        if table.is_described(name) and wanted:
            known = table.brought_along([name])
            checked += bool(known & wanted)
    assert checked >= 2


def test_a_wheel_is_read_and_not_installed(generator: ModuleType, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "Near_Far-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("near/__init__.py", "raise SystemExit")
        wheel.writestr("near/deep/__init__.py", "")
        wheel.writestr("google/near/__init__.py", "")
        wheel.writestr("quick.cpython-311-x86_64-linux-gnu.so", "")
        wheel.writestr("_private.py", "")
        wheel.writestr("tests/__init__.py", "")
        wheel.writestr("near_far-1.0.data/purelib/lonely.py", "")
        wheel.writestr(
            "near_far-1.0.dist-info/METADATA",
            "Metadata-Version: 2.1\nName: Near.Far\nVersion: 1.0\n"
            "Requires-Dist: NumPy>=2\nRequires-Dist: scipy; extra == 'more'\n"
            "Requires-Dist: pywin32; sys_platform == 'win32'\n",
        )
    (tmp_path / "broken-1.0-py3-none-any.whl").write_bytes(b"no zip")
    found = generator.distributions([tmp_path])
    assert list(found) == ["near-far"]
    assert found["near-far"].modules >= {"near", "google.near", "quick", "lonely"}
    assert "near.deep" not in found["near-far"].modules
    assert found["near-far"].requires == ("numpy",)
    told = generator.names_told()
    table = generator.table(found, told)
    assert table["google.near"] == ["near-far"]
    assert "tests" not in table
    assert "_private" not in table
