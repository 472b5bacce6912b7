"""What is known of experiment trackers, shared by the analyses of family TRK."""

from __future__ import annotations

from mlaudit.facts.records import FileFacts
from mlaudit.facts.syntax import Import

TRACKERS = frozenset(
    {
        "mlflow", "wandb", "comet_ml", "neptune", "neptune_scale", "clearml", "trains", "aim",
        "dvclive", "sacred", "trackio", "swanlab", "tensorboardX", "tensorboard_logger", "verta",
        "polyaxon", "guild", "labml", "mlrun", "visdom", "azureml",
        "hopsworks", "hsml",
    }
)  # fmt: skip
"""Packages whose import alone is a sign that runs are recorded."""
_PARTS = frozenset(
    {
        "tensorboard",
        "TensorBoard",
        "SummaryWriter",
        "CSVLogger",
        "loggers",
        "experiments",
        "summary",
    }
)
"""Parts of larger packages that record runs: `torch.utils.tensorboard`, `tf.summary` ..."""


def is_tracker(item: Import) -> bool:
    """Whether an import brings in something that records runs."""
    parts = item.target.split(".")
    if parts[0] in TRACKERS or parts[0].startswith("neptune_"):
        return True
    return any(part in _PARTS for part in parts[1:])


def imports_tracker(file: FileFacts) -> bool:
    return file.python is not None and any(is_tracker(item) for item in file.python.imports)


def names_tracker(file: FileFacts) -> bool:
    """Whether a configuration has a key or value that names a tracker."""
    if file.document is None:
        return False
    for entry in file.document.entries:
        words = (entry.path[-1] if entry.path else "", entry.value)
        if any(isinstance(word, str) and word.lower() in _CONFIGURED for word in words):
            return True
    return False


_CONFIGURED = frozenset(name.lower() for name in TRACKERS) | {"tensorboard", "report_to"}
