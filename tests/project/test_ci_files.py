"""Only what a service reads is a file of continuous integration."""

from __future__ import annotations

import pytest

from mlaudit.project.practices.ci_files import is_ci


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/ci.yml", ".github/actions/setup/action.yaml", ".gitlab-ci.yml",
        ".gitlab/jobs/test.yml", "azure-pipelines.yml", "deploy/azure-pipelines-release.yaml",
        ".azure-pipelines/test.yml", ".circleci/config.yml", "bitbucket-pipelines.yml",
        "Jenkinsfile", ".buildkite/pipeline.yml", ".travis.yml", ".drone.yml", ".woodpecker.yml",
        ".woodpecker/test.yaml", "buildspec.yml", "cloudbuild.yaml", ".ci/test.yml",
    ],
)  # fmt: skip
def test_service_reads_it(path: str) -> None:
    assert is_ci(path)


@pytest.mark.parametrize(
    "path",
    [
        "template/.github/workflows/ci.yml", ".github/dependabot.yml", ".github/workflows/ci.md",
        ".circleci/other.yml", "ci/test.sh", "configs/pipelines.yml", "my-Jenkinsfile.txt",
    ],
)  # fmt: skip
def test_no_service_reads_it(path: str) -> None:
    assert not is_ci(path)
