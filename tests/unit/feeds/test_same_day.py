"""Of two files of one period and day one stands; that it was not chosen by anybody is told."""

from pathlib import Path

from orchestration.feeds.receipts import read_receipts
from tests.support.deliveries import as_csv, deliver, found, ingest, make_settings, row


def test_two_files_of_one_period_and_day_are_told_on_both_receipts(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.txt", as_csv([row(2)]))
    receipts = ingest(settings).receipts
    assert sorted(receipt.outcome for receipt in receipts) == ["accepted", "superseded"]
    assert [found(receipt)["same_day_twice"] for receipt in receipts] == [1, 1]


def test_a_later_day_and_a_file_that_took_the_others_place_are_not_told(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2)]))
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(3)]))
    ingest(settings)
    assert not any("same_day_twice" in found(receipt) for receipt in read_receipts(settings, "debt_advice"))


def test_whatever_their_order_the_same_one_stands_and_both_receipts_tell(tmp_path: Path) -> None:
    files = {"debt_2025-03_20250405.csv": as_csv([row(1)]), "debt_2025-03_20250405.txt": as_csv([row(2)])}
    outcomes = []
    for place, names in enumerate([sorted(files), sorted(files, reverse=True)]):
        settings = make_settings(tmp_path / str(place))
        for name in names:
            deliver(settings, name, files[name])
            ingest(settings)
        receipts = read_receipts(settings, "debt_advice")
        assert [found(receipt)["same_day_twice"] for receipt in receipts] == [1, 1]
        outcomes.append({receipt.delivery_id: receipt.outcome for receipt in receipts})
    assert outcomes[0] == outcomes[1]


def test_a_file_of_a_later_day_settles_it(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.txt", as_csv([row(2)]))
    ingest(settings)
    deliver(settings, "debt_2025-03_20250407.csv", as_csv([row(3)]))
    ingest(settings)
    assert not any("same_day_twice" in found(receipt) for receipt in read_receipts(settings, "debt_advice"))
