"""The benchmark's floor answers the same question from the same deliveries, so that the ratio to it means something."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from orchestration.bench.floor import measure_floor
from orchestration.bench.ingestion import measure_ingestion
from orchestration.bench.memory import resident_mib
from orchestration.settings import Settings


def test_the_floor_counts_nearly_what_the_warehouse_counts(small_area: Settings, tmp_path: Path) -> None:
    """It knows no quarantine, no crosswalk and no status that is not use: it cannot be equal, and must be close."""
    floor = measure_floor(small_area)
    copy = shutil.copy((small_area.published / "current").resolve(), tmp_path / "snapshot.duckdb")
    with duckdb.connect(str(copy), read_only=True) as snapshot:
        ours = snapshot.execute("select sum(bit_count(month_mask)) from serving.srv_person_service").fetchall()[0][0]
    assert floor.rows > 5_000
    assert sum(int(str(row[2])) for row in floor.answer) == pytest.approx(int(ours), rel=0.15)


def test_memory_is_measured_for_a_process_and_its_children() -> None:
    assert 20 < resident_mib(os.getpid()) < 20_000


def test_one_delivery_is_measured_beside_polars_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    found = measure_ingestion(20_000, tmp_path)
    assert found["delivered"] == 20_000 == found["accepted"] + found["quarantined"]
    assert found["quarantined"] == 20_000 // 5_000 + len(range(23, 20_000, 7_000))
    assert 20 < found["peak_mib"] < 20_000
    assert found["ratio_to_polars"] == pytest.approx(found["seconds"] / found["polars_seconds"], rel=0.5)
