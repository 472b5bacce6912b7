"""Data that is kept with the code, and of which no text says where it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from mlaudit.facts.syntax import Text
from mlaudit.patterns import Gated
from mlaudit.project.papers import datasheets, is_english, text_of
from mlaudit.project.practices.tools import COUNTED
from mlaudit.project.project import Project
from mlaudit.repo.model import File
from mlaudit.rules.model import Match, Rule, Spot

if TYPE_CHECKING:
    from mlaudit.project.dvc.repositories import Owned

_DATA = Gated(
    r".+\.(?:csv|tsv|jsonl|ndjson|parquet|feather|arrow|orc|avro|tfrecords?|npz|npy|h5|hdf5|mat"
    r"|xlsx?|arff|libsvm)(?:\.(?:gz|bz2|xz|zst|zip))?",
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
_THEM = (
    r"\b(?:data ?sets?|datafiles?|corpus|corpora|data(?! (?:engineer|scien|version|pipeline|lake"
    r"|catalog|quality|manage|platform|drift|valid|product|team|folder|loader|dir|path|mesh|integr"
    r"|ops)))\b"
)
_HOSTS = (
    r"(?:kaggle|\buci\b|archive\.ics|zenodo|figshare|openml|hugging ?face\.co/datasets|data\.gov"
    r"|data\.world|doi\.org|DOI-\d|dataverse|physionet|registry\.opendata)"
)
_LINKS = r"(?:https?://(?!docs\.|[^/\s]*/docs)|s3://|gs://)"
_KNOWN = (
    r"(?:mnist|cifar|imagenet|iris|titanic|coco|adult|california|movielens|ml-\d+m|imdb|penguins"
    r"|wine|boston|ames|creditcard|taxi|diabetes|breast[-_ ]?cancer|20news\w*|squad|glue|housing)"
)
_PUBLIC = Gated(rf"(?:^|[^a-z]){_KNOWN}(?:[^a-z]|$)", re.IGNORECASE)
"""In the name of a file: a public set that everybody knows."""
_FAR = Gated(
    rf"{_THEM}[^\n]{{0,200}}{_HOSTS}|{_HOSTS}[^\n]{{0,200}}{_THEM}|https?://[^\s)]{{0,200}}{_HOSTS}"
    rf"|{_THEM}[^\n]{{0,60}}\b(?:was|were|is|are|has been) (?:\w+ )?(?:collected|gathered|scraped"
    r"|recorded|provided|published|compiled|synthetic|generated|simulated|fictional|anonymi[sz]ed"
    r"|licen[cs]ed|taken|obtained|extracted|exported|from)\b"
    rf"|\b(?:synthetic|fictional|simulated|artificial|toy)\b[^\n]{{0,40}}{_THEM}",
    re.IGNORECASE,
)
"""In a text about all of the repository: it says where data comes from."""
_NEAR = Gated(
    rf"{_THEM}[^\n]{{0,60}}{_LINKS}|{_LINKS}[^\n]{{0,60}}{_THEM}"
    rf"|{_THEM}[^\n]{{0,120}}\b(?:collected|gathered|scraped|recorded|provided|published|released"
    r"|compiled|annotated|licen[cs]ed?|provenance|sources?|taken from|comes? from|obtained"
    r"|extracted|exported|based on|subset of)\b"
    rf"|\b(?:collected|gathered|scraped|public|open|subset of|version of|source)\b"
    rf"[^\n]{{0,60}}{_THEM}",
    re.IGNORECASE,
)
"""In a text beside the data, or in a folder around it."""
_WRITES = Gated(
    r"to_(?:csv|parquet|json|feather|hdf|excel|sql)|save\w*|dump|write\w*|urlretrieve|download\w*"
)
_FETCHES = Gated(r"\b(?:wget|curl|kaggle|gdown|gsutil|aws|azcopy|unzip|tar|rclone|scp)\b|> ?\S")
"""In a command: it fetches a file, or writes one."""
_FEWEST = 60
"""Words of a text that shows its language."""
_BESIDE = ("readme", "source", "about", "citation")
_NOTE = Gated(r".*(?:readme|source|src|info|dataset|about|descri|codebook|notes?).*\.(?:txt|pdf)")
_COMMON = frozenset({"data", "dataset", "datasets", "raw", "csv", "input", "train", "01_raw"})
_MOST_PAPERS = 300
_LICENCES = ("licence", "license", "copying")


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
    for root in project.dvc if any(path.endswith(".dvc") for path in project.files) else ():
        for owned in root.outputs:
            own = not owned.stage and not owned.imported and _is_counted(project, owned.declared)
            if own and not _OTHER.search(owned.path) and not _has_description(project, owned):
                yield owned.path, owned.declared
    for path, file in project.files.items():
        own = file.tracked and _DATA.fullmatch(path) is not None and _is_counted(project, path)
        known = _OTHER.search(path) or _PUBLIC.search(path.rpartition("/")[2])
        if own and not known and _is_large(project, file):
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
        self._notes: set[str] = set()
        """Folders with a note of their own about the data in them."""
        for path in project.files:
            folder, _, name = path.rpartition("/")
            name = name.lower()
            if folder and (name.startswith(_LICENCES) or _NOTE.fullmatch(name)):
                self._notes.add(folder)
            elif name.endswith((".ipynb", ".md", ".rst")) or name.startswith(_BESIDE):
                self._papers.setdefault(folder, []).append(path)

    def describe(self, path: str) -> bool:
        """Whether a text in the folder of the data, or in one around it, says so."""
        folder, _, name = path.rpartition("/")
        if folder in self._notes:
            return True
        words = {name, folder.rpartition("/")[2]} - _COMMON
        while folder:
            if self._speaks(folder):
                return True
            folder = folder.rpartition("/")[0]
        return self._speaks("") or any(map(self._names_source(words), self._texts))

    def _names_source(self, words: set[str]) -> Callable[[str], bool]:
        """Whether a text that names the data says where it is from, wherever it stands."""
        return lambda text: any(word in text for word in words if word) and _tells(text, near=True)

    def _speaks(self, folder: str) -> bool:
        known = self._known.get(folder)
        if known is None:
            found = (text_of(self._project, path) for path in self._papers.get(folder, ()))
            known = any(_tells(text, near=bool(folder)) for text in found if text)
            self._known[folder] = known
        return known

    @cached_property
    def _texts(self) -> tuple[str, ...]:
        paths = (path for papers in self._papers.values() for path in papers)
        return tuple(text_of(self._project, path) for path in islice(paths, _MOST_PAPERS))


def _made_here(project: Project, names: set[str]) -> frozenset[str]:
    """Names of files that code writes or fetches, or that a command speaks of."""
    found = set()
    for facts in project.facts.values():
        for command in facts.commands:
            if _FETCHES.search(command.text) is None:
                continue
            found |= names.intersection(word.rpartition("/")[2] for word in command.text.split())
        for text in facts.python.texts if facts.python is not None else ():
            last = text.value.rpartition("/")[2]
            if last in names and ("://" in text.value or _WRITES.fullmatch(_called(text))):
                found.add(last)
    return frozenset(found)


def _tells(text: str, *, near: bool) -> bool:
    if _FAR.search(text) or _is_foreign(text):
        return True
    return near and _NEAR.search(text) is not None


def _is_foreign(text: str) -> bool:
    """Another language, whose words are not known here."""
    return len(text.split()) >= _FEWEST and not is_english(text)


def _called(text: Text) -> str:
    return text.callee.rpartition(".")[2]
