"""Whatever records a run keeps TRK001 silent; so does a framework that is told to do it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlaudit.audit import audit
from mlaudit.config import Settings

FIT = """
from sklearn.svm import SVC
{imports}
def main():
    {before}
    model = SVC().fit([[0.0], [1.0]], [0, 1])
    {after}

if __name__ == "__main__":
    main()
"""

TRACKERS = {
    "neptune": ("import neptune", "run = neptune.init_run()", "run['score'] = 1"),
    "comet": ("import comet_ml", "experiment = comet_ml.start()", "experiment.end()"),
    "clearml": ("from clearml import Task", "Task.init('p', 't')", "pass"),
    "aim": ("from aim import Run", "run = Run()", "run.track(1, name='score')"),
    "tensorboard": (
        "from torch.utils.tensorboard import SummaryWriter",
        "writer = SummaryWriter()",
        "writer.add_scalar('score', 1, 0)",
    ),
    "tensorflow": (
        "import tensorflow as tf",
        "writer = tf.summary.create_file_writer('logs')",
        "tf.summary.scalar('score', 1, step=0)",
    ),
    "dvclive": ("from dvclive import Live", "live = Live()", "live.log_metric('score', 1)"),
    "trackio": ("import trackio", "trackio.init(project='p')", "trackio.log({'score': 1})"),
    "sagemaker": (
        "from sagemaker.experiments.run import Run",
        "run = Run('e', 'r')",
        "run.log_metric('score', 1)",
    ),
    "vertex": (
        "from google.cloud import aiplatform",
        "aiplatform.init(experiment='e')",
        "aiplatform.log_metrics({'score': 1})",
    ),
    "azureml": ("from azureml.core import Run", "run = Run.get_context()", "run.log('score', 1)"),
    "swanlab": ("import swanlab", "swanlab.init(project='p')", "swanlab.log({'score': 1})"),
    "sacred": ("from sacred import Experiment", "ex = Experiment('e')", "ex.log_scalar('s', 1)"),
    "mlflow": ("import mlflow", "mlflow.autolog()", "pass"),
    "wandb": ("import wandb", "run = wandb.init()", "run.log({'score': 1})"),
}

FRAMEWORKS = {
    "lightning": "from lightning import Trainer\nTrainer(max_epochs=1).fit(object())",
    "lightning with a logger": (
        "from lightning import Trainer\nfrom lightning.pytorch.loggers import WandbLogger\n"
        "Trainer(logger=WandbLogger()).fit(object())"
    ),
    "hugging face": (
        "from transformers import Trainer, TrainingArguments\n"
        "Trainer(None, TrainingArguments('out', report_to='wandb')).train()"
    ),
    "keras": (
        "import keras\nmodel = keras.Sequential()\n"
        "model.fit([0], [0], callbacks=[keras.callbacks.TensorBoard('logs')])"
    ),
    "ray": (
        "from ray.air.integrations.mlflow import MLflowLoggerCallback\n"
        "from sklearn.svm import SVC\n"
        "callback = MLflowLoggerCallback()\nSVC().fit([[0.0], [1.0]], [0, 1])"
    ),
}


def found(folder: Path) -> list[str]:
    seen = audit([folder], Settings(select=("TRK001",)))
    assert not seen.crashes
    return [one.place.path for one in seen.funnel.shown]


def test_training_without_a_tracker_is_found(tmp_path: Path) -> None:
    text = FIT.format(imports="import json", before="pass", after="print(model)")
    (tmp_path / "train.py").write_text(text, "utf-8")
    assert found(tmp_path) == ["train.py"]


@pytest.mark.parametrize("name", TRACKERS)
def test_trackers_are_recognised(tmp_path: Path, name: str) -> None:
    imports, before, after = TRACKERS[name]
    text = FIT.format(imports=imports, before=before, after=after)
    (tmp_path / "train.py").write_text(text, "utf-8")
    assert found(tmp_path) == []


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_frameworks_that_record_are_recognised(tmp_path: Path, name: str) -> None:
    (tmp_path / "train.py").write_text(FRAMEWORKS[name], "utf-8")
    assert found(tmp_path) == []


def test_hydra_configuration_may_name_the_tracker(tmp_path: Path) -> None:
    text = FIT.format(imports="import hydra", before="pass", after="pass")
    (tmp_path / "train.py").write_text(text, "utf-8")
    (tmp_path / "conf").mkdir()
    config = (
        "logger:\n  _target_: lightning.pytorch.loggers.wandb.WandbLogger\nwandb:\n  project: p\n"
    )
    (tmp_path / "conf" / "logger.yaml").write_text(config, "utf-8")
    assert found(tmp_path) == []
