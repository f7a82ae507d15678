"""Deliveries over time: whole, partial, renamed, late, stopped; any period can be read again."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from orchestration.area import Contract
from orchestration.errors import BusyError
from orchestration.feeds.arrivals import is_late
from orchestration.feeds.deliveries import parts_of
from orchestration.feeds.ingest import FeedResult, ingest_feed
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.store import Store
from orchestration.settings import Settings, repository_root
from tests.support.deliveries import (
    TODAY,
    as_csv,
    deliver,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
    standing,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def again(settings: Settings, *periods: str, contract: Contract | None = None) -> FeedResult:
    return ingest_feed(
        contract or make_contract(), agreement=make_agreement(), settings=settings, today=TODAY, periods=periods
    )


def test_a_renamed_file_of_the_same_day_is_the_same_delivery(settings: Settings) -> None:
    path = deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings)
    path.rename(path.with_name("debt_2025-03_20250405_copy.csv"))
    result = ingest(settings)
    assert (result.receipts, result.unchanged) == ([], 1)


def test_the_same_content_for_another_period_is_another_delivery(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250305.csv", as_csv([row(1)]))
    assert len(ingest(settings).receipts) == 2


def test_a_partial_redelivery_replaces_its_period_and_the_receipt_counts_what_is_gone(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(n) for n in range(1, 6)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1)]))
    ingest(settings)
    assert standing(settings)["episode_ref"].to_list() == ["C1"]
    changes = read_receipts(settings, "debt_advice")[1].changes
    assert changes is not None
    assert changes.records["episode"].gone == 4


def test_a_partial_redelivery_in_append_mode_leaves_the_rest_standing(settings: Settings) -> None:
    contract = make_contract("append")
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(n) for n in range(1, 6)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1, End="05/03/2025")]))
    ingest(settings, contract)
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C1", "C2", "C3", "C4", "C5"]


def test_a_redelivery_that_lacks_a_file_is_refused_and_the_older_whole_one_stands(settings: Settings) -> None:
    values = make_contract().model_dump(by_alias=True, exclude_none=True)
    values["files"]["ends"] = {"pattern": r"ends_(?P<period>\d{4}-\d{2})_(?P<delivered>\d{8})\.csv", "on": ["Case"]}
    values["entities"]["episode"]["columns"]["end_date"]["file"] = "ends"
    contract = Contract.model_validate(values)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "ends_2025-03_20250405.csv", "Case,End\nC1,05/03/2025\n")
    ingest(settings, contract)
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(1), row(2)]))
    (refused,) = ingest(settings, contract).receipts
    assert (refused.outcome, refused.checks[0].id) == ("refused", "missing_file")
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C1"]


def test_deletions_and_restores_hold_whichever_delivery_comes_first(tmp_path: Path) -> None:
    contract = make_contract(delivery={"mode": "changes", "deleted": {"Sex": ["D"]}})
    files = {
        "debt_2025-01_20250205.csv": as_csv([row(1), row(2), row(3)]),
        "debt_2025-02_20250305.csv": as_csv([row(1, Sex="D"), row(2, Sex="D")]),
        "debt_2025-03_20250405.csv": as_csv([row(2), row(4, Sex="D")]),
        "debt_2025-04_20250505.csv": as_csv([row(4)]),
    }
    for place, names in enumerate((list(files), list(reversed(files)), sorted(files, key=lambda n: n[12:]))):
        settings = make_settings(tmp_path / str(place))
        for name in names:
            deliver(settings, name, files[name])
            ingest(settings, contract)
        assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C2", "C3", "C4"]


def test_months_that_come_out_of_order_end_where_those_in_order_do(tmp_path: Path) -> None:
    names = [f"debt_2025-{month:02d}_2025{month + 1:02d}05.csv" for month in range(1, 7)]
    ends = []
    for place, order in enumerate((names, [names[n] for n in (3, 0, 5, 1, 4, 2)])):
        settings = make_settings(tmp_path / str(place))
        for name in order:
            deliver(settings, name, as_csv([row(int(name[10:12])), row(9, End=f"0{name[11]}/06/2025")]))
            ingest(settings)
        ends.append((standing(settings), read_receipts(settings, "debt_advice")))
    assert ends[0][0].equals(ends[1][0])
    assert ends[0][1] == ends[1][1]


def test_a_feed_that_stops_is_late_keeps_what_it_sent_and_one_that_comes_late_is_late_no_more(
    settings: Settings,
) -> None:
    contract = make_contract()
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings)
    later = date(2025, 8, 1)
    assert is_late(contract, settings=settings, today=later)
    assert ingest(settings).unchanged == 1
    assert standing(settings).height == 1
    deliver(settings, "debt_2025-07_20250801.csv", as_csv([row(2)]))
    ingest(settings)
    assert not is_late(contract, settings=settings, today=later)


def test_a_record_sent_for_an_older_period_later_never_overwrites_the_newer_one(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1, End="05/03/2025")]))
    ingest(settings)
    deliver(settings, "debt_2025-01_20250901.csv", as_csv([row(1)]))
    ingest(settings)
    assert standing(settings)["end_date"].null_count() == 0


@pytest.mark.parametrize(("periods", "read"), [(["2025-02"], 1), (["2025-Q1"], 3), (["2025"], 4), (["2024"], 0)])
def test_any_period_can_be_read_again_and_nothing_else_is(settings: Settings, periods: list[str], read: int) -> None:
    for month in range(1, 5):
        deliver(settings, f"debt_2025-{month:02d}_2025{month + 1:02d}05.csv", as_csv([row(month)]))
    before = ingest(settings)
    kept = read_receipts(settings, "debt_advice")
    result = again(settings, *periods)
    assert (len(before.receipts), len(result.receipts), result.unchanged) == (4, read, 4 - read)
    assert result.absent == ([] if read else periods)
    assert read_receipts(settings, "debt_advice") == kept


def test_reading_a_period_again_mends_rows_that_were_lost(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    (receipt,) = ingest(settings).receipts
    path = Store(settings).rows_path(receipt, "episode")
    assert path is not None
    path.unlink()
    again(settings, "2025-03")
    assert standing(settings).height == 1


def test_accepted_rows_are_named_by_their_content(tmp_path: Path) -> None:
    stored = []
    for name in ("a", "b"):
        settings = make_settings(tmp_path / name)
        deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
        (receipt,) = ingest(settings).receipts
        stored.append(receipt.stored)
        folder = settings.accepted / "deliveries" / "debt_advice" / receipt.delivery_id
        assert {path.name for path in folder.iterdir()} == {f"{e}-{d}.parquet" for e, d in receipt.stored.items()}
    assert stored[0] == stored[1]


def test_rows_that_no_receipt_names_are_swept_away(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    (receipt,) = ingest(settings).receipts
    folder = settings.accepted / "deliveries" / "debt_advice" / receipt.delivery_id
    stray = folder / "episode-0123456789abcdef.parquet"
    stray.write_bytes(b"left by a killed process")
    ingest(settings)
    assert not stray.exists()
    assert standing(settings).height == 1


HOLDER = """
import sys, time
from pathlib import Path
from orchestration.feeds.reading_lock import reading
from orchestration.settings import Settings, repository_root
with reading(Settings(area_dir=Path("."), home=Path(sys.argv[1])), "debt_advice"):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def holder(settings: Settings, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Return another process that reads the feed for as many seconds as the test says."""
    command = [sys.executable, "-c", HOLDER, str(settings.home), str(request.param)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=repository_root()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


@pytest.mark.parametrize("holder", [1.0], indirect=True)
def test_two_processes_that_read_a_feed_take_turns(settings: Settings, holder: subprocess.Popen[str]) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    said: list[str] = []
    result = ingest_feed(
        make_contract(), agreement=make_agreement(), settings=settings, today=TODAY, progress=said.append
    )
    assert said[0].startswith(f"debt_advice: waiting for process {holder.pid} since ")
    assert len(result.receipts) == 1


@pytest.mark.parametrize("holder", [60.0], indirect=True)
def test_a_reader_that_does_not_end_is_named_and_one_that_dies_frees_the_feed(
    settings: Settings, holder: subprocess.Popen[str]
) -> None:
    busy = pytest.raises(BusyError, match=f"is being read by process {holder.pid} since")
    with busy, reading(settings, "debt_advice", patience=0.3):
        pass
    with reading(settings, "other_feed", patience=0.0):
        pass
    holder.kill()
    holder.wait()
    with reading(settings, "debt_advice", patience=5.0):
        pass


def test_a_year_holds_its_quarters_and_months() -> None:
    assert len(parts_of("2025")) == 16
    assert parts_of("2025-Q2") == {"2025-04", "2025-05", "2025-06"}
    assert parts_of("2025-04") == frozenset()
