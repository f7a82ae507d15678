"""Segments stay the same over refreshes, so that a trend compares like with like, until they are fitted anew."""

from pathlib import Path
from typing import Any

import pytest

from tests.support import warehouse_build
from tests.support.warehouse_build import build_warehouse
from tests.support.warehouse_plants import write_classes

ROWS = "select distinct segment_version, fit_people, segment_count from marts.mart_segment"


def _refresh(home: Path, people: int, *, seed: int) -> tuple[Any, ...]:
    """Return version, people at the fit and number of segments once these people have come in."""
    write_classes(home, people, seed=seed)
    built = build_warehouse(home, select="+mart_segment +mart_segment_feature", tested=False)
    ((version, fitted, count),) = built.rows(ROWS)
    ((other,),) = built.rows("select distinct segment_version from marts.mart_segment_feature")
    assert other == version
    return version, fitted, count


def test_a_refresh_keeps_the_segments_and_a_fit_on_purpose_begins_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _refresh(tmp_path, 800, seed=8)
    again = _refresh(tmp_path, 1_000, seed=9)
    assert again == first
    monkeypatch.setattr(warehouse_build, "VARIABLES", {**warehouse_build.VARIABLES, "segment_fit": 2})
    version, fitted, count = _refresh(tmp_path, 1_000, seed=9)
    assert version != first[0]
    assert version.startswith("2")
    assert (fitted > first[1], count) == (True, first[2])
