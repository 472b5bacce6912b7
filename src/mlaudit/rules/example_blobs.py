"""Files of an example that no YAML can hold: a size, and the first bytes of a format."""

from __future__ import annotations

import io
import os
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

from mlaudit.rules.matchers.paths import size

_UNKNOWN = b"\x01\xff\x02\xfe"
_PICKLED = b"\x10" + b"\0" * 7 + b"}\x94."
_HEADS = {
    "": _UNKNOWN,
    "parquet": b"PAR1",
    "pickle-4": b"\x80\x04\x95" + _PICKLED,
    "pickle-5": b"\x80\x05\x95" + _PICKLED,
    "sqlite": b"SQLite format 3\0",
    "hdf5": b"\x89HDF\r\n\x1a\n",
}
_ZIPPED = {"zip": "notes.txt", "npz": "a.npy", "torch-zip": "archive/data.pkl"}


def lay_out_blobs(folder: Path, blobs: Mapping[str, str]) -> None:
    """Writes the files, which cost no space: beyond their first bytes they are holes."""
    for path, description in blobs.items():
        number, unit, *format_ = description.split()
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as stream:
            stream.write(head(format_[0] if format_ else ""))
            stream.truncate(size(f"{number} {unit}"))


def index_blobs(folder: Path, blobs: Mapping[str, str]) -> None:
    """Puts them into the git index without storing their content."""
    run_git(folder, "update-index", "--add", "--info-only", "--", *blobs)


def run_git(folder: Path, *arguments: str) -> None:
    """Runs git as if the user had no settings: theirs may send files through Git LFS."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", "-C", str(folder), *arguments]
    subprocess.run(command, check=True, capture_output=True, env=environment)


def head(format_: str) -> bytes:
    """The first bytes of a file of a format. Raises KeyError for one that is not known here."""
    if format_ not in _ZIPPED:
        return _HEADS[format_]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(_ZIPPED[format_], b"x")
    return archive.getvalue()
