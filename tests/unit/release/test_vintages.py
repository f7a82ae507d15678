"""What a cell was released on outlives a refresh that changes few people, and a month that is over is frozen."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.errors import ReleaseError
from orchestration.release.cells import Period
from orchestration.release.engine import Evidence, EvidenceTable
from orchestration.release.vintages import Origin, Vintages

MONTH = Period("2026-03", "March 2026", "month", "Y2025", 1 << 29)
YEAR = Period("Y2025", "12 months to September 2026", "year", "Y2025", 4095 << 24)
FIRST = Origin("snapshot-1", date(2026, 4, 2), "secret", frozenset())
SECOND = Origin("snapshot-2", date(2026, 5, 2), "secret", frozenset(("2026-03",)))


@pytest.fixture
def vintages(tmp_path: Path) -> Vintages:
    return Vintages(tmp_path / "state" / "vintages.sqlite")


def settle(
    vintages: Vintages,
    origin: Origin,
    cells: dict[str, tuple[int, int]],
    period: Period = MONTH,
    attributes: tuple[str, ...] = ("service",),
) -> EvidenceTable:
    gathered = {tuple(code.split()): Evidence(counted, ((60, 6),)) for code, counted in cells.items()}
    return vintages.settle(gathered, origin=origin, measure="people", attributes=attributes, period=period)


def count(settled: EvidenceTable, code: str) -> int:
    return settled[tuple(code.split())].counted[0] if tuple(code.split()) in settled else 0


def test_a_cell_that_changed_by_a_few_is_answered_from_what_it_was_released_on(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (40, 7), "work": (3, 5), "care": (12, 9)})
    settled = settle(vintages, SECOND, {"debt": (49, 8), "work": (12, 5), "new": (9, 1)})
    assert settled["debt",] == Evidence((40, 7), ((60, 6),))
    assert count(settled, "work") == 3
    assert count(settled, "new") == 0
    assert count(settled, "care") == 0


def test_few_changes_add_up_until_ten_people_changed(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (40, 7)}, YEAR)
    assert count(settle(vintages, SECOND, {"debt": (46, 8)}, YEAR), "debt") == 40
    third = replace(SECOND, snapshot_id="snapshot-3")
    assert count(settle(vintages, third, {"debt": (51, 9)}, YEAR), "debt") == 51


def test_a_cell_that_nobody_is_in_any_more_is_not_carried_forward(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (9, 7)})
    assert settle(vintages, SECOND, {}) == {}


def test_a_month_that_is_over_is_revised_once_a_year_or_when_a_feed_came_late(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (400, 7), "late": (400, 7)})
    second = settle(vintages, SECOND, {"debt": (440, 8), "late": (700, 8)})
    assert (count(second, "debt"), count(second, "late")) == (400, 700)
    a_year_on = replace(SECOND, snapshot_id="snapshot-3", published_on=date(2027, 4, 3))
    third = settle(vintages, a_year_on, {"debt": (440, 8), "late": (740, 8)})
    assert (count(third, "debt"), count(third, "late")) == (440, 700)


def test_a_month_as_a_row_and_as_a_period_have_one_vintage(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"2026-03 debt": (40, 7), "2026-04 debt": (50, 7)}, YEAR, ("month", "service"))
    assert count(settle(vintages, SECOND, {"debt": (41, 8)}), "debt") == 40
    rows = settle(vintages, SECOND, {"debt 2026-04": (51, 7)}, YEAR, ("service", "month"))
    assert rows["debt", "2026-04"].counted == (50, 7)


def test_a_period_by_month_is_recalled_whole_or_not_at_all(vintages: Vintages) -> None:
    def recall(origin: Origin, attributes: tuple[str, ...]) -> EvidenceTable | None:
        return vintages.recall(origin=origin, measure="people", attributes=attributes, period=YEAR)

    assert recall(FIRST, ("month", "service")) is None
    settled = settle(vintages, FIRST, {"2026-03 debt": (40, 7), "2026-04 debt": (50, 7)}, YEAR, ("month", "service"))
    assert len(settled) == 2
    assert recall(FIRST, ("month", "service")) == settled
    assert recall(FIRST, ("service", "month")) == {(use, month): held for (month, use), held in settled.items()}
    assert recall(FIRST, ("service",)) is None
    assert recall(SECOND, ("month", "service")) is None
    settle(vintages, SECOND, {"debt": (40, 7)}, MONTH)  # one of its months is another snapshot's now
    assert recall(FIRST, ("month", "service")) is None


def test_the_same_snapshot_always_gets_the_same_evidence(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (40, 7)})
    assert settle(vintages, FIRST, {"debt": (60, 1)}) == settle(vintages, FIRST, {"debt": (40, 7)})


def test_a_feed_that_left_leaves_older_figures_too(vintages: Vintages) -> None:
    feeds = frozenset(("advice", "police"))
    settle(vintages, replace(FIRST, feeds=feeds), {"debt": (400, 7), "safety": (15, 3)})
    joined = settle(vintages, replace(SECOND, feeds=feeds | {"care"}), {"debt": (395, 8), "safety": (15, 3)})
    assert count(joined, "debt") == 400
    third = replace(SECOND, snapshot_id="snapshot-3", feeds=frozenset(("advice", "care")))
    left = settle(vintages, third, {"debt": (394, 8), "safety": (8, 3)})
    assert (count(left, "debt"), count(left, "safety")) == (394, 8)


def test_another_secret_has_vintages_of_its_own(vintages: Vintages) -> None:
    settle(vintages, FIRST, {"debt": (40, 7)})
    assert count(settle(vintages, replace(SECOND, secret="new baseline"), {"debt": (41, 8)}), "debt") == 41


def test_nobodys_record_key_is_kept(vintages: Vintages, tmp_path: Path) -> None:
    settle(vintages, FIRST, {"debt": (1, 123456789), "work": (4, 987654321)})
    settled = settle(vintages, FIRST, {})
    assert {evidence.counted for evidence in settled.values()} == {(1, 0), (4, 0)}
    assert (tmp_path / "state" / "vintages.sqlite").stat().st_mode & 0o077 == 0


def test_no_figure_is_answered_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(ReleaseError, match="cannot be read or kept"):
        settle(Vintages(tmp_path / "state" / "vintages.sqlite"), FIRST, {"debt": (40, 7)})
