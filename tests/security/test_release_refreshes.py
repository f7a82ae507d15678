"""Snapshot against snapshot, beside the attack of orchestration/redteam: what many changes do, and other processes."""

from pathlib import Path

import pytest

from orchestration.publishing import publish
from orchestration.redteam.attacks.refreshes import MONTH, add_targets, people_without_use
from orchestration.release import Gate, Request
from tests.support.snapshot import serving_tables, write_warehouse


def test_a_refresh_that_changes_many_people_changes_the_figures(tmp_path: Path) -> None:
    settings = write_warehouse(tmp_path, serving_tables(people=3000, seed=11))
    publish(settings)
    gate = Gate(settings)
    question = Request("people", ("service",), {}, "Y2025")
    before = gate.answer(question).rows
    write_warehouse(tmp_path, serving_tables(people=6000, seed=11))
    publish(settings, accept_movement=True)
    after = gate.answer(question).rows
    assert sum(int(row[-1] or 0) for row in after) > 1.5 * sum(int(row[-1] or 0) for row in before)


@pytest.mark.parametrize("period", ["all", MONTH])
def test_another_process_reads_the_same_vintages(tmp_path: Path, period: str) -> None:
    tables = serving_tables(people=3000, seed=11)
    settings = write_warehouse(tmp_path, tables)
    publish(settings)
    question = Request("people", ("service",), {}, period)
    before = Gate(settings).answer(question).rows
    write_warehouse(tmp_path, add_targets(tables, people_without_use(tables)["person_no"].to_list()[:4]))
    publish(settings)
    assert Gate(settings).answer(question).rows == before
