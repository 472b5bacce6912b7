"""The API tables say what the libraries do."""

from __future__ import annotations

import importlib
import importlib.util
import json
import math
import os
import subprocess
import sys

import pytest

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


@pytest.fixture(scope="session")
def tried():
    """What each case of scikit-learn's tables gives in three fresh processes."""
    pytest.importorskip("sklearn")
    command = [sys.executable, str(GENERATOR.with_name("try_sklearn.py"))]
    single = {**os.environ, "OMP_NUM_THREADS": "1"}
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, env=single) for _ in range(3)]
    return [json.loads(run.communicate()[0]) for run in runs]


def claims():
    if importlib.util.find_spec("sklearn") is None:
        return []
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(GENERATOR.parent))
        return importlib.import_module("try_sklearn").cases()


def differ(one, other):
    """By more than rounding."""
    near = zip(one, other, strict=False)
    return len(one) != len(other) or not all(
        math.isclose(a, b, rel_tol=1e-5, abs_tol=1e-7) for a, b in near
    )


@pytest.mark.slow
def test_sklearn_draws_where_the_tables_say(tried):
    wrong, failed = [], []
    for case in claims():
        outcomes = [run[case.key] for run in tried]
        if any(isinstance(outcome, str) or not outcome for outcome in outcomes):
            failed.append(case.key)
        elif any(differ(outcomes[0], other) for other in outcomes[1:]) != case.draws:
            wrong.append(case.key)
    assert wrong == []
    # It gives a splitter, which has no numbers.
    assert failed == ["sklearn.model_selection.check_cv {}"]
