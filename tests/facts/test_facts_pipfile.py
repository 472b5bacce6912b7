"""Pipfile."""

from __future__ import annotations

import pytest
from manifest_samples import manifest_of, read, said

PIPFILE = """\
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
Idna = "*"
torch = "==2.1.0"
pandas = {version = ">=2,<3", extras = ["sql"], markers = "python_version < '3.12'"}
gitlib = {git = "https://github.com/o/gitlib.git", ref = "main"}
near = {path = "./near", editable = true}

[dev-packages]
pytest = ">=8"

[docs]
sphinx = "7.0"

[requires]
python_version = "3.11"
"""


def test_pipfile() -> None:
    manifest = manifest_of("Pipfile", PIPFILE)
    assert (manifest.manager, manifest.python) == ("pipenv", "3.11")
    assert manifest.python_span.line == 20
    assert said(manifest, "") == {
        "idna": "",
        "torch": "==2.1.0",
        "pandas": "<3,>=2",
        "gitlib": "",
        "near": "",
    }
    assert said(manifest, "dev") == {"pytest": ">=8"}
    assert said(manifest, "docs") == {"sphinx": "==7.0"}
    found = {one.name: one for one in manifest.dependencies}
    assert (found["gitlib"].source, found["gitlib"].ref) == ("vcs", "main")
    assert found["near"].source == "editable"
    assert (found["pandas"].extras, found["pandas"].marker) == (
        ("sql",),
        "python_version < '3.12'",
    )
    assert PIPFILE.splitlines()[found["torch"].span.line - 1] == 'torch = "==2.1.0"'
    assert found["torch"].raw == 'torch = "==2.1.0"'


@pytest.mark.parametrize("content", ["packages = 1\n", "[packages]\nx = 1\ny = []\n", "[", ""])
def test_wrong_shapes_are_survived(content: str) -> None:
    assert read("Pipfile", content).path == "Pipfile"
