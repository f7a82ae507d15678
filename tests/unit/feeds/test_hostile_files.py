"""A file that would take for ever, or all memory, is refused with what it is and what to do, and harms nothing else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from orchestration.feeds.receipts import read_receipts
from tests.support.deliveries import as_csv, deliver, make_settings, row, standing
from tests.support.hostile import HOSTILE, LINE, read_in_a_process

HOSTILE_NAME, GOOD_NAME = "debt_2025-03_20250405.csv", "debt_2025-04_20250505.csv"
MOST_MEMORY = 1 << 30


@pytest.mark.timeout(120)
@pytest.mark.parametrize(("make", "said"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_within_bounds_and_the_delivery_beside_it_is_read(
    tmp_path: Path, make: Callable[[], bytes], said: str
) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, HOSTILE_NAME, make())
    deliver(settings, GOOD_NAME, as_csv([row(1)]))
    assert read_in_a_process(tmp_path) < MOST_MEMORY
    bad, good = read_receipts(settings, "debt_advice")
    assert (bad.outcome, good.outcome) == ("refused", "accepted")
    (check,) = bad.checks
    assert check.id == "unreadable_file"
    assert check.mend
    assert HOSTILE_NAME in check.detail
    assert said in check.detail
    assert len(check.detail) < 300
    assert standing(settings).height == 1
    written = [path for path in settings.home.rglob("*") if path.is_file() and settings.landing not in path.parents]
    assert max(path.stat().st_size for path in written) < 1 << 20
    assert [path for path in tmp_path.iterdir() if path != settings.home] == []


def test_the_measure_of_memory_tells_a_reading_that_holds_much(tmp_path: Path) -> None:
    small, large = make_settings(tmp_path / "small"), make_settings(tmp_path / "large")
    deliver(small, GOOD_NAME, as_csv([row(1)]))
    deliver(large, GOOD_NAME, b"x" * LINE)
    assert read_in_a_process(tmp_path / "large") - read_in_a_process(tmp_path / "small") > LINE
