"""Timelines as text, Markdown and picture, whatever is missing in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

import pytest
from msgspec import structs

from mlaudit.maturity.timeline import Change, Mark, Point, Timeline
from mlaudit.reports import timeline_markdown, timeline_svg, timeline_text

NAMES = ("Data management", "Model development", "Deployment", "Monitoring", "Governance")
LEVELS = ("Manual", "DevOps, no MLOps", "Automated training", "Automated deployment", "Full")


def point(date: str, level: int | None, **more: object) -> Point:
    """A point whose dimensions all stand at its level, but for the deployment that is not asked."""
    blank = Point(commit=date.replace("-", "") * 5, date=date)
    if level is None:
        return structs.replace(
            blank, problem="its folders are not there" + ", and none is" * 12, **more
        )
    marks = tuple(
        Mark(name.lower(), name, None if name == "Deployment" else level, level / 4)
        for name in NAMES
    )
    return structs.replace(
        blank, level=level, reachable=4, declared=level, score=level / 4, profile="research",
        dimensions=marks, **more,
    )  # fmt: skip


def timeline(*points: Point, **more: object) -> Timeline:
    return Timeline("churn", points, 99, "some of them", LEVELS, **more)  # type: ignore[arg-type]


CLIMB = timeline(
    point("2023-01-01", 0),
    point("2023-07-02", None),
    point("2024-01-01", 2, tags=("v1", "a-tag-that-goes-on-and-on")),
    point("2025-01-01", 1, changes=(Change("drift", "Drift detection", 2, 1),)),
    notes=("a note " * 40,),
)


def rows_of_chart(text: str) -> list[str]:
    return [line[5:] for line in text.splitlines() if re.match(r"  \d \|", line)]


def test_the_chart_shows_the_level_in_force() -> None:
    chart = rows_of_chart(timeline_text.render(CLIMB))
    assert chart[:2] == ["", ""]
    assert chart[2].strip("#") == " " * 32
    assert chart[3] == " " * 32 + "#" * 32
    assert set(chart[4]) == {"_", "?"}
    assert chart[4].index("?") == 16
    assert chart[4].rindex("?") == 31


def test_the_chart_of_one_day_is_full() -> None:
    chart = rows_of_chart(timeline_text.render(timeline(point("2023-01-01", 1))))
    assert chart == ["", "", "", "#" * 64, "_" * 64]


def test_text_fits_and_says_what_could_not_be_judged() -> None:
    lines = timeline_text.render(CLIMB).splitlines()
    assert max(map(len, lines)) <= timeline_text.WIDTH
    assert "  2023-07-02  2023070220  not judged: its folders are not there, and" in "\n".join(
        lines
    )
    assert any(line.endswith("a-tag-th..") for line in lines)
    assert "              - Drift detection 2 to 1" in lines


def test_markdown_rows_have_the_same_cells() -> None:
    table = [line for line in timeline_markdown.render(CLIMB).splitlines() if line[:1] == "|"]
    assert {line.count("|") for line in table} == {11}
    assert "not judged: its folders are not there" in table[3]
    assert "\\- Drift detection 2 to 1" in table[5]


@dataclass
class Picture:
    root: ElementTree.Element

    def all(self, tag: str, kind: str) -> list[ElementTree.Element]:
        found = self.root.findall(f".//{{*}}{tag}")
        return [one for one in found if kind in one.get("class", "").split()]


def drawn(given: Timeline) -> Picture:
    return Picture(ElementTree.fromstring(timeline_svg.render(given)))


def test_the_line_of_levels_breaks_where_nothing_is_known() -> None:
    picture = drawn(CLIMB)
    assert len(picture.all("circle", "dot")) == 3
    assert len(picture.all("path", "line")) == 2
    gap = float(picture.all("path", "line")[0].get("d", "").rpartition("H")[2])
    assert picture.all("path", "line")[1].get("d", "").startswith("M")
    assert gap < float(picture.all("circle", "dot")[1].get("cx", "0"))


def test_every_change_of_level_has_its_month() -> None:
    strong = drawn(CLIMB).all("text", "strong")
    labels = [one.text for one in strong if "middle" in one.get("class", "")]
    assert labels == ["2024-01", "2025-01"]


def test_cells_of_a_dimension_follow_its_level() -> None:
    picture = drawn(CLIMB)
    rows: dict[str, list[str]] = {}
    for rect in picture.root.findall(".//{*}rect"):
        if rect.get("y"):
            rows.setdefault(rect.get("y", ""), []).append(rect.get("fill") or rect.get("class", ""))
    assert len(rows) == 5
    data, _, deployment, *_ = rows.values()
    assert len(data) == len(set(data)) == 3
    assert set(deployment) == {"none"}


@pytest.mark.parametrize(
    "given",
    [
        timeline(point("2023-01-01", 1)),
        timeline(point("2023-01-01", None)),
        timeline(point("2023-01-01", 0), point("2023-01-02", 4)),
        timeline(point("1970-01-01", 0), point("9999-12-31", 3)),
        timeline(*(point(f"20{year}-06-30", year % 5) for year in range(10, 50))),
    ],
    ids=["one", "nothing", "two days", "long", "many"],
)
def test_everything_stays_in_the_picture(given: Timeline) -> None:
    picture = drawn(given)
    for element in picture.root.iter():
        for name, most in (("x", 860), ("cx", 860), ("y", 520), ("cy", 520)):
            assert 0 <= float(element.get(name, 0)) <= most
    ticks = picture.all("text", "middle")
    assert 1 <= len([tick for tick in ticks if float(tick.get("y", 0)) > 470]) <= 8
    assert timeline_text.render(given)
    assert timeline_markdown.render(given)
