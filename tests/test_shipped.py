"""What mlaudit knows is parsed once; what is kept of it says the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml

from mlaudit.knowledge import knowledge_root, shipped, shipped_names

NAMES = [
    name for folder in ("apis", "ladder", "maturity", "tools") for name in shipped_names(folder)
]

ASK = """
import sys
from mlaudit.knowledge import shipped, shipped_names
assert shipped("apis/tracking")["tables"] and len(shipped_names("tools")) > 3
print(*{"yaml"} & set(sys.modules))
"""


def ask(cache):
    """Whether a new process parses YAML for what it is asked."""
    env = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, check=True)
    return done.stdout.strip() == b"yaml"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shipped_is_what_the_file_says(name):
    text = (knowledge_root() / f"{name}.yaml").read_text("utf-8")
    assert shipped(name) == yaml.safe_load(text)


def test_second_process_parses_nothing(tmp_path):
    assert ask(tmp_path)
    assert not ask(tmp_path)


@pytest.mark.parametrize("content", [b"", b"\xc1", b"\x92\x90\xc0"])
def test_broken_entry_costs_nothing_but_time(tmp_path, content):
    ask(tmp_path)
    (entry,) = (tmp_path / "mlaudit").glob("knowledge-*")
    entry.write_bytes(content)
    assert ask(tmp_path)
    assert not ask(tmp_path)


def test_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "mlaudit").write_text("")
    assert ask(tmp_path)
    assert ask(tmp_path)


def test_unknown_name_is_an_error():
    with pytest.raises(KeyError):
        shipped("apis/nothing")
