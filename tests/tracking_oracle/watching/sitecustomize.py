"""Watches a program from inside: what it fits, reads and switches on, and in which run.

Python imports this by itself where it lies on the path. Only what a store cannot tell is written
down: fits, files read, autologging, and runs that MLflow opened because none was active.
"""

import functools
import json
import os
import sys
from pathlib import Path

WATCHED = os.environ.get("WATCHED", "")


def note(event, **more):
    with Path(WATCHED).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"event": event, **more}) + "\n")


def around(owner, name, before):
    """Lets `before` see every call of a function before it is made."""
    plain = getattr(owner, name)

    @functools.wraps(plain)
    def wrapped(*args, **kwargs):
        before(*args, **kwargs)
        return plain(*args, **kwargs)

    setattr(owner, name, wrapped)


def by_program():
    """Whether the program itself calls what `around` was put around, and no library."""
    return "site-packages" not in sys._getframe(3).f_code.co_filename


def active():
    import mlflow

    run = mlflow.active_run()
    return run.info.run_id if run else None


def switched_on(*_, disable=False, **__):
    if not disable and by_program():
        note("autolog")


def read(path, *_, **__):
    if by_program():
        note("read", path=str(Path(path).absolute()))


def fitted(estimator):
    if not hasattr(estimator, "predict"):
        return
    frame, within_search = sys._getframe(), False
    while frame is not None:
        within_search |= "sklearn/model_selection" in frame.f_code.co_filename
        frame = frame.f_back
    note("fit", run=active(), search=within_search)


def watch_runs(mlflow):
    fluent = mlflow.tracking.fluent
    plain, start = fluent._get_or_start_run, fluent.start_run

    def get_or_start_run():
        before = active()
        run = plain()
        if run.info.run_id != before:
            note("opened-by-logging", run=run.info.run_id)
        return run

    def start_run(run_id=None, *args, **kwargs):
        run = start(run_id, *args, **kwargs)
        note("resumed" if run_id else "started", run=run.info.run_id)
        return run

    fluent._get_or_start_run = get_or_start_run
    fluent.start_run = mlflow.start_run = start_run


def watch():
    import mlflow.sklearn
    import pandas
    from sklearn.base import BaseEstimator

    around(BaseEstimator, "_validate_params", fitted)
    around(pandas, "read_csv", read)
    around(mlflow, "autolog", switched_on)
    around(mlflow.sklearn, "autolog", switched_on)
    # Which distributions a model needs is nothing that is looked at here, and takes half a minute.
    mlflow.models.infer_pip_requirements = lambda *_, fallback=None, **__: fallback
    watch_runs(mlflow)


if WATCHED:
    watch()
