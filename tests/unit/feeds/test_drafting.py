"""Contracts drafted from samples: what is proposed, what is left to a person, and what is never quoted."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from orchestration.area import Area, Contract, load_area
from orchestration.area.reading import read_model
from orchestration.errors import AreaPackError, LandingError
from orchestration.feeds.draft_text import draft_text
from orchestration.feeds.drafting import draft_contract, name_pattern
from orchestration.feeds.ingest import check_delivery
from orchestration.feeds.mapping import check_mapping
from orchestration.feeds.profiles import profile_column
from orchestration.settings import Settings, repository_root

PACK = repository_root() / "seeds" / "demo_area"
SAMPLE = repository_root() / "docs" / "how-to" / "add-a-partner" / "food_parcels_2026-09_20261005.csv"
COLUMNS = (
    "Client ref",
    "tok_name_dob",
    "Born",
    "Gender",
    "Ethnicity",
    "LSOA",
    "Case no",
    "Opened",
    "Stage",
    "Caseworker",
)
Drafted = Callable[[str], tuple[str, Contract]]


@pytest.fixture(scope="module")
def area() -> Area:
    return load_area(PACK)


def row(number: int, **cells: str) -> list[str]:
    good = {
        "Client ref": f"C{number}",
        "tok_name_dob": f"{number:032x}",
        "Born": "04/1980",
        "Gender": ("Female", "Male")[number % 2],
        "Ethnicity": "White: Irish",
        "LSOA": f"E0199900{number % 9}",
        "Case no": f"K{number}",
        "Opened": f"{13 + number % 15}/03/2025",
        "Stage": ("Live", "Closed", "Paused")[number % 3],
        "Caseworker": f"team {number % 4}",
    }
    return list((good | cells).values())


@pytest.fixture
def drafted(tmp_path: Path, area: Area) -> Drafted:
    """Return a function that drafts a contract of a text and reads it back."""

    def draft(text: str, name: str = "cases_2025-03_20250405.csv") -> tuple[str, Contract]:
        sample = tmp_path / name
        sample.write_bytes(text.encode("cp1252"))
        found = draft_contract(
            sample, feed="cases", partner="tidewell_citizens_advice", agreement="isa-05-debt-advice", area=area
        )
        path = tmp_path / "cases.yaml"
        path.write_text(draft_text(found), encoding="utf-8")
        return path.read_text(encoding="utf-8"), read_model(Contract, path)

    return draft


def delimited(rows: list[list[str]], *, mark: str = ",", header: tuple[str, ...] = COLUMNS) -> str:
    return "\n".join(mark.join(f'"{cell}"' for cell in cells) for cells in [list(header), *rows]) + "\n"


ROWS = [row(number) for number in range(30)]


def test_fields_types_formats_and_codes_are_proposed(drafted: Drafted) -> None:
    _, contract = drafted(delimited(ROWS, mark=";"))
    person, episode = contract.entities["person"].columns, contract.entities["episode"].columns
    assert (person["source_ref"].source, episode["source_ref"].source) == ("Client ref", "Client ref")
    assert (person["tok_name_dob"].type, person["lsoa_code"].source) == ("token", "LSOA")
    assert (person["birth_month"].type, person["birth_month"].formats) == ("month", ["%m/%Y"])
    assert (person["sex"].source, person["sex"].crosswalk) == ("Gender", "sex_words")
    assert (person["ethnicity_code"].crosswalk, person["ethnicity_list"].value) == ("ethnicity_census", "census_2021")
    assert (episode["episode_ref"].source, episode["start_date"].formats) == ("Case no", ["%d/%m/%Y"])
    assert episode["status"].codes == {"Live": "open", "Closed": "completed", "Paused": "FINISH"}
    assert contract.files["main"].ignored == ["Caseworker"]


def test_what_nobody_can_know_is_left_to_a_person_and_nothing_is_read_until_then(drafted: Drafted) -> None:
    text, contract = drafted(delimited(ROWS))
    assert ("entities", "episode", "columns", "status", "codes", "Paused") in contract.unfinished
    assert ("entities", "episode", "columns", "service_id", "value") in contract.unfinished
    assert "FINISH: a service of services.csv: debt_advice, benefits_advice" in text
    with pytest.raises(AreaPackError, match="the contract is a draft"):
        check_mapping(contract)


def test_a_column_of_names_is_flagged_and_never_quoted(drafted: Drafted) -> None:
    header = ("Name", *COLUMNS[1:])
    names = ("Sarah Jones", "David Smith", "Emma Brown", "James Taylor", "Laura Wilson")
    text, contract = drafted(delimited([[names[n % 5], *row(n)[1:]] for n in range(30)], header=header))
    assert "column Name holds names" in text
    assert not any(name in text for name in names)
    assert "Name" not in contract.files["main"].ignored
    assert contract.entities["person"].columns["source_ref"].source == "FINISH"


def test_free_text_and_references_are_never_quoted(drafted: Drafted) -> None:
    header = ("Client ref", "Status", "Outcome")
    rows = [[f"C{n}", f"note {10_000 + n}", "came in very upset about the letter from court"] for n in range(30)]
    text, _ = drafted(delimited(rows, header=header))
    assert "upset" not in text
    assert "note 10" not in text
    assert "C12" not in text


def test_a_date_that_reads_in_two_ways_is_asked_about(drafted: Drafted) -> None:
    rows = [row(n, Opened=f"0{1 + n % 9}/0{1 + n % 7}/2025") for n in range(30)]
    text, contract = drafted(delimited(rows))
    assert contract.entities["episode"].columns["start_date"].formats == ["%d/%m/%Y"]
    assert "ASK THE PARTNER: every date also reads as %m/%d/%Y" in text


def test_one_row_that_is_no_american_date_decides_the_whole_column() -> None:
    column = pl.Series("when", ["01/02/2025", "03/04/2025", "05/06/2025", "25/06/2025"])
    assert profile_column(column).formats == ("%d/%m/%Y",)


def test_a_year_of_two_digits_gets_a_pivot(drafted: Drafted) -> None:
    _, contract = drafted(delimited([row(n, Opened=f"{13 + n % 15}-Mar-25") for n in range(30)]))
    column = contract.entities["episode"].columns["start_date"]
    assert (column.formats, column.pivot) == (["%d-%b-%y"], 1950)


def test_a_totals_row_gets_a_footer_pattern_and_a_preamble_does_not_matter(drafted: Drafted) -> None:
    text = f"Tidewell cases;;\n{delimited(ROWS, mark=';')}Total 30;;;;;;;;;\n"
    drafted_text, contract = drafted(text)
    assert contract.files["main"].footer_pattern == "(?i)^(grand |sub)?total"
    assert "30 rows, 10 columns" in drafted_text


@pytest.mark.parametrize(
    ("name", "pattern", "cadence"),
    [
        ("cases_2025-03_20250405.csv", r"cases_(?P<period>\d{4}-\d{2})_(?P<delivered>\d{8})\.csv", "monthly"),
        ("cases_202503.csv.gz", r"cases_(?P<period>\d{6})\.csv", "monthly"),
        ("Q 2025-Q1 (20250405).xlsx", r"Q (?P<period>\d{4}-?Q[1-4]) \((?P<delivered>\d{8})\)\.xlsx", "quarterly"),
        ("export 2025-04-05.csv", r"export (?P<delivered>\d{4}-\d{2}-\d{2})\.csv", ""),
        ("current.csv", r"current\.csv", ""),
    ],
)  # fmt: skip
def test_the_sample_s_name_tells_the_pattern(name: str, pattern: str, cadence: str) -> None:
    assert name_pattern(name) == (pattern, cadence)


def test_parquet_and_json_lines_are_drafted_too(tmp_path: Path, area: Area) -> None:
    frame = pl.DataFrame(ROWS, schema=list(COLUMNS), orient="row")
    frame.write_parquet(tmp_path / "cases_2025-03.parquet")
    frame.write_ndjson(tmp_path / "cases_2025-03.jsonl")
    for kind in ("parquet", "jsonl"):
        found = draft_contract(
            tmp_path / f"cases_2025-03.{kind}", feed="c", partner="tidewell_police", agreement="a", area=area
        )
        assert found.layout["format"] == kind
        assert found.columns["episode"]["start_date"].settings["from"] == "Opened"


def test_a_finished_draft_reads_its_own_sample(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    shutil.copytree(PACK, pack)
    area = load_area(pack)
    draft = draft_contract(
        SAMPLE, feed="food", partner="wherry_homes", agreement="isa-12-social-prescribing", area=area
    )
    text = draft_text(draft).replace("FINISH", "other").replace("Moved on: other", "Moved on: completed")
    text = text.replace("Food parcel: other", "Food parcel: community_food").replace(
        "voucher: other", "voucher: befriending"
    )
    (pack / "feeds" / "food.yaml").write_text(text, encoding="utf-8")
    contract = load_area(pack).contracts["food"]
    receipt = check_delivery(
        [SAMPLE], contract, agreement=None, settings=Settings(area_dir=pack, home=tmp_path / "var"), today=area.today
    )
    assert (receipt.outcome, receipt.total.delivered, receipt.total.quarantined) == ("accepted_with_rejects", 240, 2)


@pytest.mark.parametrize(
    ("feed", "partner", "expected"),
    [
        ("debt_advice", "tidewell_police", "has a contract already"),
        ("new", "nobody", "'nobody' is not an id in"),
        ("New feed", "tidewell_police", "cannot name a feed"),
    ],
)
def test_what_cannot_be_drafted_is_told(area: Area, feed: str, partner: str, expected: str) -> None:
    with pytest.raises(AreaPackError, match=expected):
        draft_contract(SAMPLE, feed=feed, partner=partner, agreement="a", area=area)


def test_a_sample_that_is_not_there_is_told(area: Area, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="There is no file"):
        draft_contract(tmp_path / "x.csv", feed="new", partner="tidewell_police", agreement="a", area=area)


@pytest.mark.parametrize(
    "stage", ["John Smith", "Wilfred Postlethwaite", "wilfred", "12/03/1961", "AB12 3CD", "1c9f" * 4]
)
def test_a_value_that_may_be_a_person_s_is_not_quoted_among_codes(drafted: Drafted, stage: str) -> None:
    text, contract = drafted(delimited([*ROWS, row(31, Stage=stage)]))
    assert stage not in text
    assert set(contract.entities["episode"].columns["status"].codes or {}) == {"Live", "Closed", "Paused"}
    assert "values not shown, rare" in text


def test_nothing_of_a_first_record_is_shown_where_there_is_no_header_row(drafted: Drafted) -> None:
    first = row(1, Caseworker="9434765919", Opened="14/03/2025", Ethnicity="Wilfred Postlethwaite")
    text, _ = drafted(delimited([row(n, Caseworker="9434765919") for n in range(2, 30)], header=tuple(first)))
    assert [value for value in first if value in text and value not in ("Male", "Closed", "04/1980")] == []
    assert "'04/1980'" not in text
    assert "no. 1 (name not shown)" in text
