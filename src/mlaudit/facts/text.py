"""The reader of plain text: all that it can say is what should not be in it."""

from mlaudit.facts.credentials import find_credentials
from mlaudit.facts.records import Blob, FileFacts
from mlaudit.facts.source import Source, UnreadableError


def read_text(source: Source) -> FileFacts:
    """Credentials in a text of any kind. What is no text is a blob, whatever its name."""
    file = source.file
    try:
        text = source.text
    except UnreadableError:
        return _bytes(source)
    if "\0" in text[:8192]:
        return _bytes(source)
    return FileFacts(file.path, file.kind, blob=Blob("text"), credentials=find_credentials(text))


def _bytes(source: Source) -> FileFacts:
    """A model may go by the name of `rf`, without an extension to tell its kind."""
    from mlaudit.facts.blob import read_blob

    return read_blob(source)
