"""A receipt tells what changed since last time: records as counts, columns, items, and checks that came or went."""

from pathlib import Path

import pytest

from orchestration.feeds.receipts import Changes, Receipt, RecordChanges, read_receipts
from orchestration.settings import Settings
from tests.support.deliveries import HEADER, as_csv, deliver, ingest, make_contract, make_settings, row

MORE = (*HEADER, "Mood")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def receipts(settings: Settings) -> list[Receipt]:
    return read_receipts(settings, "debt_advice")


def changes(receipt: Receipt) -> Changes:
    assert receipt.changes is not None
    return receipt.changes


def test_the_first_delivery_has_nothing_to_be_compared_with(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1)]))
    ingest(settings)
    assert receipts(settings)[0].changes is None


def test_records_are_counted_as_new_changed_the_same_and_not_sent_again(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1), row(2), row(3)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2), row(3, End="05/03/2025"), row(4), row(5)]))
    ingest(settings)
    old, new = receipts(settings)
    assert changes(new).since == old.delivery_id
    assert changes(new).records["episode"] == RecordChanges(new=2, changed=1, same=1, gone=1)
    assert (changes(new).rows_before, changes(new).rows_now) == (3, 4)


def test_a_correction_of_a_period_is_compared_with_what_it_corrects(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(9)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1, End="05/03/2025"), row(2)]))
    ingest(settings)
    _, first, corrected = receipts(settings)
    assert changes(corrected).since == first.delivery_id
    assert changes(corrected).records["episode"] == RecordChanges(changed=1, same=1)


def test_columns_items_and_checks_that_came_or_went_are_named(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1, Start=""), row(2, Sex="")]))
    rows = [row(1, Sex="X", Born="") | {"Mood": "m"}, row(2, Born="") | {"Mood": "m"}]
    deliver(settings, "debt_2025-03_20250405.csv", as_csv(rows, header=MORE))
    ingest(settings)
    found = changes(receipts(settings)[1])
    assert (found.columns_new, found.columns_gone) == (("Mood",), ())
    assert (found.items_new, found.items_gone) == ((), ("birth_month",))
    assert "required_missing:episode.start_date" in found.checks_mended
    assert {"code_not_in_list:person.sex", "unknown_column"} <= set(found.checks_appeared)
    assert (found.quarantined_before, found.quarantined_now) == (1, 0)


def test_of_a_refused_delivery_no_record_is_compared_and_no_row_check_counts_as_mended(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1, Start="")]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)], header=HEADER[:-1]))
    ingest(settings)
    found = changes(receipts(settings)[1])
    assert found.records == {}
    assert (found.checks_appeared, found.checks_mended) == (("missing_column",), ())
    assert found.columns_gone == ("End",)


def test_after_a_refused_delivery_records_are_compared_with_the_last_that_was_not(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)], header=HEADER[:-1]))
    deliver(settings, "debt_2025-03_20250406.csv", as_csv([row(2), row(3)]))
    ingest(settings)
    february, refused, corrected = receipts(settings)
    found = changes(corrected)
    assert (found.since, found.since_outcome) == (refused.delivery_id, "refused")
    assert found.records_since == february.delivery_id
    assert found.records["episode"] == RecordChanges(new=1, same=1, gone=1)
    assert found.checks_mended == ("missing_column",)


def test_in_changes_mode_records_are_compared_with_all_that_came_before(settings: Settings) -> None:
    contract = make_contract(delivery={"mode": "changes", "deleted": {"Sex": ["D"]}})
    deliver(settings, "debt_2025-01_20250205.csv", as_csv([row(1), row(2), row(3)]))
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1, Sex="D"), row(2, End="05/02/2025")]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, End="05/02/2025"), row(4)]))
    ingest(settings, contract)
    _, second, third = receipts(settings)
    assert changes(second).records["episode"] == RecordChanges(changed=1, gone=1)
    assert changes(third).records["episode"] == RecordChanges(new=2, same=1)


def test_a_late_delivery_changes_what_the_next_one_is_compared_with(settings: Settings) -> None:
    deliver(settings, "debt_2025-01_20250205.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    ingest(settings)
    assert changes(receipts(settings)[1]).records["episode"] == RecordChanges(new=1, same=1)
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(2)]))
    ingest(settings)
    _, february, march = receipts(settings)
    assert changes(march).since == february.delivery_id
    assert changes(march).records["episode"] == RecordChanges(new=1, same=1)
    page = settings.receipts / "debt_advice" / f"{march.delivery_id}.html"
    assert february.delivery_id in page.read_text()


def test_agreed_items_that_were_not_received_are_named_and_those_the_contract_fills_are_not(settings: Settings) -> None:
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([row(1, Sex="", End="")]))
    (receipt,) = ingest(settings).receipts
    assert set(receipt.items_received) == {"birth_month", "linkage_tokens", "service_dates", "ethnicity"}
    assert set(receipt.items_not_received) == {"area", "sex", "service_outcome"}
