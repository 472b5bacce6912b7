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
        return FileFacts(file.path, file.kind, blob=Blob())
    if "\0" in text[:8192]:
        return FileFacts(file.path, file.kind, blob=Blob())
    return FileFacts(file.path, file.kind, blob=Blob("text"), credentials=find_credentials(text))
