"""The API tables say what the libraries do."""

from __future__ import annotations

import importlib.util
import itertools
import sys
import warnings

import pytest
import yaml

from mlaudit.knowledge import knowledge_root
from mlaudit.rules.apis import Api, ApiFile, Apis, merge
from mlaudit.rules.errors import RulePackError
from mlaudit.rules.loading import load_rules

GENERATOR = knowledge_root() / "apis" / "generators" / "generate_sklearn.py"

APIS = Apis(
    ApiFile(
        tables={"t": {"a.b": Api({"seed": 0})}},
        aliases={"pd.core.Frame": "pd.Frame", "pd.core": "pd.inner"},
        returns={"pd.read": "pd.Frame", "pd.Frame.drop": "pd.Frame", "pd.Frame.mean": "pd.Series"},
    )
)


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("pd.read().sample", "pd.Frame.sample"),
        ("pd.read().drop().drop().sample", "pd.Frame.sample"),
        ("pd.read().mean().sample", "pd.Series.sample"),
        ("pd.core.Frame.sample", "pd.Frame.sample"),
        ("pd.core.other", "pd.inner.other"),
        ("pd.corelike", "pd.corelike"),
        ("pd.write().sample", "pd.write().sample"),
        ("pd.read().unknown().sample", "pd.Frame.unknown().sample"),
        ("other", "other"),
        ("", ""),
    ],
)
def test_canonical(name, public):
    assert APIS.canonical(name) == public


def test_unknown_table_is_named_with_those_there_are():
    with pytest.raises(RulePackError, match=r"'u'.*known: t"):
        APIS.table("u")


def test_files_are_merged_row_by_row():
    other = ApiFile(tables={"t": {"c.d": Api()}}, returns={"c.d": "c.E"})
    merged = merge([APIS.data, other])
    assert set(merged.tables["t"]) == {"a.b", "c.d"}
    assert merged.returns["c.d"] == "c.E"


def test_aliases_lead_to_public_names():
    data = load_rules().apis.data
    chains = {name for name, target in data.aliases.items() if target in data.aliases}
    assert not chains


def generator():
    spec = importlib.util.spec_from_file_location("generate_sklearn", GENERATOR)
    module = importlib.util.module_from_spec(spec)
    sys.modules.setdefault("generate_sklearn", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_sklearn_table_is_that_of_the_installed_library():
    sklearn = pytest.importorskip("sklearn")
    written = (knowledge_root() / "apis" / "sklearn.yaml").read_text("utf-8")
    if f"scikit-learn {sklearn.__version__};" not in written:
        pytest.skip("written from another version")
    assert generator().text() == written


def cases(kind):
    data = yaml.safe_load(GENERATOR.with_name("sklearn-exceptions.yaml").read_text("utf-8"))
    return [
        pytest.param(name, arguments, id=f"{name.rpartition('.')[2]}-{arguments}")
        for name, row in data["conditional"].items()
        for arguments in row.get(kind, ())
    ]


def fits_differ(name, arguments):
    """Whether two fits under different seeds of NumPy differ by more than rounding."""
    import numpy as np
    from sklearn.datasets import make_classification

    module, _, cls = name.rpartition(".")
    features, labels = make_classification(
        300, 12, n_informative=4, n_redundant=4, n_repeated=4, flip_y=0.3, random_state=0
    )
    if cls.startswith("MultiTask"):
        labels = np.stack([labels, 1 - labels], 1)
    features = abs(features)
    outcomes = []
    for seed in range(4):
        np.random.seed(seed)
        model = getattr(importlib.import_module(module), cls)(**arguments)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(features, labels)
            outcomes.append(outcome(model, features))
    return not all(
        np.allclose(one, other, rtol=1e-6, atol=1e-9) for one, other in itertools.pairwise(outcomes)
    )


def outcome(model, features):
    import numpy as np

    if hasattr(model, "embedding_"):
        return model.embedding_
    found = []
    for method in ("transform", "predict_proba", "decision_function", "predict"):
        if hasattr(model, method):
            with np.errstate(all="ignore"):
                values = getattr(model, method)(features)
            found.append(np.asarray(values, dtype=float).ravel())
    return np.concatenate(found)


@pytest.fixture(autouse=True)
def experimental(request):
    if request.node.get_closest_marker("slow"):
        pytest.importorskip("sklearn")
        importlib.import_module("sklearn.experimental.enable_iterative_imputer")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), cases("draws"))
def test_estimator_draws(name, arguments):
    assert fits_differ(name, arguments)


@pytest.mark.slow
@pytest.mark.parametrize(("name", "arguments"), cases("settled"))
def test_estimator_is_settled(name, arguments):
    assert not fits_differ(name, arguments)
