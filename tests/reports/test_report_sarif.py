from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from report_samples import HOSTILE_PATH, SPLIT, finding

from mlaudit.findings.model import Funnel, Place
from mlaudit.repo.model import Git
from mlaudit.reports import report
from mlaudit.reports.model import Audit
from mlaudit.rules.model import Severity

SCHEMA = Path(__file__).parents[1] / "data" / "sarif-2.1.0.schema.json"


def run_of(audit: Audit) -> dict[str, Any]:
    (run,) = json.loads(report("sarif")(audit))["runs"]
    return run


def errors(log: object) -> list[str]:
    validator = Draft202012Validator(json.loads(SCHEMA.read_text("utf-8")))
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(log)]


def test_the_log_is_valid(audit: Audit) -> None:
    empty = msgspec.structs.replace(
        audit, funnel=Funnel(), rules=(), git=None, unread=(), crashes=(), maturity=None
    )
    for each in (audit, empty):
        log = json.loads(report("sarif")(each))
        assert errors(log) == []
    log["runs"][0]["results"] = [{"level": "fatal", "message": {}}]
    assert errors(log) != []


def test_every_enabled_rule_is_described(audit: Audit) -> None:
    driver = run_of(audit)["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == ["ENV003", "LEA001", "REP001", "SEC001"]
    rules = {rule["id"]: rule for rule in driver["rules"]}
    split, token = rules["REP001"], rules["SEC001"]
    assert split["name"] == "UnseededSplit"
    assert split["defaultConfiguration"]["level"] == "warning"
    assert split["help"]["markdown"].count("```") == 4
    assert "#!" not in split["help"]["markdown"]
    assert split["properties"]["problem.severity"] == "warning"
    assert "maintainability" in split["properties"]["tags"]
    assert "security-severity" not in split["properties"]
    assert token["properties"]["security-severity"] == "9.1"
    assert rules["ENV003"]["properties"]["problem.severity"] == "recommendation"


def test_results_refer_to_their_rules_and_say_their_level(audit: Audit) -> None:
    run = run_of(audit)
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) == 5
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    levels = {(result["ruleId"], result["level"]) for result in run["results"]}
    # The severity of a finding may differ from its rule's, and a warning must not be left out.
    assert {("REP001", "warning"), ("REP001", "note"), ("SEC001", "error")} <= levels


def test_places(audit: Audit) -> None:
    results = {r["message"]["text"][:12]: r for r in run_of(audit)["results"]}
    place = results["'train_test_"]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "src/train.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {
        "startLine": 12, "startColumn": 15, "endLine": 12, "endColumn": 53,
        "snippet": {"text": "train_test_split(frame, test_size=0.2)"},
    }  # fmt: skip
    assert (place["contextRegion"]["startLine"], place["contextRegion"]["endLine"]) == (10, 13)

    cell = results["'StandardSca"]
    assert cell["locations"][0]["physicalLocation"]["region"]["startLine"] == 212
    assert cell["locations"][0]["logicalLocations"][0]["name"] == "cell 3"
    assert cell["relatedLocations"][0]["message"]["text"] == "split here, later."

    whole = results["No lock file"]["locations"][0]["physicalLocation"]
    assert whole["region"] == {"startLine": 1}


def test_a_hostile_path_is_a_relative_uri(audit: Audit) -> None:
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in run_of(audit)["results"]
    }
    (hostile,) = (uri for uri in uris if uri.startswith("src/a"))
    assert hostile.isascii()
    assert ":" not in hostile
    assert len(hostile) > len(HOSTILE_PATH)


def test_messages_hold_no_links_of_others(audit: Audit) -> None:
    text = json.dumps([result["message"] for result in run_of(audit)["results"]])
    assert "](" not in text


def test_fingerprints(audit: Audit) -> None:
    for result in run_of(audit)["results"]:
        assert result["partialFingerprints"] == {
            "primaryLocationLineHash": "c129715d7a2bc9a3:1",
            "mlauditFingerprint/v1": "0123456789abcdef",
        }
    bare = finding(SPLIT, Place("m.pt"), "x", line_hash="")
    run = run_of(msgspec.structs.replace(audit, funnel=Funnel(shown=(bare,))))
    assert list(run["results"][0]["partialFingerprints"]) == ["mlauditFingerprint/v1"]


@pytest.mark.parametrize(
    ("remote", "uri"),
    [
        ("git@github.com:org/demo.git", "ssh://github.com/org/demo.git"),
        ("https://user:hunter2@host.example/a b.git", "https://host.example/a%20b.git"),
        ("ssh://git@host:22/x.git", "ssh://host:22/x.git"),
        ("../elsewhere", None),
        ("C:\\repos\\x", None),
        ("file:///srv/x", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_the_remote_is_a_uri_without_credentials(audit: Audit, remote: str, uri: str) -> None:
    run = run_of(msgspec.structs.replace(audit, git=Git("a" * 40, "main", remote)))
    provenance = run.get("versionControlProvenance", [{}])[0]
    assert provenance.get("repositoryUri") == uri
    if uri:
        assert (provenance["revisionId"], provenance["branch"]) == ("a" * 40, "main")


def test_troubles_are_notifications(audit: Audit) -> None:
    (invocation,) = run_of(audit)["invocations"]
    assert invocation["executionSuccessful"] is False
    notes = invocation["toolExecutionNotifications"]
    assert [note["level"] for note in notes] == ["warning", "warning", "error"]
    assert notes[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 7}
    calm = run_of(msgspec.structs.replace(audit, crashes=(), fail_on=Severity.ERROR))
    assert calm["invocations"][0]["executionSuccessful"] is True


@pytest.mark.slow
def test_microsoft_finds_no_fault(audit: Audit, tmp_path: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not here")
    package = "@microsoft/sarif-multitool@5.7.0"
    install = [npm, "install", "--prefix", str(tmp_path), "--no-audit", "--no-fund", package]
    subprocess.run(install, check=True, capture_output=True)
    (tool,) = tmp_path.glob("node_modules/@microsoft/*linux*/Sarif.Multitool")
    tool.chmod(0o755)
    (tmp_path / "log.sarif").write_text(report("sarif")(audit), encoding="utf-8")

    command = [tool, "validate", "log.sarif", "--rule-kind", "Sarif;Ghas", "--output", "out.sarif"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    # Its exit status says nothing; its own log does.
    assert "Analysis completed successfully" in done.stdout
    judged = json.loads((tmp_path / "out.sarif").read_text("utf-8-sig"))["runs"][0]
    faults = [r for r in judged.get("results", ()) if r.get("level", "warning") != "note"]
    assert faults == []
