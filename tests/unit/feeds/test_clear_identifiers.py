"""Direct identifiers are recognised by their values, in any column; hashes and codes are not mistaken for them."""

from pathlib import Path

import pytest

from orchestration.feeds.checks import Findings
from orchestration.feeds.clear_identifiers import shown_header, shown_headers
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
    place = f"no. {len(HEADER) + 1} (name not shown)"
    assert [r.detail.split(" holds ")[0] for r in results] in ([f"column '{header}'"], [f"column '{place}'"])
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


VALUES = (
    "943 476 5919", "BA1 1AA", "ba11aa", "AB123456C", "john.smith@example.com", "07700 900123", "John Smith",
    "SMITH, John", "12/03/1961", "12 March 1961", "1961-03-12", "c7763203e20a64b270352752d6a1e7c6",
)  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
def test_no_value_of_a_person_is_shown_as_a_header(value: str) -> None:
    assert shown_header(value) == "(not shown)"
    assert shown_headers(["Ref", value], unknown={value}, is_trusted=True)[value] == "no. 2 (name not shown)"


@pytest.mark.parametrize("header", ["FirstName", "Client name", "NHS no", "Postcode", "Address line 1", "Notes", "SSN"])
def test_a_heading_of_nothing_but_heading_words_is_shown_even_where_identifiers_were_found(header: str) -> None:
    assert shown_headers([header], unknown={header}, is_trusted=False) == {header: header}


@pytest.mark.parametrize("names", [(), ("Ref", "Token", "Born", "Sex", "Case", "Start")])
def test_a_file_whose_header_row_holds_a_person_shows_nothing_of_it(tmp_path: Path, names: tuple[str, ...]) -> None:
    from orchestration.feeds.check import as_text
    from orchestration.feeds.receipt_page import receipt_page

    strange = (*VALUES, "Wilfred Postlethwaite")
    rows = [row(n) | dict.fromkeys(strange, "") | {v: v for v in strange} for n in range(3)]
    header = (*(HEADER if names else ()), *strange)
    receipt = check(tmp_path, as_csv(rows, header=header, delimiter=";"))
    told = receipt.model_dump_json() + receipt_page(receipt) + as_text(receipt)
    assert receipt.outcome == "refused"
    assert [value for value in strange if value in told] == []
    assert f"no. {len(header)} (name not shown)" in told or not names


@pytest.mark.parametrize("cell", ["John Smith", "Wilfred Postlethwaite", "9434765919"])
def test_a_few_identifiers_in_a_column_that_is_stored_are_told(tmp_path: Path, cell: str) -> None:
    rows = [row(n, Case=cell if n == 3 else f"C{n}") for n in range(40)]
    receipt = check(tmp_path, as_csv(rows))
    (told,) = [result for result in receipt.checks if result.id == "scattered_identifiers"]
    assert (receipt.outcome, told.count, told.example_rows) == ("accepted", 1, (4,))
    assert cell not in receipt.model_dump_json()


def test_what_is_no_small_area_is_not_stored_as_one_and_the_row_stays() -> None:
    import polars as pl

    from orchestration.area.contracts import Column
    from orchestration.feeds.distinct import Encoded
    from orchestration.feeds.fieldreading import FieldReader

    cells = pl.Series("LSOA", ["E01999001", "S01000001", "95AA01S1", "OWN1", "", "John Smith", "9434765919"])
    cells = cells.replace("", None)
    column = Column.model_validate({"from": "LSOA"})
    reader = FieldReader("person", "lsoa_code", column, (), areas=frozenset({"OWN1"}))
    read = reader.read(Encoded(cells, None))
    assert read.values.to_list() == ["E01999001", "S01000001", "95AA01S1", "OWN1", None, None, None]
    assert read.flags["code_not_in_list"].to_list() == [False] * 5 + [True] * 2
    assert "required_missing" not in read.flags
