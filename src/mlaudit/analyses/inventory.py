"""The environment of each project root as a table: what is declared, locked, and installed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from mlaudit.analyses.conflicting_pins import conflicts_in
from mlaudit.analyses.interpreter_parity import Side, mismatch, sides_of
from mlaudit.analyses.inventory_mentions import (
    Mention,
    lasting,
    mention_of,
    merged,
    of_pythons,
    said_by,
    variant_of,
)
from mlaudit.analyses.lock_bypassed import bypasses_in
from mlaudit.analyses.parity import main_name, named_by
from mlaudit.analyses.stale_lock import Stale, stale_in
from mlaudit.analyses.verdicts import Verdict, of_commands, of_conflict, of_stale, of_version
from mlaudit.facts.installs import Install
from mlaudit.facts.records import Dependency, FileFacts
from mlaudit.project.environment.environment import Environment
from mlaudit.project.environment.freezing import INSTALLERS
from mlaudit.project.environment.interpreters import PythonSource
from mlaudit.project.environment.setup_model import Setup
from mlaudit.project.environment.setups import names_group, takes_group
from mlaudit.project.environment.versions import Interval
from mlaudit.project.project import Project
from mlaudit.project.roots import ProjectRoot


class Row(Struct, frozen=True):
    """One distribution, or the interpreter."""

    name: str
    declared: tuple[Mention, ...]
    locked: tuple[Mention, ...]
    image: tuple[Mention, ...]
    ci: tuple[Mention, ...]
    notebooks: tuple[Mention, ...]
    verdict: Verdict
    version: Interval | None = None
    """What is known, as version-aware rules use it."""
    groups: tuple[str, ...] = ()
    """Empty for what the project needs when it runs."""


class Table(Struct, frozen=True):
    """The environment of one project root, or of an image beside no manifest."""

    root: str
    """Path of the folder; empty for the repository's own."""
    manifests: tuple[str, ...]
    locks: tuple[str, ...]
    rows: tuple[Row, ...]
    """The interpreter first, then by name; what only development needs comes last."""
    locked_only: int = 0
    """Distributions of the locks that nothing names: what others depend on."""


def inventory(project: Project) -> Iterator[Table]:
    """A table for every root that says something, then for images that belong to none."""
    for root in project.environment.roots:
        table = _Inventory(project, root).table()
        if table.rows:
            yield table
    folders: dict[str, list[Setup]] = {}
    for setup in project.environment.strays:
        folders.setdefault(posixpath.dirname(setup.path), []).append(setup)
    for folder, setups in folders.items():
        yield _Inventory(project, ProjectRoot(folder), tuple(setups)).table()


class _Inventory:
    def __init__(
        self, project: Project, root: ProjectRoot, setups: tuple[Setup, ...] | None = None
    ) -> None:
        self._facts = project.facts
        self._environment: Environment = project.environment
        self._root = root
        self._setups = project.environment.setups(root) if setups is None else setups
        self._locks = self._environment.locks_of(root)
        self._conflicts = {one.name: one for one in conflicts_in(self._environment, root)}
        self._bypassing = {one.setup.path for one in bypasses_in(self._environment, root)}
        self._stale: dict[str, Stale] = {}
        for one in stale_in(self._environment, root):
            self._stale.setdefault(main_name(one.declaration.dependency.name), one)

    def table(self) -> Table:
        names = self._names()
        rows = [self._row(name) for name in names]
        rows.sort(key=lambda row: (bool(row.groups), row.name))
        interpreter = self._interpreter()
        return Table(
            self._root.path,
            self._root.files,
            self._locks,
            tuple([interpreter, *rows] if interpreter else rows),
            len(self._locked_names() - set(names)) if rows else 0,
        )

    def _locked_names(self) -> set[str]:
        """All that locks and compiled lists have."""
        locks = filter(None, map(self._environment.lock, self._locks))
        declared = self._environment.declarations(self._root)
        return {
            *(main_name(one.name) for lock in locks for one in lock.packages),
            *(main_name(one.dependency.name) for one in declared if one.compiled),
        }

    def _names(self) -> list[str]:
        declared = self._environment.declarations(self._root)
        # Where nothing but a compiled list is left, nobody knows what was asked for.
        asked = [one for one in declared if not one.compiled] or declared
        named = [one.dependency.name for one in asked if _is_told(one.dependency)]
        for setup in self._setups:
            brought = named_by(self._environment, setup)
            named += [one.name for one in brought if one.name not in INSTALLERS]
        return [name for name in dict.fromkeys(map(main_name, named)) if name]

    def _row(self, name: str) -> Row:
        declared = self._declared(name)
        locked = self._locked(name)
        version = self._environment.version(self._root, name) if declared or locked else None
        groups = dict.fromkeys(one.group for one in declared)
        return Row(
            name,
            declared,
            locked,
            self._brought("image", name),
            self._brought("ci", name),
            self._brought("notebook", name),
            self._verdict(name, version, declared),
            version,
            () if "" in groups else tuple(groups),
        )

    def _declared(self, name: str) -> tuple[Mention, ...]:
        environment = self._environment
        found = [
            mention_of(name, one.dependency, one.path, one.dependency.span.line)
            for one in (
                *environment.declared(self._root, name),
                *environment.constraints(self._root, name),
            )
            if not environment.is_compiled(one.path)
        ]
        return merged(found)

    def _locked(self, name: str) -> tuple[Mention, ...]:
        environment = self._environment
        found = [
            Mention(
                one.locked.version or "its source",
                one.path,
                one.locked.line,
                variant=variant_of(one.locked.name, name),
            )
            for one in environment.locked(self._root, name)
        ]
        found += [
            Mention(said_by(one.dependency).removeprefix("=="), one.path, one.dependency.span.line)
            for one in environment.declared(self._root, name)
            if environment.is_compiled(one.path)
        ]
        own = {one.says for one in found if not one.variant}
        return merged(one for one in found if not one.variant or one.says not in own)

    def _brought(self, side: str, name: str) -> tuple[Mention, ...]:
        setups = [one for one in self._setups if one.side == side]
        return merged(one for setup in setups for one in self._of_setup(setup, name))

    def _of_setup(self, setup: Setup, name: str) -> Iterator[Mention]:
        for one in named_by(self._environment, setup):
            if main_name(one.name) == name:
                yield mention_of(name, one, setup.path, self._line(setup, one.span.line))
        for install in setup.installs:
            line = self._line(setup, install.line)
            if install.action == "lock" and self._takes(install, name):
                yield Mention("lock", setup.path, line)
            for one in self._listed(setup, install):
                if main_name(one.name) == name:
                    yield replace(mention_of(name, one, setup.path, line), group="")

    def _takes(self, install: Install, name: str) -> bool:
        if not self._environment.locked(self._root, name):
            return False
        declared = self._environment.declared(self._root, name)
        groups = {one.dependency.group for one in declared}
        return not groups or any(takes_group(install, group) for group in groups)

    def _listed(self, setup: Setup, install: Install) -> Iterator[Dependency]:
        """What the lists and folders ask for that the command names."""
        for path in self._files_of(setup, install):
            manifest = self._environment.manifest(path)
            all_of_it = path not in self._root.manifests or path.endswith(".txt")
            for one in manifest.dependencies if manifest else ():
                if all_of_it or not one.group or names_group(install, one.group):
                    yield one

    def _files_of(self, setup: Setup, install: Install) -> Iterator[str]:
        for written in (*install.lists, *install.projects):
            path = self._environment.named_file(setup, written)
            if not path and written.rstrip("/") in (".", ".."):
                yield from self._environment.project_files(self._root)
            else:
                yield path

    def _line(self, setup: Setup, line: int) -> int:
        facts: FileFacts = self._facts[setup.path]
        return facts.raw_line(line) if setup.code else line

    def _interpreter(self) -> Row | None:
        declared = Side("declared", self._environment.stated_pythons(self._root))
        image, ci = (Side(side, self._brought_pythons(side)) for side in ("image", "ci"))
        sides = [side for side in (declared, image, ci) if side.sources]
        if not sides:
            return None
        locked = tuple(
            Mention(lock.python, path, lock.python_line)
            for path in self._locks
            if (lock := self._environment.lock(path)) is not None and lock.python
        )
        named = [of_pythons(side.sources) for side in (declared, image, ci)]
        return Row("Python", named[0], locked, named[1], named[2], (), self._agreement(sides))

    def _brought_pythons(self, side: str) -> tuple[PythonSource, ...]:
        return tuple(one for setup in self._setups if setup.side == side for one in setup.pythons)

    def _agreement(self, sides: list[Side]) -> Verdict:
        pair = mismatch(sides_of(self._environment, self._root))
        if pair is not None:
            return Verdict("wrong", f"{pair[0].text}, but {pair[1].text}")
        if not all(one.meets(other) for n, other in enumerate(sides) for one in sides[:n]):
            return Verdict("loose", "several")
        if not any(one.specifier.startswith("==") for side in sides for one in side.sources):
            return Verdict("loose", "range")
        return Verdict("held", "agreed" if len(sides) > 1 else "named once")

    def _verdict(
        self, name: str, version: Interval | None, declared: tuple[Mention, ...]
    ) -> Verdict:
        stale, conflict = self._stale.get(name), self._conflicts.get(name)
        if stale is not None:
            return of_stale(stale)
        if conflict is not None:
            return of_conflict(conflict)
        for one in self._brought("image", name):
            if one.path in self._bypassing:
                return Verdict("loose", f"lock bypassed in {posixpath.basename(one.path)}")
        if version is not None:
            return of_version(version)
        brought = [lasting(self._brought(side, name)) for side in ("image", "notebook")]
        others = [*declared, *brought[0], *brought[1]]
        return of_commands(one.says for one in (others or self._brought("ci", name)))


def _is_told(one: Dependency) -> bool:
    """Of installers, only those of a version that more than the build of a package asks for."""
    wanted = bool(one.specifier) and one.group != "build" and one.name != "python"
    return wanted or one.name not in INSTALLERS
