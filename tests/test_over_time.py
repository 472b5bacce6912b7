"""How the maturity of a repository came about, from what git holds."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from history_of_commits import CHECKED, CODE, History, climbing, everything
from mlaudit import over_time
from mlaudit.audit import audit
from mlaudit.config import Attestation, Settings
from mlaudit.maturity.timeline import Point, Timeline
from mlaudit.over_time import Asked, maturity_over_time
from mlaudit.repo.model import File
from mlaudit.repo.opening import RepoError
from mlaudit.repo.periods import parse_period

EVERY_MONTH = Asked(every=parse_period("1month"))


def told(root: Path, asked: Asked = EVERY_MONTH) -> Timeline:
    timeline = maturity_over_time(root, Settings(), asked)
    assert timeline.faults == ()
    return timeline


def days(timeline: Timeline) -> list[str]:
    return [point.date for point in timeline.points]


def changed(point: Point) -> dict[str, tuple[int | None, int | None]]:
    return {one.capability: (one.before, one.after) for one in point.changes}


def state(root: Path) -> dict[str, tuple[int, int, str]]:
    """Everything in a folder: when it was changed, its mode, its content."""
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (status.st_mtime_ns, status.st_mode, hashlib.md5(content).hexdigest())
    return found


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    return climbing(tmp_path_factory.mktemp("over-time") / "churn")


@pytest.fixture(scope="module")
def timeline(history: History) -> Timeline:
    return told(history.root)


def test_the_level_climbs(timeline: Timeline) -> None:
    assert days(timeline) == ["2023-01-10", "2023-02-10", "2023-05-10", "2023-08-10", "2024-02-10"]
    assert [point.level for point in timeline.points][:3] == [0, 0, 1]
    assert timeline.points[-1].level == 2
    assert timeline.name == "churn"
    assert timeline.commits == 5


def test_what_rose_and_what_fell_is_said(timeline: Timeline) -> None:
    first, program, checked, broken, last = timeline.points
    assert first.changes == ()
    assert changed(program)["experiment-tracking"][1] == 2
    assert changed(checked)["documentation"] == (0, 1)
    assert all(change.rose for change in checked.changes if change.capability == "documentation")
    assert changed(broken)["experiment-tracking"] == (2, None)
    assert broken.unread == 1
    assert changed(last)["experiment-tracking"][1] == 2


def test_what_moved_the_level_is_said(timeline: Timeline) -> None:
    turned = [{turn.requirement: turn.holds for turn in point.turns} for point in timeline.points]
    assert turned[:2] == [{}, {}]
    assert turned[2]["L1a"]
    assert turned[3] == {"L1c": False}
    assert turned[4]["L1c"]
    assert turned[4]["L2a"]


def test_tags_stand_at_their_commits(timeline: Timeline) -> None:
    assert [point.tags for point in timeline.points] == [(), ("v0.1",), (), (), ("v1.0",)]


def test_the_last_point_is_what_a_clean_checkout_gives(
    history: History, timeline: Timeline
) -> None:
    now = audit([history.root], Settings()).maturity
    assert now is not None
    last = timeline.points[-1]
    assert (last.level, last.score, last.profile) == (now.ladder.level, now.score, now.profile)
    assert last.capabilities == {c.id: c.score for d in now.dimensions for c in d.capabilities}


def test_nothing_on_disk_matters_and_nothing_is_written(tmp_path: Path, timeline: Timeline) -> None:
    history = climbing(tmp_path / "churn")
    for path in history.root.glob("*"):
        if path.is_file():
            path.unlink()
    (history.root / "src" / "churn" / "train.py").write_text("import os\nos.abort()\n")
    (history.root / "mine.py").write_text("not committed")
    before = state(history.root)
    again = told(history.root)
    assert again.points == timeline.points
    assert state(history.root) == before


def test_what_stays_is_read_once(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = over_time.read_facts

    def counting(repo: object, files: list[File]) -> object:
        read.extend(file.path for file in files)
        return real(repo, files)  # type: ignore[arg-type]

    monkeypatch.setattr(over_time, "read_facts", counting)
    told(history.root)
    assert read.count("pyproject.toml") == 1
    assert read.count("src/churn/train.py") == 2  # it went and came back
    assert read.count("src/churn/fit.py") == 1


class TestChoice:
    def test_since_a_tag_and_every_period(self, history: History) -> None:
        found = told(history.root, Asked("v0.1", parse_period("1year")))
        assert days(found) == ["2023-02-10", "2023-08-10", "2024-02-10"]
        assert found.commits == 4
        assert found.chosen == "since v0.1, the last commit of every year"

    def test_few_tags_give_commits_evenly_spread(self, history: History) -> None:
        assert len(told(history.root, Asked("HEAD~3")).points) == 4

    def test_tags_where_there_are_some(self, tmp_path: Path) -> None:
        history = History(tmp_path / "tagged")
        for number in range(1, 9):
            history.commit(f"2023-0{number}-01")
            if number % 2:
                history.git("tag", f"v{number}")
        found = told(history.root, Asked("HEAD~7"))
        assert [point.tags for point in found.points] == [
            ("v1",), ("v3",), ("v5",), ("v7",), (),
        ]  # fmt: skip
        assert "the commits with a tag" in found.chosen

    def test_too_many_points_are_made_fewer_and_it_is_said(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(over_time, "MOST", 4)
        history = History(tmp_path / "daily")
        for number in range(1, 10):
            history.commit(f"2023-01-0{number}")
        found = told(history.root, Asked(every=parse_period("1day")))
        assert 2 <= len(found.points) <= 4
        assert found.points[-1].date == "2023-01-09"
        assert found.notes == (
            "every day would give more than 4 points, so this is every 4 days",
        )  # fmt: skip

    def test_a_wrong_clock_breaks_no_order(self, tmp_path: Path) -> None:
        history = History(tmp_path / "skewed")
        oids = [history.commit(d) for d in ("2023-01-01", "2099-01-01", "2023-02-01", "2023-03-01")]
        found = told(history.root)
        assert [point.commit for point in found.points] == [oids[1], oids[2], oids[3]]
        assert days(found) == ["2023-01-01", "2023-02-01", "2023-03-01"]


@pytest.fixture(scope="module")
def excused(tmp_path_factory: pytest.TempPathFactory) -> Path:
    history = History(tmp_path_factory.mktemp("days") / "churn")
    history.take([CODE, *CHECKED])
    secret = "postgresql://ada:" + "S3cr3tOfAda" + "@db.churn-corp.net/churn"
    excuse = "# mlaudit: ignore[url-with-password] being rotated, until=2023-06-30"
    (history.root / "src" / "churn" / "db.py").write_text(f'URL = "{secret}"  {excuse}\n')
    history.commit("2023-05-10")
    history.commit("2023-08-10")
    return history.root


class TestDays:
    """What expires is judged on the day of the commit, or on a day for all."""

    @pytest.mark.parametrize(
        ("as_of", "levels"),
        [(None, [1, 0]), (date(2023, 1, 1), [1, 1]), (date(2024, 1, 1), [0, 0])],
    )
    def test_a_suppression_that_expires(
        self, as_of: date | None, levels: list[int], excused: Path
    ) -> None:
        found = told(excused, Asked(every=parse_period("1month"), as_of=as_of))
        assert [point.level for point in found.points] == levels
        if levels == [1, 0]:
            assert [turn.requirement for turn in found.points[1].turns] == ["L1f"]

    def test_a_declaration_that_begins(self, tmp_path: Path) -> None:
        history = History(tmp_path / "churn")
        history.take(path for path in everything() if not path.endswith("/train.yml"))
        for day in ("2023-05-10", "2023-08-10", "2024-08-10"):
            history.commit(day)
        owner, link = "ml@churn-corp.net", "https://wiki.churn-corp.net/training"
        said = Attestation("L2a", 2, owner, link, date(2023, 8, 1), date(2024, 7, 1))
        found = maturity_over_time(history.root, Settings(attest=(said,)), EVERY_MONTH)
        assert [point.level for point in found.points] == [1, 1, 1]
        assert [point.declared for point in found.points] == [1, 2, 1]


class TestLacking:
    def test_a_shallow_clone_says_where_its_history_begins(
        self, history: History, tmp_path: Path
    ) -> None:
        history.git("clone", "-q", "--depth", "2", history.root.as_uri(), str(tmp_path / "clone"))
        found = told(tmp_path / "clone")
        assert days(found) == ["2023-08-10", "2024-02-10"]
        assert found.notes[0].startswith("the history begins on 2023-08-10 here")
        with pytest.raises(RepoError, match=r"v0\.1 names no commit .*fetch --unshallow"):
            told(tmp_path / "clone", Asked("v0.1"))

    def test_a_clone_without_contents_judges_no_commit_that_lacks_them(
        self, history: History, tmp_path: Path
    ) -> None:
        origin = tmp_path / "origin"
        history.git("clone", "-q", "--bare", str(history.root), str(origin))
        subject = ["-C", str(origin), "config", "uploadpack.allowFilter", "true"]
        history.git(*subject)
        clone = tmp_path / "clone"
        history.git("clone", "-q", "--filter=blob:none", origin.as_uri(), str(clone))
        packs = {path.name for path in (clone / ".git").rglob("*.pack")}
        found = told(clone)
        broken = found.points[3]
        assert broken.problem == "this clone lacks 1 of its 8 files"
        assert broken.level is None
        assert found.points[-1].level == 2
        assert "lacks files of 1 of the commits" in found.notes[-1]
        assert {path.name for path in (clone / ".git").rglob("*.pack")} == packs  # none fetched

    def test_a_commit_without_its_folders_is_a_point_with_a_reason(self, tmp_path: Path) -> None:
        history = climbing(tmp_path / "churn")
        tree = history.git("rev-parse", "HEAD~2^{tree}")
        (history.root / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
        found = told(history.root)
        assert found.points[2].level is None
        assert "git ls-tree failed" in found.points[2].problem
        assert found.points[-1].level == 2
        assert [point.level is None for point in found.points].count(True) == 1


def test_a_fault_of_ours_at_one_commit_costs_no_other(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = over_time.assess
    calls = []

    def failing(*given: object, **named: object) -> object:
        calls.append(1)
        if len(calls) in (2, 4):
            raise KeyError("something")
        return real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(over_time, "assess", failing)
    found = maturity_over_time(history.root, Settings(), EVERY_MONTH)
    second = found.points[1].commit
    assert found.faults == (
        f"maturity: KeyError: 'something' (at commit {second[:10]} and 1 more)",
    )
    assert [point.level is None for point in found.points] == [False, True, False, True, False]
    assert changed(found.points[2])["experiment-tracking"][0] is None


class TestRefusals:
    def test_a_plain_folder(self, tmp_path: Path) -> None:
        with pytest.raises(RepoError, match="is not in a git repository"):
            told(tmp_path)

    def test_no_commit_yet(self, tmp_path: Path) -> None:
        history = History(tmp_path / "new")
        with pytest.raises(RepoError, match="no commit yet"):
            told(history.root)

    def test_a_part_of_a_repository(self, history: History) -> None:
        with pytest.raises(RepoError, match="whole repository"):
            told(history.root / "src")

    def test_a_name_of_nothing(self, history: History) -> None:
        with pytest.raises(RepoError, match="v9 names no commit"):
            told(history.root, Asked("v9"))
