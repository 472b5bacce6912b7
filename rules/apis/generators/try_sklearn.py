"""Tries what the tables of scikit-learn claim: `python try_sklearn.py` prints what each case gives.

A case is a callable with arguments. Two processes that print the same did not draw; a seed of
NumPy's is never set, and no case is given a `random_state`.
"""

from __future__ import annotations

import importlib
import json
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from generate_sklearn import build, exceptions, public_classes, public_functions


class Case(NamedTuple):
    name: str
    arguments: dict[str, Any]
    draws: bool
    """What the tables claim."""

    @property
    def key(self) -> str:
        return f"{self.name} {json.dumps(self.arguments, sort_keys=True)}"


FOLDS = {"shuffle": True}


def cases() -> list[Case]:
    """What is claimed of every public estimator and splitter, and of functions with a seed.

    Left out is what fetches its data from the network.
    """
    tables = build()["tables"]
    draws = {name: row for table in tables.values() for name, row in table.items()}
    return [case for name in _names() for case in _claims(name, draws.get(name))]


def _names() -> list[str]:
    classes = [name for name, _ in public_classes()]
    functions = [name for name, _ in public_functions() if ".fetch_" not in name]
    return [*classes, *functions]


def _claims(name: str, row: dict[str, Any] | None) -> Iterator[Case]:
    special = exceptions()["conditional"].get(name, {})
    for arguments in special.get("draws", ()):
        yield Case(name, arguments, True)
    for arguments in special.get("settled", ()):
        yield Case(name, arguments, False)
    if special:
        return
    if name.endswith("train_test_split"):
        yield Case(name, {"shuffle": False}, False)
    elif row is not None and "where" in row:
        yield Case(name, FOLDS, True)
        yield Case(name, {}, False)
        return
    yield Case(name, {}, row is not None)


def features() -> tuple[Any, Any]:
    """Rows with noise and redundant columns, none of them negative."""
    from sklearn.datasets import make_classification

    data, labels = make_classification(
        300, 12, n_informative=4, n_redundant=4, n_repeated=4, flip_y=0.3, random_state=0
    )
    return abs(data), labels


def _plain() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression()


def _line() -> Any:
    from sklearn.linear_model import LinearRegression

    return LinearRegression()


def _grid() -> dict[str, list[float]]:
    return {"C": [0.001, 0.01, 0.1, 1.0, 10.0, 100.0]}


def _range() -> dict[str, Any]:
    return {"C": np.logspace(-4, 4, 99)}


NEEDED: dict[str, Callable[[], dict[str, Any]]] = {
    "estimator": lambda: {"estimator": _plain()},
    "param_grid": lambda: {"param_grid": _grid()},
    "param_distributions": lambda: {"param_distributions": _grid()},
    "estimators": lambda: {"estimators": [("one", _plain())]},
    "steps": lambda: {"steps": [("one", _plain())]},
    "transformers": lambda: {"transformers": [("one", "passthrough", [0, 1])]},
    "transformer_list": lambda: {"transformer_list": [("one", "passthrough")]},
    "dictionary": lambda: {"dictionary": np.eye(3, 12)},
    "test_fold": lambda: {"test_fold": [0, 1] * 150},
    "n_clusters": lambda: {"n_clusters": 5},
    "n_components": lambda: {"n_components": 3},
    "alpha": lambda: {"alpha": 1.0},
    "n_neighbors": lambda: {"n_neighbors": 5},
}
"""Values for parameters without a default."""

HELPED: dict[str, Callable[[], dict[str, Any]]] = {
    "CCA": lambda: {"n_components": 1},
    "PLSCanonical": lambda: {"n_components": 1},
    "PLSSVD": lambda: {"n_components": 1},
    "GaussianRandomProjection": lambda: {"n_components": 3},
    "SparseRandomProjection": lambda: {"n_components": 3},
    "GraphicalLasso": lambda: {"alpha": 0.5, "covariance": "precomputed"},
    "QuadraticDiscriminantAnalysis": lambda: {"reg_param": 0.5},
    "RANSACRegressor": lambda: {"estimator": _line(), "residual_threshold": 0.3},
    "RandomizedSearchCV": lambda: {"n_iter": 2, "param_distributions": _range()},
    "HalvingRandomSearchCV": lambda: {
        "n_candidates": 2,
        "param_distributions": _range(),
    },
    "SelfTrainingClassifier": lambda: {"estimator": _plain()},
    "GaussianMixture": lambda: {"n_components": 4},
    "BayesianGaussianMixture": lambda: {"n_components": 4},
    "FrozenEstimator": lambda: {"estimator": _plain().fit(*features())},
    "StackingRegressor": lambda: {"estimators": [("one", _line())]},
    "VotingRegressor": lambda: {"estimators": [("one", _line())]},
    "quantile_transform": lambda: {"n_quantiles": 50},
    "randomized_svd": lambda: {"n_components": 3, "n_iter": 0, "n_oversamples": 1},
    "silhouette_score": lambda: {"labels": features()[1]},
    "affinity_propagation": lambda: {"S": -_distances()},
    "spectral_clustering": lambda: {"affinity": features()[0] @ features()[0].T},
    "smacof": lambda: {"dissimilarities": _distances()},
    "spectral_embedding": lambda: {"adjacency": features()[0] @ features()[0].T},
    "permutation_importance": lambda: {"estimator": _plain().fit(*features())},
    "make_sparse_coded_signal": lambda: {
        "n_samples": 5, "n_components": 5, "n_features": 5, "n_nonzero_coefs": 2,
    },
    "make_sparse_spd_matrix": lambda: {"n_dim": 6, "alpha": 0.5},
    "locally_linear_embedding": lambda: {"X": _without_ties()[0], "n_components": 2},
    "make_spd_matrix": lambda: {"n_dim": 3},
    "make_biclusters": lambda: {"shape": (9, 9), "n_clusters": 3},
    "make_checkerboard": lambda: {"shape": (9, 9), "n_clusters": 3},
}  # fmt: skip
"""Arguments without which a callable makes no sense, that have no part in the question."""


def _without_ties() -> tuple[Any, Any]:
    from sklearn.datasets import load_iris

    found: tuple[Any, Any] = load_iris(return_X_y=True)
    return found


WORDS = ["one two", "two three", "three four five", "one five"]
SHAPES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "AffinityPropagation": _without_ties,
    "LocallyLinearEmbedding": _without_ties,
    "CountVectorizer": lambda: (WORDS,),
    "TfidfVectorizer": lambda: (WORDS,),
    "HashingVectorizer": lambda: (WORDS,),
    "DictVectorizer": lambda: ([{"a": 1.0}, {"b": 2.0}],),
    "FeatureHasher": lambda: ([{"a": 1.0}, {"b": 2.0}],),
    "GammaRegressor": lambda: (features()[0], features()[1] + 1.0),
    "GraphicalLasso": lambda: (np.cov(features()[0].T) + np.eye(12),),
    "IsotonicRegression": lambda: (features()[0][:, 0], features()[1]),
    "KernelCenterer": lambda: (features()[0] @ features()[0].T,),
    "LabelBinarizer": lambda: (features()[1],),
    "LabelEncoder": lambda: (features()[1],),
    "MultiLabelBinarizer": lambda: ([(1, 2), (3,)],),
    "PatchExtractor": lambda: (features()[0].reshape(3, 100, 12),),
    "ClassifierChain": lambda: (features()[0], _two()),
    "RegressorChain": lambda: (features()[0], _two()),
    "MultiOutputClassifier": lambda: (features()[0], _two()),
    "MultiOutputRegressor": lambda: (features()[0], _two()),
    "MultiTaskElasticNet": lambda: (features()[0], _two()),
    "MultiTaskElasticNetCV": lambda: (features()[0], _two()),
    "MultiTaskLasso": lambda: (features()[0], _two()),
    "MultiTaskLassoCV": lambda: (features()[0], _two()),
}
"""What an estimator is fitted to, where that is not rows and labels."""


def _two() -> Any:
    labels = features()[1]
    return np.stack([labels, (features()[0][:, 0] > 1).astype(int), labels[::-1]], 1)


def _distances() -> Any:
    rows = features()[0][:60]
    return np.linalg.norm(rows[:, None] - rows[None], axis=2)


def outcome(case: Case) -> list[float]:
    """What a case gives, in numbers."""
    module, _, short = case.name.rpartition(".")
    thing = getattr(importlib.import_module(module), short)
    arguments = {**_needed(thing), **HELPED.get(short, dict)(), **case.arguments}
    if not isinstance(thing, type):
        rows, named = _inputs(thing, arguments)
        return numbers(thing(*rows, **named, **arguments))
    made = thing(**arguments)
    data = SHAPES.get(short, features)()
    if hasattr(made, "split"):
        groups = np.arange(len(data[1])) // 3
        return numbers([part for fold in made.split(*data, groups) for part in fold])
    made.fit(*data)
    return [*numbers(_fitted(made)), *numbers(_applied(made, data[0]))]


def _parameters(thing: Any) -> dict[str, Any]:
    import inspect

    return dict(inspect.signature(thing).parameters)


def _needed(thing: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, parameter in _parameters(thing).items():
        if parameter.default is parameter.empty and name in NEEDED:
            found |= NEEDED[name]()
    return found


def _inputs(function: Any, given: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Data by position, or else for the parameters that have no default."""
    rows, labels = features()
    known = {"X": rows, "y": labels, "a": rows, "M": rows}
    parameters = _parameters(function)
    if any(one.kind is one.VAR_POSITIONAL for one in parameters.values()):
        return [rows, labels], {}
    needed = [
        name
        for name, one in parameters.items()
        if one.default is one.empty and one.kind is not one.VAR_KEYWORD
    ]
    return [], {name: known[name] for name in needed if name not in given}


def _fitted(model: Any) -> list[Any]:
    return [
        value
        for name, value in sorted(vars(model).items())
        if name.endswith("_") and not name.startswith("_") and "time" not in name
    ] + [getattr(model, "feature_importances_", [])]


def _applied(model: Any, data: Any) -> list[Any]:
    found = []
    for method in ("transform", "predict_proba", "decision_function", "predict"):
        if hasattr(model, method):
            with np.errstate(all="ignore"):
                found.append(getattr(model, method)(data))
    return found


def numbers(value: Any) -> list[float]:
    """A few sums for each array within, that tell one from another and change little with it."""
    if isinstance(value, (list, tuple, map)):
        return [number for one in value for number in numbers(one)]
    if isinstance(value, dict):
        return [n for key, one in value.items() if "time" not in str(key) for n in numbers(one)]
    array = value.toarray() if hasattr(value, "toarray") else value
    try:
        flat = np.asarray(array, dtype=float).ravel()
    except (TypeError, ValueError):
        return []
    flat = flat[np.isfinite(flat)]
    return [float(flat.size), float(flat.sum()), float(flat @ np.sin(np.arange(flat.size)))]


def main() -> None:
    """Prints one JSON object: numbers, or the words of an error, for each case."""
    found: dict[str, list[float] | str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for case in cases():
            try:
                found[case.key] = outcome(case)
            except Exception as error:  # noqa: PERF203
                found[case.key] = f"{type(error).__name__}: {error}"[:300]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
