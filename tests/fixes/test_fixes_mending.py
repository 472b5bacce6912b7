"""From findings to changed files, in memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from fix_samples import RULE, finding, finding_at

from mlaudit.findings.model import Place
from mlaudit.fixes.drafts import Draft, drafted
from mlaudit.fixes.mending import MAX_PASSES, Mending
from mlaudit.fixes.model import Fixes, Safety, fixable, safety_of
from mlaudit.repo.opening import open_repo

WRAP = {"safety": "safe", "wrap_call": "sorted"}


def draft_of(folder: Path, **files: str) -> Draft:
    for name, text in files.items():
        target = folder / name.replace("__", "/").replace("_py", ".py")
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
    return drafted(open_repo([folder]))


def test_nothing_is_written(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, train_py="f(1)\n")
    assert Mending(draft, unsafe=True).apply([finding_at(b"f(1)", "f(")])
    assert draft.read("train.py") == b"f(1, seed=42)\n"
    assert (tmp_path / "train.py").read_text() == "f(1)\n"
    (change,) = draft.changes()
    assert (change.before, change.after) == (b"f(1)\n", b"f(1, seed=42)\n")


def test_unsafe_fixes_only_on_request(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, train_py="x = f(1)\n")
    unsafe, safe = (
        finding(Place("train.py", 1, 5, 1, 9)),
        finding(Place("train.py", 1, 5, 1, 9), WRAP),
    )
    mending = Mending(draft, unsafe=False)
    assert not mending.apply([unsafe])
    assert mending.apply([unsafe, safe])
    assert draft.read("train.py") == b"x = sorted(f(1))\n"
    assert mending.outcome([unsafe]) == Fixes(fixed=1, unsafe=1)


def test_of_two_that_overlap_the_first_comes_first(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, train_py="x = f(1)\n")
    place = Place("train.py", 1, 5, 1, 9)
    chained = finding(place, {"safety": "unsafe", "call_method": {"seed": 1}})
    mending = Mending(draft, unsafe=True)
    assert mending.apply([chained, finding(place, WRAP)])
    assert draft.read("train.py") == b"x = f(1).seed(1)\n"
    assert mending.apply([finding(Place("train.py", 1, 5, 1, 17), WRAP)])
    assert draft.read("train.py") == b"x = sorted(f(1).seed(1))\n"
    assert mending.outcome([]) == Fixes(fixed=2)


def test_calls_within_calls_are_fixed_at_once(tmp_path: Path) -> None:
    source = b"f(f(1), f())\n"
    draft = draft_of(tmp_path, train_py=source.decode())
    outer, first = finding_at(source, "f(f"), finding_at(source, "f(1")
    mending = Mending(draft, unsafe=True)
    assert mending.apply([outer, first, finding_at(source, "f()")])
    assert draft.read("train.py") == b"f(f(1, seed=42), f(seed=42), seed=42)\n"


def test_what_comes_again_and_again_ends(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, train_py="x = f(1)\n")
    mending = Mending(draft, unsafe=True)
    passes = 0
    while mending.apply([finding(Place("train.py", 1, 5, 1, 9), WRAP)]):
        draft.edited.clear()
        passes += 1
    assert passes == MAX_PASSES


@pytest.mark.parametrize("folder", ["vendor", "third_party", "generated"])
def test_what_others_wrote_is_left(tmp_path: Path, folder: str) -> None:
    draft = draft_of(tmp_path, **{f"{folder}__train_py": "f(1)\n"})
    found = finding_at(b"f(1)\n", "f(", f"{folder}/train.py")
    assert not Mending(draft, unsafe=True).apply([found])
    assert fixable([found], draft) == Fixes()


def test_files_that_cannot_be_fixed_stop_nothing(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, a_py="f(\n", b_py="f(1)\n", c_py="f(1)\n")
    (tmp_path / "b.py").unlink()
    found = [finding_at(b"f(1)\n", "f(", path) for path in ("a.py", "b.py", "c.py", "d.py")]
    mending = Mending(draft, unsafe=True)
    assert mending.apply(found)
    assert list(draft.edited) == ["c.py"]
    assert mending.outcome(found).fixed == 1


def test_each_callable_in_its_own_way() -> None:
    fix = {
        "safety": "unsafe",
        "set_argument": {"seed": 42},
        "by_callee": {"h": {}, "g": {"wrap_call": "sorted"}},
    }
    place = Place("train.py")
    assert safety_of(finding(place, fix)) is Safety.UNSAFE
    assert safety_of(finding(place, fix, callee="g")) is Safety.UNSAFE
    assert safety_of(finding(place, fix, callee="h")) is None
    assert safety_of(finding(place, {**WRAP, "calls": ["g"]})) is None
    assert safety_of(finding(place, {**WRAP, "calls": ["f"]})) is Safety.SAFE
    assert safety_of(finding(place, None)) is None
    assert RULE.fix == {"safety": "unsafe", "set_argument": {"seed": 42}}


def test_counts_say_which_flag(tmp_path: Path) -> None:
    draft = draft_of(tmp_path, train_py="")
    place = Place("train.py")
    found = [finding(place), finding(place, WRAP), finding(place), finding(place, None)]
    assert fixable(found, draft) == Fixes(safe=1, unsafe=2)
