"""The lists of receipts: every delivery with its outcome and counts, linked to its receipt, and no value of anybody."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from orchestration.feeds.receipt_index import feed_index
from orchestration.feeds.receipts import read_receipts
from orchestration.governance.in_force import write_in_force
from orchestration.settings import Settings
from tests.support.deliveries import HEADER, as_csv, deliver, ingest, make_contract, make_settings, row, token
from tests.unit.governance.test_in_force import area


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = make_settings(tmp_path)
    deliver(found, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="")]))
    deliver(found, "debt_2025-04_20250505.csv", "nothing of this feed\nx\n")
    ingest(found, make_contract(title="Debt <b>advice"))
    return found


def parsed(page: Path) -> ET.Element:
    text = page.read_text(encoding="utf-8").replace("<!doctype html>", "").replace('<meta charset="utf-8">', "")
    return ET.fromstring(re.sub(r"<meta [^>]*>", "", text).replace("<br>", ""))


def rows_of(page: Path) -> list[list[str]]:
    return [["".join(cell.itertext()) for cell in line] for line in parsed(page).findall(".//tbody/tr")]


def test_a_feeds_list_has_every_delivery_with_outcome_and_counts_the_newest_first(settings: Settings) -> None:
    page = settings.receipts / "debt_advice" / "index.html"
    assert rows_of(page) == [
        ["2025-04, delivered 05 May 2025✕ Refused: nothing of it is used", "2", "0", "2", "0"],
        ["2025-03, delivered 05 April 2025! Accepted, some rows set aside", "4", "3", "1", "0"],
    ]


def test_every_link_of_the_lists_leads_somewhere(settings: Settings) -> None:
    write_in_force(settings, area(make_contract(title="Debt <b>advice")))
    for page in (settings.receipts / "index.html", settings.receipts / "debt_advice" / "index.html"):
        links = [link.get("href", "") for link in parsed(page).iter("a")]
        assert links
        assert all((page.parent / link).is_file() for link in links)


def test_the_list_of_feeds_adds_up_and_names_the_newest_delivery(settings: Settings) -> None:
    write_in_force(settings, area(make_contract(title="Debt <b>advice"), make_contract(feed="silent")))
    (line,) = rows_of(settings.receipts / "index.html")
    newest = "2025-04, delivered 05 May 2025: ✕ Refused: nothing of it is used"
    assert line == [f"Debt <b>advice{newest}", "2", "1", "6", "3"]


def test_the_lists_hold_no_reference_token_or_file_name(settings: Settings) -> None:
    write_in_force(settings, area())
    text = "".join(path.read_text(encoding="utf-8") for path in settings.receipts.rglob("index.html"))
    assert not any(word in text for word in ("P1", "C1", token(2), "04/1980", ".csv", "nothing of this feed"))


def test_a_list_that_is_missing_is_made_again_and_one_that_is_there_follows_new_deliveries(settings: Settings) -> None:
    page = settings.receipts / "debt_advice" / "index.html"
    whole = page.read_bytes()
    page.unlink()
    ingest(settings, make_contract(title="Debt <b>advice"))
    assert page.read_bytes() == whole
    deliver(settings, "debt_2025-05_20250605.csv", as_csv([row(5)]))
    ingest(settings, make_contract(title="Debt <b>advice"))
    assert [line[0][:7] for line in rows_of(page)] == ["2025-05", "2025-04", "2025-03"]


def test_lists_are_tables_with_captions_and_headings_in_order(settings: Settings) -> None:
    root = parsed(settings.receipts / "debt_advice" / "index.html")
    assert root.get("lang") == "en-GB"
    assert len(root.findall(".//h1")) == 1
    assert [table.find("caption") is not None for table in root.findall(".//table")] == [True]
    assert all(cell.get("scope") in {"col", "row"} for cell in root.iter("th"))


def test_a_feed_of_which_nothing_came_has_a_list_that_says_so() -> None:
    assert "Nothing has come yet." in feed_index("Debt", [])


def test_a_receipt_says_what_becomes_of_a_refused_delivery(settings: Settings, tmp_path: Path) -> None:
    def page_of(found: Settings, period: str) -> str:
        (receipt,) = (r for r in read_receipts(found, "debt_advice") if r.period == period)
        assert receipt.outcome == "refused"
        return (found.receipts / "debt_advice" / f"{receipt.delivery_id}.html").read_text(encoding="utf-8")

    assert "None of its rows is stored" in page_of(settings, "2025-04")
    held = make_settings(tmp_path / "held")
    for month in range(1, 7):
        deliver(held, f"debt_2025-{month:02}_2025{month + 1:02}05.csv", as_csv([row(n) for n in range(200)]))
    deliver(held, "debt_2025-07_20250805.csv", as_csv([row(n) for n in range(5)]))
    ingest(held, make_contract(checks={"volume_changed": "refuse_delivery"}))
    page = page_of(held, "2025-07")
    assert "Its rows are held, stand nowhere" in page
    assert "None of its rows is stored" not in page


def test_rows_passed_over_are_not_said_to_be_of_other_feeds(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    contract = make_contract()
    mapping = contract.entities["episode"].model_copy(update={"drop_blank": ["Start"]})
    contract = contract.model_copy(update={"entities": {**contract.entities, "episode": mapping}})
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="")], header=HEADER))
    ingest(settings, contract)
    (receipt,) = read_receipts(settings, "debt_advice")
    assert receipt.entities["episode"].not_selected == 1
    page = (settings.receipts / "debt_advice" / f"{receipt.delivery_id}.html").read_text(encoding="utf-8")
    assert "Passed over" in page
    assert "other feeds" not in page
    assert "blank where the record would be" in page
