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
    history: true                   # with `--history`, files of the past, too

`larger-than: large-file-mb` is the setting of that name. The sizes are those of what git holds, so
a file that Git LFS keeps elsewhere is as small as its pointer. `{held}` in the rule's message is
where it is held, `{paid}` what every clone pays for it (in history mode).

`outputs` speaks of whole folders that a tool has written, see `outputs.py`; `bypasses` of files
that are not where .gitattributes sends them, see `lfs.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from mlaudit.project.nature import Nature
from mlaudit.repo.model import Context, File, Kind
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.matchers import lfs, outputs, past, paths
from mlaudit.rules.model import Match, Rule, Severity
from mlaudit.rules.parameters import words

if TYPE_CHECKING:
    from mlaudit.project.project import Project
    from mlaudit.rules.apis import Apis
    from mlaudit.rules.matchers import Matcher

_KEYS = (
    "larger-than", "any", "words", "unless-named", "unless", "fixtures", "lower-in", "group",
    "levels", "history",
)  # fmt: skip
_LARGE_FILE = "large-file-mb"
_CODE = frozenset({Kind.PYTHON, Kind.NOTEBOOK})


def prepare(rule: Rule, apis: Apis) -> Matcher:  # noqa: ARG001 - all matchers share it
    data = rule.detect["git"]
    if "outputs" in data:
        return outputs.prepare(rule, data)
    if "bypasses" in data:
        return lfs.prepare(rule, data)
    return _HeldFiles(rule, paths.known(data, *_KEYS))


class _HeldFiles:
    """Finds single files, or the directories that they lie in."""

    def __init__(self, rule: Rule, data: Mapping[str, Any]) -> None:
        self.rule = rule
        self.larger_than = _limit(data.get("larger-than", "0 B"))
        sets = {name: words(items) for name, items in data.get("words", {}).items()}
        self.any = [_Choice(choice, sets) for choice in data.get("any", ())]
        self.endings = tuple(ending for choice in self.any for ending in choice.extensions)
        self.unless_named = _named(data.get("unless-named", []), sets)
        self.not_package_data = _package_data_exempt(data.get("unless", []))
        self.fixtures = paths.size(data.get("fixtures", "0 B"))
        self.lower_in = paths.contexts(data.get("lower-in", []))
        self.levels = [
            (paths.size(entry["larger-than"]), paths.level(entry["severity"]))
            for entry in data.get("levels", ())
        ]
        self.grouped = data.get("group") == "directory"
        self.history = bool(data.get("history", False))

    def __call__(self, project: Project) -> Iterator[Match]:
        if project.repo.git is None:
            return
        present = (file for file in paths.selected(project, self.rule) if file.tracked)
        yield from self._matches(present, project)
        if self.history:
            yield from self._matches(past.selected(project, self.rule), project)

    def _matches(self, files: Iterable[File], project: Project) -> Iterator[Match]:
        groups: dict[str, list[File]] = {}
        for file in self._meant(files, project):
            key = _directory(file.path) if self.grouped else file.path
            groups.setdefault(key, []).append(file)
        for key, group in groups.items():
            yield self._match(key, group, project)

    def _meant(self, files: Iterable[File], project: Project) -> Iterator[File]:
        shipped = package_data(project)
        for file in files:
            if self._is_code(file):
                continue
            # The size on disk costs nothing to ask, and only LFS makes it larger than git's.
            if not file.missing and file.size <= self.larger_than(project):
                continue
            if self._is_meant(file, project) and not (self.not_package_data and shipped(file.path)):
                yield file

    def _is_code(self, file: File) -> bool:
        """Most files are, and no format or name makes data of them."""
        return bool(self.any) and file.kind in _CODE and not file.path.endswith(self.endings)

    def _is_meant(self, file: File, project: Project) -> bool:
        if self.unless_named(file.path) or not self._is_like(file, project):
            return False
        size = project.stored.size(file)
        if size is None or size <= self.larger_than(project) or project.stored.is_pointer(file):
            return False
        return file.context is not Context.TESTS or size > self.fixtures

    def _is_like(self, file: File, project: Project) -> bool:
        if not self.any:
            return True
        near = [choice for choice in self.any if choice.may_hold(file.path)]
        if not near:
            return False
        blob = project.stored.blob(file) if any(choice.formats for choice in near) else None
        return any(choice.is_format(blob.format if blob else None) for choice in near)

    def _match(self, key: str, files: list[File], project: Project) -> Match:
        sizes = {file: project.stored.size(file) or 0 for file in files}
        files.sort(key=lambda file: (-sizes[file], file.path))
        names = list(dict.fromkeys(file.path.rpartition("/")[2] for file in files))
        place = files[0].path
        return Match(
            rule=self.rule.id,
            spot=past.spot_of(files[0]),
            values={
                "name": names[0],
                "names": paths.listing(names),
                "directory": (key if self.grouped else place.rpartition("/")[0]) or ".",
                "files": paths.counted(len(files), "file"),
                "size": paths.readable(sum(sizes.values())),
                "path": place,
                "ignore": past.line_to_ignore([file.path for file in files], files[0], project),
                **past.values_of(files, project),
            },
            # Another file in the directory is news; another version of the same file is not.
            identity=past.identity_of(files[0], " ".join(sorted(names))),
            severity=self._severity(files, sizes[files[0]]),
            remedy=past.remedy_of(files[0]),
            related=past.commits_of(files, project),
        )

    def _severity(self, files: Sequence[File], largest: int) -> Severity | None:
        severity = self.rule.severity
        for limit, worse in self.levels:
            if largest > limit:
                severity = worse
        if all(past.is_lower(file, self.lower_in) for file in files) or past.is_little(files):
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

    def may_hold(self, path: str) -> bool:
        """Whether the path alone speaks for it."""
        if self.extensions and not path.lower().endswith(self.extensions):
            return False
        if self.named is not None and not self.named(path):
            return False
        return not self.unless_named(path)

    def is_format(self, format_: str | None) -> bool:
        """None for a file whose bytes cannot be had: only its name can speak."""
        if self.formats is None:
            return True
        return format_ is not None and self.formats(format_)


def _directory(path: str) -> str:
    """Where a file lies. A data set in partitions, `day=1/a.parquet`, lies above them."""
    folders = path.split("/")[:-1]
    while folders and "=" in folders[-1]:
        folders.pop()
    return "/".join(folders)


def _limit(data: Any) -> Callable[[Project], int]:
    if data == _LARGE_FILE:
        return lambda project: project.options.large_file
    size = paths.size(data)
    return lambda _: size


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
