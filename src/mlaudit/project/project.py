"""The repository as a whole: its files' facts, linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from mlaudit.facts.records import FileFacts
from mlaudit.project.options import DEFAULTS, Options
from mlaudit.repo.model import Context, File, Kind, Repo

if TYPE_CHECKING:
    from mlaudit.project.dvc.ignoring import IgnoreFiles
    from mlaudit.project.dvc.repositories import DvcRoot
    from mlaudit.project.environment.environment import Environment
    from mlaudit.project.linking.callees import Callees
    from mlaudit.project.linking.program import Program
    from mlaudit.project.nature import Nature
    from mlaudit.project.past_secrets import PastSecrets
    from mlaudit.project.pipelines.pipelines import Pipelines
    from mlaudit.project.practices.sights import Sights
    from mlaudit.project.roots import ProjectRoot
    from mlaudit.project.runs.runs import Runs
    from mlaudit.project.serving.serving import Serving
    from mlaudit.project.stored import Stored
    from mlaudit.repo.history import History


class Project:
    """What rules and analyses are given. Parts that cost time are built when first asked for."""

    def __init__(
        self, repo: Repo, facts: Mapping[str, FileFacts], options: Options = DEFAULTS
    ) -> None:
        self.repo = repo
        self.options = options
        self.facts = facts
        """By path. Of a part of a repository: the selected files and the manifests."""
        self.files: Mapping[str, File] = {file.path: file for file in repo.files}
        """All files of the repository, read or not."""
        self._natures: dict[str, Nature] = {}
        self._packaged: dict[str, bool] = {}
        self._aside: dict[str, bool] = {}

    @cached_property
    def history(self) -> History | None:
        """What commits brought; None where nobody asked for it, and outside git."""
        if not self.options.history:
            return None
        from mlaudit.repo.history import history_of, without

        found = history_of(self.repo, self.options.tell)
        return without(found, self.options.exclude) if found is not None else None

    @cached_property
    def stored(self) -> Stored:
        """What git holds of the files, whatever lies on disk."""
        from mlaudit.project.stored import Stored

        return Stored(self.repo, self.facts, self.history)

    @cached_property
    def past_secrets(self) -> Sequence[PastSecrets]:
        """Secrets that commits brought and the files of today no longer have."""
        if self.history is None:
            return ()
        from mlaudit.project.past_secrets import past_secrets

        return past_secrets(self.history, self.facts)

    @cached_property
    def environment(self) -> Environment:
        """Project roots, what they declare and lock, and the interpreters they name."""
        from mlaudit.project.environment.environment import Environment

        return Environment(self.facts, self.repo)

    @cached_property
    def program(self) -> Program:
        """Modules, resolved names, the call graph and the entry points."""
        from mlaudit.project.linking.program import Program

        return Program(self.facts, self.files, self._is_foreign)

    @cached_property
    def callees(self) -> Callees:
        """Which files call what."""
        from mlaudit.project.linking.callees import Callees

        return Callees(self.facts)

    @cached_property
    def runs(self) -> Runs:
        """The runs of experiment trackers: where each is open, and what is done in it."""
        from mlaudit.project.runs.runs import Runs

        return Runs(self)

    @cached_property
    def serving(self) -> Serving:
        """What answers requests with a model: handlers, manifests, commands."""
        from mlaudit.project.serving.serving import Serving

        return Serving(self)

    @cached_property
    def pipelines(self) -> Pipelines:
        """The pipelines that files declare: stages, what they run, and in which order."""
        from mlaudit.project.pipelines.pipelines import Pipelines

        return Pipelines(self)

    @cached_property
    def sights(self) -> Sights:
        """Calls, commands and objects of the files in use, for signs of a practice."""
        from mlaudit.project.practices.sights import Sights

        return Sights(self)

    def _is_foreign(self, importer: str, path: str) -> bool:
        """Whether an example or a benchmark uses the package that it is for: a library to it."""
        known = self._aside.get(importer)
        if known is None:
            known = self._aside[importer] = self._is_aside(importer)
        if not known:
            return False
        return self.files[path].context is Context.SRC and self._is_packaged(path)

    def _is_aside(self, path: str) -> bool:
        from mlaudit.project.nature import in_benchmarks

        return self.files[path].context in (Context.EXAMPLES, Context.DOCS) or in_benchmarks(path)

    def _is_packaged(self, path: str) -> bool:
        known = self._packaged.get(path)
        if known is None:
            root = self.environment.root_of(path)
            known = self._packaged[path] = self.environment.packaged(root)
        return known

    @cached_property
    def model_cards(self) -> tuple[str, ...]:
        """Paths of the model cards, sorted."""
        from mlaudit.project.papers import model_cards

        return tuple(model_cards(self))

    @cached_property
    def dvc(self) -> tuple[DvcRoot, ...]:
        """The DVC repositories in it, mostly none or one."""
        from mlaudit.project.dvc.repositories import dvc_roots

        return dvc_roots(self)

    @cached_property
    def git_ignore(self) -> IgnoreFiles:
        """What the .gitignore files say, to which nobody's own ignore files belong."""
        from mlaudit.project.dvc.ignoring import IgnoreFiles, ignore_lines

        return IgnoreFiles(ignore_lines(self.facts, ".gitignore"), ".gitignore")

    def nature(self, root: ProjectRoot) -> Nature:
        """Library or application, of what lies below a project root."""
        known = self._natures.get(root.path)
        if known is None:
            from mlaudit.project.nature import nature

            known = self._natures[root.path] = nature(self, root)
        return known

    def of_kind(self, *kinds: Kind) -> Iterator[FileFacts]:
        for facts in self.facts.values():
            if facts.kind in kinds:
                yield facts
