"""Which files a service of continuous integration reads."""

from __future__ import annotations

import re

WORKFLOW = re.compile(r"\.github/workflows/[^/]+\.ya?ml|\.github/actions/.+/action\.ya?ml")
"""Workflows of GitHub and the actions that they share; only those of the top folder are read."""
_OTHERS = re.compile(
    r"(?:.+/)?(?:\.gitlab-ci[^/]*|azure-pipelines[^/]*|\.travis|bitbucket-pipelines|\.drone"
    r"|\.woodpecker[^/]*|buildspec[^/]*|cloudbuild[^/]*)\.ya?ml"
    r"|\.circleci/config\.ya?ml|(?:.+/)?\.(?:gitlab|azure-pipelines)/.+\.ya?ml"
    r"|\.(?:buildkite|woodpecker|ci)/.+\.ya?ml|(?:.+/)?Jenkinsfile"
)


def is_ci(path: str) -> bool:
    """Whether a service of continuous integration reads the file."""
    return bool(WORKFLOW.fullmatch(path) or _OTHERS.fullmatch(path))
