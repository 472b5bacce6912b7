"""What rules should say of a program, read off what a real MLflow held after it was run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracked import Seen

RULES = ("TRK002", "TRK003", "TRK004", "TRK005", "TRK006", "TRK007", "TRK008", "TRK011", "TRK014")

_TEXTS = re.compile(r"\.(csv|html|ini|json|md|parquet|toml|tsv|txt|ya?ml)$")
_DATA = re.compile(r"(?i)(data|dvc).*(version|hash|rev|commit|digest|sha|tag)|dataset")
_COMMIT = re.compile(r"(?i)^(git_?(sha|commit|hash|rev\w*)|commit(_?(sha|hash|id))?|code_version)$")


def expected(seen: Seen) -> frozenset[str]:
    """The rules that are true of the program."""
    return frozenset(_Store(seen).verdicts())


class _Store:
    def __init__(self, seen: Seen) -> None:
        self.runs = seen["runs"]
        self.events = seen["events"]
        self.error = seen["error"]
        self.in_git = set(seen["in-git"])
        self.stray = self._noted("opened-by-logging")
        self.resumed = self._noted("resumed")

    def _noted(self, event: str) -> set[int]:
        return {one["run"] for one in self.events if one["event"] == event}

    def verdicts(self) -> Iterator[str]:
        if self.error:
            yield "TRK005"
        if self.stray and self._noted("started") - self.stray:
            yield "TRK006"
        if any(self._repeats_step_zero(run) for run in self.runs):
            yield "TRK007"
        if not all(signed for run in self.runs for signed in run["signatures"]):
            yield "TRK011"
        if self._autologged_too_late():
            yield "TRK008"
        whole = len(self.runs) - bool(self.error)  # what was recorded when the program broke off
        for number in range(whole):
            if number not in self.stray:
                yield from self._of_run(number)

    def _of_run(self, number: int) -> Iterator[str]:
        run = self.runs[number]
        fits = [one for one in self.events if one["event"] == "fit" and one["run"] == number]
        settings = bool(run["params"])
        documents = any(_TEXTS.search(path) for path in run["files"])
        if not self._autologged_too_late() and number not in self.resumed:
            if (fits or settings) and not documents and not self._metrics(number):
                yield "TRK002"
            if fits and not documents and not self._params(number):
                yield "TRK003"
            kept = any(not one["search"] for one in fits) and not run["files"]
            alone = run["parent"] is None and not any(one["signatures"] for one in self.runs)
            if kept and alone:
                yield "TRK004"
        if self._wrong_commit(run) or (fits and self._reads_outside_git() and not self._data(run)):
            yield "TRK014"

    def _metrics(self, number: int) -> bool:
        """A run that only holds others is as good as they are."""
        own = any(not name.startswith("system/") for name in self.runs[number]["metrics"])
        return own or any(self._metrics(n) for n in self._children(number))

    def _params(self, number: int) -> bool:
        family = [number, *self._children(number)]
        parent = self.runs[number]["parent"]
        return any(self.runs[n]["params"] for n in (*family, *([] if parent is None else [parent])))

    def _children(self, number: int) -> list[int]:
        return [n for n, run in enumerate(self.runs) if run["parent"] == number]

    def _repeats_step_zero(self, run: Seen) -> bool:
        own = {name: at for name, at in run["metrics"].items() if not name.startswith("system/")}
        return any(len(steps) > 1 and not any(steps) for steps in own.values())

    def _autologged_too_late(self) -> bool:
        kinds = [one["event"] for one in self.events if one["event"] in ("fit", "autolog")]
        return "fit" in kinds and "autolog" in kinds and kinds[-1] == "autolog"

    def _reads_outside_git(self) -> bool:
        return any(one["event"] == "read" and one["path"] not in self.in_git for one in self.events)

    def _data(self, run: Seen) -> bool:
        return bool(run["inputs"]) or any(
            _DATA.search(key) for key in (*run["tags"], *run["params"])
        )

    def _wrong_commit(self, run: Seen) -> bool:
        return any(_COMMIT.search(key) and not right for key, right in run["commits"].items())
