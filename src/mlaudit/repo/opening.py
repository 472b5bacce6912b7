"""Opening a repository: which files there are, and what each of them is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mlaudit.repo.contexts import ATTRIBUTE_NAMES
from mlaudit.repo.describing import describe
from mlaudit.repo.git import GitError
from mlaudit.repo.gitfolder import GitFolder, find_git_folder, is_bare
from mlaudit.repo.intake import Intake
from mlaudit.repo.listing import Listed, attributes_of, list_files
from mlaudit.repo.model import File, Git, Repo, Skipped
from mlaudit.repo.regular import read_regular
from mlaudit.repo.walking import ALWAYS_SKIPPED, walk


class RepoError(Exception):
    """What was asked for cannot be opened. The message is for the user and names the path."""


def open_repo(paths: Sequence[Path]) -> Repo:
    """The repository that the given files and folders lie in.

    The root is git's top level above the first path, so that look-ups climb as high as the
    project goes: a subfolder gives the whole repository, with a `selection` of the files below
    the subfolder. Without git the root is the folder given; files given outside of git stand for
    themselves, and nothing around them is looked at. A file that is named is taken in even where
    git ignores it. Raises RepoError.
    """
    targets = [_existing(path) for path in paths or [Path()]]
    first = targets[0]
    folder = find_git_folder(first if first.is_dir() else first.parent)
    if folder is None and is_bare(first):
        raise RepoError(f"{first} is a bare git repository without files: audit a clone of it")
    root = folder.worktree if folder else first if first.is_dir() else first.parent
    asked = [_relative(target, root) for target in targets]
    if folder is None:
        return _open_plain(root, asked)
    try:
        return _open_git(folder, asked)
    except GitError as error:
        reason = f"{error}; the files were listed without git"
        return _open_plain(root, asked, (Skipped(".git", reason),))


def _existing(path: Path) -> Path:
    try:
        return path.resolve(strict=True)
    except FileNotFoundError:
        raise RepoError(f"{path} does not exist") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise RepoError(f"{path} cannot be opened: {error}") from None


def _relative(target: Path, root: Path) -> str:
    """The path below the root, empty for the root itself."""
    if not target.is_relative_to(root):
        raise RepoError(f"{target} does not lie in {root}: audit one repository at a time")
    relative = target.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _open_git(folder: GitFolder, asked: Sequence[str]) -> Repo:
    listing = list_files(folder)
    attributes = _attributes(folder, listing.files)
    intake = Intake(str(folder.worktree), attributes)
    for listed in listing.files:
        if listed.oid or ALWAYS_SKIPPED.isdisjoint(listed.path.split("/")):
            intake.take(listed.path, listed.oid, link=listed.link)
    for path in listing.nested:
        intake.skip(path, "a git repository of its own")
    return _repo(folder.worktree, intake, asked, describe(folder, listing.submodules))


def _attributes(folder: GitFolder, files: Iterable[Listed]) -> Mapping[str, Mapping[str, bool]]:
    """What .gitattributes says of contexts: asked only where one of them speaks of it."""
    for path in [file.path for file in files if file.path.endswith(".gitattributes")]:
        try:
            speaks = b"linguist-" in read_regular(folder.worktree / path, 1 << 20)
        except OSError:
            continue
        if speaks:
            return attributes_of(folder, ATTRIBUTE_NAMES, [file.path for file in files])
    return {}


def _open_plain(root: Path, asked: Sequence[str], skipped: tuple[Skipped, ...] = ()) -> Repo:
    intake = Intake(str(root))
    intake.skipped += skipped
    if all(path and (root / path).is_file() for path in asked):
        return _repo(root, intake, asked, None)
    paths, unlisted = walk(str(root))
    intake.skipped += unlisted
    for path in paths:
        intake.take(path)
    return _repo(root, intake, asked, None)


def _repo(root: Path, intake: Intake, asked: Sequence[str], git: Git | None) -> Repo:
    for path in asked:
        if path not in intake.files and (root / path).is_file():
            intake.take(path)
    return Repo(
        root=root,
        files=tuple(intake.files[path] for path in sorted(intake.files)),
        selection=_selection(asked, intake.files),
        git=git,
        skipped=tuple(sorted(intake.skipped, key=lambda skipped: skipped.path)),
        links=tuple(sorted(intake.links, key=lambda link: link.path)),
    )


def _selection(asked: Sequence[str], files: Mapping[str, File]) -> frozenset[str] | None:
    if "" in asked:
        return None
    folders = tuple(f"{path}/" for path in asked)
    named = frozenset(asked)
    return frozenset(path for path in files if path in named or path.startswith(folders))
