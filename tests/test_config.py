from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit import config
from mlaudit.config import Allow, Settings, load_settings
from mlaudit.knowledge import knowledge_root
from mlaudit.rules.model import Confidence, Persona, Severity
from mlaudit.settings_files import ConfigError

SCHEMA = json.loads((knowledge_root() / "schema/config.schema.json").read_text("utf-8"))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository; what lies above it is never read."""
    top = tmp_path / "repository"
    (top / ".git").mkdir(parents=True)
    (tmp_path / "mlaudit.toml").write_text("persona = 'auditor'")
    monkeypatch.chdir(top)
    return top


def put(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def faults(file: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings([], file)
    return str(caught.value).splitlines()


class TestFinding:
    def test_defaults_without_a_file(self, root: Path) -> None:
        assert load_settings([root]) == Settings()

    def test_nearest_file_wins_and_nothing_cascades(self, root: Path) -> None:
        put(root / "mlaudit.toml", "persona = 'pedantic'\nfail-on = 'never'")
        put(root / "model/mlaudit.toml", "persona = 'auditor'")
        settings = load_settings([root / "model"])
        assert (settings.persona, settings.source) == (Persona.AUDITOR, "model/mlaudit.toml")
        assert settings.fail_on is Severity.WARNING

    def test_folder_without_settings_takes_those_above(self, root: Path) -> None:
        put(root / ".mlaudit.toml", "persona = 'pedantic'")
        put(root / "model/pyproject.toml", "[project]\ndependencies = ['mlaudit']")
        file = put(root / "model/train.py", "")
        assert load_settings([file]).source == ".mlaudit.toml"

    def test_paths_in_several_folders_take_what_they_share(self, root: Path) -> None:
        put(root / "a/mlaudit.toml", "persona = 'auditor'")
        put(root / "pyproject.toml", "[tool.mlaudit]\npersona = 'pedantic'")
        assert load_settings([root / "a", root / "b"]).persona is Persona.PEDANTIC

    def test_own_file_comes_before_pyproject(self, root: Path) -> None:
        put(root / "pyproject.toml", "[tool.mlaudit]\npersona = 'pedantic'")
        put(root / "mlaudit.toml", "persona = 'auditor'")
        assert load_settings([]).source == "mlaudit.toml"

    def test_outside_git_the_search_ends_at_the_folder(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(tmp_path / "mlaudit.toml", "persona = 'auditor'")
        (tmp_path / "plain/sub").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "plain/sub")
        assert load_settings([tmp_path / "plain"]) == Settings()

    def test_named_file_wins(self, root: Path) -> None:
        put(root / "mlaudit.toml", "persona = 'auditor'")
        other = put(root / "strict.toml", "persona = 'pedantic'")
        assert load_settings([root], other).source == "strict.toml"

    def test_named_file_must_exist(self, root: Path) -> None:
        assert faults(root / "none.toml") == [
            f"{root / 'none.toml'}: there is no such settings file"
        ]

    def test_broken_pyproject_of_others_is_passed_over(self, root: Path) -> None:
        put(root / "pyproject.toml", "[project\nname = 'mlaudit-demo'")
        assert load_settings([root]) == Settings()

    def test_fifo_is_no_settings_file(self, root: Path) -> None:
        import os

        os.mkfifo(root / "mlaudit.toml")
        assert load_settings([root]) == Settings()


class TestValues:
    def test_every_key(self, root: Path) -> None:
        put(root / "packs/own.yaml", "")
        file = put(
            root / "pyproject.toml",
            """
            [tool.mlaudit]
            select = ["REP", "unseeded-split"]
            ignore = ["DOC001"]
            persona = "pedantic"
            min-severity = "warning"
            min-confidence = "medium"
            fail-on = "never"
            rule-packs = ["packs"]
            exclude = ["data/"]
            profile = "library"
            notebooks-policy = "stripped"
            large-file-mb = 2.5

            [[tool.mlaudit.allow]]
            rule = "ART001"
            paths = ["weights/*.bin"]
            reason = "tiny, for tests"
            """,
        )
        assert load_settings([], file) == Settings(
            select=("REP", "unseeded-split"),
            ignore=("DOC001",),
            persona=Persona.PEDANTIC,
            min_severity=Severity.WARNING,
            min_confidence=Confidence.MEDIUM,
            fail_on=None,
            allow=(Allow("ART001", "tiny, for tests", ("weights/*.bin",)),),
            rule_packs=(str(root / "packs"),),
            exclude=("data/",),
            profile="library",
            notebooks_policy="stripped",
            large_file_mb=2.5,
            source="pyproject.toml",
        )

    def test_patterns_of_a_folder_hold_in_that_folder(self, root: Path) -> None:
        file = put(root / "ml/mlaudit.toml", 'exclude = ["data", "!/keep", "a/b.py", "old/"]')
        assert load_settings([], file).exclude == (
            "/ml/**/data",
            "!/ml/keep",
            "/ml/a/b.py",
            "/ml/**/old/",
        )

    def test_all_faults_at_once_with_line_and_cure(self, root: Path) -> None:
        file = put(
            root / "pyproject.toml",
            """[tool.mlaudit]
min-severty = "note"
persona = "strict"
select = "REP"
large-file-mb = true
zzz = 1

[[tool.mlaudit.allow]]
rule = "a"
reason = "b"

[[tool.mlaudit.allow]]
rule = "a"
path = ["x"]
""",
        )
        assert faults(file) == [
            "pyproject.toml:2: min-severty: unknown key; did you mean 'min-severity'?",
            "pyproject.toml:3: persona: must be one of regular, pedantic, auditor, not 'strict'",
            "pyproject.toml:4: select: must be a list of texts, not 'REP'",
            "pyproject.toml:5: large-file-mb: must be a number above 0, not true",
            f"pyproject.toml:6: zzz: unknown key; there are {', '.join(sorted(config._KEYS))}",
            "pyproject.toml:12: allow, 2, reason: is missing",
            "pyproject.toml:14: allow, 2, path: unknown key; did you mean 'paths'?",
        ]

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("persona = ", "mlaudit.toml: is not valid TOML: Invalid value (at end of document)"),
            ("x = " + "[" * 5000, "mlaudit.toml: is nested too deeply"),
            ("[select]", "mlaudit.toml:1: select: must be a list of texts, not a table"),
            ("allow = [1]", "mlaudit.toml: allow, 1: must be a table, not 1"),
        ],
    )
    def test_strange_documents(self, root: Path, text: str, fault: str) -> None:
        assert faults(put(root / "mlaudit.toml", text)) == [fault]

    @pytest.mark.parametrize("text", ["[tool]\nmlaudit = 'x'", "[tool.mlaudit]\nselect = 3"])
    def test_strange_pyproject_is_no_crash(self, root: Path, text: str) -> None:
        file = put(root / "pyproject.toml", text)
        with pytest.raises(ConfigError):
            load_settings([], file)


ATTEST = """[[tool.mlaudit.attest]]
capability = "approval-workflow"
level = 2
owner = "ml@corp"
link = "https://wiki/approval"
date = 2026-10-01
expires = "2027-04-01"
"""


class TestAttestations:
    def test_keys_are_kept_with_the_place(self, root: Path) -> None:
        file = put(root / "pyproject.toml", f"{ATTEST}\n{ATTEST}")
        first, second = load_settings([], file).attest
        assert first == config.Attestation(
            "approval-workflow", 2, "ml@corp", "https://wiki/approval",
            date(2026, 10, 1), date(2027, 4, 1), "pyproject.toml", 1,
        )  # fmt: skip
        assert second.number == 2

    @pytest.mark.parametrize("key", ["capability", "level", "owner", "link", "date", "expires"])
    def test_an_incomplete_one_is_no_fault_here(self, root: Path, key: str) -> None:
        text = "".join(line for line in ATTEST.splitlines(True) if not line.startswith(key))
        (one,) = load_settings([], put(root / "pyproject.toml", text)).attest
        assert not getattr(one, key)

    @pytest.mark.parametrize(
        ("line", "wrong", "fault"),
        [
            (3, "level = 3", "level: must be a whole number from 1 to 2, not 3"),
            (3, "level = true", "level: must be a whole number from 1 to 2, not true"),
            (6, "date = 'soon'", "date: must be a day, as 2026-10-01, not 'soon'"),
            (6, "date = 2026-10-01T08:00:00", "date: must be a day, as 2026-10-01, not a datetime"),
            (7, "expires = 2027", "expires: must be a day, as 2026-10-01, not 2027"),
            (4, "owner = ''", "owner: must be a text, not ''"),
            (4, "owners = 'x'", "owners: unknown key; did you mean 'owner'?"),
        ],
    )
    def test_a_wrong_value_is_told_with_its_line(
        self, root: Path, line: int, wrong: str, fault: str
    ) -> None:
        lines = ATTEST.splitlines()
        lines[line - 1] = wrong
        text = ATTEST + "\n".join(lines)
        file = put(root / "pyproject.toml", text)
        assert faults(file) == [f"pyproject.toml:{line + 7}: attest, 2, {fault}"]

    @pytest.mark.parametrize("key", ["level", "date", "owner", "extra"])
    @pytest.mark.parametrize("value", [1, 2, 3, True, "", "x", "2026-10-01", "2026-1-1"])
    def test_schema_agrees(self, key: str, value: object) -> None:
        document = {"attest": [{key: value}]}
        try:
            config.tables.table(config._KEYS)(document)
        except config.TableError:
            valid = False
        else:
            valid = True
        assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) == valid


class TestExtend:
    def test_own_values_replace_those_extended(self, root: Path) -> None:
        put(root / "base.toml", "persona = 'auditor'\nignore = ['DOC']\nprofile = 'library'")
        file = put(root / "mlaudit.toml", "extend = 'base.toml'\nignore = ['NBK']")
        settings = load_settings([], file)
        assert settings.ignore == ("NBK",)
        assert (settings.persona, settings.profile) == (Persona.AUDITOR, "library")
        assert settings.source == "mlaudit.toml"

    def test_circle(self, root: Path) -> None:
        put(root / "base.toml", "extend = 'mlaudit.toml'")
        file = put(root / "mlaudit.toml", "extend = 'base.toml'")
        assert faults(file) == ["base.toml: extend: goes round in a circle at 'mlaudit.toml'"]

    @pytest.mark.parametrize(
        ("line", "fault"),
        [
            ("extend = '../mlaudit.toml'", "extend: '../mlaudit.toml' leads out of the repository"),
            ("extend = 'link.toml'", "extend: 'link.toml' leads out of the repository"),
            ("extend = 'none.toml'", "extend: 'none.toml' does not exist"),
            ("extend = '.git'", "extend: '.git' holds no settings"),
            ("rule-packs = ['/']", "rule-packs: '/' leads out of the repository"),
            ('extend = "a\\u0000b"', "extend: 'a\\x00b' does not exist"),
        ],
    )
    def test_paths_stay_inside_the_repository(self, root: Path, line: str, fault: str) -> None:
        (root / "link.toml").symlink_to(root.parent / "mlaudit.toml")
        assert faults(put(root / "mlaudit.toml", line)) == [f"mlaudit.toml:1: {fault}"]


class TestSchema:
    def test_knows_the_same_keys_and_defaults(self) -> None:
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        properties = SCHEMA["properties"]
        assert set(properties) == set(config._KEYS)
        defaults = json.loads(msgspec.json.encode(Settings()))
        del defaults["source"]
        assert {key: value["default"] for key, value in properties.items() if key != "extend"} == {
            name.replace("_", "-"): value for name, value in defaults.items()
        }

    @given(
        st.dictionaries(
            st.sampled_from([*config._KEYS, "personas"]),
            st.one_of(
                st.sampled_from(
                    ["regular", "note", "never", "low", "auto", "any", "strict", "", " "]
                ),
                st.lists(st.sampled_from(["REP", "", 1]), max_size=2),
                st.sampled_from([True, 0, -1, 10, 2.5, float("inf")]),
                st.lists(
                    st.dictionaries(
                        st.sampled_from(["rule", "reason", "paths", "path"]),
                        st.sampled_from(["x", "", 3, ["a"]]),
                    ),
                    max_size=2,
                ),
            ),
            max_size=3,
        )
    )
    def test_agrees_with_the_check(self, document: dict[str, Any]) -> None:
        try:
            config.tables.table(config._KEYS)(document)
        except config.TableError:
            valid = False
        else:
            valid = True
        assert jsonschema.Draft202012Validator(SCHEMA).is_valid(document) == valid


def test_no_toml_is_imported_without_a_settings_file(root: Path) -> None:
    put(root / "pyproject.toml", "[project]\nname = 'x'")
    code = """import sys; from mlaudit.config import load_settings; load_settings([])
print({"tomllib", "tomli", "jsonschema", "difflib"} & set(sys.modules))"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
