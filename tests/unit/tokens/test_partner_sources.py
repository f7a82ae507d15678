"""Claims of the partner's side about its sources: any format, any way of writing, any size makes the same tokens."""

import datetime as dt
import gzip
import hashlib
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from orchestration.area import Contract
from orchestration.area.layouts import DeliveryFile
from orchestration.feeds import portions
from orchestration.feeds.birthdates import UndecidedDatesError
from orchestration.feeds.blanks import REASONS
from orchestration.feeds.outgoing import PREVIOUS
from orchestration.feeds.portions import PortionedFile, record_end
from orchestration.feeds.pseudonymise import Manifest, PseudonymiseError, pseudonymise_file
from orchestration.feeds.small_areas import AreaLookupError
from orchestration.feeds.tokens import TOKEN_PARTS, WeakKeyError, key_id, make_tokens
from orchestration.settings import repository_root
from tests.support.deliveries import check, make_agreement
from tests.support.workbooks import ods_cell, ods_row, open_document, workbook

KEY = hashlib.sha256(b"test of partner sources").digest()
OTHER = hashlib.sha256(b"the key before").digest()
TODAY = dt.date(2026, 10, 20)
HEADER = ("Ref", "First name", "Surname", "DOB", "NHS no", "Postcode", "UPRN", "Sex", "Seen on")
PEOPLE = [
    ("1", "Liz", "Smith", dt.date(1980, 3, 14), "9434765919", "BA1 1AA", "12345", "F", dt.date(2026, 9, 1)),
    ("2", "Mohammed", "Khan", dt.date(1985, 12, 31), "", "ba1 1aa", "", "M", dt.date(2026, 9, 2)),
    ("3", "Zoë", "O'Neill", dt.date(2001, 1, 2), "4010232137", "SN1 5AB", "777", "F", dt.date(2026, 9, 30)),
]


def cells(day: str = "%d/%m/%Y") -> list[list[str]]:
    return [[value.strftime(day) if isinstance(value, dt.date) else value for value in row] for row in PEOPLE]


def csv_text(delimiter: str = ",", day: str = "%d/%m/%Y") -> str:
    return "\n".join(delimiter.join(row) for row in [list(HEADER), *cells(day)]) + "\n"


def zipped(name: str, data: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pl.DataFrame(PEOPLE, schema=list(HEADER), orient="row").write_parquet(file)
    return file.getvalue()


def json_lines() -> str:
    return "\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in cells()) + "\n"


SOURCES: dict[str, bytes] = {
    "commas": csv_text().encode(),
    "semicolons in Windows-1252": csv_text(";").encode("cp1252"),
    "tabs in UTF-16 under a title": ("Clients of September\n" + csv_text("\t")).encode("utf-16"),
    "gzip": gzip.compress(csv_text().encode()),
    "zip": zipped("clients.csv", csv_text("|").encode()),
    "workbook": workbook([HEADER, *PEOPLE]),
    "open document": open_document("".join(ods_row(*map(ods_cell, row)) for row in [HEADER, *cells("%Y-%m-%d")])),
    "Parquet": parquet(),
    "JSON lines": json_lines().encode(),
}


def contract(**file: Any) -> Contract:
    """Return a contract that asks for tokens, month of birth, area and sex, and dates in the British way."""
    person = {name: {"from": name, "type": "token"} for name in ("tok_nhs", "tok_name_dob", "household_token")}
    person |= {"source_ref": {"from": "Ref", "required": True}, "sex": {"from": "Sex", "type": "code"}}
    person |= {"birth_month": {"from": "Born", "type": "month", "formats": ["%m/%Y"]}, "lsoa_code": {"from": "Area"}}
    person["valid_from"] = {"from": "Seen on", "type": "date", "formats": ["%d/%m/%Y"]}
    return Contract.model_validate(
        {
            "feed": "debt_advice",
            "title": "Debt advice",
            "partner": "advice_centre",
            "agreement": "isa_advice",
            "files": {"main": {"pattern": ".*", **file}},
            "delivery": {"mode": "snapshot"},
            "entities": {"person": {"columns": person}},
        }
    )


@pytest.fixture
def lookup(tmp_path: Path) -> Path:
    path = tmp_path / "lookup.csv"
    path.write_text("pcds,lsoa21cd,oa21cd\nBA1 1AA,E01000001,x\nSN1 5AB,E01000002,y\n", encoding="utf-8")
    return path


def run(tmp_path: Path, data: bytes, **options: Any) -> tuple[pl.DataFrame, Manifest]:
    source, out = tmp_path / "clear", tmp_path / "made.csv"
    source.write_bytes(data)
    options = {"keep": ["Ref"]} | options if "contract" not in options else options
    manifest = pseudonymise_file(source, key=KEY, out=out, today=TODAY, **options)
    return pl.read_csv(out, infer_schema=False, separator=options.pop("separator", ",")), manifest


@pytest.mark.parametrize("form", SOURCES)
def test_every_format_makes_the_same_delivery(tmp_path: Path, lookup: Path, form: str) -> None:
    made, manifest = run(tmp_path, SOURCES[form], contract=contract(), postcode_lookup=lookup)
    expected, _ = run(tmp_path, SOURCES["commas"], contract=contract(), postcode_lookup=lookup)
    assert_frame_equal(made, expected)
    assert made["Area"].to_list() == ["E01000001", "E01000001", "E01000002"]
    assert made["Born"].to_list() == ["03/1980", "12/1985", "01/2001"]
    assert made["Seen on"].to_list() == ["01/09/2026", "02/09/2026", "30/09/2026"]
    assert (manifest.rows, manifest.areas, manifest.not_made) == (3, {"postcodes": 3, "found": 3}, ())


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"delimiter": ";", "encoding": "cp1252"},
        {"delimiter": "||"},
        {"encoding": "utf-8-sig", "header_row": 3},
        {"encoding": "utf-16", "delimiter": "\t"},
        {"quote": ""},
        {"format": "xlsx"},
        {"format": "jsonl"},
    ],
    ids=str,
)
def test_what_is_made_is_what_the_contract_reads(tmp_path: Path, lookup: Path, layout: dict[str, Any]) -> None:
    """The source is laid out otherwise than the contract says; what is made is accepted by the area's own check."""
    source, out = tmp_path / "clear.xlsx", tmp_path / "made.csv"
    source.write_bytes(SOURCES["workbook"])
    agreed = contract(**layout)
    pseudonymise_file(source, contract=agreed, key=KEY, out=out, today=TODAY, postcode_lookup=lookup)
    items = ["linkage_tokens", "birth_month", "sex", "area"]
    agreement = make_agreement(feeds={"debt_advice": {"items": items}})
    receipt = check(tmp_path, out.read_bytes(), agreed, agreement=agreement)
    assert receipt.total.accepted == 3, receipt.checks


WAYS = {
    "%d/%m/%Y": {},
    "%Y-%m-%d": {},
    "%d.%m.%y": {},
    "%m/%d/%Y": {},
    "%d %b %Y": {},
    "%Y%m%d": {},
    "%d/%m/%y": {},
    "%d-%b-%y": {"pivot": 1925},
}


@pytest.mark.parametrize("form", WAYS)
def test_dates_in_every_way_of_writing_make_equal_tokens(tmp_path: Path, form: str) -> None:
    made, manifest = run(tmp_path, csv_text(day=form).encode(), **WAYS[form])
    usual, _ = run(tmp_path, csv_text().encode())
    assert manifest.birth_format == form
    assert made["tok_name_dob"].to_list() == usual["tok_name_dob"].to_list()
    assert None not in made["tok_name_dob"]


AMBIGUOUS = b"Ref,Forename,Surname,DOB\n1,Ann,Lee,01/02/1980\n2,Bob,Ray,03/04/1981\n"


def test_dates_that_can_be_read_in_two_ways_are_refused_and_not_quoted(tmp_path: Path) -> None:
    with pytest.raises(UndecidedDatesError, match="--birth-format") as caught:
        run(tmp_path, AMBIGUOUS)
    assert "1980" not in str(caught.value)
    assert not (tmp_path / "made.csv").exists()


@pytest.mark.parametrize(
    ("form", "months"), [("%d/%m/%Y", ["1980-02", "1981-04"]), ("%m/%d/%Y", ["1980-01", "1981-03"])]
)
def test_the_format_that_a_person_names_decides(tmp_path: Path, form: str, months: list[str]) -> None:
    made, _ = run(tmp_path, AMBIGUOUS, birth_formats=[form])
    assert made["birth_month"].to_list() == months


def test_one_date_decides_for_the_whole_column_and_never_for_its_row(tmp_path: Path) -> None:
    made, manifest = run(tmp_path, AMBIGUOUS + b"3,Cy,Ash,25/12/1990\n")
    assert made["birth_month"].to_list() == ["1980-02", "1981-04", "1990-12"]
    made, manifest = run(tmp_path, AMBIGUOUS + b"3,Cy,Ash,25/12/1990\n4,Di,Oak,26/12/1990\n5,Ed,Elm,12/27/1990\n")
    assert made["birth_month"].to_list()[-1] is None
    assert manifest.blanked["birth_date"] == {"unreadable": 1}


def test_dates_that_nothing_reads_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UndecidedDatesError, match="none of its dates"):
        run(tmp_path, b"Ref,Forename,Surname,DOB\n1,Ann,Lee,5th of May 1980\n")


def test_a_pivot_moves_years_of_two_digits(tmp_path: Path) -> None:
    data = b"Ref,Forename,Surname,DOB\n1,Ann,Lee,31/12/24\n2,Bob,Ray,30/01/55\n"
    made, _ = run(tmp_path, data)
    assert made["birth_month"].to_list() == ["2024-12", "1955-01"]
    made, _ = run(tmp_path, data, pivot=1910)
    assert made["birth_month"].to_list() == ["1924-12", "1955-01"]


def test_sex_in_ten_codings_is_f_or_m(tmp_path: Path) -> None:
    female = ["F", "f", "Female", "FEMALE", "2", "02", "Woman", "girl", "2 - Female", "F - female"]
    male = ["M", "m", "Male", "MALE", "1", "01", "Man", "boy", "1 - Male", "M - male"]
    other = ["", "U", "9", "not known", "0", "X"]
    rows = "".join(f"{n},Ann,Lee,{sex}\n" for n, sex in enumerate([*female, *male, *other]))
    made, _ = run(tmp_path, f"Ref,Forename,Surname,Gender\n{rows}".encode())
    assert made["sex"].to_list() == ["F"] * 10 + ["M"] * 10 + [None] * 6


def test_ways_of_writing_the_same_person_make_equal_tokens(tmp_path: Path) -> None:
    rows = [
        "1,Elizabeth,O'Neill,14/03/1980,943 476 5919,AB 12 34 56 C,BA1 1AA,000123",
        "2,LIZ,O NEILL,14/03/1980,9434765919,ab123456,ba11aa,123",
        "3,Mrs Beth,o’neill,14/03/1980,943-476-5919,AB123456D,bA1  1aA,123.0",
        "4,Élizabeth Ann,ONEILL,14/03/1980,943.476.5919,AB-12-34-56,BA1-1AA,0123",
    ]
    header = "Ref,Forename,Surname,DOB,NHS number,NINO,Postcode,UPRN"
    made, _ = run(tmp_path, "\n".join([header, *rows]).encode())
    for kind in TOKEN_PARTS:
        assert made[kind].n_unique() == 1 and made[kind][0] is not None, kind


def test_every_value_that_is_not_used_is_counted_with_its_reason(tmp_path: Path) -> None:
    rows = [
        "1,UNKNOWN,Smith,01/01/1900,9434765918,QQ123456A,ZZ99 3VZ,0",
        "2,J,n/k,25/12/1850,0000000000,TN123456A,nonsense,abc",
        "3,Baby of Sarah,12345,31/12/2030,943476,AB12,Not known,1234567890123",
        "4,Twin 1,Smith,not known,unknown,refused,BA1,",
    ]
    header = "Ref,Forename,Surname,DOB,NHS number,NINO,Postcode,UPRN"
    _, manifest = run(tmp_path, "\n".join([header, *rows]).encode())
    assert manifest.blanked == {
        "forename": {"initial": 1, "placeholder": 3},
        "surname": {"no_letters": 1, "placeholder": 1},
        "birth_date": {"future": 1, "impossible": 1, "placeholder": 2},
        "nhs_number": {"check_digit": 1, "form": 1, "placeholder": 2},
        "ni_number": {"form": 1, "never_issued": 2, "placeholder": 1},
        "postcode": {"form": 2, "no_fixed_abode": 1, "placeholder": 1},
        "uprn": {"form": 2, "placeholder": 1},
    }
    for name, counts in manifest.identifiers.items():
        assert counts["given"] - counts["usable"] == sum(manifest.blanked[name].values())


def test_an_item_that_is_not_agreed_is_not_written(tmp_path: Path) -> None:
    items = frozenset({"linkage_tokens", "birth_month"})
    made, _ = run(tmp_path, SOURCES["commas"], contract=contract(), items=items)
    assert {"Ref", "tok_nhs", "Born"} <= set(made.columns)
    assert not {"Sex", "Area"} & set(made.columns)


def cut_short(data: bytes) -> bytes:
    return data[: len(data) // 2]


@pytest.mark.parametrize(
    "data",
    [b"", cut_short(SOURCES["gzip"]), cut_short(SOURCES["zip"]), cut_short(SOURCES["Parquet"]), b"%PDF-1.7 clients"],
    ids=["empty", "gzip cut short", "zip cut short", "Parquet cut short", "PDF"],
)
def test_a_source_that_cannot_be_read_is_told_and_nothing_is_written(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(portions.UnreadableFileError):
        run(tmp_path, data)
    assert not (tmp_path / "made.csv").exists()


def test_a_source_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(portions.UnreadableFileError, match="cannot be read"):
        pseudonymise_file(tmp_path / "absent.csv", key=KEY, out=tmp_path / "made.csv", keep=["Ref"], today=TODAY)


def test_a_row_without_any_usable_identifier_is_kept_and_counted(tmp_path: Path) -> None:
    rows = "1,Ann,Lee,14/03/1980,BA1 1AA\n2,UNKNOWN,n/k,01/01/1900,ZZ99 3VZ\n3,,,,\n4,Bo,,,BA1 1AA\n"
    made, manifest = run(tmp_path, f"Ref,Forename,Surname,DOB,Postcode\n{rows}".encode())
    assert made["Ref"].to_list() == ["1", "2", "3", "4"]
    assert (manifest.rows, manifest.unlinkable) == (4, 2)


def test_while_two_keys_overlap_each_token_is_written_with_both(tmp_path: Path) -> None:
    made, manifest = run(tmp_path, SOURCES["commas"], previous_key=OTHER)
    old, _ = run(tmp_path, SOURCES["commas"])
    assert made.select(*TOKEN_PARTS).equals(old.select(*TOKEN_PARTS))
    people = pl.DataFrame({"nhs_number": [row[4] for row in PEOPLE]})
    expected = make_tokens(people, OTHER)["tok_nhs"].to_list()
    assert made["tok_nhs" + PREVIOUS].to_list() == expected
    assert (manifest.key_id, manifest.previous_key_id) == (key_id(KEY), key_id(OTHER))


def test_the_previous_key_is_another_key_and_as_strong(tmp_path: Path) -> None:
    for previous in (KEY, b"weak"):
        with pytest.raises(WeakKeyError):
            run(tmp_path, SOURCES["commas"], previous_key=previous)


def test_without_a_contract_only_the_columns_named_are_kept(tmp_path: Path) -> None:
    made, manifest = run(tmp_path, SOURCES["commas"], keep=["Seen on", "Ref"])
    assert made.columns == ["Seen on", "Ref", *(n for n in manifest.tokens), "birth_month", "sex"]
    with pytest.raises(PseudonymiseError, match="has this name"):
        run(tmp_path, SOURCES["commas"], keep=["sex"])


def test_a_lookup_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("ward,code\nTwerton,W1\n", encoding="utf-8")
    with pytest.raises(AreaLookupError, match="no column of postcodes"):
        run(tmp_path, SOURCES["commas"], postcode_lookup=path)


LARGE = "Clients\n" + csv_text(";").splitlines()[0] + ";Note\n"
LARGE += "".join(f'{n};Liz;Smith;{1 + n % 28:02}/03/1980;;BA1 1AA;;F;01/09/2026;"a; ""b""\nc{n}"\n' for n in range(400))
LARGE_BYTES = LARGE.encode()


@pytest.mark.parametrize(
    "data",
    [
        LARGE.encode(),
        LARGE.encode("cp1252"),
        LARGE.encode("utf-16"),
        gzip.compress(LARGE.encode()),
        zipped("a", LARGE.encode()),
    ],
    ids=["UTF-8", "Windows-1252", "UTF-16", "gzip", "zip"],
)
def test_a_large_text_is_read_in_portions_that_end_between_records(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "clear.csv"
    path.write_bytes(data)
    expected = ["Ref", "Surname", "DOB", "Note"]
    (whole,) = PortionedFile(path, DeliveryFile(pattern=".*"), expected).portions()
    parts = list(PortionedFile(path, DeliveryFile(pattern=".*"), expected, portion_bytes=3001).portions())
    assert len(parts) > 3
    assert pl.concat([part.frame.drop("\x1frow") for part in parts]).equals(whole.frame.drop("\x1frow"))


@pytest.mark.parametrize("lone", [None, 0, 150, 299])
def test_a_footer_is_told_at_the_end_of_the_file_and_not_of_a_portion(tmp_path: Path, lone: int | None) -> None:
    """A row of one cell among the records is a record that lacks its values, in whatever portion it stands."""
    lines = [f"{n},Smith,01/02/1980,x\n" if n != lone else f"{n},,,\n" for n in range(300)]
    path = tmp_path / "clear.csv"
    path.write_text("Ref,Surname,DOB,Note\n" + "".join(lines) + "Printed by the county\n")
    expected = ["Ref", "Surname", "DOB", "Note"]
    (whole,) = PortionedFile(path, DeliveryFile(pattern=".*"), expected).portions()
    parts = list(PortionedFile(path, DeliveryFile(pattern=".*"), expected, portion_bytes=999).portions())
    assert len(parts) > 3
    assert pl.concat([part.frame for part in parts])["Ref"].to_list() == whole.frame["Ref"].to_list()
    assert whole.frame.height == (299 if lone == 299 else 300 if lone is None else 301)


def test_json_lines_and_parquet_are_read_in_portions(tmp_path: Path) -> None:
    frame = pl.DataFrame({"Ref": range(500), "DOB": ["14/03/1980"] * 500})
    for write in (frame.write_ndjson, frame.write_parquet):
        path = tmp_path / write.__name__
        write(path)
        file = PortionedFile(path, DeliveryFile(pattern=".*"), ["Ref"], portion_bytes=4001, portion_rows=90)
        parts = list(file.portions())
        assert len(parts) > 3
        assert pl.concat([part.frame for part in parts])["Ref"].to_list() == [str(n) for n in range(500)]


def test_what_is_made_in_portions_is_what_is_made_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, manifest = run(tmp_path, LARGE.encode(), keep=["Ref", "Note"])
    original = PortionedFile.__init__
    monkeypatch.setattr(PortionedFile, "__init__", lambda self, *a, **k: original(self, *a, **k, portion_bytes=5000))
    again, same = run(tmp_path, LARGE.encode(), keep=["Ref", "Note"])
    assert again.equals(made)
    assert same == manifest


def test_a_quotation_mark_that_is_never_closed_is_told_and_not_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portions, "MOST_PENDING", 2)
    path = tmp_path / "clear.csv"
    path.write_text("Ref,Surname\n" + "1,Lee\n" * 200 + '2,"Ray\n' + "3,Ash\n" * 4000, encoding="utf-8")
    with pytest.raises(portions.UnreadableFileError, match="never closed"):
        list(PortionedFile(path, DeliveryFile(pattern=".*"), ["Ref", "Surname"], portion_bytes=1000).portions())


@pytest.mark.parametrize(
    ("text", "end"), [("a\nb", 2), ('a\n"b\n', 2), ('a\n"b\nc"\nd', 8), ("ab", 0), ('"a\n\n', 0), ('"a""\nb"\n', 8)]
)
def test_a_record_ends_at_a_line_that_ends_outside_quotation_marks(text: str, end: int) -> None:
    dialect = portions.Dialect(",", '"', 1, 1, (), True)
    assert record_end(text, dialect) == end


def test_the_reference_lists_every_reason_for_not_using_a_value() -> None:
    page = (repository_root() / "docs" / "reference" / "tokens.md").read_text(encoding="utf-8")
    section = page.split("## Values that are not used")[1].split("\n## ")[0]
    assert set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\|(.+?)\|", section, re.MULTILINE)))) == set(REASONS)
