from __future__ import annotations

import pytest
from msgspec.structs import replace

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.engine import match_rules
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import load_rules
from mlaudit.rules.matchers import call
from mlaudit.rules.model import InProduction, Persona, Severity

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["SEC004"]


def match(tmp_path, rules, **files):
    for name, text in files.items():
        target = tmp_path / name.replace("__", "/")
        target.parent.mkdir(exist_ok=True)
        target.with_suffix(".py").write_text(text, "utf-8")
    repo = open_repo([tmp_path])
    project = Project(repo, read_facts(repo, repo.files).facts)
    return match_rules(project, rules, KNOWLEDGE.apis)


def calling(to, **more):
    return replace(RULE, detect={"call": {"to": to, **more}})


@pytest.mark.parametrize(
    ("to", "lines"),
    [
        ("t.a.load", [2]),
        ("t.*.load", [2, 3]),
        ("t.a.*", [2, 4]),
        ("t.a.load_*", []),
        ("t.a.lo*", [2]),
        (["t.a.load", "t.a.save"], [2, 4]),
        ("load", []),
    ],
)
def test_names_of_calls(tmp_path, to, lines):
    source = "import t\nt.a.load()\nt.b.load()\nt.a.save()\nt.a.b.load()\nload()\nx.load()\n"
    found = match(tmp_path, [calling(to)], a=source)
    assert [one.spot.span.line for one in found.matches] == lines


def test_only_files_of_the_rules_contexts_are_looked_at(tmp_path):
    source = "import t\nt.f()\n"
    found = match(tmp_path, [calling("t.f")], a=source, tests__test_a=source)
    assert [one.spot.path for one in found.matches] == ["a.py"]


def test_stored_item_is_seen_as_a_call(tmp_path):
    source = "import os\nother = {}\nos.environ['A'] = 'x'\nother['A'] = 'x'\n"
    rule = calling("os.environ.__setitem__", where=[{"argument": {1: "x"}}])
    found = match(tmp_path, [rule], a=source)
    assert [one.spot.span.line for one in found.matches] == [3]


def test_crash_of_one_rule_is_a_value_and_stops_no_other(tmp_path, monkeypatch):
    class Broken(call.CallMatcher):
        def match(self, site, row):
            if self.rule.id == "BAD001":
                raise ZeroDivisionError("one over nothing")
            return super().match(site, row)

    monkeypatch.setattr(call, "CallMatcher", Broken)
    broken = replace(calling("t.f"), id="BAD001")
    found = match(tmp_path, [broken, calling("t.f")], a="import t\nt.f()\nt.f()\n")
    assert [crash.rule for crash in found.crashes] == ["BAD001"]
    assert "one over nothing" in found.crashes[0].error
    assert "Traceback" in found.crashes[0].trace
    assert len(found.matches) == 2


@pytest.mark.parametrize(
    "detect",
    [
        {"call": {}},
        {"call": {"to": {"table": "x"}}},
        {"call": {"to": {"api": "no.such.table"}}},
        {"string": {"matches": "(", "roles": ["argument"]}},
        {"import": {}},
        {"analysis": "no-such-analysis"},
        {"analysis": "../../escape"},
        {"any": [{"call": {"to": "a"}, "git": {}}]},
    ],
)
def test_rule_without_sense_is_named(tmp_path, detect):
    with pytest.raises(RulePackError) as caught:
        match(tmp_path, [replace(RULE, detect=detect)], a="")
    assert RULE.id in str(caught.value)


def test_import_and_command_rules(tmp_path):
    importing = replace(RULE, detect={"import": {"of": "pickle", "unless": [{"path": "^b"}]}})
    source = "import pickle\nfrom pickle import load\nimport pickleshare\n"
    found = match(tmp_path, [importing], a=source, b=source)
    assert [(one.spot.path, one.spot.span.line) for one in found.matches] == [
        ("a.py", 1),
        ("a.py", 2),
    ]
    (tmp_path / "Makefile").write_text("all:\n\tcurl x | sh\n\techo\n", "utf-8")
    contexts = ("src", "scripts", "config", "docs")
    piping = replace(RULE, contexts=contexts, detect={"text": {"matches": r"curl .*\| *sh"}})
    found = match(tmp_path, [piping])
    assert [(one.spot.path, one.spot.span.line) for one in found.matches] == [("Makefile", 2)]


SERVICE = """import joblib
import t
from fastapi import FastAPI

app = FastAPI()
model = joblib.load("model.joblib")


@app.post("/predict")
def predict(rows: list[float]):
    t.f()
    return model.predict([rows]).tolist()
"""


@pytest.mark.parametrize(("source", "raised"), [(SERVICE, True), ("import t\nt.f()\n", False)])
def test_where_others_rely_on_a_model_some_weighs_more(tmp_path, source, raised):
    more = InProduction(severity=Severity.ERROR, persona=Persona.REGULAR)
    [found] = match(tmp_path, [replace(calling("t.f"), production=more)], app=source).matches
    assert (found.severity, found.persona) == (
        (Severity.ERROR, Persona.REGULAR) if raised else (None, None)
    )


def test_what_a_match_says_itself_counts_first(tmp_path):
    levels = [{"when": {"argument": {0: 1}}, "severity": "note"}]
    rule = calling("t.f", levels=levels, arguments={"x": 0})
    rule = replace(rule, production=InProduction(severity=Severity.ERROR))
    found = match(tmp_path, [rule], app=SERVICE.replace("t.f()", "t.f(1)\n    t.f(2)")).matches
    assert [one.severity for one in found] == [Severity.NOTE, Severity.ERROR]
