"""Deliveries over time: nothing twice, nothing older over newer, nothing lost when the process dies."""

import os
import time
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import HomeError
from orchestration.feeds import ingest as ingest_module
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.store import Store
from orchestration.settings import Settings
from tests.support.deliveries import (
    as_csv,
    deliver,
    found,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
    standing,
)


def state(settings: Settings) -> dict[str, bytes]:
    """Return everything that ingestion has written."""
    folders = (settings.accepted, settings.quarantine, settings.receipts)
    return {str(p.relative_to(settings.home)): p.read_bytes() for f in folders for p in f.rglob("*") if p.is_file()}


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    first = ingest(settings)
    before = state(settings)
    second = ingest(settings)
    assert (len(first.receipts), first.unchanged) == (1, 0)
    assert (len(second.receipts), second.unchanged) == (0, 1)
    assert state(settings) == before


def test_a_refused_delivery_is_remembered_and_its_correction_is_read(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", "something else\n")
    assert ingest(settings).receipts[0].outcome == "refused"
    assert ingest(settings).unchanged == 1
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(1)]))
    assert ingest(settings).receipts[0].outcome == "accepted"
    assert standing(settings).height == 1


def test_a_redelivery_of_a_period_supersedes_it_and_the_old_one_stays_stored(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    (old,) = ingest(settings).receipts
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1, End="09/03/2025")]))
    (new,) = ingest(settings).receipts
    receipts = {receipt.delivery_id: receipt for receipt in read_receipts(settings, "debt_advice")}
    assert standing(settings)["episode_ref"].to_list() == ["C1"]
    assert receipts[old.delivery_id].outcome == "superseded"
    assert receipts[old.delivery_id].superseded_by == (new.delivery_id,)
    assert receipts[old.delivery_id].total.as_dict() == {
        "delivered": 4,
        "accepted": 0,
        "quarantined": 0,
        "superseded": 4,
    }
    stored = Store(settings).rows(receipts[old.delivery_id], "episode")
    assert stored is not None
    assert stored.collect().height == 2


def test_an_older_delivery_that_comes_late_never_overwrites_a_newer_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1, End="09/03/2025")]))
    ingest(settings)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    (late,) = ingest(settings).receipts
    assert late.outcome == "superseded"
    assert standing(settings)["end_date"].null_count() == 0


def test_other_periods_stand_beside_a_redelivered_one(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2)]))
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(3)]))
    ingest(settings)
    assert standing(settings)["episode_ref"].to_list() == ["C1", "C3"]


def test_a_record_that_comes_again_in_a_later_period_stands_once_as_it_is_there(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1, End="09/03/2025")]))
    ingest(settings)
    assert standing(settings).select("episode_ref", "source_file").rows() == [("C1", "debt_2025-03_20250405.csv")]


def test_a_snapshot_replaces_the_whole_feed(tmp_path: Path) -> None:
    settings, contract = make_settings(tmp_path), make_contract("snapshot")
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2), row(3)]))
    ingest(settings, contract)
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C2", "C3"]


def test_append_keeps_what_is_not_sent_again_and_takes_the_newest_version_of_what_is(tmp_path: Path) -> None:
    settings, contract = make_settings(tmp_path), make_contract("append")
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2, End="09/03/2025"), row(3)]))
    ingest(settings, contract)
    rows = standing(settings, contract=contract).select("episode_ref", "end_date").rows()
    assert [(ref, end is not None) for ref, end in rows] == [("C1", False), ("C2", True), ("C3", False)]
    old, new = read_receipts(settings, "debt_advice")
    assert old.entities["episode"].as_dict() == {"delivered": 2, "accepted": 1, "quarantined": 0, "superseded": 1}
    assert new.entities["episode"].accepted == 2


def changes() -> object:
    return make_contract(delivery={"mode": "changes", "deleted": {"Sex": ["D"]}})


def test_changes_delete_and_restore_records(tmp_path: Path) -> None:
    settings, contract = make_settings(tmp_path), changes()
    deliver(settings, "debt_2025-01_20250205.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1, Sex="D"), row(2, Sex="d")]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2)]))
    ingest(settings, contract)  # type: ignore[arg-type]
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C2"]  # type: ignore[arg-type]


def test_a_delivery_sent_again_on_a_later_day_is_the_partners_last_word(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(2)]))
    ingest(settings)
    deliver(settings, "debt_2025-03_20250407.csv", as_csv([row(1)]))
    assert ingest(settings).receipts == []
    assert standing(settings)["episode_ref"].to_list() == ["C1"]


def test_a_changed_contract_or_agreement_reads_the_delivery_again(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    narrow = make_agreement(feeds={"debt_advice": {"items": ["service", "service_dates"]}})
    ingest(settings, agreement=narrow)
    assert standing(settings, "person")["sex"].to_list() == [None]
    assert len(ingest(settings).receipts) == 1
    assert standing(settings, "person")["sex"].to_list() == ["M"]


def test_without_an_agreement_in_force_nothing_is_read_and_the_reason_is_told(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    result = ingest(settings, agreement=make_agreement(status="suspended"))
    assert result.decision.reason == "agreement isa_advice is suspended"
    assert state(settings) == {}


def test_a_period_feed_whose_period_cannot_be_told_is_refused(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    contract = make_contract(files={"main": {"pattern": r".*\.csv"}})
    deliver(settings, "latest.csv", as_csv([row(1)]))
    assert found(ingest(settings, contract).receipts[0]) == {"period_unknown": 1}


@pytest.mark.parametrize("day", ["20261399", "20250230", "00000000"])
def test_a_delivery_whose_name_tells_a_day_that_no_calendar_has_is_refused(tmp_path: Path, day: str) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, f"debt_2025-03_{day}.csv", as_csv([row(2)]))
    refused, accepted = sorted(ingest(settings).receipts, key=lambda r: r.outcome != "refused")
    assert (refused.outcome, found(refused)) == ("refused", {"delivery_day_unknown": 1})
    assert accepted.outcome == "accepted"
    assert standing(settings)["episode_ref"].to_list() == ["C1"]


def test_files_still_being_copied_are_left_until_they_are_stable(tmp_path: Path) -> None:
    base = make_settings(tmp_path)
    settings = Settings(area_dir=base.area_dir, home=base.home, stable_seconds=60)
    path = deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-04_20250505.csv.part", as_csv([row(2)]))
    result = ingest(settings)
    assert result.receipts == []
    assert result.waiting == ["debt_2025-03_20250405.csv", "debt_2025-04_20250505.csv.part"]
    old = time.time() - 120
    os.utime(path, (old, old))
    assert len(ingest(settings).receipts) == 1


def test_a_link_or_folder_that_leads_out_of_the_landing_folder_is_never_followed(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    outside = tmp_path / "debt_2025-03_20250405.csv"
    outside.write_text(as_csv([row(1)]))
    folder = settings.landing / "debt_advice"
    (folder / "sub").mkdir(parents=True)
    (folder / outside.name).symlink_to(outside)
    (folder / "sub" / outside.name).symlink_to(outside)
    result = ingest(settings)
    assert (result.receipts, result.outside) == ([], [outside.name, f"sub/{outside.name}"])
    climbing = make_contract(delivery={"mode": "period", "folder": "../.."})
    assert ingest(settings, climbing).outside == ["../.."]


def test_a_sub_folder_is_one_delivery_and_its_parts_are_stacked(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "2025-03/debt_2025-03_20250405_a.csv", as_csv([row(1)]))
    deliver(settings, "2025-03/debt_2025-03_20250405_b.csv", as_csv([row(2)]))
    (receipt,) = ingest(settings).receipts
    assert (receipt.period, receipt.entities["episode"].accepted) == ("2025-03", 2)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("step", range(1, 11))
def test_a_process_killed_at_any_write_loses_nothing_and_the_next_run_completes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    settings, calm = make_settings(tmp_path), make_settings(tmp_path / "calm")
    for home in (settings, calm):
        deliver(home, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="")]))
        deliver(home, "debt_2025-03_20250406.csv", as_csv([row(1), row(3)]))
    ingest(calm)
    writes = 0
    replace = Path.replace

    def dying(self: Path, target: Path) -> Path:
        nonlocal writes
        writes += 1
        if writes == step:
            raise Killed
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", dying)
        with pytest.raises(Killed):
            ingest(settings)
    ingest(settings)
    assert state(settings) == state(calm)


def test_a_full_disk_is_a_clear_error_and_leaves_no_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(pl.DataFrame, "write_parquet", full)
        with pytest.raises(HomeError, match="No space left"):
            ingest(settings)
    assert read_receipts(settings, "debt_advice") == []
    assert len(ingest(settings).receipts) == 1


def test_progress_names_the_files(tmp_path: Path) -> None:
    from tests.support.deliveries import TODAY

    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    said: list[str] = []
    ingest_module.ingest_feed(
        make_contract(), agreement=make_agreement(), settings=settings, today=TODAY, progress=said.append
    )
    assert said == ["debt_advice: debt_2025-03_20250405.csv"]
