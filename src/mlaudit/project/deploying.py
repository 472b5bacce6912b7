"""Commands by which a machine releases what is served."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mlaudit.project.ci_files import is_ci
from mlaudit.project.looks import Sight
from mlaudit.project.sights import Sights

_DEPLOYS = re.compile(
    r"\b(kubectl (apply|set image|rollout)|helm (upgrade|install)|bentoml (cloud )?deploy|"
    r"az ml online-(deployment|endpoint)|gcloud (ai endpoints deploy-model|run deploy)|"
    r"databricks bundle deploy|terraform apply|cdk deploy|sam deploy|eb deploy|"
    r"aws (ecs update-service|cloudformation deploy|sagemaker create-endpoint)|flyctl deploy|"
    r"gcloud app deploy|modal deploy|anyscale service (rollout|deploy)|serverless deploy)\b"
)


def deploy_commands(sights: Sights) -> Iterator[Sight]:
    """Those that CI runs."""
    for path, facts in sights.project.facts.items():
        if is_ci(path):
            for command in facts.commands:
                found = _DEPLOYS.search(command.text)
                if found:
                    yield Sight(f"CI runs '{found[1]}'", path, command.line)
