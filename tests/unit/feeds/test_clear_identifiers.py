"""Direct identifiers are recognised by their values, in any column; hashes and codes are not mistaken for them."""

from pathlib import Path

import pytest

from orchestration.feeds.checks import Findings
from orchestration.feeds.clear_identifiers import shown_header
from tests.support.deliveries import HEADER, as_csv, check, found, row, token

NHS_NUMBERS = ("9434765919", "9434765870", "4010232137", "9876543210")


def with_column(header: str, cells: list[str]) -> str:
    rows = [row(n) | {header: cell} for n, cell in enumerate(cells)]
    return as_csv(rows, header=(*HEADER, header), delimiter=";")


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("col7", ["see jo.bloggs@example.org"], "e-mail"),
        ("col7", ["", "", "AB123456C"], "National Insurance"),
        ("Notes", ["AB 12 34 56 C"], "National Insurance"),
        ("Area", ["BA1 1AA"], "postcodes"),
        ("Area", ["sn15ab"], "postcodes"),
        ("Notes", ["lives at BA2 3DZ now"], "postcodes"),
        ("x", ["07700 900123"], "telephone"),
        ("x", ["+44 7700 900123"], "telephone"),
        ("x", ["01225 477000"], "telephone"),
        ("NHS no", ["9434765919"], "NHS numbers"),
        ("x", list(NHS_NUMBERS), "NHS numbers"),
        ("x", ["943 476 5919"], "NHS numbers"),
        ("FirstName", ["Agata"], "names"),
        ("Surname", ["o'brien"], "names"),
        ("Client name", ["Wren Ashdown"], "names"),
        ("col7", ["Sarah Jones", "David Patel"], "names"),
        ("col7", ["JONES, Sarah", "Patel, D"], "names"),
        ("col7", ["Sarah", "David", "Imran", "Chloe"], "names"),
    ],
)
def test_a_clear_identifier_in_any_column_refuses_the_whole_delivery(
    tmp_path: Path, header: str, cells: list[str], kind: str
) -> None:
    receipt = check(tmp_path, with_column(header, cells))
    results = [r for r in receipt.checks if r.id == "direct_identifiers"]
    assert receipt.outcome == "refused"
    assert receipt.total.quarantined == receipt.total.delivered == 2 * len(cells)
    assert [r.detail for r in results] == [f"column '{header}' holds {results[0].detail.split(' holds ')[1]}"]
    assert kind in results[0].detail


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("FirstName", [token(n) for n in range(5)]),
        ("Surname", ["e3266fcd05f035b1b2719e205fc1cb39", "REDACTED", "*", ""]),
        ("Project Name", ["Organisation A - ES", "Grace House", "St James Court"]),
        ("Ward", ["Twerton", "Kingsmead", "Widcombe & Lyncombe", "Oldfield Park"]),
        ("LSOA", ["E01014370", "E01014371"]),
        ("Ethnic group", ["White British", "Black African", "Mixed White and Asian"]),
        ("Reference", ["1234567890", "1234567891", "1234567892", "1234567893", "1234567894"]),
        ("Padded", ["00000012345", "00000012346"]),
        ("When", ["2025-03-01 10:30:00", "01/02/2025 09:00"]),
        ("District", ["BA1", "SN25", "BS31"]),
        ("Sector", ["BA1 1", "SN2 5"]),
        ("Decimal", ["51.389306281354571", "-2.361933194893928"]),
        ("Outcome", ["Grant awarded", "Young carer", "Long term", "Other"]),
    ],
)
def test_hashes_codes_places_and_dates_are_no_identifiers(tmp_path: Path, header: str, cells: list[str]) -> None:
    assert "direct_identifiers" not in found(check(tmp_path, with_column(header, cells)))


def test_a_mapped_column_is_looked_at_too(tmp_path: Path) -> None:
    rows = [row(n, Ref=number) for n, number in enumerate(NHS_NUMBERS)]
    assert check(tmp_path, as_csv(rows)).outcome == "refused"


def test_the_receipt_and_its_page_never_show_what_was_found(tmp_path: Path) -> None:
    from orchestration.feeds.receipt_page import receipt_page

    receipt = check(tmp_path, with_column("Notes", ["Sarah.Jones@example.org"]))
    assert "Sarah" not in receipt.model_dump_json() + receipt_page(receipt)


def test_a_contract_may_lower_the_check_for_a_column_that_is_no_person(tmp_path: Path) -> None:
    from tests.support.deliveries import make_contract

    contract = make_contract(checks={"direct_identifiers": "warning"})
    receipt = check(tmp_path, with_column("Provider postcode", ["BA1 1AA"]), contract)
    assert receipt.outcome == "accepted"
    assert found(receipt)["direct_identifiers"] == 1


def test_a_header_that_is_itself_a_value_is_not_shown() -> None:
    assert shown_header("sarah@example.org") == "(not shown)"
    assert shown_header("Sarah") == "(not shown)"
    assert shown_header("9434765919") == "(not shown)"
    assert shown_header("First name") == "First name"
    assert Findings().severity("direct_identifiers") == "refuse_delivery"
