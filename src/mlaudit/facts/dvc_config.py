"""Reader of `.dvc/config`: https://dvc.org/doc/user-guide/project-structure/configuration.

As DVC's own reader of INI files has it: sections, `key = value`, values perhaps in quotes. Nothing
but what tells where data lies is kept, so no password ever is.
"""

from __future__ import annotations

from msgspec.structs import replace

from mlaudit.facts.dvc_records import Configuration, Remote
from mlaudit.facts.records import Problem

_QUOTES = ("'", '"')


def read_config(text: str) -> Configuration:
    """What a configuration says of remotes; lines that cannot be read are problems."""
    found = Configuration()
    remotes: dict[str, Remote] = {}
    section = ""
    problems: list[Problem] = []
    for number, line in enumerate(text.split("\n"), 1):
        bare = line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        key, equals, value = bare.partition("=")
        if bare.startswith("["):
            section = _unquoted(bare[1 : bare.rfind("]")].strip())
            if name := _remote(section):
                remotes.setdefault(name, Remote(name, number))
        elif equals:
            key, value = _unquoted(key.strip()), _value(value.strip())
            if (name := _remote(section)) and key == "url":
                remotes[name] = replace(remotes[name], url=value, url_line=number)
            else:
                found = _set(found, f"{section}.{key}", value, number)
        else:
            problems.append(Problem("neither a section nor a setting", number))
    return replace(found, remotes=remotes, problems=tuple(problems))


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in _QUOTES else text


def _value(written: str) -> str:
    """Without quotes, or without the comment behind it."""
    if written[:1] in _QUOTES and (end := written.find(written[0], 1)) > 0:
        return written[1:end]
    return written.partition(" #")[0].strip()


def _remote(section: str) -> str:
    """The name in `remote "name"`, in lower case as DVC has it; empty for another section."""
    word, _, name = section.partition(" ")
    return _unquoted(name.strip()).lower() if word == "remote" else ""


def _set(found: Configuration, key: str, value: str, line: int) -> Configuration:
    if key == "core.remote":
        return replace(found, default=value.lower(), default_line=line)
    if (key, value.lower()) == ("cache.shared", "group"):
        return replace(found, shared_cache=True)
    if key.startswith("parsing."):
        return replace(found, parsing=True)
    return found
