"""Tokens are made up here, at run time: none stands whole in a file."""

import random
import re
import runpy
import string
from pathlib import Path

import pytest
import yaml

from mlaudit.facts._providers import PROVIDERS
from mlaudit.facts.credentials import (
    find_credentials,
    redact,
)
from mlaudit.facts.providers import Provider, github_checksum
from mlaudit.knowledge import knowledge_root

TABLE = knowledge_root() / "apis" / "credential-providers.yaml"
ROWS = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["providers"]

CHARACTERS = {
    "alnum": string.ascii_letters + string.digits,
    "letter": string.ascii_letters,
    "hex": "0123456789abcdef",
    "base32": string.ascii_uppercase + "234567",
    "digit": string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
}


def random_text(kind: str, count: int, rng: random.Random) -> str:
    return "".join(rng.choice(CHARACTERS[kind]) for _ in range(count))


def filled(template: str, rng: random.Random, token: str = "") -> str:
    def part(match: re.Match[str]) -> str:
        if match["double"]:
            return match["double"][0]
        if match["kind"] == "token":
            return token
        if match["kind"] == "github":
            body = random_text("alnum", 30, rng)
            return body + github_checksum(body)
        return random_text(match["kind"], int(match["count"]), rng)

    return re.sub(
        r"(?P<double>\{\{|\}\})|\{(?P<kind>token|github|[a-z0-9]+(?=:))(?::(?P<count>\d+))?\}",
        part,
        template,
    )


def cases(kind: str) -> list[object]:
    return [
        pytest.param(row, text, id=f"{row['id']}-{number}")
        for row in ROWS
        for number, text in enumerate(row["examples"][kind])
    ]


@pytest.mark.parametrize(("row", "template"), cases("found"))
def test_what_the_table_says_is_found_is_found_whole(row, template):
    rng = random.Random(f"{row['id']} {template}")
    for _ in range(10):
        token = filled(row["examples"]["token"], rng)
        text = f"# ü\n{filled(template, rng, token)}\n"
        credentials = find_credentials(text)
        assert [credential.provider for credential in credentials] == [row["id"]], text
        (credential,) = credentials
        lines = text.split("\n")
        span = credential.span
        secret = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        if "{token}" in template:
            assert secret == token
        assert credential.length == len(secret)
        assert secret not in redact(text)
        assert redact(text).count("\n") == text.count("\n")


@pytest.mark.parametrize(("row", "template"), cases("silent"))
def test_what_the_table_says_is_none_is_none(row, template):
    rng = random.Random(template)
    for _ in range(10):
        token = filled(row["examples"]["token"], rng)
        text = filled(template, rng, token)
        assert find_credentials(text) == (), text


def test_the_module_is_made_from_the_table():
    script = runpy.run_path(str(TABLE.with_name("generate_providers.py")))
    module = Path(__file__).parents[2] / "src" / "mlaudit" / "facts" / "_providers.py"
    assert module.read_text(encoding="utf-8") == script["generate"](), (
        "run `python rules/apis/generate_providers.py`"
    )


def test_rows_have_no_unknown_keys():
    known = {*Provider._fields, "name", "examples"}
    assert [set(row) - known for row in ROWS] == [set()] * len(ROWS)
    assert len(PROVIDERS) == len(ROWS)
