"""pixi.toml."""

from __future__ import annotations

import pytest
from manifest_samples import manifest_of, read, said

PIXI = """\
[workspace]
name = "demo"
channels = ["conda-forge"]

[dependencies]
python = "3.10.*"
pytorch-cpu = ">=2.6.0,<3"
numpy = { version = "1.26", channel = "conda-forge" }

[pypi-dependencies]
tensorflow = ">=2.18.0, <3"
demo = { path = ".", editable = true }
lib = { git = "https://github.com/o/lib", rev = "0123456789012345678901234567890123456789" }

[target.win-64.dependencies]
vs2022 = "*"

[feature.Test.dependencies]
pytest = "8.*"

[feature.Test.pypi-dependencies]
nbval = "==0.11.0"

[host-dependencies]
pip = "*"
"""


def test_pixi() -> None:
    manifest = manifest_of("pixi.toml", PIXI)
    assert (manifest.manager, manifest.name, manifest.python) == ("pixi", "demo", "3.10.*")
    assert said(manifest, "") == {
        "pytorch-cpu": ">=2.6.0,<3",
        "numpy": "==1.26",
        "tensorflow": ">=2.18.0,<3",
        "demo": "",
        "lib": "",
        "vs2022": "",
    }
    assert said(manifest, "test") == {"pytest": "==8.*", "nbval": "==0.11.0"}
    assert said(manifest, "build") == {"pip": ""}
    found = {one.name: one for one in manifest.dependencies}
    assert (found["numpy"].channel, found["tensorflow"].channel) == ("conda", "pip")
    assert found["demo"].source == "editable"
    assert found["lib"].ref == "0123456789012345678901234567890123456789"
    assert found["numpy"].span.line == 8


@pytest.mark.parametrize("content", ["dependencies = 1\n", "[dependencies]\nx = []\n", "[", ""])
def test_wrong_shapes_are_survived(content: str) -> None:
    assert read("pixi.toml", content).path == "pixi.toml"


def test_commands_of_tasks() -> None:
    facts = read(
        "pixi.toml",
        '[tasks]\nfit = "python fit.py"\n[target.linux-64.tasks]\n'
        'score = { cmd = ["python", "score.py"], depends-on = ["fit"] }\n',
    )
    assert [(one.text, one.target) for one in facts.commands] == [
        ("python fit.py", "fit"),
        ("python score.py", "score"),
    ]
