from __future__ import annotations

import os
import subprocess
import sys

import pytest

from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import load_rules

RULE = """\
id: HOU001
name: house-call
summary: A call that this house does not want
severity: warning
confidence: high
persona: regular
since: 0.1.0
contexts: [src, scripts]
detect: {call: {to: house.call}}
message: "'{callee}' is not wanted here"
why: It was agreed upon in this house that nobody calls it, for reasons that are written down.
remedy: Call something else that does the same.
examples:
  - bad: |
      import house
      house.call()  #! HOU001
  - good: |
      import house
      house.recall()
  - good: |
      call()
"""


@pytest.fixture
def pack(tmp_path):
    folder = tmp_path / "pack"
    folder.mkdir()
    (folder / "house-call.yaml").write_text(RULE, "utf-8")
    return folder


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def load(pack, cache):
    return load_rules([pack], cache)


def test_rules_of_a_pack_stand_beside_our_own(pack, cache):
    rules = load(pack, cache)
    assert rules.by_word["house-call"] is rules.by_word["HOU001"]
    assert "REP001" in rules.by_word
    assert [rule.id for rule in rules.rules] == sorted(rule.id for rule in rules.rules)


def test_second_load_comes_from_the_cache_and_says_the_same(pack, cache):
    first = load(pack, cache)
    (entry,) = cache.iterdir()
    written = entry.stat().st_mtime_ns
    second = load(pack, cache)
    assert second.rules == first.rules
    assert second.apis.data == first.apis.data
    assert entry.stat().st_mtime_ns == written


def test_changed_file_is_read_again(pack, cache):
    load(pack, cache)
    file = pack / "house-call.yaml"
    file.write_text(RULE.replace("warning", "note"), "utf-8")
    assert load(pack, cache).by_word["HOU001"].severity.value == "note"


@pytest.mark.parametrize("content", [b"", b"\xc1\xc1", b"\x92\x90\xc0"])
def test_broken_cache_entry_costs_nothing_but_time(pack, cache, content):
    load(pack, cache)
    (entry,) = cache.iterdir()
    entry.write_bytes(content)
    assert "HOU001" in load(pack, cache).by_word


def test_cache_that_cannot_be_written_stops_nothing(pack, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "HOU001" in load_rules([pack], blocked).by_word


def test_old_cache_entries_go(pack, cache):
    cache.mkdir()
    for number in range(12):
        old = cache / f"rules-{number}.msgpack"
        old.write_bytes(b"")
        os.utime(old, (number, number))
    load(pack, cache)
    assert len(list(cache.iterdir())) == 8


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("severity: warning", "severity: fatal", ["severity", "fatal"]),
        ("since: 0.1.0", "since: 0.1.0\ncolour: red", ["colour"]),
        ("{call: {to: house.call}}", "{phone: {to: house.call}}", ["detect", "phone"]),
        ("{call: {to: house.call}}", "{call: {to: house.call}, git: {}}", ["detect"]),
        ("id: HOU001", "id: REP001", ["REP001"]),
        ("name: house-call", "name: unseeded-split", ["unseeded-split"]),
        ("summary:", "summary: [", ["YAML"]),
        ("contexts: [src, scripts]", "contexts: &a [src]\napplies: *a", ["aliases"]),
    ],
)
def test_error_names_the_file_and_what_is_wrong(pack, cache, old, new, says):
    assert old in RULE
    (pack / "house-call.yaml").write_text(RULE.replace(old, new), "utf-8")
    with pytest.raises(RulePackError) as caught:
        load(pack, cache)
    assert "house-call.yaml" in str(caught.value)
    for word in says:
        assert word in str(caught.value)


def test_alias_bomb_is_refused_at_once(pack, cache):
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (pack / "bomb.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(RulePackError, match="aliases"):
        load(pack, cache)


def test_deep_nesting_is_refused(pack, cache):
    (pack / "deep.yaml").write_text("[" * 5000 + "]" * 5000, "utf-8")
    with pytest.raises(RulePackError, match=r"deep\.yaml"):
        load(pack, cache)


def test_object_tag_makes_nothing(pack, cache, tmp_path):
    target = tmp_path / "made"
    (pack / "tag.yaml").write_text(f"!!python/object/apply:os.mkdir ['{target}']", "utf-8")
    with pytest.raises(RulePackError):
        load(pack, cache)
    assert not target.exists()


def test_pack_that_is_no_folder_is_named(tmp_path, cache):
    with pytest.raises(RulePackError, match="nowhere"):
        load(tmp_path / "nowhere", cache)


def test_loading_from_the_cache_imports_no_yaml_and_no_jsonschema(tmp_path):
    code = (
        "import sys; from pathlib import Path; from mlaudit.rules.loading import load_rules;"
        f"load_rules((), Path({str(tmp_path)!r})).apis;"
        "print(*{'yaml', 'jsonschema', 'platformdirs', 'tempfile'} & set(sys.modules))"
    )
    for expected in ("yaml", ""):
        run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert run.stderr == ""
        assert run.stdout.strip() == expected
