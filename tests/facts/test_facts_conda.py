"""conda's environment files."""

from __future__ import annotations

import pytest
from manifest_samples import manifest_of, read, said, spanned

from mlaudit.facts.specifiers import conda_specifier

ENVIRONMENT = """\
name: demo
channels: [pytorch, conda-forge]
dependencies:
  - python=3.11
  - conda-forge::numpy=1.26
  - pytorch::pytorch==2.1.0
  - scikit-learn >=1.3,<2
  - pandas
  - huggingface_hub=0.20.*
  - cudatoolkit 11.8
  - pip
  - pip:
      - transformers==4.40.0
      - -r requirements.txt
      - git+https://github.com/o/r@main
      - '???'
"""


def test_conda_and_pip_sections() -> None:
    facts = read("env/environment.yml", ENVIRONMENT)
    manifest = facts.manifest
    assert manifest is not None
    assert facts.document is not None
    assert (manifest.manager, manifest.name, manifest.python) == ("conda", "demo", "==3.11.*")
    assert said(manifest) == {
        "numpy": "==1.26.*",
        "pytorch": "==2.1.0",
        "scikit-learn": ">=1.3,<2",
        "pandas": "",
        "huggingface-hub": "==0.20.*",
        "cudatoolkit": "==11.8",
        "pip": "",
        "transformers": "==4.40.0",
        "r": "",
    }
    channels = {one.name: one.channel for one in manifest.dependencies}
    assert (channels["numpy"], channels["transformers"]) == ("conda", "pip")
    assert [one.path for one in manifest.includes] == ["env/requirements.txt"]
    assert [problem.line for problem in facts.problems] == [16]
    assert spanned(ENVIRONMENT, manifest.dependencies[0]) == "conda-forge::numpy=1.26"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("=1.2", "==1.2.*"),
        ("=1.2=py37_0", "==1.2"),
        ("==1.2=py37_0", "==1.2"),
        ("1.2", "==1.2"),
        ("1.2.*", "==1.2.*"),
        ("=1.2.*", "==1.2.*"),
        (">=1.2,<2", ">=1.2,<2"),
        (">=1.2, <2.0a0", ">=1.2,<2.0a0"),
        ("!=1.5", "!=1.5"),
        ("*", ""),
        ("", ""),
        ("1.2|1.3", "1.2|1.3"),
    ],
)
def test_conda_versions_become_pep_440(written: str, wanted: str) -> None:
    assert conda_specifier(written) == wanted


def test_an_export_counts_as_compiled() -> None:
    manifest = manifest_of(
        "environment.yml",
        "name: x\ndependencies:\n- python=3.9.7=h12debd9_1\n- numpy=1.21.2=py39h20f2e39_0\n"
        "- zlib=1.2.11=h7f8727e_4\n- pip:\n  - torch==1.10.0\nprefix: /opt/conda\n",
    )
    assert manifest.compiled_by == "conda env export"
    assert said(manifest) == {"numpy": "==1.21.2", "zlib": "==1.2.11", "torch": "==1.10.0"}


@pytest.mark.parametrize(
    "content",
    [
        "image: mcr.example.org/x\nconda_file: conda.yml\n",
        "dependencies: {a: 1}\n",
        "- a\n- b\n",
        "",
    ],
)
def test_other_environment_files_are_no_manifest(content: str) -> None:
    assert read("environment.yml", content).manifest is None


@pytest.mark.parametrize(
    "content",
    [
        "dependencies: [1, null, {pip: 1}, {pip: [1, {}]}, [a]]\n",
        "dependencies: " + "[" * 20_000,
        "a: &a [x, x, x, x, x, x, x, x]\n"
        + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{f'*{chr(97 + i)}, ' * 9}]\n" for i in range(9))
        + "dependencies: *j\n",
        "dependencies: !!python/object/apply:os.system [echo]\n",
    ],
)
def test_hostile_files_are_survived(content: str) -> None:
    assert read("environment.yml", content).path == "environment.yml"
