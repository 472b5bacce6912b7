"""The secrets in the bytes of a file of the past, of which nothing else is asked."""

from __future__ import annotations

from mlaudit.facts._credential_calls import SECRETS_OF
from mlaudit.facts.contents import cleaned
from mlaudit.facts.credentials import find_credentials
from mlaudit.facts.records import Credential, FileFacts
from mlaudit.facts.source import Source, UnreadableError
from mlaudit.facts.text import CREDENTIAL_FILES
from mlaudit.repo.model import File, Kind

LARGEST = 2_000_000
"""Bytes; what is larger is data."""
LARGEST_NOTEBOOK = 20_000_000
_DOCUMENTS = (b"service_account", b'"username"')
"""What stands in documents that are credential files as a whole."""
_LIBRARIES = frozenset(name.partition(".")[0].encode() for name in SECRETS_OF) - {b"os"}
_LIBRARIES |= {b"os.environ"}
_WORDS = (
    b"key=",
    b"token=",
    b"password=",
    b"secret=",
    b"login(",
    b"environ",
    b".api_key",
    b"Client(",
)


def may_hold_credentials(kind: Kind, size: int) -> bool:
    """Whether a blob is worth reading."""
    limit = LARGEST_NOTEBOOK if kind is Kind.NOTEBOOK else LARGEST
    return kind is not Kind.BLOB and 0 < size <= limit


def credential_facts(file: File, data: bytes) -> FileFacts | None:
    """What the bytes say of secrets, read by the kind of the file; None where they say nothing.

    Credentials, the settings of a .env file, the entries of a document that may be a key file, and
    of Python the calls that take a secret. The secrets themselves are not kept.
    """
    facts = _read(Source(file, data))
    return facts if facts is not None and (facts.credentials or facts.settings) else None


def _read(source: Source) -> FileFacts | None:
    file = source.file
    try:
        match file.kind:
            case Kind.NOTEBOOK:
                from mlaudit.facts.notebook import read_notebook

                return read_notebook(source)
            case Kind.DOTENV:
                from mlaudit.facts.dotenv import read_dotenv

                return read_dotenv(source)
            case Kind.JSON if any(word in source.data for word in _DOCUMENTS):
                from mlaudit.facts.json_document import read_json

                return read_json(source)
            case Kind.PYTHON if _may_pass_secrets(source.data):
                from mlaudit.facts.python import read_python

                return read_python(source)
            case _:
                return FileFacts(file.path, file.kind, credentials=_credentials(source))
    except UnreadableError:
        return None


def _may_pass_secrets(data: bytes) -> bool:
    """Whether a call may be given a secret as a literal: asked of the bytes, before any parse."""
    return any(library in data for library in _LIBRARIES) and any(word in data for word in _WORDS)


def _credentials(source: Source) -> tuple[Credential, ...]:
    if source.file.path.rpartition("/")[2].lower() in CREDENTIAL_FILES:
        return cleaned(source.text).credentials
    return find_credentials(source.text)
