"""What a call does to the run of an experiment tracker, told by its name and arguments."""

from __future__ import annotations

from enum import Enum
from functools import cache

from mlaudit.facts.syntax import AnyValue, Call, Const, Mapping
from mlaudit.knowledge import api_table

OWNERS = ("mlflow", "wandb")
"""Packages whose runs are followed. All other trackers are recognised and left alone."""


class Does(Enum):
    """What a call does. One call may do several of these."""

    OPENS = "opens-run"
    CLOSES = "closes-run"
    METRIC = "metrics"
    PARAM = "params"
    MODEL = "models"
    DOCUMENT = "documents"
    """Puts a file into the run: it may hold settings, results or a model."""
    DATA = "data-versions"
    TAG = "tags"
    AUTOLOG = "autolog"
    HANDED_OVER = "hands-over"
    """A framework, or another tracker, records what it likes."""


TEXTS = (
    ".csv", ".html", ".ini", ".json", ".md", ".parquet", ".toml", ".tsv", ".txt", ".yaml", ".yml",
)  # fmt: skip
"""Endings of files in which settings or results may stand."""
CALLBACKS = frozenset(
    {"callback", "callbacks", "log_with", "logger", "loggers", "report_to", "tracker", "trackers"}
)
"""Arguments that hand a run to a framework."""
BY_ITSELF = ("magic", "sync_tensorboard", "monitor_gym")
"""Arguments of `wandb.init` that make it record what others do."""
INTEGRATIONS = (
    "wandb.integration.", "wandb.keras.", "wandb.sklearn.", "wandb.lightgbm.", "wandb.xgboost.",
    "wandb.catboost.", "wandb.fastai.", "wandb.sb3.", "wandb.tensorflow.", "wandb.tensorboard.",
    "wandb.jax.", "wandb.gym.", "wandb.huggingface.", "mlflow.integrations.",
)  # fmt: skip


def owner_of(name: str) -> str:
    """The tracker that a name belongs to; empty for none whose runs are followed."""
    root = name.partition(".")[0]
    return root if root in OWNERS else ""


@cache
def done_by(name: str) -> frozenset[Does]:
    """What a call of this library function does, its arguments apart."""
    found = {one for one in Does if name in api_table("tracking", f"tracking.{one.value}")}
    if name.startswith(INTEGRATIONS):
        found.add(Does.HANDED_OVER)
    return frozenset(found)


def done(name: str, call: Call) -> frozenset[Does]:
    """What a call does to a run."""
    found = done_by(name) if name else frozenset()
    if Does.AUTOLOG in found and call.keyword("disable") == Const(True):
        return frozenset()
    if Does.DOCUMENT in found and not _may_hold_text(call):
        found -= {Does.DOCUMENT}
    if Does.OPENS in found and _is_given(call, "config"):
        found |= {Does.PARAM}
    if Does.OPENS in found and any(_is_given(call, name) for name in BY_ITSELF):
        found |= {Does.HANDED_OVER}
    if _hands_over(call):
        found |= {Does.HANDED_OVER}
    return found


def _may_hold_text(call: Call) -> bool:
    """Whether the file may be one of text; a name that is not known may be any."""
    names = [value for value in (*call.args, *(v for _, v in call.keywords)) if _is_path(value)]
    return not names or any(_path(value).endswith(TEXTS) for value in names)


def _is_path(value: AnyValue) -> bool:
    return isinstance(value, Const) and isinstance(value.value, str) and "." in value.value


def _path(value: AnyValue) -> str:
    return str(value.value).lower() if isinstance(value, Const) else ""


def _is_given(call: Call, name: str) -> bool:
    return call.keyword(name) not in (None, Const(None), Const(False), Mapping((), ()))


def _hands_over(call: Call) -> bool:
    return any(
        name in CALLBACKS and value not in (Const(None), Const(False), Const("none"))
        for name, value in call.keywords
    )


HARMLESS_NAMES = frozenset(
    {
        "model", "net", "network", "module", "criterion", "loss", "loss_fn", "loss_func", "encoder",
        "decoder", "tokenizer", "processor", "transform", "preprocess", "optimizer", "clf",
        "classifier", "estimator", "generator", "discriminator", "backbone", "head", "policy",
        "forward", "activation", "pipe", "pipeline", "scorer",
    }
)  # fmt: skip
"""Names of objects that are called to compute something."""
FITS = frozenset({"fit", "partial_fit", "fit_predict", "train_on_batch"})
_SUSPECT = ("log", "track", "record", "report", "callback", "train", "fit", "run", "watch", "on_")
_INNOCENT = frozenset(
    {
        "info", "debug", "warning", "error", "exception", "log_prob", "log_softmax", "log2",
        "log10", "log1p", "logit", "logits", "login", "train_test_split", "transform",
        "fit_transform",
        "catalog", "prune", "truncate", "strip", "trunc", "rstrip", "lstrip", "constrain",
        "predict_log_proba", "trainable_variables", "fitted",
    }
)  # fmt: skip


def may_record(call: Call) -> bool:
    """Whether an unresolved call of a method that nothing in sight defines may write to a run."""
    written = call.local or call.method
    receiver, _, name = written.rpartition(".")
    lowered = name.lower()
    if lowered in _INNOCENT:
        return False
    if lowered in FITS:
        return _hands_over(call) or call.open
    if lowered in ("log", "train", "run"):
        return bool(call.args or call.keywords)
    if lowered in ("update", "save"):
        return any(word in receiver.lower() for word in ("run", "config", "summary", "wandb"))
    return any(word in lowered for word in _SUSPECT)
