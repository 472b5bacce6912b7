"""The reader of plain text: what should not be in it, and what a README says to run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.contents import cleaned
from mlaudit.facts.credentials import find_credentials
from mlaudit.facts.records import Blob, Command, FileFacts, Prose
from mlaudit.facts.source import Source, UnreadableError

CREDENTIAL_FILES = frozenset({".netrc", "_netrc", "credentials", ".databrickscfg"})
"""Files of other kinds in which a name may be all that tells a secret."""
PROSE = ("readme", "contributing", "install", "usage", "getting", "quickstart")
"""How the names of files begin that say how to run things; no other prose is looked into."""
_FENCE = re.compile(r"^\s*(```+|~~~+)\s*(\w*)")
_INLINE = re.compile(r"`([^`\n]{4,200})`")
_RUNS = re.compile(
    r"(?:(?:uv|poetry|pdm) run )?(?:python3? (?:\S*\.py|-m \w)|(?:make|just|torchrun) [a-z.]|"
    r"pytest -|dvc repro|mlflow run|docker compose|docker run|accelerate launch|jupyter \w|"
    r"streamlit run).*"
)
"""What in running text is a command to run, and not the name of a tool."""
_SHELLS = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})
_PROGRAM = re.compile(
    r"^\s*(?:[$>%]\s+)?((?:[A-Z_]+=\S+\s+)*(?:pip3?|python3?|uv|poetry|pdm|conda|mamba|make|just|"
    r"docker|docker-compose|dvc|mlflow|pytest|tox|nox|bash|sh|source|git|npm|kubectl|helm|"
    r"accelerate|torchrun|deepspeed|jupyter|streamlit|uvicorn|bentoml|cog|ray|\./[\w./-]+)\b.*)$"
)


def read_text(source: Source) -> FileFacts:
    """Credentials in a text of any kind. What is no text is a blob, whatever its name."""
    file = source.file
    try:
        text = source.text
    except UnreadableError:
        return _bytes(source)
    if "\0" in text[:8192]:
        return _bytes(source)
    prose = None
    name = file.path.rpartition("/")[2].lower()
    if name.startswith(PROSE) or name in CREDENTIAL_FILES:
        clean, credentials = cleaned(text)
        prose = read_prose(clean) if name.startswith(PROSE) else None
    else:
        credentials = find_credentials(text)
    return FileFacts(file.path, file.kind, blob=Blob("text"), prose=prose, credentials=credentials)


def _bytes(source: Source) -> FileFacts:
    """A model may go by the name of `rf`, without an extension to tell its kind."""
    from mlaudit.facts.blob import read_blob

    return read_blob(source)


def read_prose(text: str) -> Prose:
    """The commands in code blocks and in running text."""
    return Prose(tuple(_commands(text.split("\n"))))


def _commands(lines: list[str]) -> Iterator[Command]:
    fence, shell = "", False
    for number, line in enumerate(lines, 1):
        mark = _FENCE.match(line)
        if mark and not fence:
            fence, shell = mark[1], mark[2].lower() in _SHELLS
        elif mark and fence and mark[1].startswith(fence):
            fence = ""
        elif shell if fence else line.startswith(("    ", "\t")):
            found = _PROGRAM.match(line[:500])
            if found:
                yield Command(found[1], number)
        elif not fence:
            for inline in _INLINE.findall(line[:2000]):
                if _RUNS.fullmatch(inline):
                    yield Command(inline, number)
