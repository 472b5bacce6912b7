"""Secrets planted in every place where one may stand are in nothing that comes out.

Not in a report, a log, a diff, a trace, nor in the facts that a cache may keep. All are made up at
run time: none stands whole in a file of this repository.
"""

from __future__ import annotations

import json
import os
import random
import re
import string
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from mlaudit.cli.app import run
from mlaudit.facts.providers import github_checksum
from mlaudit.facts.reading import read_facts
from mlaudit.repo.opening import open_repo
from mlaudit.reports import FORMATS

ALNUM = string.ascii_letters + string.digits
Output = pytest.CaptureFixture[str]


class Mint:
    """Makes secrets, and remembers what it made."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.made: dict[str, str] = {}

    def random(self, size: int, characters: str = ALNUM) -> str:
        return "".join(self._rng.choice(characters) for _ in range(size))

    def __call__(self, place: str, kind: str) -> str:
        match kind:
            case "hf":
                secret = "hf_" + self.random(34, string.ascii_letters)
            case "github":
                body = self.random(30)
                secret = f"ghp_{body}{github_checksum(body)}"
            case "aws":
                secret = "AKIA" + self.random(16, string.ascii_uppercase + "234567")
            case _:
                secret = self.random(14) + "q7Z"
        self.made[f"{place}, {kind}"] = secret
        return secret


PYTHON = """\
import os
import smtplib
import boto3
import openai
import psycopg2
import requests
import wandb
from huggingface_hub import HfApi, login
from sklearn.model_selection import train_test_split

# token {hf}
login("{plain}")
api = HfApi("https://hub.io", "{plain}")
wandb.login(key="{plain}")
openai.api_key = "{plain}"
os.environ["API_KEY"] = "{plain}"
os.environ.setdefault("HF_TOKEN", "{plain}")
os.getenv("DB_PASSWORD", "{plain}")
phrase = "{plain}"
server = smtplib.SMTP("mail.io")
server.login("me", phrase)
joined = boto3.Session("id", "{plain}" + "{plain}")
requests.post("https://x.io", auth=("me", "{plain}"), headers={{"Authorization": "Bearer {plain}"}})
settings = {{"password": "{plain}", "nested": dict(secret_key="{plain}")}}
URL = "postgresql://me:{plain}@db.acme.io/x"
def connect(password="{plain}", token: str = "{github}"):
    if password == "{plain}":
        return psycopg2.connect(host="h", password=password)
a, b = train_test_split([1, 2], key="hello")  # {github}
parser.add_argument("--api-key", default="{plain}")
setattr(settings, "api_key", "{plain}")
class Settings:
    api_key: str = "{plain}"
AWS = "{aws}"
"""
FILES = {
    "train.py": PYTHON,
    "broken.py": 'login("{hf}"\npassword = "{plain}"\n',
    "scripts/run.sh": 'export DB_PASSWORD={plain}\ncurl --token {plain} -H "x: {hf}" https://x.io\n'
    "API_KEY='{plain}' python train.py --wandb-key {plain} && mysql --password={plain}\n",
    "Makefile": "train:\n\tDB_PASSWORD={plain} HF_TOKEN={hf} python train.py\nKEY = {github}\n"
    "API_TOKEN := {plain}\n",
    "Dockerfile": "FROM python:3.11\nARG PIP_TOKEN={plain}\nENV DB_PASSWORD={plain} A=1\n"
    "ENV API_KEY {plain}\nENV HF_TOKEN={hf}\n"
    "RUN pip install -i https://me:{plain}@pypi.acme.io/simple x && curl --token {plain} x.io\n",
    ".github/workflows/ci.yml": "on: push\nenv:\n  DB_PASSWORD: {plain}\njobs:\n  a:\n"
    "    runs-on: x\n    steps:\n      - run: |\n          export API_KEY={plain}\n"
    "          git clone https://{github}@github.com/a/b\n        env: {{SECRET: '{plain}'}}\n",
    "docker-compose.yml": "services:\n  db:\n    image: postgres:16\n    environment:\n"
    "      POSTGRES_PASSWORD: {plain}\n  web:\n    image: web:1\n    environment:\n"
    "      - SECRET_KEY={plain}\n      - URL=redis://:{plain}@redis:6379\n"
    '    command: ["serve", "--token={plain}"]\n',
    "deploy/secret.yaml": "apiVersion: v1\nkind: Secret\nstringData:\n  login: {plain}\n"
    "  file: |\n    {plain}\ndata:\n  token: {plain}\n---\napiVersion: v1\nkind: Pod\nspec:\n"
    "  containers:\n    - env:\n        - name: DB_PASSWORD\n          value: {plain}\n",
    "chart/values.yaml": "auth:\n  password: {plain}\n  apiKey: '{plain}'\n",
    "conf/app.yaml": "db: {{password: {plain}, port: 1}}\ntoken: {hf}\nkey: {aws}\n"
    "url: mongodb://me:{plain}@db.acme.io\nsecret: >-\n  {plain}\n",
    "conf/app.toml": '[db]\npassword = "{plain}"\ntoken = \'{hf}\'\napi_key = """{plain}"""\n',
    "conf/app.json": '{{"db": {{"password": "{plain}"}}, "token": "{hf}", "url": "amqp://m:{plain}@q.io"}}',
    "conf/app.ini": "[db]\npassword = {plain}\ntoken = {hf}\n",
    ".env": "DB_PASSWORD={plain}\nHF_TOKEN='{hf}'\nURL=https://me:{plain}@x.io\n",
    ".netrc": "machine api.wandb.ai login me password {plain}\n",
    ".aws/credentials": "[default]\naws_access_key_id = {aws}\naws_secret_access_key = {plain}\n",
    "requirements.txt": "--extra-index-url https://me:{plain}@pypi.acme.io/simple\n"
    "a @ git+https://{github}@github.com/a/b\nnumpy==2.1.0  # {hf}\n",
    "pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndescription = "{hf}"\n'
    'dependencies = ["a @ git+https://me:{plain}@x.io/a.git"]\n[tool.x]\napi_token = "{plain}"\n',
    "environment.yml": "name: x\nchannels: ['https://me:{plain}@conda.acme.io']\ndependencies:\n"
    "  - pip:\n    - --index-url https://me:{plain}@pypi.acme.io\n",
    "lib/setup.py": 'from setuptools import setup\nsetup(name="x", url="https://me:{plain}@x.io")\n',
    "lib/setup.cfg": "[metadata]\nname = x\ndescription = {hf}\n[options]\ninstall_requires =\n"
    "  a @ https://me:{plain}@x.io/a.whl\n",
    "README.md": "# X\n\n```sh\nexport OPENAI_API_KEY={plain}\nHF_TOKEN={hf} make train\n```\n\n"
    "Or `python train.py --api-key {plain}`.\n",
    ".gitignore": "*.pyc\n# {hf}\n{github}/\n",
    "notes.html": "<p>{hf} postgresql://me:{plain}@db.acme.io</p>\n",
}


def notebook(mint: Mint) -> str:
    def source(text: str) -> list[str]:
        return filled("study.ipynb", text, mint).splitlines(keepends=True)

    token = mint("study.ipynb", "hf")
    coloured = f"\x1b[31m{token[:20]}\x1b[0m{token[20:]}"
    shown = [
        {"output_type": "stream", "name": "stdout", "text": source("got {hf}\n{github}\n")},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": source("u \x1b[31m{hf}")},
        {"output_type": "stream", "name": "stderr", "text": [coloured]},
        {
            "output_type": "execute_result",
            "data": {"text/html": source("<b>{aws}</b>"), "application/json": {"a": [token]}},
            "metadata": {},
            "execution_count": 1,
        },
    ]
    code = [
        PYTHON,
        '!pip install -i https://me:{plain}@x.io x\n%env DB_PASSWORD={plain}\nlogin("{hf}")\n',
        "%%bash\nexport API_KEY={plain}\ncurl --token {plain} x.io\n",
    ]
    cells = [
        {
            "cell_type": "code",
            "execution_count": 1,
            "metadata": {},
            "outputs": shown,
            "source": source(text),
        }
        for text in code
    ]
    cells.append({"cell_type": "markdown", "metadata": {}, "source": source("Use {hf}")})  # type: ignore[dict-item]
    state = {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"v": source("{hf}")}}}}
    document = {"cells": cells, "metadata": {"widgets": state}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1)


def filled(path: str, template: str, mint: Mint) -> str:
    """Each placeholder a secret of its own."""
    count = 0

    def secret(match: re.Match[str]) -> str:
        nonlocal count
        if match[1] is None:
            return match[0][0]
        count += 1
        return mint(f"{path} {count}", match[1])

    return re.sub(r"\{(plain|hf|github|aws)\}|\{\{|\}\}", secret, template)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    root = tmp_path_factory.mktemp("planted")
    mint = Mint(7)
    for path, template in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(filled(path, template, mint))
    (root / "study.ipynb").write_text(notebook(mint))
    git = ("git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@x.io")
    for arguments in (["init", "-q"], ["add", "-f", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True)
    return root, mint.made


def leaks(text: str, secrets: dict[str, str]) -> list[str]:
    """Where the secrets were planted of which most stands in the text."""
    return [
        place for place, secret in secrets.items() if secret[:12] in text or secret[-12:] in text
    ]


def test_no_fact_holds_a_secret(planted: tuple[Path, dict[str, str]]) -> None:
    root, secrets = planted
    repo = open_repo([root])
    reading = read_facts(repo, repo.files)
    assert reading.crashes == ()
    assert len(reading.facts) == len(FILES) + 1
    for path, facts in reading.facts.items():
        encoded = msgspec.msgpack.encode(facts).decode("utf-8", "replace")
        assert leaks(encoded, secrets) == [], path
        assert facts.credentials or path in ("train.py", "broken.py")


@pytest.mark.parametrize("name", FORMATS)
def test_no_report_shows_a_secret(
    name: str, planted: tuple[Path, dict[str, str]], capsys: Output
) -> None:
    root, secrets = planted
    assert run(["check", str(root), "--format", name, "--persona", "auditor"]) == 1
    shown = capsys.readouterr()
    assert "SEC001" in shown.out
    assert leaks(shown.out, secrets) == []
    assert leaks(shown.err, secrets) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--diff", "--unsafe-fixes"],
        ["check", "--history", "--format", "json", "--persona", "auditor"],
        ["trace", "train.py"],
        ["trace", "study.ipynb"],
        ["env"],
        ["env", "--format", "json"],
        ["maturity"],
        ["maturity", "--format", "json"],
        ["maturity", "--format", "markdown"],
        ["maturity", "--format", "svg"],
        ["maturity", "--every", "1month"],
        ["maturity", "--every", "1month", "--format", "json"],
        ["explain", "SEC001"],
    ],
)
def test_nothing_else_shows_a_secret(
    arguments: list[str],
    planted: tuple[Path, dict[str, str]],
    capsys: Output,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    root, secrets = planted
    monkeypatch.chdir(root)
    run(arguments)
    shown = capsys.readouterr()
    assert shown.out
    assert leaks(shown.out, secrets) == []
    assert leaks(shown.err, secrets) == []


def test_no_file_of_the_cache_holds_a_secret(
    planted: tuple[Path, dict[str, str]], tmp_path: Path
) -> None:
    root, secrets = planted
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "LOCALAPPDATA": str(tmp_path)}
    for arguments in (["check", "--history"], ["maturity", "--every", "1month"]):
        command = [sys.executable, "-m", "mlaudit", *arguments, str(root)]
        subprocess.run(command, env={**environment, "HOME": str(tmp_path)}, capture_output=True)
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert kept
    for file in kept:
        assert leaks(file.read_bytes().decode("utf-8", "replace"), secrets) == [], file


def test_every_kind_of_leak_is_told(planted: tuple[Path, dict[str, str]], capsys: Output) -> None:
    root, _ = planted
    run(["check", str(root), "--format", "json", "--persona", "auditor", "--select", "SEC"])
    report = json.loads(capsys.readouterr().out)
    assert {finding["rule"] for finding in report["findings"]} == {
        "SEC001", "SEC002", "SEC003", "SEC004", "SEC005", "SEC006",
    }  # fmt: skip
    places = [
        (f["place"]["path"], f["place"]["line"], f["place"]["column"]) for f in report["findings"]
    ]
    assert len(places) == len(set(places)), "one leak, one finding"
