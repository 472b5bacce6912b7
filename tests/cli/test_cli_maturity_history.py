"""`mlaudit maturity --since` and `--every`: a table, a chart, and the same for programs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from history_of_commits import History, climbing
from mlaudit.knowledge import knowledge_root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return climbing(tmp_path_factory.mktemp("history") / "churn").root


def ran(root: Path, *args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mlaudit", "maturity", *args]
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False, encoding="utf-8"
    )


def test_text_has_a_chart_and_a_row_for_each_point(root: Path) -> None:
    done = ran(root, "--every", "1month")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "MLOps maturity over time: level 0 to 2, 2023-01-10 to 2024-02-10"
    assert lines[1] == "  the last commit of every month; 5 commits in all"
    assert [line[2] for line in lines[3:8]] == list("43210")
    assert lines[3] == "  4 |"
    assert lines[5].endswith("#")
    rows = [line for line in lines if line.startswith("  202")]
    assert [row.split()[0] for row in rows] == [
        "2023-01-10", "2023-02-10", "2023-05-10", "2023-08-10", "2024-02-10",
    ]  # fmt: skip
    assert rows[1].endswith("  v0.1")
    assert "  2 of " in rows[-1]
    assert "              ~ now: CI runs the tests on every change" in lines
    assert any(
        line.startswith("              + ") and "Documentation 0 to 1" in line for line in lines
    )
    assert max(map(len, lines)) <= 100


def test_the_same_history_gives_the_same_bytes(root: Path) -> None:
    for form in ("text", "svg"):
        first, second = (ran(root, "--every", "year", "--format", form).stdout for _ in "ab")
        assert first == second != ""


def test_json_is_as_its_schema_says(root: Path) -> None:
    found = json.loads(ran(root, "--since", "v0.1", "--format", "json").stdout)
    file = knowledge_root() / "schema" / "maturity-history.schema.json"
    jsonschema.validate(found, json.loads(file.read_text("utf-8")))
    assert [point["tags"] for point in found["points"]] == [["v0.1"], [], [], ["v1.0"]]
    assert found["points"][0]["date"] == "2023-02-10"
    assert all(len(point["capabilities"]) == 20 for point in found["points"])
    assert found["repository"] == {"name": "churn", "commit": found["points"][-1]["commit"]}


def test_markdown_is_one_table(root: Path) -> None:
    lines = ran(root, "--every", "1month", "--format", "markdown").stdout.splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 5
    assert len({line.count("|") for line in table}) == 1
    assert "+ Documentation 0 to 1" in table[4]


def test_svg_is_well_formed_and_needs_nothing_else(root: Path) -> None:
    text = ran(root, "--every", "1month", "--format", "svg").stdout
    picture = ElementTree.fromstring(text)
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(picture.findall(".//{*}circle")) == 5
    assert "href" not in text
    assert "url(" not in text
    assert "prefers-color-scheme:dark" in text


def test_a_level_may_be_demanded_of_the_last_commit(root: Path) -> None:
    assert ran(root, "--since", "HEAD", "--min-level", "2").returncode == 0
    assert ran(root, "--since", "HEAD", "--min-level", "3").returncode == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("--every", "often"), "'often' is no period: write a number and a unit, such as 2weeks"),
        (("--every", "0days"), "is no period"),
        (("--since", "v9"), "mlaudit: v9 names no commit here"),
        (("--since", "--all"), "mlaudit: --all names no commit here"),
        (("--every", "month", "src"), "maturity is a matter of a whole repository"),
    ],
)
def test_what_cannot_be_done_is_said(args: tuple[str, ...], said: str, root: Path) -> None:
    done = ran(root, *args)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in " ".join(done.stderr.split())


def test_a_plain_folder_has_no_history(tmp_path: Path) -> None:
    done = ran(tmp_path, "--every", "month")
    assert done.returncode == 2
    assert "is not in a git repository" in done.stderr


def test_names_of_a_hostile_repository_are_harmless(tmp_path: Path) -> None:
    history = History(tmp_path / "<b>&|`x`")
    (history.root / "train.py").write_text("print(1)\n")
    history.commit("2023-01-10")
    history.git("tag", "<img/src=x>|`a`&&\u202e##x")
    history.commit("2023-03-10")
    text = ran(history.root, "--every", "month").stdout
    assert "\u202e" not in text
    table = ran(history.root, "--every", "month", "--format", "markdown").stdout
    assert "\u202e" not in table
    rows = [line for line in table.splitlines() if line.startswith("| 2023-01")]
    assert rows[0].replace("\\|", "").count("|") == 11
    svg = ran(history.root, "--every", "month", "--format", "svg").stdout
    assert "<img" not in svg
    assert "<b>" not in svg
    ElementTree.fromstring(svg)


def test_one_commit_is_a_history_too(tmp_path: Path) -> None:
    history = History(tmp_path / "one")
    history.commit("2023-01-10")
    done = ran(history.root, "--every", "month")
    assert done.stdout.startswith("MLOps maturity over time: level 0, 2023-01-10\n")
    ElementTree.fromstring(ran(history.root, "--since", "HEAD", "--format", "svg").stdout)
