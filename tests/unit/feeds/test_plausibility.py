"""Each check of rows beside each other: which rows it finds, and which it leaves alone."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.area.contracts import Column
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.checks import Findings
from orchestration.feeds.plausibility import FINDERS, Delivered, KnownCodes, find_implausible, unfound
from orchestration.feeds.rowrules import Days
from tests.support.deliveries import as_csv, found, ingest, make_contract, make_settings, receive, row, token

DAYS = Days(date(2025, 4, 5), "2025-03")


def delivered(known: KnownCodes | None = None, **entities: list[dict[str, Any]]) -> Delivered:
    """Return rows of canonical fields as one delivery; every field that any row has counts as mapped."""
    fields: dict[Any, Mapping[str, Column]] = {}
    rows: dict[Any, pl.LazyFrame] = {}
    for entity, given in entities.items():
        schema = FIELDS[entity]  # type: ignore[index]
        fields[entity] = {
            name: Column.model_validate({"from": name}) for name in schema if any(name in r for r in given)
        }
        frame = pl.DataFrame([{**dict.fromkeys(schema), **r} for r in given], schema=schema)
        rows[entity] = (
            frame.with_row_index("source_row", 1)
            .with_columns(pl.col("source_row").cast(pl.Int64), source_file=pl.lit("a.csv"))
            .lazy()
        )
    return Delivered(make_contract(), fields, rows, DAYS, known or KnownCodes())


def rows_found(check: str, given: Delivered) -> dict[str, list[int]]:
    """Return the rows that a check finds, by entity."""
    return {f.entity: rows for f in FINDERS[check](given) if (rows := sorted(f.rows.collect()["source_row"].to_list()))}


def stay(reference: str, start: date | None, end: date | None = None, **more: Any) -> dict[str, Any]:
    return {
        "episode_ref": reference,
        "source_ref": "P1",
        "service_id": "s",
        "start_date": start,
        "end_date": end,
    } | more


def test_every_check_of_rows_has_its_function_and_every_function_its_check() -> None:
    assert unfound() == set()


def test_an_episode_that_starts_within_an_earlier_one_of_the_same_service_overlaps() -> None:
    rows = [
        stay("a", date(2025, 1, 1), date(2025, 3, 1)),
        stay("b", date(2025, 1, 10), date(2025, 1, 20)),
        stay("c", date(2025, 2, 1), date(2025, 2, 2)),  # within a, though after b has ended
        stay("d", date(2025, 3, 1)),  # begins on the day on which a ends
        stay("e", date(2025, 3, 20), service_id="other"),
        stay("f", date(2025, 3, 25), source_ref="P2"),
        stay("g", None),
    ]
    assert rows_found("episodes_overlap", delivered(episode=rows)) == {"episode": [2, 3]}


def test_an_open_episode_overlaps_with_all_that_follow() -> None:
    rows = [stay("a", date(2025, 1, 1)), stay("b", date(2025, 3, 1)), stay("c", date(2025, 3, 2))]
    assert rows_found("episodes_overlap", delivered(episode=rows)) == {"episode": [2, 3]}


def test_copies_under_another_reference_are_near_duplicates_and_not_overlaps() -> None:
    rows = [stay("a", date(2025, 1, 1)), stay("b", date(2025, 1, 1)), stay("c", None), stay("d", None)]
    contact = {"source_ref": "P1", "contact_date": date(2025, 3, 1), "contact_type": "call"}
    contacts = [
        {"contact_ref": "1", **contact},
        {"contact_ref": "2", **contact, "contact_type": "visit"},
        {"contact_ref": "3", **contact},
    ]
    given = delivered(episode=rows, contact=contacts)
    assert rows_found("near_duplicate", given) == {"episode": [2], "contact": [3]}
    assert rows_found("episodes_overlap", given) == {}


def test_two_references_with_one_nhs_token_are_one_person() -> None:
    people = [{"source_ref": "P1", "tok_nhs": token(1)}, {"source_ref": "P1", "tok_nhs": token(1)}]
    people += [{"source_ref": "P2", "tok_nhs": token(2)}, {"source_ref": "P3", "tok_nhs": token(2)}]
    people += [{"source_ref": "P4", "tok_nhs": None}, {"source_ref": "P5", "tok_nhs": None}]
    assert rows_found("person_repeated", delivered(person=people)) == {"person": [3, 4]}


def test_nothing_happens_before_birth() -> None:
    person = {"source_ref": "P1", "birth_month": date(2000, 5, 1), "valid_from": date(1999, 1, 1)}
    rows = [stay("a", date(2000, 4, 30)), stay("b", date(2000, 5, 1)), stay("c", date(1990, 1, 1), source_ref="P2")]
    assert rows_found("before_birth", delivered(person=[person], episode=rows)) == {"episode": [1], "person": [1]}


def test_contacts_lie_between_referral_and_end_and_outcomes_after_the_start() -> None:
    rows = [stay("a", date(2025, 2, 1), date(2025, 3, 1), referral_date=date(2025, 1, 1)), stay("b", date(2025, 2, 1))]
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 3, 1), date(2025, 3, 2)]
    contacts = [{"episode_ref": "a", "contact_date": day} for day in days]
    contacts.append({"episode_ref": "b", "contact_date": date(2030, 1, 1)})
    outcomes = [{"episode_ref": "a", "recorded_date": day} for day in (date(2025, 1, 31), date(2025, 6, 1))]
    given = delivered(episode=rows, contact=contacts, outcome=outcomes)
    assert rows_found("outside_episode", given) == {"contact": [1, 4], "outcome": [1]}


def test_services_and_areas_are_those_of_the_place_where_it_has_lists() -> None:
    person = [{"source_ref": "P1", "lsoa_code": code} for code in ("E01", "E99", None)]
    rows = [stay("a", None), stay("b", None, service_id="other")]
    given = delivered(KnownCodes(frozenset({"s"}), frozenset({"E01"})), person=person, episode=rows)
    assert rows_found("service_unknown", given) == {"episode": [2]}
    assert rows_found("out_of_area", given) == {"person": [2]}
    assert rows_found("out_of_area", delivered(person=person)) == {}


def test_the_longest_stays_are_outliers_only_where_they_are_far_from_the_rest() -> None:
    usual = [stay(f"a{n}", date(2024, 1, 1), date(2024, 2, 1 + n % 20)) for n in range(200)]
    assert rows_found("duration_outlier", delivered(episode=usual)) == {}
    long = stay("z", date(2010, 1, 1))
    assert rows_found("duration_outlier", delivered(episode=[*usual, long])) == {"episode": [201]}
    assert rows_found("duration_outlier", delivered(episode=[*usual[:50], long])) == {}


def test_events_that_came_after_cadence_and_grace_are_late() -> None:
    late = Days(date(2025, 6, 1), "2025-03")
    given = delivered(episode=[stay("a", date(2025, 3, 2)), stay("b", date(2020, 1, 1))])
    assert rows_found("recorded_late", Delivered(given.contract, given.fields, given.rows, late)) == {"episode": [1]}
    assert rows_found("recorded_late", given) == {}


def test_a_contract_may_refuse_the_rows_that_such_a_check_finds(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    strict = make_contract(checks={"episodes_overlap": "refuse_row"})
    rows = [row(1, Case="C1"), row(1, Case="C2", start="10/02/2025"), row(3)]
    receipt = receive(settings, as_csv(rows), contract=strict)
    episode = receipt.entities["episode"]
    assert (episode.delivered, episode.accepted, episode.quarantined) == (3, 2, 1)
    stored = pl.read_parquet(next((settings.quarantine / "debt_advice").glob("*.parquet")))
    assert stored.select("entity", "source_row", "record_ref", "checks").rows() == [
        ("episode", 2, "C2", "episodes_overlap:start_date")
    ]
    assert token(2) not in "".join(stored["cells"])
    assert ingest(settings, strict).unchanged == 1


def test_a_check_that_is_off_is_not_even_looked_for() -> None:
    findings = Findings(dict.fromkeys(FINDERS, "off"))
    assert find_implausible(delivered(episode=[stay("a", None)]), findings) == {}
    assert findings.results == []


def test_records_without_their_person_are_told(tmp_path: Path) -> None:
    data = make_contract().model_dump(by_alias=True, exclude_none=True)
    data["entities"]["person"]["where"] = {"Sex": ["1"]}
    rows = as_csv([row(1), row(2, Sex="2")])
    receipt = receive(make_settings(tmp_path), rows, contract=make_contract().model_validate(data))
    assert found(receipt) == {"person_unknown": 1}
