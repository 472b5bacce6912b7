"""Running git on a repository that is not trusted.

Git runs programs that a repository's configuration names: file system monitors, filters, diff
drivers, ssh commands, hooks, pagers, and more with every release. So that configuration is never
read. Each command gets a git directory of ours, made for it and removed after it, with a
configuration of ours, and only the data of the repository is lent to it: its refs by links, its
objects and its index by environment variables. No list of dangerous settings can then be
incomplete, and who owns the repository does not matter either (git refuses a repository of
another user because of its configuration, too).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from mlaudit.repo.gitconfig import config_values
from mlaudit.repo.gitfolder import GitFolder
from mlaudit.repo.regular import read_regular

TIMEOUT = 60.0
"""Seconds that one git command may take."""

_SMALL = 1 << 20
_LENT = ("refs", "packed-refs", "shallow", "reftable")
_NULL = os.devnull.replace("\\", "/")

# Settings of the repository that tell how its data is stored. Their values are checked.
_STORAGE: Mapping[str, frozenset[str]] = {
    "extensions.objectformat": frozenset({"sha1", "sha256"}),
    "extensions.refstorage": frozenset({"files", "reftable"}),
    "core.filemode": frozenset({"true", "false"}),
    "core.ignorecase": frozenset({"true", "false"}),
    "core.symlinks": frozenset({"true", "false"}),
    "core.precomposeunicode": frozenset({"true", "false"}),
    "core.autocrlf": frozenset({"true", "false", "input"}),
}

# Belt and braces: most of these are what an empty configuration means anyway.
_SETTINGS = f"""\
[core]
repositoryformatversion = 1
bare = false
hooksPath = {_NULL}
attributesFile = {_NULL}
excludesFile = {_NULL}
fsmonitor = false
pager = cat
quotePath = false
[credential]
helper =
[protocol]
allow = never
[gc]
auto = 0
[maintenance]
auto = false
[submodule]
recurse = false
[diff]
submodule = short
[color]
ui = false
"""

# Commands that would look into submodules, and there start a git that reads their configuration.
_LOOK_INTO_SUBMODULES = frozenset({"diff", "diff-files", "diff-index", "status"})


class GitError(Exception):
    """Git is not there, or could not do what was asked. The message is a reason for the user."""


def run_git(
    folder: GitFolder, *arguments: str, stdin: bytes = b"", timeout: float = TIMEOUT
) -> bytes:
    """What a git command that only reads writes to standard output.

    Nothing that the repository holds is run, nothing is fetched and nothing in it is changed.
    The user's own configuration does not matter either, so the answer is the same everywhere.
    Raises GitError when git is not installed, fails, or takes longer than `timeout` seconds.
    """
    with start_git(folder, *arguments, errors=subprocess.PIPE) as process:
        try:
            output, reasons = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            raise GitError(f"git {arguments[0]} took longer than {timeout:g} seconds") from None
    if process.returncode:
        reason = reasons.decode("utf-8", "replace").strip().partition("\n")[0]
        raise GitError(f"git {arguments[0]} failed: {reason or process.returncode}")
    return output


@contextmanager
def start_git(
    folder: GitFolder, *arguments: str, errors: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """The same as a process, for output that is read as it comes. It ends with the block.

    Nobody reads its standard error, unless `errors` says so. Raises GitError when git is not
    installed or cannot be started.
    """
    program = _program(folder.worktree)
    if arguments[0] in _LOOK_INTO_SUBMODULES:
        arguments = (arguments[0], "--ignore-submodules=all", *arguments[1:])
    with _own_git_folder(folder) as own:
        try:
            process = subprocess.Popen(
                [program, "--no-pager", *arguments],
                cwd=folder.worktree,
                env=_environment(folder, own),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        except (OSError, ValueError) as error:
            raise GitError(f"git could not be started: {error}") from None
        try:
            yield process
        finally:
            process.kill()
            for stream in (process.stdin, process.stdout, process.stderr):
                if stream is not None:
                    with suppress(OSError):  # what nobody reads any more cannot be flushed
                        stream.close()
            process.wait()


def _program(worktree: Path) -> str:
    """Git's full path. Neither the current folder nor one in the repository is searched."""
    name = "git.exe" if sys.platform == "win32" else "git"
    for folder in _search_path(worktree):
        program = folder / name
        # The path itself is run, not what it links to: some programs go by their name.
        if os.access(program, os.X_OK) and not program.resolve().is_relative_to(worktree):
            return str(program)
    raise GitError("git is not installed")


def _search_path(worktree: Path) -> list[Path]:
    folders = map(Path, os.environ.get("PATH", os.defpath).split(os.pathsep))
    return [each for each in folders if each.is_absolute() and not each.is_relative_to(worktree)]


@contextmanager
def _own_git_folder(folder: GitFolder) -> Iterator[Path]:
    """A git directory of ours with the refs of the repository."""
    with own_folder() as own:
        try:
            (own / "config").write_text(_configuration(folder), encoding="utf-8")
            (own / "HEAD").write_bytes(read_regular(folder.private / "HEAD", _SMALL))
            for name in _LENT:
                _lend(folder.common / name, own / name)
            for shared in folder.private.glob("sharedindex.*"):
                _lend(shared, own / shared.name)
            (own / "refs").mkdir(exist_ok=True)
        except OSError as error:
            raise GitError(f"no room for git to work in: {error}") from None
        yield own


@contextmanager
def own_folder() -> Iterator[Path]:
    """An empty folder that nobody else can look into, gone after the block. Raises GitError."""
    # By hand, for importing `tempfile` costs as much as running git.
    own = Path(_temporary_folder(), f"mlaudit-{os.urandom(12).hex()}")
    try:
        own.mkdir(mode=0o700)
    except OSError as error:
        raise GitError(f"no room for git to work in: {error}") from None
    try:
        yield own
    finally:
        _remove(own)


def _temporary_folder() -> str:
    names = ("TMPDIR", "TEMP", "TMP")
    folders = (os.environ.get(name, "") for name in names)
    found = next((folder for folder in folders if Path(folder).is_absolute()), "")
    return found or ("C:\\Windows\\Temp" if sys.platform == "win32" else "/tmp")  # noqa: S108


def _lend(source: Path, target: Path) -> None:
    if not source.exists():
        return
    try:
        target.symlink_to(source)
    except OSError:  # Windows, where links are a privilege
        import shutil

        if source.is_dir():
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copyfile(source, target)


def _remove(own: Path) -> None:
    with suppress(OSError):
        for entry in own.iterdir():
            if entry.is_symlink() or not entry.is_dir():
                entry.unlink()
            elif not any(entry.iterdir()):
                entry.rmdir()
            else:  # copied refs, on Windows
                import shutil

                shutil.rmtree(entry, ignore_errors=True)
        own.rmdir()


def _configuration(folder: GitFolder) -> str:
    lines = [_SETTINGS]
    for key, value in config_values(folder.common / "config"):
        if value.lower() in _STORAGE.get(key, ()):
            section, name = key.split(".")
            lines += [f"[{section}]", f"{name} = {value.lower()}"]
    return "\n".join([*lines, ""])


def _environment(folder: GitFolder, own: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("GIT_", "SSH_", "PAGER", "LC_", "LANG"))
    }
    return kept | {
        "PATH": os.pathsep.join(map(str, _search_path(folder.worktree))),
        "GIT_DIR": str(own),
        "GIT_WORK_TREE": str(folder.worktree),
        "GIT_INDEX_FILE": str(folder.private / "index"),
        "GIT_OBJECT_DIRECTORY": str(folder.common / "objects"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": _NULL,
        "GIT_CONFIG_SYSTEM": _NULL,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_PAGER": "cat",
        # Git before 2.32 does not know GIT_CONFIG_GLOBAL and looks here.
        "HOME": str(own),
        "XDG_CONFIG_HOME": str(own),
        "LC_ALL": "C",
    }
