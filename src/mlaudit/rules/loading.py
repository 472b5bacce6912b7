"""Rules and API tables: found, read, checked, and kept compiled in the user's cache folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from mlaudit.caches import cache_folder, entry_of, keep
from mlaudit.knowledge import knowledge_root, own_yaml
from mlaudit.rules.apis import ApiFile, Apis, merge
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.model import Example, Rule

FAMILIES = {
    "reproducibility": "REP",
    "environment": "ENV",
    "artefacts": "ART",
    "tracking": "TRK",
    "credentials": "SEC",
    "loading": "SAF",
    "leakage": "LEA",
    "training": "API",
    "notebooks": "NBK",
    "validation": "TST",
    "serving": "OPS",
    "governance": "DOC",
}
"""Folders of mlaudit's own rules, and the letters that their ids begin with."""

_LAYOUT = 2
"""Counts up whenever the compiled form changes its meaning."""


class Compiled(Struct, frozen=True):
    """What lies in the cache."""

    rules: tuple[Rule, ...]
    apis: ApiFile


class RuleSet:
    """All rules there are, in the order of their ids."""

    def __init__(self, compiled: Compiled) -> None:
        self.rules = compiled.rules
        self._apis = compiled.apis

    @cached_property
    def apis(self) -> Apis:
        return Apis(self._apis)

    @cached_property
    def by_word(self) -> dict[str, Rule]:
        """By id and by name, as suppressions and selections quote them."""
        return {word: rule for rule in self.rules for word in (rule.id, rule.name)}


def load_rules(packs: Sequence[Path] = (), cache: Path | None = None) -> RuleSet:
    """mlaudit's rules and those of the packs (folders of rule files).

    `cache` is the folder to keep the compiled form in, by default the user's own. Raises
    RulePackError for the first thing in a file that cannot be understood.
    """
    files = [*_own_files(), *(file for pack in packs for file in _pack_files(pack))]
    folder = cache if cache is not None else cache_folder()
    if folder is None:
        return RuleSet(_compile(files, packs))
    entry = entry_of("rules", files, _LAYOUT, folder)
    compiled = _cached(entry)
    if compiled is None:
        compiled = _compile(files, packs)
        keep(entry, msgspec.msgpack.encode(compiled))
    return RuleSet(compiled)


def _own_files() -> list[Path]:
    root = knowledge_root()
    return [
        file for folder in (*FAMILIES, "apis") for file in sorted((root / folder).glob("*.yaml"))
    ]


def _pack_files(pack: Path) -> list[Path]:
    if not pack.is_dir():
        raise RulePackError("a rule pack is a folder; there is none of this name", file=str(pack))
    return sorted(pack.rglob("*.yaml"))


def _cached(entry: Path) -> Compiled | None:
    try:
        return msgspec.msgpack.decode(entry.read_bytes(), type=Compiled)
    except (OSError, msgspec.DecodeError, RecursionError):
        return None


def _compile(files: Sequence[Path], packs: Sequence[Path]) -> Compiled:
    rules: dict[str, Rule] = {}
    apis: list[ApiFile] = []
    for file in files:
        foreign = any(pack in file.parents for pack in packs)
        data = read_yaml(file) if foreign else own_yaml(file)
        if file.parent.name == "apis":
            apis.append(_convert(data, ApiFile, file))
            continue
        if foreign:
            check_schema(data, file)
        rule = to_rule(data, file)
        for word in (rule.id, rule.name):
            if word in rules:
                raise RulePackError(
                    f"'{word}' is taken by another rule", file=str(file), key="id or name"
                )
            rules[word] = rule
    own = {rule.id: rule for rule in rules.values()}
    return Compiled(tuple(own[id_] for id_ in sorted(own)), merge(apis))


def read_yaml(file: Path) -> Any:
    """The file's only document. Aliases and deep nesting are refused: a pack may be foreign."""
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        text = file.read_text(encoding="utf-8")
        _refuse_tricks(yaml.parse(text, Loader=loader), file)
        return yaml.load(text, Loader=loader)  # noqa: S506 - a safe loader, chosen above
    except (OSError, ValueError, RecursionError) as error:
        if isinstance(error, RulePackError):
            raise
        raise RulePackError(f"cannot be read ({error})", file=str(file)) from error
    except yaml.YAMLError as error:
        raise RulePackError(f"is not valid YAML: {_flat(error)}", file=str(file)) from error


def _refuse_tricks(events: Iterator[Any], file: Path) -> None:
    from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

    depth = 0
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent) or depth > 40:
            line = event.start_mark.line + 1
            raise RulePackError(
                "aliases and deep nesting are not allowed; write it out",
                file=f"{file}:{line}",
            )


def _flat(error: Exception) -> str:
    return " ".join(str(error).split())


def to_rule(data: Any, file: Path) -> Rule:
    """The rule in a file's data. Raises RulePackError."""
    from mlaudit.rules.matchers import kind_of, parts_of

    if not isinstance(data, dict):
        raise RulePackError("a rule file holds one mapping", file=str(file))
    _refuse_unknown(data, Rule, file, "")
    examples = data.get("examples")
    for number, example in enumerate(examples if isinstance(examples, list) else ()):
        if isinstance(example, dict):
            _refuse_unknown(example, Example, file, f"examples[{number}]")
    rule: Rule = _convert(data, Rule, file)
    try:
        for part in parts_of(rule):
            kind_of(part)
    except RulePackError as error:
        raise RulePackError(error.problem, file=str(file), key=error.key) from None
    return rule


def _refuse_unknown(data: dict[Any, Any], record: type[Struct], file: Path, key: str) -> None:
    for word in data:
        if word not in record.__struct_fields__:
            raise RulePackError(
                f"unknown key; known: {', '.join(record.__struct_fields__)}",
                file=str(file),
                key=f"{key}.{word}".lstrip("."),
            )


def _convert(data: Any, record: type[Any], file: Path) -> Any:
    try:
        return msgspec.convert(data, record)
    except (msgspec.ValidationError, RecursionError) as error:
        problem, _, key = str(error).partition(" - at `$")
        raise RulePackError(problem, file=str(file), key=key.strip("`.")) from error


def check_schema(data: Any, file: Path) -> None:
    """Holds the data against the JSON Schema of rules. Raises RulePackError."""
    import json

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    schema = json.loads((knowledge_root() / "schema" / "rule.schema.json").read_text("utf-8"))
    error = best_match(Draft202012Validator(schema).iter_errors(data))
    if error is not None:
        key = ".".join(str(part) for part in error.absolute_path)
        raise RulePackError(error.message, file=str(file), key=key)
