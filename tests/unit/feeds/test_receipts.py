"""A receipt balances, says what a partner can act on, and its page is plain accessible HTML."""

import xml.etree.ElementTree as ET
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import ValidationError

from orchestration.errors import HomeError
from orchestration.feeds.arrivals import due_by, is_late, newest_period_end
from orchestration.feeds.checks import EXAMPLES, SEVERITIES, registry
from orchestration.feeds.checks_reference import reference_page
from orchestration.feeds.deliveries import period_code, period_end
from orchestration.feeds.receipt_page import receipt_page
from orchestration.feeds.receipts import Counts, Receipt, read_receipts
from orchestration.settings import repository_root
from tests.support.deliveries import HEADER, as_csv, check, deliver, ingest, make_contract, make_settings, receive, row


@pytest.fixture
def receipt(tmp_path: Path) -> Receipt:
    rows = [row(n, Start="" if n < 9 else "03/02/2025") | {"<b>Mood</b>": "x"} for n in range(1, 12)]
    return check(tmp_path, as_csv(rows, header=(*HEADER, "<b>Mood</b>")))


def test_counts_that_do_not_balance_cannot_be_made() -> None:
    with pytest.raises(ValidationError, match="delivered 3 is not accepted 1"):
        Counts(delivered=3, accepted=1, quarantined=1)


def test_a_total_that_is_not_the_sum_of_its_entities_cannot_be_made(receipt: Receipt) -> None:
    with pytest.raises(ValidationError, match="not the sum"):
        Receipt.model_validate(receipt.model_dump() | {"total": {"delivered": 1, "accepted": 1}})


def test_a_receipt_survives_being_written_and_read(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    written = receive(settings, as_csv([row(1), row(2, Start="")]))
    assert read_receipts(settings, "debt_advice") == [written]


def test_a_receipt_that_cannot_be_read_says_what_to_do(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    receive(settings, as_csv([row(1)]))
    next((settings.receipts / "debt_advice").glob("*.json")).write_text("{}")
    with pytest.raises(HomeError, match="delete it"):
        read_receipts(settings, "debt_advice")


def test_at_most_five_example_rows_are_given(receipt: Receipt) -> None:
    (missing,) = [c for c in receipt.checks if c.id == "required_missing"]
    assert (missing.count, missing.example_rows) == (8, (1, 2, 3, 4, 5))
    assert len(missing.example_rows) == EXAMPLES


def test_the_page_is_well_formed_and_accessible(receipt: Receipt) -> None:
    page = receipt_page(receipt)
    text = page.replace("<!doctype html>", "").replace('<meta charset="utf-8">', "")
    text = text.replace('<meta name="viewport" content="width=device-width, initial-scale=1">', "")
    root = ET.fromstring(text)
    assert root.get("lang") == "en-GB"
    assert len(root.findall(".//h1")) == 1
    tables = root.findall(".//table")
    assert len(tables) == 1
    assert all(table.find("caption") is not None for table in tables)
    assert all(cell.get("scope") in {"col", "row"} for cell in root.iter("th"))
    assert root.findall(".//script") == []
    assert "http" not in page


def test_the_page_escapes_what_came_from_the_file(receipt: Receipt) -> None:
    assert "<b>Mood" not in receipt_page(receipt)
    assert "&lt;b&gt;Mood" in receipt_page(receipt)


def test_the_page_of_a_clean_delivery_says_so(tmp_path: Path) -> None:
    page = receipt_page(check(tmp_path, as_csv([row(1)])))
    assert "Every check passed" in page
    assert "2 records delivered = 2 accepted + 0 set aside + 0 superseded" in page


def test_every_check_has_its_guidance_and_the_reference_page_lists_them_all() -> None:
    assert {check.severity for check in registry().values()} == set(SEVERITIES)
    assert all(check.what and check.why and check.mend for check in registry().values())
    page = repository_root() / "docs" / "reference" / "checks.md"
    assert page.read_text(encoding="utf-8") == reference_page(), (
        "write it anew: python -m orchestration.feeds.checks_reference > docs/reference/checks.md"
    )


def test_every_check_that_the_code_names_is_registered() -> None:
    import re

    folder = repository_root() / "orchestration" / "feeds"
    named = set()
    for path in folder.glob("*.py"):
        named |= set(re.findall(r'(?:findings\.add|_flag)\(\s*"([a-z_]+)"', path.read_text(encoding="utf-8")))
    assert named
    assert named <= set(registry())


@pytest.mark.parametrize(
    ("given", "code", "end"),
    [
        ("2025-03", "2025-03", date(2025, 3, 31)),
        ("202412", "2024-12", date(2024, 12, 31)),
        ("2025-q1", "2025-Q1", date(2025, 3, 31)),
        ("2025Q4", "2025-Q4", date(2025, 12, 31)),
        ("2025", "2025", date(2025, 12, 31)),
    ],
)
def test_a_period_in_a_name_is_read(given: str, code: str, end: date) -> None:
    assert period_code(given) == code
    assert period_end(code) == end


@pytest.mark.parametrize("text", ["2025-13", "March", "", None, "25-03"])
def test_what_is_not_a_period_is_none(text: str | None) -> None:
    assert period_code(text) is None


def test_a_feed_is_late_after_its_grace_and_not_before(tmp_path: Path) -> None:
    settings, contract = make_settings(tmp_path), make_contract()
    assert is_late(contract, settings=settings, today=date(2025, 1, 1))
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings)
    assert newest_period_end(contract, settings=settings) == date(2025, 3, 31)
    assert due_by(contract, date(2025, 3, 31)) == date(2025, 5, 14)
    assert not is_late(contract, settings=settings, today=date(2025, 5, 14))
    assert is_late(contract, settings=settings, today=date(2025, 5, 15))


def test_the_day_of_delivery_comes_from_the_name(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    assert receive(settings, as_csv([row(1)])).delivered_at == datetime(2025, 4, 5, tzinfo=UTC)


def test_a_feed_delivered_once_is_never_late_again() -> None:
    contract = make_contract(delivery={"mode": "snapshot", "cadence": "once"})
    assert due_by(contract, date(2025, 3, 31)) == date.max
    weekly = make_contract(delivery={"mode": "snapshot", "cadence": "weekly", "late_after_days": 2})
    assert due_by(weekly, date(2025, 3, 31)) == date(2025, 4, 9)
