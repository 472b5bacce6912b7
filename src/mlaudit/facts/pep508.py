"""One dependency as PEP 508 writes it, and the names and URLs that all manifests share."""

import re
from typing import Literal, TypeAlias

from mlaudit.facts.records import Dependency, Span

LONGEST = 4096
"""Characters of one requirement; more is no requirement that a person or a tool wrote."""

NOWHERE = Span()
"""The default of a place that is not known."""

SourceKind: TypeAlias = Literal["index", "vcs", "url", "path", "editable"]

_VERSION = (
    r"v?(?:\d+!)?\d+(?:\.\d+)*(?:\.?(?:a|b|rc)\d+)?(?:\.post\d+)?(?:\.dev\d+)?"
    r"(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?"
)
_CLAUSE = rf"(?:(?:==|!=)\s*\d+(?:\.\d+)*\.\*|(?:==|!=)\s*{_VERSION}|(?:<=|>=|<|>)\s*\d+(?:\.\d+)*)"
_PLAIN = re.compile(
    rf"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([A-Za-z0-9._,\s-]*)\])?"
    rf"\s*({_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?\s*"
)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_SEPARATORS = re.compile(r"[-_.]+")
_SPACES = re.compile(r"\s+")
_USER = re.compile(r"(?<=://)[^/@\s]*@")
_WHEEL = re.compile(r"([A-Za-z0-9_.]+)-([^-/]+)(?:-\d[^-/]*)?-[^-/]+-[^-/]+-[^-/]+\.whl$")
_ARCHIVE = re.compile(
    r"([A-Za-z0-9_.-]+?)-v?(\d[A-Za-z0-9_.+!]*?)\.(?:tar\.(?:gz|bz2|xz)|tgz|zip)$"
)
_EGG = re.compile(r"(?:^|&)egg=([A-Za-z0-9._-]+)")
_VCS = re.compile(r"(?:git|hg|svn|bzr)\+")


def normalise(name: str) -> str:
    """The name as PyPI compares it (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def without_user(text: str) -> str:
    """The text with user name, password or token taken out of every URL in it."""
    return _USER.sub(_keep_git, text)


def _keep_git(user: re.Match[str]) -> str:
    return user[0] if user[0] == "git@" else ""


def parse(text: str, *, group: str = "", span: Span = NOWHERE) -> tuple[Dependency | None, str]:
    """A requirement and the reason why it, or a part of it, could not be read.

    A specifier that PEP 440 does not allow (`>=1.*`, still found in the wild) is kept as written
    beside the reason, so that the name is not lost. Both are empty for no requirement at all.
    """
    plain = _PLAIN.fullmatch(text) if len(text) <= LONGEST else None
    if plain is None:
        return _parse_fully(text, group, span)
    name, extras, specifier = plain.groups()
    clauses = sorted(_SPACES.sub("", clause) for clause in (specifier or "").split(","))
    return Dependency(
        name=normalise(name),
        specifier=",".join(clauses),
        extras=_extras(extras or ""),
        group=group,
        span=span,
        raw=text.strip(),
    ), ""


def _extras(text: str) -> tuple[str, ...]:
    return tuple(sorted(part.strip() for part in text.split(",") if part.strip()))


def _parse_fully(text: str, group: str, span: Span) -> tuple[Dependency | None, str]:
    if len(text) > LONGEST:
        return None, f"requirement of {len(text)} characters"
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(text)
    except InvalidRequirement:
        return _salvage(text, group, span)
    except RecursionError:
        return None, "requirement nested too deeply"
    source: SourceKind = "index"
    url = ref = ""
    if found.url is not None:
        source, url, ref = split_url(found.url)
    return Dependency(
        name=normalise(found.name),
        specifier=str(found.specifier) or _version_of(url),
        marker=str(found.marker or ""),
        extras=tuple(sorted(found.extras)),
        source=source,
        url=url,
        ref=ref,
        group=group,
        span=span,
        raw=without_user(text.strip()),
    ), ""


def _salvage(text: str, group: str, span: Span) -> tuple[Dependency | None, str]:
    """The name, and the rest as written, of something that starts like a requirement."""
    name = _NAME.match(text.strip())
    rest = text.strip()[name.end() :].split(";")[0] if name else ""
    if name is None or not re.match(r"\s*(?:\[[^\]]*\]\s*)?[<>=!~]", rest):
        return None, "not a requirement"
    specifier = re.sub(r"^\s*\[[^\]]*\]|\s+", "", rest)
    dependency = Dependency(
        name=normalise(name[0]),
        specifier=specifier,
        group=group,
        span=span,
        raw=without_user(text.strip()),
    )
    return dependency, "a version specifier that PEP 440 does not allow"


def split_url(url: str) -> tuple[SourceKind, str, str]:
    """Kind of source, the URL without secrets, fragment and revision, and the revision."""
    bare = without_user(url.strip()).partition("#")[0]
    if not _VCS.match(bare):
        return ("path" if bare.startswith("file:") else "url"), bare, ""
    start = bare.find("/", bare.find("://") + 3) if "://" in bare else bare.find(":")
    path, at, ref = bare[max(start, 0) :].rpartition("@")
    return ("vcs", bare[: max(start, 0)] + path, ref) if at else ("vcs", bare, "")


def from_url(text: str, *, group: str = "", span: Span = NOWHERE) -> Dependency:
    """A URL or path that stands alone. Its name comes from `#egg=`, else from the last part.

    The name of a bare VCS URL is that of the repository: a guess, and mostly right.
    """
    source, url, ref = split_url(text)
    egg = _EGG.search(text.partition("#")[2])
    return Dependency(
        name=normalise(egg[1]) if egg else _name_of(url),
        specifier=_version_of(url),
        source=source if "://" in url or source == "vcs" else "path",
        url=url,
        ref=ref,
        group=group,
        span=span,
        raw=without_user(text.strip()),
    )


def _last_part(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2].replace("%2B", "+")


def _name_of(url: str) -> str:
    last = _last_part(url)
    file = _WHEEL.match(last) or _ARCHIVE.match(last)
    if file:
        return normalise(file[1])
    name = _NAME.match(last.removesuffix(".git"))
    return normalise(name[0]) if name and url.startswith(("git+", "hg+", "svn+", "bzr+")) else ""


def _version_of(url: str) -> str:
    """`==1.2` for the URL of a wheel or source archive, whose name tells the version."""
    last = _last_part(url)
    file = _WHEEL.match(last) or (_ARCHIVE.match(last) if "/archive/" not in url else None)
    return f"=={file[2]}" if file and re.fullmatch(_VERSION, file[2]) else ""
