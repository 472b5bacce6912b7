"""What the path of a manifest says."""

import posixpath
import re

_GROUPS = {
    "dev": "dev", "develop": "dev", "development": "dev", "lint": "dev", "linting": "dev",
    "style": "dev", "quality": "dev", "typing": "dev", "ci": "dev", "build": "dev", "tools": "dev",
    "tooling": "dev", "precommit": "dev",
    "test": "test", "tests": "test", "testing": "test", "doctests": "test",
    "doc": "docs", "docs": "docs", "documentation": "docs",
    "example": "examples", "examples": "examples",
    "benchmark": "benchmarks", "benchmarks": "benchmarks",
}  # fmt: skip
_FOLDERS = {"docs", "doc", "tests", "test", "ci", ".github", ".circleci", "benchmarks"}
_WORDS = re.compile(r"[-_. ]+")


def beside(path: str, other: str) -> str:
    """`other`, as written in the file at `path`, relative to the repository's root.

    Empty when it leaves the repository, is absolute or a URL.
    """
    other = other.strip().replace("\\", "/")
    if not other or "://" in other or other.startswith("/") or "\0" in other or ":" in other[:2]:
        return ""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
    return "" if joined == ".." or joined.startswith("../") else joined


def group_of(path: str) -> str:
    """The group of the dependencies in a requirements file, by its name and folder.

    `requirements-dev.txt`, `requirements/test.txt` and `docs/requirements.txt` ask for nothing
    that the application needs when it runs.
    """
    folder, _, name = path.rpartition("/")
    for word in _WORDS.split(name.rpartition(".")[0].lower()):
        if word in _GROUPS:
            return _GROUPS[word]
    last = folder.rpartition("/")[2].lower()
    return _GROUPS.get(last, "dev") if last in _FOLDERS else ""
