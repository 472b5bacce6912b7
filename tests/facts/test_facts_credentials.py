"""Tokens are made up here, at run time: none stands whole in a file."""

import random
import re
import runpy
import string
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.facts._providers import PROVIDERS
from mlaudit.facts.credentials import (
    as_secret,
    find_credentials,
    is_placeholder,
    is_secret_name,
    redact,
)
from mlaudit.facts.providers import Provider, github_checksum, grafana_checksum
from mlaudit.facts.records import Span
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
        if match["kind"] == "grafana":
            body = "glsa_" + random_text("alnum", 32, rng)
            return f"{body}_{grafana_checksum(body)}".removeprefix("glsa_")
        if match["kind"] == "github":
            body = random_text("alnum", 30, rng)
            return body + github_checksum(body)
        return random_text(match["kind"], int(match["count"]), rng)

    return re.sub(
        r"(?P<double>\{\{|\}\})|\{(?P<kind>token|github|grafana|[a-z0-9]+(?=:))(?::(?P<count>\d+))?\}",
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
    folder = Path(__file__).parents[2] / "src" / "mlaudit" / "facts"
    for module, generate in (("_providers", "generate"), ("_credential_calls", "generate_calls")):
        text = (folder / f"{module}.py").read_text(encoding="utf-8")
        assert text == script[generate](), "run `python rules/apis/generate_providers.py`"


def test_rows_have_no_unknown_keys():
    known = {*Provider._fields, "name", "examples"} - {"vendor"}
    assert [set(row) - known for row in ROWS] == [set()] * len(ROWS)
    assert len(PROVIDERS) == len(ROWS)


def test_a_wrong_checksum_is_no_token():
    rng = random.Random(1)
    token = "ghp_" + filled("{github}", rng)
    assert find_credentials(f"x = '{token}'")
    wrong = token[:-1] + ("a" if token[-1] != "a" else "b")
    assert find_credentials(f"x = '{wrong}'") == ()


def test_the_checksum_is_that_of_a_published_sample():
    assert github_checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") == "0mLq17"


PASSWORD = "k3-Zq9w!u"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        (f"postgresql://bob:{PASSWORD}@db.acme.io:5432/features", False),
        (f"mongodb+srv://bob:{PASSWORD}@cluster0.ab1cd.mongodb.net/x", False),
        (f"amqp://:{PASSWORD}@10.1.2.3", False),
        (f"redis://:{PASSWORD}@localhost:6379/0", True),
        (f"https://bob:{PASSWORD}@127.0.0.1:5000", True),
        (f"postgres://bob:{PASSWORD}@db/features", True),
        (f"http://bob:{PASSWORD}@[::1]:5000", True),
        (f"mysql+pymysql://bob:{PASSWORD}@host.docker.internal", True),
        (f"-i https://bob:{PASSWORD}@pypi.acme.io/simple", False),
        (f"git+https://bob:{PASSWORD}@git.acme.io/a/b.git@main#egg=b", False),
    ],
)
def test_passwords_in_urls(url, local):
    text = f"first\nx = '{url}'\n"
    (credential,) = find_credentials(text)
    line = text.split("\n")[1]
    span = credential.span
    assert (span.line, span.end_line) == (2, 2)
    assert line[span.column - 1 : span.end_column - 1] == PASSWORD
    assert (credential.provider, credential.local) == ("url", local)
    assert PASSWORD not in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgres://user:password@db.acme.io/x",
        "postgres://bob:${PASSWORD}@db.acme.io/x",
        "postgres://bob:{password}@db.acme.io/x",
        "f'postgres://{user}:{password}@{host}/x'",
        "postgres://bob:{{ password }}@db.acme.io/x",
        "postgres://bob:%(password)s@db.acme.io/x",
        "postgres://bob:%s@db.acme.io/x",
        "postgres://bob:$PASSWORD@db.acme.io/x",
        "postgres://bob:$(cat secret)@db.acme.io/x",
        "postgres://bob:<password>@db.acme.io/x",
        "postgres://bob:****@db.acme.io/x",
        "postgres://bob:your-password@db.acme.io/x",
        f"https://bob:{PASSWORD}@example.com/",
        f"https://bob:{PASSWORD}@{{host}}/",
        "git clone ssh://git@github.com:22/org/repo",
        "http://localhost:8080/user@host",
        "https://acme.io:8080/@scope/package",
        "re.compile(r'://[^:]+:[^@]+@')",
        "see http://a.io: or mail bob@acme.io",
        "://x:y1234567@host.io",
    ],
)
def test_urls_without_a_password_to_lose(text):
    assert find_credentials(text) == ()


def pem(label: str, rng: random.Random, *, start: str = "MIIE", newline: str = "\n") -> str:
    rows = [start + random_text("base64", 64 - len(start), rng)]
    rows += [random_text("base64", 64, rng) for _ in range(20)]
    dashes = "-" * 5
    return newline.join([f"{dashes}BEGIN {label}{dashes}", *rows, f"{dashes}END {label}{dashes}"])


@pytest.mark.parametrize(
    ("label", "start", "provider"),
    [
        ("PRIVATE KEY", "MIIE", "private-key"),
        ("RSA PRIVATE KEY", "MIIE", "private-key"),
        ("EC PRIVATE KEY", "MHcC", "private-key"),
        ("ENCRYPTED PRIVATE KEY", "MIIF", "encrypted-private-key"),
        ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU", "private-key"),
        ("OPENSSH PRIVATE KEY", "b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHI", "encrypted-private-key"),
    ],
)
def test_private_keys(label, start, provider):
    key = pem(label, random.Random(label), start=start)
    text = f"before\n{key}\nafter\n"
    (credential,) = find_credentials(text)
    assert credential.provider == provider
    assert credential.span == Span(2, 1, 24, len(key.split("\n")[-1]) + 1)
    masked = redact(text)
    assert masked.count("\n") == text.count("\n")
    assert masked.startswith("before\n")
    assert masked.endswith("\nafter\n")
    assert not any(row in masked for row in key.split("\n")[1:-1])


def test_a_private_key_in_one_line_of_json():
    key = pem("PRIVATE KEY", random.Random(3), newline="\\n")
    text = f'{{"type": "service_account", "private_key": "{key}\\n"}}'
    (credential,) = find_credentials(text)
    assert credential.provider == "private-key"
    assert key[40:80] not in redact(text)


def test_parts_of_a_private_key_are_masked():
    rows = pem("PRIVATE KEY", random.Random(4)).split("\n")
    for part in (rows[:5], rows[3:8], rows[-4:]):
        masked = redact("\n".join(part))
        assert masked.count("\n") == len(part) - 1
        assert not any(row in masked for row in part if "---" not in row)


@pytest.mark.parametrize(
    "text",
    [
        'if "BEGIN PRIVATE KEY" in text: pass',
        'header = "-----BEGIN RSA PRIVATE KEY-----"',
        'key = "-----BEGIN PRIVATE KEY-----\\n" + body + "\\n-----END PRIVATE KEY-----"',
        "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n<your key>\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n" + "x" * 64 + "\n-----END PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\n" + "MIIBIjANBgkqhkiG" * 8 + "\n-----END PUBLIC KEY-----",
    ],
)
def test_what_only_speaks_of_private_keys(text):
    assert find_credentials(text) == ()


SECRET_NAMES = """
password passwd pwd db_password DB_PASSWORD dbPassword POSTGRES_PASSWORD MYSQL_ROOT_PASSWORD
password1 passphrase secret client_secret AZURE_CLIENT_SECRET SECRET_KEY secretKey api_key apiKey
API_KEY apikey X-API-Key openai_api_key OPENAI_API_KEY access_key aws_secret_access_key
AWS_ACCESS_KEY_ID_SECRET token HF_TOKEN hf_token HUGGING_FACE_HUB_TOKEN auth_token accessToken
ACCESS_TOKEN GITHUB_TOKEN api_token use_auth_token bot_token account_key storage_account_key
private_key encryption_key wandb_key SMTP_PASS db_pass GH_PAT WANDB_API_KEY
spring.datasource.password
"""

OTHER_NAMES = """
tokenizer tokens max_tokens max_new_tokens num_tokens pad_token eos_token bos_token sep_token
cls_token unk_token mask_token token_type_ids pad_token_id eos_token_id token_id token_ids
image_token next_token continuation_token special_token additional_special_tokens token_url
token_path token_file password_file password_field password_hash secret_name secret_id secret_arn
key keys key_name primary_key foreign_key sort_key partition_key public_key key_id cache_key
dict_key forward_pass first_pass n_pass compass bypass keyboard monkey author authority
is_no_password show_password reset_password tokenize detokenize x y "" token_embeddings
class_token cls_tokens start_token end_token stop_token text_token time_token
"""


@pytest.mark.parametrize("name", SECRET_NAMES.split())
def test_names_of_secrets(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", OTHER_NAMES.split())
def test_names_of_other_things(name):
    assert not is_secret_name(name)


PLACEHOLDERS = [
    "", " ", "xxx", "XXXXXXXXXXXXXXXX", "changeme", "change-me", "your-api-key", "YOUR_API_KEY",
    "<token>", "<your token here>", "${TOKEN}", "$TOKEN", "{{ token }}", "{token}",
    "%(token)s", "%s",
    "...", "sk-...", "***", "********", "hf_****", "none", "None", "EMPTY", "null", "password",
    "secret", "MinIO Secret Key", "test", "test123", "foo", "dummy", "dummy-key", "example-secret",
    "placeholder",
    "insert-your-key-here", "OPENAI_API_KEY", "HF_TOKEN", "123456789", "abcdefghijkl", "not-needed",
    "fake-token", "[YOUR KEY]", "__TOKEN__", "REDACTED", "my-token", "hf_your_token", "default",
]  # fmt: skip


@pytest.mark.parametrize("value", PLACEHOLDERS)
def test_placeholders(value):
    assert is_placeholder(value)


@pytest.mark.parametrize(
    "value", [PASSWORD, "hunter2hunter", "Tr0ub4dor&3", "s3cr3t-Pa55", "correct horse"]
)
def test_passwords_are_no_placeholders(value):
    assert not is_placeholder(value)


@pytest.mark.parametrize("kind", ["alnum", "hex", "base64", "letter"])
def test_random_text_is_no_placeholder(kind):
    rng = random.Random(kind)
    wrong = sum(is_placeholder(random_text(kind, 40, rng)) for _ in range(2000))
    assert wrong <= 10


@given(st.text(max_size=60))
def test_a_secret_gives_little_away(text):
    secret = as_secret(text)
    assert text.startswith(secret.prefix)
    assert len(secret.prefix) <= min(4, len(text) / 5)
    assert secret.length == len(text)
    assert re.fullmatch("[0-9a-f]{10}", secret.digest)
    assert secret.digest == as_secret(text).digest != as_secret(text + "x").digest
    assert 0 <= secret.entropy <= 8


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f'password = "{PASSWORD}"', 'password = "k…(9)"'),
        (f"connect(host='a', password='{PASSWORD}')", "connect(host='a', password='k…(9)')"),
        (f'os.environ["DB_PASSWORD"] = "{PASSWORD}"', 'os.environ["DB_PASSWORD"] = "k…(9)"'),
        (
            f'{{"api_key": "{PASSWORD}", "x": "{PASSWORD}"}}',
            f'{{"api_key": "k…(9)", "x": "{PASSWORD}"}}',
        ),
        (f"DB_PASSWORD={PASSWORD}\nX=1", "DB_PASSWORD=k…(9)\nX=1"),
        (f'"password = \\"{PASSWORD}\\"\\n"', '"password = \\"k…(9)\\"\\n"'),
        (f'getenv("DB_PASSWORD", "{PASSWORD}")', 'getenv("DB_PASSWORD", "k…(9)")'),
        (f'add("--api_key", default="{PASSWORD}")', 'add("--api_key", default="k…(9)")'),
        (f'add("--api_key", help="{PASSWORD}")', f'add("--api_key", help="{PASSWORD}")'),
        ("password = args.password", "password = args.password"),
        ("token = tokenizer.pad_token", "token = tokenizer.pad_token"),
        ('pad_token = "<|endoftext|>"', 'pad_token = "<|endoftext|>"'),
        ('password = "changeme"', 'password = "changeme"'),
    ],
)
def test_named_values_are_masked(text, masked):
    assert redact(text) == masked


@given(st.text())
def test_any_text_can_be_searched_and_masked(text):
    find_credentials(text)
    assert redact(text).count("\n") == text.count("\n")


@given(st.lists(st.sampled_from(ROWS), max_size=4), st.integers())
def test_masking_hides_all_and_is_stable(rows, seed):
    rng = random.Random(seed)
    tokens = [filled(row["examples"]["token"], rng) for row in rows]
    text = "\n".join(
        filled(row["examples"]["found"][0], rng, token)
        for row, token in zip(rows, tokens, strict=True)
    )
    masked = redact(text)
    assert redact(masked) == masked
    assert not any(token in masked for token in tokens)


def test_a_token_wins_over_the_url_around_it():
    token = filled("hf_{letter:34}", random.Random(5))
    (credential,) = find_credentials(f"https://bob:{token}@huggingface.co/a/b")
    assert credential.provider == "hugging-face"


@pytest.mark.parametrize(
    "text",
    [
        "://" * 40_000,
        "://a:" * 20_000,
        "sk-ant-" * 30_000,
        "wandb_key=" * 20_000 + "h" * 40,
        "-----BEGIN PRIVATE KEY-----" * 4_000,
        "a" * 300_000,
        "token=eyJ" * 20_000 + ".eyJ",
    ],
)
def test_hostile_texts_take_no_long_time(text):
    started = time.process_time()
    assert find_credentials(text) == ()
    assert time.process_time() - started < 5
