"""Contracts by effective date: a version says what differs, and a fault names the file and line it comes from."""

from datetime import date
from pathlib import Path

import pytest

from orchestration.area.versions import read_contracts
from orchestration.errors import AreaPackError

TODAY = date(2026, 10, 20)
BASE = """\
feed: housing
title: Housing options
partner: council
agreement: housing-2025
files:
  main: {pattern: 'housing_(?P<period>\\d{4}-\\d{2})\\.csv', encoding: cp1252}
delivery: {mode: append}
entities:
  person:
    columns:
      source_ref: {from: Ref, required: true}
      sex: Gender
      gender: {from: Identity, type: code, codes: {1: man, 2: woman}}
"""


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    (tmp_path / "housing.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def version(feeds: Path, day: str, text: str) -> Path:
    path = feeds / f"housing.{day}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def message(feeds: Path) -> str:
    with pytest.raises(AreaPackError) as caught:
        read_contracts(feeds, today=TODAY)
    return str(caught.value)


def test_a_version_says_only_what_differs(feeds: Path) -> None:
    version(feeds, "2025-04-01", "files: {main: {encoding: utf-8}}\n")
    first, second = read_contracts(feeds, today=TODAY)["housing"].versions
    assert (first.files["main"].encoding, second.files["main"].encoding) == ("cp1252", "utf-8")
    assert second.entities == first.entities
    assert second.files["main"].pattern == first.files["main"].pattern


def test_versions_are_laid_one_over_the_other(feeds: Path) -> None:
    version(feeds, "2026-01-01", "title: Third\n")
    version(feeds, "2025-04-01", "files: {main: {encoding: utf-8}}\n")
    third = read_contracts(feeds, today=TODAY)["housing"].versions[-1]
    assert (third.title, third.files["main"].encoding, third.version) == ("Third", "utf-8", "2026-01-01")


def test_a_null_takes_a_key_away_and_codes_are_merged_whatever_their_quotes(feeds: Path) -> None:
    version(feeds, "2025-04-01", "entities: {person: {columns: {sex: ~, gender: {codes: {'1': ~, 3: other}}}}}\n")
    newest = read_contracts(feeds, today=TODAY)["housing"].versions[-1]
    assert "sex" not in newest.entities["person"].columns
    assert newest.entities["person"].columns["gender"].codes == {"2": "woman", "3": "other"}


def test_a_text_renames_a_column_and_keeps_what_else_is_said_of_it(feeds: Path) -> None:
    version(feeds, "2025-04-01", "entities: {person: {columns: {gender: Gender identity, sex: {required: true}}}}\n")
    columns = read_contracts(feeds, today=TODAY)["housing"].versions[-1].entities["person"].columns
    assert (columns["gender"].source, columns["gender"].type) == ("Gender identity", "code")
    assert (columns["sex"].source, columns["sex"].required) == ("Gender", True)


def test_the_version_of_today_is_the_contract_and_knows_the_others(feeds: Path) -> None:
    version(feeds, "2026-11-01", "title: Next month's\n")
    contract = read_contracts(feeds, today=TODAY)["housing"]
    assert (contract.version, contract.title) == ("first", "Housing options")
    assert [v.version for v in contract.versions] == ["first", "2026-11-01"]


@pytest.mark.parametrize(
    ("day", "expected"), [("2020-01-01", "first"), ("2025-03-31", "first"), ("2025-04-01", "2025-04-01")]
)
def test_a_version_holds_from_its_day_on(feeds: Path, day: str, expected: str) -> None:
    version(feeds, "2025-04-01", "title: New\n")
    contract = read_contracts(feeds, today=TODAY)["housing"]
    assert contract.in_force_on(date.fromisoformat(day)).version == expected


def test_a_fault_of_a_version_names_its_file_line_and_key(feeds: Path) -> None:
    version(feeds, "2025-04-01", "title: New\nfiles:\n  main:\n    encodin: utf-8\n")
    told = message(feeds)
    assert "housing.2025-04-01.yaml, line 4, key 'files.main.encodin'" in told
    assert "Did you mean 'encoding'?" in told


def test_a_fault_that_a_version_inherits_names_the_first_file(feeds: Path) -> None:
    (feeds / "housing.yaml").write_text(BASE.replace("mode: append", "mode: changes\n  late_after_days: 1"), "utf-8")
    (feeds / "housing.yaml").write_text(BASE.replace("encoding: cp1252", "encodin: cp1252"), encoding="utf-8")
    version(feeds, "2025-04-01", "title: New\n")
    assert "housing.yaml, line 6, key 'files.main.encodin'" in message(feeds)


def test_a_required_key_that_a_version_takes_away_is_told_where_it_does(feeds: Path) -> None:
    version(feeds, "2025-04-01", "files:\n  main:\n    pattern: ~\n")
    assert "housing.2025-04-01.yaml, line 3, key 'files.main.pattern': this key is required" in message(feeds)


def test_what_is_not_there_cannot_be_taken_away(feeds: Path) -> None:
    version(feeds, "2025-04-01", "entities: {person: {columns: {sx: ~}}}\n")
    told = message(feeds)
    assert "key 'entities.person.columns.sx': there is nothing to take away. Did you mean 'sex'?" in told


@pytest.mark.parametrize(
    "text", ["feed: other\n", "agreement: a2\n", "delivery: {mode: period}\n", "effective_from: 2025-04-01\n"]
)
def test_what_a_feed_is_cannot_change_by_version(feeds: Path, text: str) -> None:
    version(feeds, "2025-04-01", text)
    assert "2025-04-01.yaml, line 1, key" in message(feeds)
    assert "a version cannot change this" in message(feeds)


def test_the_first_file_does_not_say_from_when(feeds: Path) -> None:
    (feeds / "housing.yaml").write_text(BASE + "effective_from: 2025-04-01\n", encoding="utf-8")
    assert "housing.yaml, line 14, key 'effective_from'" in message(feeds)


def test_a_version_without_its_first_file_is_told(feeds: Path) -> None:
    (feeds / "housing.yaml").unlink()
    version(feeds, "2025-04-01", "title: New\n")
    assert "needs its first file" in message(feeds)


def test_a_version_with_a_name_that_is_no_date_is_told(feeds: Path) -> None:
    version(feeds, "2025-4-1", "title: New\n")
    assert "'2025-4-1' is not a date" in message(feeds)


def test_a_key_given_twice_is_told_with_both_lines(feeds: Path) -> None:
    (feeds / "housing.yaml").write_text(BASE + "title: Again\n", encoding="utf-8")
    assert "housing.yaml, line 14, key 'title': given twice (first in line 2)" in message(feeds)
