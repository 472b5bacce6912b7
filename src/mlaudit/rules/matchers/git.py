"""`git`: files that the index holds and should not, by size, format and name.

Parameters for single files, all of which must hold:

    larger-than: 10 MB
    any:                            # one of these, and in it all that is given
      - extensions: [csv, csv.gz]
        formats: [pickle*, ""]      # as in `Blob.format`; "" is an unknown format
        named: [words]              # one of the words stands in the path
        unless-named: [words]
    words: {model: [model, weights]}   # `named: model` then stands for the list
    unless-named: [words]
    unless: [package-data]          # inside a package that a library installs
    fixtures: 100 kB                # up to this size tests may keep it
    lower-in: [tests, docs]         # one severity lower there
    group: directory                # one finding a directory
    levels: [{larger-than: 50 MB, severity: error}]

`outputs` speaks of whole folders that a tool has written; see `outputs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from mlaudit.project.nature import Nature
from mlaudit.repo.model import Context, File
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import outputs, paths
from mlaudit.rules.matchers.attributes import in_lfs
from mlaudit.rules.model import Match, Rule, Severity, Spot
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher

_KEYS = (
    "larger-than", "any", "words", "unless-named", "unless", "fixtures", "lower-in", "group",
    "levels",
)  # fmt: skip


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = rule.detect["git"]
    if "outputs" in data:
        return outputs.prepare(rule, data)
    return _TrackedFiles(rule, paths.known(data, *_KEYS))


class _TrackedFiles:
    """Finds single files, or the directories that they lie in."""

    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.larger_than = paths.size(data.get("larger-than", "0 B"))
        sets = {name: words(items) for name, items in data.get("words", {}).items()}
        self.any = [_Choice(choice, sets) for choice in data.get("any", ())]
        self.unless_named = _named(data.get("unless-named", []), sets)
        self.not_package_data = _package_data_exempt(data.get("unless", []))
        self.fixtures = paths.size(data.get("fixtures", "0 B"))
        self.lower_in = paths.contexts(data.get("lower-in", []))
        self.levels = [
            (paths.size(entry["larger-than"]), paths.level(entry["severity"]))
            for entry in data.get("levels", ())
        ]
        self.grouped = data.get("group") == "directory"

    def __call__(self, project: Project) -> Iterator[Match]:
        if project.repo.git is None:
            return
        groups: dict[str, list[File]] = {}
        for file in self._files(project):
            key = file.path.rpartition("/")[0] if self.grouped else file.path
            groups.setdefault(key, []).append(file)
        for key, files in groups.items():
            yield self._match(key, files)

    def _files(self, project: Project) -> Iterator[File]:
        stored_elsewhere = in_lfs(project)
        shipped = package_data(project)
        for file in paths.selected(project, self.rule):
            if not file.tracked or file.missing or file.size <= self.larger_than:
                continue
            if not self._meant(file, project) or stored_elsewhere(file.path):
                continue
            if not (self.not_package_data and shipped(file.path)):
                yield file

    def _meant(self, file: File, project: Project) -> bool:
        facts = project.facts.get(file.path)
        blob = facts.blob if facts is not None else None
        if blob is not None and blob.lfs:
            return False
        format_ = blob.format if blob is not None else ""
        if self.any and not any(choice.holds(file.path, format_) for choice in self.any):
            return False
        if self.unless_named(file.path):
            return False
        return file.context is not Context.TESTS or file.size > self.fixtures

    def _match(self, key: str, files: list[File]) -> Match:
        files.sort(key=lambda file: (-file.size, file.path))
        place = files[0].path
        names = [file.path.rpartition("/")[2] for file in files]
        return Match(
            rule=self.rule.id,
            spot=Spot(place),
            values={
                "name": names[0],
                "names": paths.listing(names),
                "directory": (key if self.grouped else place.rpartition("/")[0]) or ".",
                "files": paths.counted(len(files), "file"),
                "size": paths.readable(sum(file.size for file in files)),
            },
            # Another file in the directory is news; another version of the same file is not.
            identity=" ".join(sorted(names)),
            severity=self._severity(files),
        )

    def _severity(self, files: list[File]) -> Severity | None:
        severity = self.rule.severity
        for limit, worse in self.levels:
            if files[0].size > limit:
                severity = worse
        if all(file.context in self.lower_in for file in files):
            severity = paths.lowered(severity)
        return None if severity is self.rule.severity else severity


class _Choice:
    """One of the descriptions under `any`."""

    def __init__(self, data: Any, sets: Mapping[str, tuple[str, ...]]) -> None:
        paths.known(data, "extensions", "formats", "named", "unless-named")
        self.extensions = tuple(f".{word}" for word in words(data.get("extensions", [])))
        self.formats = paths.glob(words(data["formats"])) if "formats" in data else None
        self.named = _named(data["named"], sets) if "named" in data else None
        self.unless_named = _named(data.get("unless-named", []), sets)

    def holds(self, path: str, format_: str) -> bool:
        if self.extensions and not path.lower().endswith(self.extensions):
            return False
        if self.formats is not None and not self.formats(format_):
            return False
        if self.named is not None and not self.named(path):
            return False
        return not self.unless_named(path)


def _named(data: Any, sets: Mapping[str, tuple[str, ...]]) -> Callable[[str], bool]:
    """Whether one of the words stands in a path; a lone word names one of the sets."""
    if isinstance(data, str):
        if data not in sets:
            raise RulePackError(f"no list of `words` is called '{data}'")
        wanted = frozenset(sets[data])
    else:
        wanted = frozenset(words(data))
    return lambda path: not wanted.isdisjoint(paths.tokens(path))


def _package_data_exempt(data: Any) -> bool:
    conditions = words(data)
    if any(condition != "package-data" for condition in conditions):
        raise RulePackError(f"knows only `package-data`, not {data!r}")
    return bool(conditions)


def package_data(project: Project) -> Callable[[str], bool]:
    """Tells whether a file is shipped inside an importable package of a library."""

    def shipped(path: str) -> bool:
        folders = list(accumulate(path.split("/")[:-1], "{}/{}".format))
        if not any(f"{folder}/__init__.py" in project.files for folder in folders):
            return False
        root = project.environment.root_of(path)
        return project.nature(root) is not Nature.APPLICATION

    return shipped
