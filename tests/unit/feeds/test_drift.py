"""Drift between a contract and a file: what is told, what is not, and what is never quoted."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.area import Contract
from orchestration.feeds.column_drift import Difference
from orchestration.feeds.drift import drift_text, find_drift
from tests.support.deliveries import HEADER, as_csv, make_contract, row

ROWS = [row(number, start=f"{13 + number % 10}/02/2025") for number in range(12)]


def drift(
    tmp_path: Path, content: str | bytes, contract: Contract | None = None, name: str = "debt_2025-03.csv"
) -> Any:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return find_drift(path, contract or make_contract(), folders=())


def sorts(tmp_path: Path, content: str | bytes, contract: Contract | None = None) -> dict[str, Difference]:
    return {found.sort: found for found in drift(tmp_path, content, contract).differences}


def renamed(old: str, new: str, rows: list[dict[str, str]] = ROWS) -> str:
    header = tuple(new if name == old else name for name in HEADER)
    return as_csv([r | {new: r[old]} for r in rows], header=header)


def with_file(**keys: Any) -> Contract:
    return make_contract(files={"main": {"pattern": r"debt_(?P<period>\d{4}-\d{2})\.csv", **keys}})


def test_a_file_as_the_contract_says_is_the_same(tmp_path: Path) -> None:
    found = drift(tmp_path, as_csv(ROWS))
    assert found.differences == ()
    assert drift_text(found).endswith("the same.")


def test_a_renamed_column_is_paired_with_the_missing_one(tmp_path: Path) -> None:
    (found,) = drift(tmp_path, renamed("Start", "Start date")).differences
    assert (found.sort, found.column, found.file) == ("renamed", "Start", "likely 'Start date'")
    assert "entities.episode.columns.start_date.from" in found.mend


def test_a_column_under_quite_another_name_is_known_by_its_values(tmp_path: Path) -> None:
    found = sorts(tmp_path, renamed("Sex", "Registered as"))
    assert found["renamed"].file == "likely 'Registered as'"


def test_a_column_that_cannot_be_the_missing_one_is_new(tmp_path: Path) -> None:
    rows = [r | {"Token 2": f"room {n}"} for n, r in enumerate(ROWS)]
    found = sorts(tmp_path, as_csv(rows, header=("Ref", "Sex", "Born", "Ethnic", "Case", "Start", "End", "Token 2")))
    assert found["missing"].column == "Token"
    assert found["new"].column == "Token 2"


def test_a_column_that_the_contract_ignores_is_no_drift(tmp_path: Path) -> None:
    rows = [r | {"Worker": "team a"} for r in ROWS]
    text = as_csv(rows, header=(*HEADER, "Worker"))
    assert set(sorts(tmp_path, text)) == {"new"}
    assert sorts(tmp_path, text, with_file(ignored=["worker"])) == {}


def test_dates_written_otherwise_are_told_with_their_format(tmp_path: Path) -> None:
    rows = [r | {"Start": f"2025-02-{13 + n % 10}"} for n, r in enumerate(ROWS)]
    found = sorts(tmp_path, as_csv(rows))["date_format"]
    assert (found.column, found.contract, found.file) == ("Start", "%d/%m/%Y", "%Y-%m-%d")


def test_a_few_bad_dates_are_dirt_and_no_drift(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"Start": "soon"}, *ROWS[1:]]
    assert sorts(tmp_path, as_csv(rows)) == {}


def test_a_column_that_holds_no_dates_any_more_has_changed_its_type(tmp_path: Path) -> None:
    rows = [r | {"Start": f"week {n}"} for n, r in enumerate(ROWS)]
    assert sorts(tmp_path, as_csv(rows))["type"].column == "Start"


def test_a_column_that_holds_no_tokens_any_more_has_changed_its_type(tmp_path: Path) -> None:
    rows = [r | {"Token": f"x{n}"} for n, r in enumerate(ROWS)]
    assert sorts(tmp_path, as_csv(rows))["type"].contract == "token"


def test_codes_that_are_not_in_the_list_are_named(tmp_path: Path) -> None:
    rows = [*ROWS, row(50, Sex="X"), row(51, Sex="Y"), row(52, Sex="Y")]
    assert sorts(tmp_path, as_csv(rows))["codes"].file == "not in the list: 'Y', 'X'"


def test_names_under_the_heading_of_a_code_are_not_quoted(tmp_path: Path) -> None:
    names = ("Sarah Jones", "David Smith", "Emma Brown", "James Taylor")
    rows = [r | {"Sex": names[n % 4]} for n, r in enumerate(ROWS)]
    found = drift(tmp_path, as_csv(rows))
    assert "identifiers" in {difference.sort for difference in found.differences}
    assert not any(name in drift_text(found) for name in names)


def test_sentences_and_references_under_the_heading_of_a_code_are_not_quoted(tmp_path: Path) -> None:
    rows = [r | {"Sex": f"case {88_000 + n}"} for n, r in enumerate(ROWS)]
    assert sorts(tmp_path, as_csv(rows))["codes"].file == "12 values that are not in the list"


@pytest.mark.parametrize(
    ("declared", "content", "told"),
    [
        ({"delimiter": ";"}, as_csv(ROWS), "delimiter ','"),
        ({"encoding": "utf-8"}, as_csv([r | {"Ethnic": "é"} for r in ROWS]).encode("cp1252"), "encoding cp1252"),
    ],
)
def test_a_declared_dialect_that_is_not_the_file_s_is_told(
    tmp_path: Path, declared: dict[str, str], content: str | bytes, told: str
) -> None:
    found = drift(tmp_path, content, with_file(**declared))
    assert told in [difference.file for difference in found.differences if difference.sort == "dialect"]


def test_plain_letters_are_every_encoding_s(tmp_path: Path) -> None:
    assert sorts(tmp_path, as_csv(ROWS), with_file(encoding="cp1252")) == {}


def test_a_file_of_another_format_is_told_and_compared_all_the_same(tmp_path: Path) -> None:
    frame = pl.DataFrame([[r[name] for name in HEADER] for r in ROWS], schema=list(HEADER), orient="row")
    frame.rename({"Start": "Started"}).write_parquet(tmp_path / "x")
    found = sorts(tmp_path, (tmp_path / "x").read_bytes())
    assert (found["format"].contract, found["format"].file) == ("csv", "parquet")
    assert found["renamed"].column == "Start"


def test_a_file_is_compared_with_the_version_in_force_for_its_period(tmp_path: Path) -> None:
    first = make_contract()
    data = first.model_dump(by_alias=True, exclude={"effective_from"})
    data["entities"]["episode"]["columns"]["start_date"]["from"] = "Opened"
    second = Contract.model_validate(data | {"effective_from": date(2025, 4, 1)})
    contract = first.with_versions((first, second))
    assert drift(tmp_path, as_csv(ROWS), contract).differences == ()
    later = drift(tmp_path, renamed("Start", "Opened"), contract, name="debt_2025-04.csv")
    assert (later.differences, later.version) == ((), "2025-04-01")


def test_a_value_that_may_be_a_person_s_is_not_quoted_among_strange_codes(tmp_path: Path) -> None:
    rows = [row(n, Sex={3: "John Smith", 4: "wilfred"}.get(n, ("1", "Intersex")[n % 2])) for n in range(40)]
    told = drift_text(drift(tmp_path, as_csv(rows)))
    assert "John" not in told
    assert "wilfred" not in told
    assert "not in the list: 'Intersex' and 2 more" in told


def test_nothing_of_the_first_record_is_shown_where_there_is_no_header_row(tmp_path: Path) -> None:
    first = {name: f"Wilfred {name}" for name in HEADER} | {"Born": "12/03/1961", "Ref": "C0001"}
    rows = [first, *(row(n) for n in range(12))]
    told = drift_text(drift(tmp_path, as_csv(rows).split("\n", 1)[1]))
    assert not any(value in told for value in ("Wilfred", "12/03/1961", "C0001"))
