from __future__ import annotations

import pytest

from mlaudit.project.environment.markers import applies, overlap


@pytest.mark.parametrize(
    ("marker", "python", "wanted"),
    [
        ("", "", True),
        ("python_version >= '3'", "", True),
        ("python_version < '3.8'", ">=3.10", False),
        ("python_version < '3.11'", ">=3.10", None),
        ("python_version < '3.11'", "==3.10.*", True),
        ("python_full_version < '3.11'", "~=3.10.2", True),
        ("sys_platform == 'win32'", ">=3.10", None),
        ("sys_platform == 'os2'", ">=3.10", False),
        ("extra == 'gpu'", ">=3.10", False),
        ("python_version < '3.8' and sys_platform == 'linux'", ">=3.10", False),
        ("no marker at all", ">=3.10", None),
        ("python_version < '3.8'", "nonsense", None),
        ("python_version < '3'", "<3", False),
    ],
)
def test_where_a_marker_holds(marker: str, python: str, wanted: bool | None) -> None:
    assert applies(marker, python) is wanted


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("", "", True),
        ("", "sys_platform == 'linux'", True),
        ("python_version < '3.11'", "python_version >= '3.11'", False),
        ("python_version < '3.12'", "python_version >= '3.11'", True),
        ("sys_platform == 'darwin'", "sys_platform != 'darwin'", False),
        ("", "nonsense here", False),
    ],
)
def test_overlap(one: str, other: str, wanted: bool) -> None:
    assert overlap(one, other) is wanted
    assert overlap(other, one) is wanted
