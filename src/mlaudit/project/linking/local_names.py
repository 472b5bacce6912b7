"""Names under which code of the repository may import other code of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlaudit.project.project import Project

_MODULE = re.compile(r"([A-Za-z_]\w*)(?:\.[\w-]+)?\.(?:py|pyi|pyx|so|pyd)")


def local_names(project: Project) -> frozenset[str]:
    """Of all files of Python and of the folders above them, and of submodules, read or not.

    Where the path is searched from is up to whoever starts the program: any folder may be it.
    """
    names: set[str] = set()
    for path in project.files:
        *folders, file = path.split("/")
        found = _MODULE.fullmatch(file)
        if found:
            names.update(folders, (found[1],))
    for link in project.repo.links:
        names.add(link.path.rpartition("/")[2].removesuffix(".py"))
    for submodule in project.repo.git.submodules if project.repo.git else ():
        names.add(submodule.rpartition("/")[2])
    return frozenset(names)
