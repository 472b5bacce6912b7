"""Prints, as JSON, what stores hold: `stored.py URI ...`, under the MLflow that wrote them.

Runs are named by their order. Nothing in the output changes from one time to the next.
"""

import json
import re
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.models import get_model_info

OURS = re.compile(r"^(?!mlflow\.)")


def held(uri):
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    experiments = [one.experiment_id for one in client.search_experiments()]
    runs = sorted(client.search_runs(experiments), key=started)
    numbers = {run.info.run_id: number for number, run in enumerate(runs)}
    return {"ids": numbers, "runs": [told(client, run, numbers) for run in runs]}


def started(run):
    """When a run began; what autologging starts below one begins in the same millisecond."""
    return run.info.start_time, "mlflow.parentRunId" in run.data.tags


def told(client, run, numbers):
    run_id, tags = run.info.run_id, run.data.tags
    files = list(paths(client, run_id))
    folders = [path.rpartition("/")[0] for path in files if path.endswith("MLmodel")]
    models = [f"runs:/{run_id}/{folder}" for folder in folders] + logged(client, run)
    return {
        "status": run.info.status,
        "parent": numbers.get(tags.get("mlflow.parentRunId")),
        "params": sorted(run.data.params),
        "metrics": dict(steps(client, run_id, sorted(run.data.metrics))),
        "tags": {key: tags[key] for key in sorted(tags) if OURS.match(key)},
        "commit": tags.get("mlflow.source.git.commit", ""),
        "autologged": "mlflow.autologging" in tags,
        "signatures": [get_model_info(uri).signature is not None for uri in models],
        "files": sorted(p for p in files if not any(p.startswith(f"{f}/") for f in folders)),
        "inputs": [one.dataset.name for one in run.inputs.dataset_inputs],
    }


def steps(client, run_id, keys):
    """The steps of each metric, the same value at the same step once.

    How often the machine was measured, and in what, differs from one time to the next.
    """
    if any(key.startswith("system/") for key in keys):
        yield "system/", []
    for key in keys:
        if not key.startswith("system/"):
            points = {(one.step, one.value) for one in client.get_metric_history(run_id, key)}
            yield key, sorted(step for step, _ in points)


def paths(client, run_id, below=None):
    for item in client.list_artifacts(run_id, below):
        if item.is_dir:
            yield from paths(client, run_id, item.path)
        else:
            yield item.path


def logged(client, run):
    """Models that lie beside the run, as they do since MLflow 3."""
    if not hasattr(client, "search_logged_models"):
        return []
    found = client.search_logged_models([run.info.experiment_id])
    mine = [one for one in found if one.source_run_id == run.info.run_id]
    return [f"models:/{one.model_id}" for one in mine if one.status == "READY"]


if __name__ == "__main__":
    sys.stdout.write(json.dumps([held(uri) for uri in sys.argv[1:]]) + "\n")
