"""Where bytes come from is followed through files, functions and callers, and always ends."""

from __future__ import annotations

import pytest

from mlaudit.facts.reading import read_facts
from mlaudit.project.project import Project
from mlaudit.repo.opening import open_repo
from mlaudit.rules.engine import match_rules
from mlaudit.rules.loading import load_rules

KNOWLEDGE = load_rules()
RULE = KNOWLEDGE.by_word["SAF002"]


def lines(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text, "utf-8")
    repo = open_repo([tmp_path])
    project = Project(repo, read_facts(repo, repo.files).facts)
    found = match_rules(project, [RULE], KNOWLEDGE.apis)
    assert not found.crashes
    return [(one.spot.path, one.spot.span.line) for one in found.matches]


def test_caller_in_another_file_brings_what_it_fetched(tmp_path):
    loading = "import pickle\ndef load(data):\n    return pickle.loads(data)\n"
    calling = (
        "import requests\nfrom a import load\nload(requests.get('https://x.example').content)\n"
    )
    assert lines(tmp_path, a=loading, b=calling) == [("a.py", 3)]


def test_caller_with_its_own_bytes_is_none(tmp_path):
    loading = "import pickle\ndef load(data):\n    return pickle.loads(data)\n"
    calling = "from a import load\nload(open('own.pkl', 'rb').read())\n"
    assert lines(tmp_path, a=loading, b=calling) == []


def test_method_counts_its_arguments_from_behind_self(tmp_path):
    source = (
        "import pickle, requests\n"
        "class Store:\n"
        "    def load(self, name, data):\n"
        "        return pickle.loads(data)\n"
        "Store().load('x', requests.get('https://x.example').content)\n"
    )
    assert lines(tmp_path, a=source) == [("a.py", 4)]


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\ndef f(a):\n    return pickle.load(f(a))\n",
        "import pickle\nf = lambda a: g(a)\ng = lambda a: f(a)\npickle.load(g(1))\n",
        "import pickle\ndef f(a):\n    pickle.loads(a)\n    f(a)\n",
        "import pickle\na = b\nb = a\nwith open(a) as s:\n    s.write(a)\npickle.load(open(b))\n",
    ],
)
def test_circles_end(tmp_path, source):
    assert lines(tmp_path, a=source) == []


def test_many_ways_are_each_gone_once(tmp_path):
    body = "".join(
        f"def f{n}(a):\n    if a:\n        return f{n + 1}(a)\n    return f{n + 1}(a + 1)\n"
        for n in range(40)
    )
    source = f"import pickle\n{body}def f40(a):\n    return a\npickle.load(f0(1))\n"
    assert lines(tmp_path, a=source) == []
