"""Values that only a name tells to be secrets, in configuration, scripts and calls."""

from __future__ import annotations

from time import process_time

import pytest

from mlaudit.facts.contents import cleaned
from mlaudit.facts.named_secrets import find_named
from mlaudit.facts.passed_secrets import passed_secrets
from mlaudit.facts.python.reader import extract, parse
from mlaudit.facts.secrets import is_development_secret

VALUE = "k3Zq9wBv7t"


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("DB_PASSWORD=@", "DB_PASSWORD", VALUE),
        ("export API_KEY='@' && python train.py", "API_KEY", VALUE),
        ("API_KEY=@ python train.py --token=x1", "API_KEY", VALUE),
        ("password: @  # of the store\nport: 1", "password", VALUE),
        ("password: correct horse 9 battery", "password", "correct horse 9 battery"),
        ("{password: @, user: x}", "password", VALUE),
        ('{"api_key": "@", "x": 1}', "api_key", VALUE),
        ('api_key = """@"""', "api_key", VALUE),
        ("password: !vault @", "password", VALUE),
        ("password: &secret @", "password", VALUE),
        ("password: |\n  @\n  @\nnext: 1", "password", f"{VALUE}\n  {VALUE}"),
        ("- name: DB_PASSWORD\n  value: @\n", "DB_PASSWORD", VALUE),
        ("ENV DB_PASSWORD @", "DB_PASSWORD", VALUE),
        ('ENV A=1 DB_PASSWORD="@ 9"', "DB_PASSWORD", f"{VALUE} 9"),
        ("ARG PIP_TOKEN=@", "PIP_TOKEN", VALUE),
        ("curl --token @ https://x.io", "token", VALUE),
        ("machine x.io\n  login me\n  password @\n", "password", VALUE),
        ("PASSWORD: ${PASSWORD:-@}", "PASSWORD", VALUE),
        ('echo "Password: @"', "Password", VALUE),
        ("kind: Secret\nstringData:\n  login: @\ntype: Opaque\n", "login", VALUE),
        ("kind: Secret\ndata:\n  a: |\n    @\n", "a", VALUE),
    ],
)
def test_values_under_the_name_of_a_secret(text: str, name: str, value: str) -> None:
    text = text.replace("@", VALUE)
    found = find_named(text)
    assert [(one.name, text[one.start : one.end].strip()) for one in found] == [(name, value)]
    clean = cleaned(text)
    assert VALUE not in clean.text
    assert [len(line) for line in clean.text.split("\n")] == [len(x) for x in text.split("\n")]


@pytest.mark.parametrize(
    "text",
    [
        "password:",
        "password: ''",
        "password: changeme",
        "token: ${{ secrets.TOKEN }}",
        "TOKEN=$TOKEN",
        "TOKEN=${TOKEN}",
        "PASSWORD: ${PASSWORD:-postgres}",
        'command: |\n  echo "Password: postgres"\n',
        "TOKEN=$(cat token)",
        "token: '{{ .Values.token }}'",
        "password: <your password>",
        "use_auth_token: true",
        "token: null",
        "secrets: inherit",
        "PASSWORD_FILE: /run/secrets/db",
        "password: /run/secrets/db",
        "secretKeyRef:\n  name: store\n  key: password",
        "existingSecret: store-login",
        "client_secret: store-login",
        "max_tokens: 512",
        "pad_token: '<pad>'",
        "tokenizer: k3Zq9wBv7t",
        'aws_secret_access_key=os.getenv("AWS_SECRET")',
        "kind: Secret\nmetadata:\n  name: k3Zq9wBv7t\n",
        "kind: Pod\nstringData:\n  login: k3Zq9wBv7t\n",
    ],
)
def test_references_switches_and_placeholders_are_no_secrets(text: str) -> None:
    assert find_named(text) == []


@pytest.mark.parametrize("value", ["postgres", "minioadmin", "airflow", "admin123", "pw", "lakefs"])
def test_what_people_set_for_their_own_machine(value: str) -> None:
    assert is_development_secret(value)


@pytest.mark.parametrize("value", [VALUE, "correct horse battery", "t7Kq9vXw2LmPzR4s"])
def test_what_is_worth_stealing(value: str) -> None:
    assert not is_development_secret(value)


@pytest.mark.parametrize(
    "code",
    [
        'import cohere\ncohere.Client("@")',
        'import wandb\nwandb.login(key="@")',
        'import cohere\nphrase = "@"\ncohere.Client(phrase)',
        'import os\nos.getenv("API_TOKEN", "@")',
        'parser.add_argument("--api-key", default="@")',
        'setattr(settings, "api_key", "@")',
        'import requests\nrequests.get(url, auth=("me", "@"))',
    ],
)
def test_literals_that_are_passed_as_secrets(code: str) -> None:
    python = extract([(parse(code.replace("@", VALUE)), 0)])
    assert VALUE not in repr(python)


def test_literals_of_other_calls_are_kept() -> None:
    python = extract([(parse(f'print("token", "yes"); get("model", "{VALUE}")'), 0)])
    assert passed_secrets(python.calls, python.bindings, python.texts) == frozenset()
    assert VALUE in repr(python)


@pytest.mark.parametrize(
    "text",
    [
        "password: " * 100_000,
        "password: <" * 100_000,
        "  password: |\n" * 60_000,
        '{"token": "' * 80_000,
        "password='" * 100_000,
        "kind: Secret\n" + "".join(f"{' ' * (n % 90)}data:\n" for n in range(20_000)),
        "a" * 500_000 + "password" * 60_000,
    ],
    ids=range(7),
)
def test_hostile_texts_take_no_time(text: str) -> None:
    start = process_time()
    find_named(text)
    assert process_time() - start < 6
