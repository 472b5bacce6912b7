from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlaudit.findings.fingerprints import Occurrences, fingerprint, line_hashes

GREETING = [
    "e9496ae3ebfced30:1", "fb7c023a8b9ccb3f:1", "ce8ba1a563dcdaca:1", "e20e36e16fcb0cc8:1",
    "b3edc88f2938467e:1", "c8e28b0b4002a3a0:1", "c129715d7a2bc9a3:1",
]  # fmt: skip

# The vectors that github/codeql-action publishes with its implementation.
PUBLISHED = [
    ("", ["c129715d7a2bc9a3:1"]),
    (
        " a\nb\n  \t\tc\n d",
        ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
    ),
    (
        " hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End",
        [
            "8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1",
            "c6805c5e1288b612:1", "b86d3392aea1be30:1", "e6ceba753e1a442:1",
        ],
    ),
    (" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End\n", GREETING),
    (" hello; \t\nworld!!!\r\r\r  \t\tGreetings\r End\r", GREETING),
    (" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End\r\n", GREETING),
    (" hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n", GREETING),
    (
        "Lorem ipsum dolor sit amet.\n" * 10,
        [
            "a7f2ff13bc495cf2:1", "a7f2ff13bc495cf2:2", "a7f2ff13bc495cf2:3",
            "a7f2ff13bc495cf2:4", "a7f2ff13bc495cf2:5", "a7f2ff13bc495cf2:6",
            "a7f2ff1481e87703:1", "a9cf91f7bbf1862b:1", "55ec222b86bcae53:1",
            "cc97dc7b1d7d8f7b:1", "c129715d7a2bc9a3:1",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PUBLISHED)
def test_line_hashes_are_those_that_github_publishes(text: str, expected: list[str]) -> None:
    hashes = line_hashes(text, range(1, 30))
    assert [hashes[number] for number in sorted(hashes)] == expected


def rolled(text: str) -> dict[int, str]:
    """The same by rolling one hash over all units: what the fast way is held against."""
    data = text.encode("utf-16-le", "surrogatepass")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]
    stream, previous_cr = [], False
    for unit in units:
        if unit in (0x20, 0x09) or (previous_cr and unit == 0x0A):
            previous_cr = False
            continue
        previous_cr = unit == 0x0D
        stream.append(0x0A if previous_cr else unit)
    stream.append(0xFFFF)
    starts = [0, *(i + 1 for i, unit in enumerate(stream[:-1]) if unit == 0x0A)]
    seen: dict[int, int] = {}
    hashes = {}
    for number, start in enumerate(starts, 1):
        value = 0
        for unit in (stream[start : start + 100] + [0] * 100)[:100]:
            value = (37 * value + unit) % 2**64
        seen[value] = seen.get(value, 0) + 1
        hashes[number] = f"{value:x}:{seen[value]}"
    return hashes


@given(st.text(alphabet="ab \t\r\né\U0001f600\ufeff\u2028\x0c", max_size=300))
def test_line_hashes_equal_the_rolled_ones(text: str) -> None:
    assert line_hashes(text, range(1, 400)) == rolled(text)


def test_only_lines_asked_for_are_hashed() -> None:
    text = "same\n" * 300
    everything = line_hashes(text, range(1, 301))
    assert line_hashes(text, [150, 9999]) == {150: everything[150]}
    assert everything[150].endswith(":150")


def test_a_fingerprint_does_not_change_when_white_space_does() -> None:
    assert fingerprint("R1", "a.py", "split( x )", 1) == fingerprint(
        "R1", "a.py", " split(\tx )\n", 1
    )


@pytest.mark.parametrize(
    "other",
    [
        ("R2", "a.py", "x", 1),
        ("R1", "b.py", "x", 1),
        ("R1", "a.py", "y", 1),
        ("R1", "a.py", "x", 2),
    ],
)
def test_a_fingerprint_changes_with_what_it_is_of(other: tuple[str, str, str, int]) -> None:
    assert fingerprint(*other) != fingerprint("R1", "a.py", "x", 1)


def test_equal_findings_count_up() -> None:
    occurrences = Occurrences()
    made = [occurrences.fingerprint("R1", "a.py", text) for text in ("x", "y", "x ", "x")]
    assert len(set(made)) == 4
    assert made[0] == fingerprint("R1", "a.py", "x", 1)
    assert made[3] == fingerprint("R1", "a.py", "x", 3)


def test_a_lone_surrogate_has_a_fingerprint() -> None:
    assert len(fingerprint("R1", "\udcff.py", "\ud800", 1)) == 16
