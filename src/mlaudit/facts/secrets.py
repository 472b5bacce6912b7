"""Words about secrets: which names promise one, which texts only look like one.

Everything here works on a single name or value; `credentials` searches whole files.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from math import log2

from mlaudit.facts.syntax import Secret
from mlaudit.patterns import Gated

_SALT = b"mlaudit: tells secrets apart"
_DIGEST_BYTES = 5
"""Few, so that the digest of a long secret fits uncountably many others."""

_PREFIX_CHARS = 4
_PREFIX_SHARE = 5

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_PASSWORDS = frozenset({"password", "passwd", "pwd", "passphrase", "passcode", "pswd"})
_ABOUT_PASSWORDS = frozenset({
    "ask", "change", "check", "confirm", "current", "forgot", "has", "has_no", "hash", "hide", "is",
    "is_no", "min", "max", "new", "no", "old", "prompt", "require", "requires", "reset", "show",
    "use", "verify", "with", "without",
})  # fmt: skip
_LONGEST_NAME = 100
_DIRECTORIES = frozenset({"PWD", "OLDPWD"})
"""Shells keep the working directory there."""
_SECRETS = frozenset({"secret", "secrets"})
_ABOUT_SECRETS = frozenset({"existing", "has", "is", "k8s", "no", "pull", "tls", "use"})
_KEYS_OF = frozenset({
    "access", "account", "admin", "api", "auth", "client", "consumer", "encryption", "fernet",
    "hmac", "jwt", "license",
    "master", "private", "secret", "service", "shared", "signing", "sign", "storage",
    "subscription", "webhook",
})  # fmt: skip
_KEYS_OF_PRODUCTS = frozenset({
    "anthropic", "azure", "cerebras", "cohere", "comet", "datadog", "deepgram", "deepseek",
    "elevenlabs", "fireworks", "google", "groq", "hf", "hopsworks", "huggingface", "jina", "kaggle",
    "langchain", "langfuse", "langsmith", "mistral", "neptune", "nvidia", "openai", "openrouter",
    "paperspace", "perplexity", "pinecone", "qdrant", "replicate", "roboflow", "runpod", "sendgrid",
    "stripe", "tavily", "together", "voyage", "wandb", "weaviate",
})  # fmt: skip
_TOKENS_OF = frozenset({
    "access", "account", "admin", "anthropic", "api", "app", "auth", "aws", "bearer", "bot",
    "ci", "clearml", "client", "cloudflare", "codecov", "cohere", "comet", "dagshub",
    "databricks", "deploy", "discord", "docker", "gh", "git", "github", "gitlab", "groq", "hf",
    "hub", "hugging", "huggingface", "identity", "influx", "influxdb", "jenkins", "job", "jwt",
    "kaggle", "key", "lakefs", "launch", "login", "mistral", "mlflow", "modal", "motherduck",
    "neptune", "ngrok", "notion", "npm", "oauth", "oauth2", "openai", "pat", "personal",
    "pinecone", "pip", "prefect", "private", "pulumi", "pypi", "read", "refresh", "registry",
    "replicate", "runner", "secret", "security", "sentry", "service", "session", "slack",
    "snowflake", "sonar", "telegram", "tracking", "twilio", "user", "vault", "wandb", "webhook",
    "write", "zenodo",
})  # fmt: skip
_PASSES_OF = frozenset({
    "admin", "auth", "db", "database", "email", "ftp", "imap", "login", "mail", "mongo", "mysql",
    "pg", "postgres", "redis", "root", "smtp", "ssh", "sudo", "user",
})  # fmt: skip
_CREDENTIALS = frozenset({"apikey", "accesskey", "secretkey", "authkey", "apitoken", "authtoken"})

_TEMPLATE = Gated(
    r"\$\{|\{\{|%\(|<[^<>]*>|\{[A-Za-z_][\w.\[\]'\"()]*[^{}]*\}|\$\(|\{\}|%s|\{%|__[A-Z_]+__"
    r"|\[[A-Za-z][A-Za-z _-]*\]"
)
_VARIABLE = Gated(r"\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|\.{2,}")
_MASK = Gated(r"(?:(?P<one>.)(?P=one)*)|[*.xX#_•…-]+", re.DOTALL)
_RUN = Gated(r"([^0-9])\1{4,}|([0-9])\2{7,}|\*{3,}|\.{3,}|…")
_CROSSES = Gated(r"x{4,}|X{4,}")
_CROSSES_SHARE = 0.1
"""Of a random token of 150 characters, some four in a row may be `x` by chance."""
_LABEL = Gated(
    r"(?i:(?:[a-z]+ )+(?:key|secret|token|password|pass|passphrase|credentials?)(?: [a-z]+)*)"
)
"""`MinIO Secret Key`: words that say what belongs here."""
_EXAMPLE_ANYWHERE = Gated(
    r"(?i:example|changeme|change_me|change-me|placeholder|dummy|redacted|insert|replace|sample"
    r"|template|notreal|not-real|secret_here|your[-_ ]?(?:own|api|key|token|secret|pass|access))"
)
_EXAMPLE_WORDS = Gated(
    r"(?i:(?:^|[^A-Za-z0-9])(?:your|yours|my|fake|mock|todo|fixme|here|test|tests|testing|demo|none|null"
    r"|nil|empty|enter|hidden|masked|censored|removed|some|invalid|foo|bar|baz|foobar|anonymous"
    r"|undefined|unused|default)(?:[^A-Za-z0-9]|$))"
)
_PLAIN = frozenset({
    "abc", "access_key", "access_token", "api_key", "api-key", "apikey", "apitoken", "auth_token",
    "bar", "credential", "credentials", "example", "false", "foo", "foobar", "hello", "key",
    "mykey", "mypass", "mypassword", "mysecret", "mytoken", "no", "na", "none", "not-needed",
    "not_needed", "null", "pass", "passwd", "password", "passwort", "pw", "pwd", "secret",
    "secret_key", "string", "test", "testing", "token", "true", "undefined", "user", "username",
    "value", "xxx", "yes", "yourkey", "yourpassword", "yoursecret", "yourtoken",
})  # fmt: skip
_SEQUENCE_SHARE = 0.5


def is_secret_name(name: str) -> bool:
    """Whether what bears this name is a secret: `api_key`, `HF_TOKEN`, `dbPassword`.

    Not `pad_token`, `max_tokens`, `token_url`, `password_field`: the last word must be the secret.
    """
    return len(name) <= _LONGEST_NAME and name not in _DIRECTORIES and _names_secret(name)


@lru_cache(maxsize=4096)
def _names_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return False
    *before, last = words
    return _is_secret_noun(last, before)


def _is_secret_noun(last: str, before: list[str]) -> bool:
    if last in _PASSWORDS:
        return not _ABOUT_PASSWORDS.intersection(before)
    if last in _SECRETS:
        return not before or before[-1] not in _ABOUT_SECRETS
    if last in _CREDENTIALS or (last == "authorization" and not before):
        return True
    of = before[-1] if before else ""
    if last == "key":
        return of in _KEYS_OF or of in _KEYS_OF_PRODUCTS
    if last == "token":
        return not before or of in _TOKENS_OF
    if last == "pass":
        return of in _PASSES_OF
    return last == "pat" and of in {"gh", "git", "github", "gitlab", "azure", "devops"}


def is_placeholder(text: str) -> bool:
    """Whether a value stands for a secret without being one.

    An example, a mask, a template's part, the name of a variable, counted-up letters.
    """
    text = text.strip()
    if len(text) < 3 or text.lower().rstrip("0123456789!") in _PLAIN:
        return True
    return bool(
        _MASK.fullmatch(text)
        or _LABEL.fullmatch(text)
        or _VARIABLE.fullmatch(text)
        or _TEMPLATE.search(text)
        or _RUN.search(text)
        or _is_crossed_out(text)
        or _EXAMPLE_ANYWHERE.search(text)
        or _EXAMPLE_WORDS.search(text)
        or _is_counted(text)
    )


_WORD_AND_NUMBER = Gated(r"[A-Za-z]+[-_@!#.]?[0-9]{0,4}[!@#.]?")
_DEVELOPMENT_CHARS = 12
_DEVELOPMENT_ENTROPY = 2.8
_SHORT_CHARS = 8


def is_development_secret(text: str) -> bool:
    """Whether a value is of the kind that people set for a server on their own machine.

    `postgres`, `minioadmin`, `airflow123`: short, or one word and perhaps a number.
    """
    text = text.strip()
    if len(text) < _SHORT_CHARS or entropy(text) < _DEVELOPMENT_ENTROPY:
        return True
    return len(text) <= _DEVELOPMENT_CHARS and _WORD_AND_NUMBER.fullmatch(text) is not None


def _is_crossed_out(text: str) -> bool:
    runs = (len(match[0]) for match in _CROSSES.finditer(text))
    return max(runs, default=0) > len(text) * _CROSSES_SHARE


def _is_counted(text: str) -> bool:
    """`123456789abcdef`, `abcdefgh`: most characters are the one before plus one."""
    steps = sum(1 for a, b in pairwise(text) if ord(b) - ord(a) == 1)
    return len(text) >= 5 and steps >= (len(text) - 1) * _SEQUENCE_SHARE


def entropy(text: str) -> float:
    """Shannon entropy in bits per character."""
    if not text:
        return 0.0
    size = len(text)
    counts = [text.count(character) for character in set(text)]
    return -sum(count / size * log2(count / size) for count in counts)


def digest(text: str) -> str:
    """Tells two secrets apart and gives none away. The same on every machine."""
    from hashlib import blake2b

    data = text.encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=_DIGEST_BYTES, key=_SALT).hexdigest()


def prefix(text: str) -> str:
    """What may be shown: at most four characters, and at most a fifth."""
    return text[: min(_PREFIX_CHARS, len(text) // _PREFIX_SHARE)]


def as_secret(text: str) -> Secret:
    """What is kept of a text that may be a secret."""
    return Secret(
        prefix=prefix(text),
        length=len(text),
        digest=digest(text),
        entropy=round(entropy(text), 2),
        placeholder=is_placeholder(text),
    )
