"""Data that is kept with the code, and of which no text says where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.facts.syntax import Text
from mlaudit.patterns import Gated
from mlaudit.project.dvc import Owned
from mlaudit.project.papers import datasheets, is_english, text_of
from mlaudit.project.project import Project
from mlaudit.project.tools import COUNTED
from mlaudit.repo.model import File
from mlaudit.rules.model import Match, Rule, Spot

_DATA = re.compile(
    r".+\.(?:csv|tsv|jsonl|ndjson|parquet|feather|arrow|orc|avro|tfrecords?|npz|npy|h5|hdf5|mat"
    r"|sqlite3?|db|xlsx?|arff|libsvm)(?:\.(?:gz|bz2|xz|zst|zip))?",
    re.IGNORECASE,
)
_OTHER = Gated(
    r"(?:^|[/_.-])(?:samples?|toy|tiny|mini|dummy|mocks?|fakes?|fixtures?|lookups?|mappings?|vocab\w*"
    r"|i18n|locales?|translations?|metrics?|results?|reports?|benchmarks?|leaderboard|cassettes|logs?"
    r"|predictions?|preds?|submissions?|outputs?|scores?|history|examples?|demo|tests?|models?|cache"
    r"|weights?|checkpoints?|labels?|classes|class_names|embeddings?|index|schema|requirements|request"
    r"|payload|inputs?|synthetic|simulated|generated|mlruns|artifacts?|figures?|assets?|experiments?)"
    r"(?=[/_.-]|$)",
    re.IGNORECASE,
)
"""In a path: no data of the project's own that anybody learns from."""
_SMALLEST = 10_000
"""Bytes of a table that is more than a list of settings."""
_SOURCE = Gated(
    r"\bdata\w*\b[^\n]{0,200}(?:https?://|kaggle|\buci\b|zenodo|figshare|openml|hugging ?face)"
    r"|(?:https?://|kaggle|\buci\b|zenodo|figshare|openml|hugging ?face)[^\n]{0,200}"
    r"\b(?:data|corpus)"
    r"|(?:https?://)[^\s)]{0,200}(?:data|corpus|kaggle|archive|zenodo|figshare)"
    r"|\b(?:collected|gathered|scraped|recorded|provided|published|released|compiled|annotated)\b"
    r"[^\n]{0,60}\b(?:by|from|at|with)\b|\b(?:source|provenance|origin)s?\b[^\n]{0,40}\bdata"
    r"|\bdata\w*\b[^\n]{0,60}\b(?:source|provenance|licen[cs]e|comes? from|taken from|obtained from"
    r"|based on|synthetic|generated|simulated|fictional|anonymi[sz]ed)"
    r"|\b(?:synthetic|fictional|simulated|generated|public|open)\b[^\n]{0,60}\bdata"
    r"|\b(?:mnist|cifar|imagenet|iris|titanic|coco|adult census|california housing|movielens|imdb"
    r"|penguins|wine quality|boston housing|ames housing|credit ?card fraud|taxi)\b",
    re.IGNORECASE,
)
"""In a text: it says where data comes from, or names a set that everybody knows."""
_WRITES = re.compile(
    r"to_(?:csv|parquet|json|feather|hdf|excel|sql)|save\w*|dump|write\w*|open|urlretrieve"
    r"|download\w*"
)
_BESIDE = ("readme", "licence", "license", "source", "about", "citation")


def check(project: Project, rule: Rule) -> Iterator[Match]:
    """At most one match, on the first data that nothing describes."""
    found = list(_data(project))
    if not found or any(True for _ in datasheets(project)):
        return
    made = _made_here(project, {path.rpartition("/")[2] for path, _ in found})
    papers = _Papers(project)
    for path, place in found:
        if path.rpartition("/")[2] not in made and not papers.describe(path):
            yield Match(rule.id, Spot(place), {"path": path}, identity="datasheet")
            return


def _data(project: Project) -> Iterator[tuple[str, str]]:
    """Data that git or DVC gives versions: its path, and the file that stands for it."""
    for root in project.dvc:
        for owned in root.outputs:
            own = not owned.stage and not owned.imported and _is_counted(project, owned.declared)
            if own and not _OTHER.search(owned.path) and not _has_description(project, owned):
                yield owned.path, owned.declared
    for path, file in project.files.items():
        own = file.tracked and _DATA.fullmatch(path) is not None and _is_counted(project, path)
        if own and not _OTHER.search(path) and _is_large(project, file):
            yield path, path


def _is_counted(project: Project, path: str) -> bool:
    file = project.files.get(path)
    return file is not None and file.context in COUNTED


def _is_large(project: Project, file: File) -> bool:
    facts = project.facts.get(file.path)
    lfs = facts is not None and facts.blob is not None and facts.blob.lfs
    return lfs or file.size >= _SMALLEST


def _has_description(project: Project, owned: Owned) -> bool:
    """DVC keeps a description with the pointer where somebody gave one."""
    text = text_of(project, owned.declared)
    return any(line.lstrip(" -").startswith(("desc:", "meta:")) for line in text.split("\n"))


class _Papers:
    """READMEs, notebooks, and what else is written down, by their folders."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, bool] = {}
        """By folder: whether a paper in it says where data is from."""
        self._papers: dict[str, list[str]] = {}
        for path in project.files:
            folder, _, name = path.rpartition("/")
            name = name.lower()
            if name.endswith((".ipynb", ".md", ".rst")) or name.startswith(_BESIDE):
                self._papers.setdefault(folder, []).append(path)

    def describe(self, path: str) -> bool:
        """Whether a text in the folder of the data, or in one around it, says so."""
        folder = path.rpartition("/")[0]
        while folder:
            if self._speaks(folder):
                return True
            folder = folder.rpartition("/")[0]
        return self._speaks("")

    def _speaks(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            found = (text_of(self._project, path) for path in self._papers.get(folder, ()))
            known = any(_SOURCE.search(text) or not is_english(text) for text in found if text)
            self._known[folder] = known
        return known


def _made_here(project: Project, names: set[str]) -> frozenset[str]:
    """Names of files that code writes or fetches, or that a command speaks of."""
    found = set()
    for facts in project.facts.values():
        for command in facts.commands:
            found |= names.intersection(word.rpartition("/")[2] for word in command.text.split())
        for text in facts.python.texts if facts.python is not None else ():
            last = text.value.rpartition("/")[2]
            if last in names and ("://" in text.value or _WRITES.fullmatch(_called(text))):
                found.add(last)
    return frozenset(found)


def _called(text: Text) -> str:
    return text.callee.rpartition(".")[2]
