"""Claims of linking: who is joined, who never is, and what holds for small and empty inputs."""

import datetime as dt
import json
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest

from orchestration.errors import LinkageError
from orchestration.feeds.canonical import empty_entity
from orchestration.linkage.evaluation import evaluate
from orchestration.linkage.linking import link_records
from orchestration.linkage.model import default_model
from orchestration.linkage.patterns import contradictions, patterns, run_patterns
from orchestration.linkage.records import prepare_records
from orchestration.settings import Settings
from tests.support.linkage_crowd import make_crowd, nhs_number, person_rows

LIZ = {
    "forename": "Elizabeth",
    "surname": "Barford",
    "birth_date": dt.date(1984, 3, 5),
    "sex": "F",
    "nhs_number": None,
    "ni_number": None,
    "postcode": "ZX1 1AA",
    "uprn": "1001",
    "lsoa_code": "E01090001",
    "trusted_ref": None,
}


def people(**feeds: list[dict[str, object]]) -> pl.DataFrame:
    """Return the person rows of small feeds, the first record of feed `a` being `a0`."""
    return pl.concat(
        person_rows(
            pl.DataFrame([LIZ | changes for changes in rows], schema_overrides={"birth_date": pl.Date}),
            feed=feed,
            source_refs=[f"{feed}{n}" for n in range(len(rows))],
        )
        for feed, rows in feeds.items()
    )


def joined(rows: pl.DataFrame, **options: object) -> set[frozenset[str]]:
    """Return the pairs of source references that linking puts together."""
    found = link_records(prepare_records(rows, **options))  # type: ignore[arg-type]
    groups = found.records.nodes.with_columns(pl.Series("cluster", found.clusters.labels)).group_by("cluster")
    return {
        frozenset(pair)
        for (members,) in groups.agg("source_ref").select("source_ref").iter_rows()
        for pair in combinations(members, 2)
    }


TOGETHER = {frozenset({"a0", "b0"})}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"forename": "Liz"},
        {"postcode": "ZX9 9ZZ", "uprn": "9", "lsoa_code": "E01090030"},
        {"birth_date": dt.date(1984, 5, 3)},
        {"forename": "Barford", "surname": "Elizabeth"},
        {"surname": "Barfort"},
        {"surname": "Married"},
        {"birth_date": dt.date(1984, 3, 15)},
        {"birth_date": dt.date(1985, 3, 5)},
    ],
    ids=["same", "nickname", "moved", "swapped date", "swapped names", "sounds alike", "new surname", "day", "year"],
)
def test_one_person_written_in_two_ways_is_linked(other: dict[str, object]) -> None:
    assert joined(people(a=[{}], b=[other])) == TOGETHER


@pytest.mark.parametrize(
    "other",
    [
        {"forename": "Margaret"},
        {"birth_date": dt.date(1958, 7, 1)},
        {"surname": "Married", "postcode": "ZX9 9ZZ", "uprn": "9", "lsoa_code": "E01090030"},
        {"forename": "Tom", "surname": "Other", "birth_date": dt.date(1950, 1, 9), "sex": "M"},
    ],
    ids=["twin", "namesake of another generation", "forename and birth only", "neighbour"],
)
def test_different_people_are_not_linked(other: dict[str, object]) -> None:
    assert joined(people(a=[{}], b=[other])) == set()


def test_two_nhs_numbers_are_never_one_person() -> None:
    rows = people(a=[{"nhs_number": nhs_number(1)}], b=[{"nhs_number": nhs_number(2)}])
    assert joined(rows) == set()


def test_two_nhs_numbers_stay_apart_even_through_a_third_record() -> None:
    rows = people(a=[{"nhs_number": nhs_number(1)}], b=[{"nhs_number": nhs_number(2)}], c=[{}])
    assert len(joined(rows)) == 1


def test_an_nhs_number_links_what_little_else_does() -> None:
    number = nhs_number(5)
    changed = {"surname": "Married", "postcode": "ZX9 9ZZ", "uprn": "9", "nhs_number": number}
    assert joined(people(a=[{"nhs_number": number}], b=[changed])) == TOGETHER


def test_twins_in_two_feeds_are_two_people() -> None:
    twins = [{}, {"forename": "Margaret"}]
    assert joined(people(a=twins, b=twins)) == {frozenset({"a0", "b0"}), frozenset({"a1", "b1"})}


def test_twins_whose_names_sound_alike_are_two_people_where_a_feed_knows_both() -> None:
    twins = [{"forename": "Joan"}, {"forename": "John", "sex": "M"}]
    assert joined(people(a=twins, b=twins)) == {frozenset({"a0", "b0"}), frozenset({"a1", "b1"})}


def test_two_references_of_a_feed_that_guarantees_one_person_one_reference_stay_apart() -> None:
    assert joined(people(a=[{}, {}])) == set()


def test_two_references_are_linked_where_the_contract_says_they_may_be_one_person() -> None:
    assert joined(people(a=[{}, {}]), may_repeat=["a"]) == {frozenset({"a0", "a1"})}


def test_a_shared_identifier_links_without_any_other_token() -> None:
    nothing = dict.fromkeys(("forename", "surname", "birth_date", "postcode", "uprn", "lsoa_code", "sex"))
    rows = people(
        a=[nothing | {"trusted_ref": "x"}, nothing | {"trusted_ref": "y"}],
        b=[nothing | {"trusted_ref": "y"}],
    )
    assert joined(rows) == {frozenset({"a1", "b0"})}


def test_several_rows_of_one_reference_are_one_record_and_any_of_them_may_link() -> None:
    moved = {"surname": "Married", "postcode": "ZX9 9ZZ", "uprn": "9", "lsoa_code": "E01090030"}
    rows = people(a=[{}, moved], b=[moved]).with_columns(
        pl.when(pl.col("source_ref") == "a1").then(pl.lit("a0")).otherwise("source_ref").alias("source_ref")
    )
    assert joined(rows) == TOGETHER


def test_records_without_identifiers_are_linked_to_nothing() -> None:
    nothing = dict.fromkeys(("forename", "surname", "birth_date", "postcode"))
    assert joined(people(a=[nothing], b=[nothing])) == set()


def test_no_records_give_no_people() -> None:
    assert joined(empty_entity("person")) == set()


def test_a_token_shared_by_hundreds_is_left_out_and_told() -> None:
    crowd = [{"forename": f"N{n}", "surname": f"S{n}", "postcode": None, "uprn": None, "nhs_number": nhs_number(7),
              "birth_date": dt.date(1950, 1, 1) + dt.timedelta(days=n)} for n in range(250)]  # fmt: skip
    records = prepare_records(people(a=crowd))
    assert records.shared_tokens.rows() == [("tok_nhs", 250, "a")]
    assert joined(people(a=crowd[:150], b=crowd[150:])) == set()


def test_files_with_no_person_in_common_give_no_links() -> None:
    crowd = make_crowd(1500, share=1.0, feeds=("alpha", "beta"))
    half = crowd.truth.filter(
        ((pl.col("feed") == "alpha") & (pl.col("true_person_id") < 750))
        | ((pl.col("feed") == "beta") & (pl.col("true_person_id") >= 750))
    )
    rows = crowd.people.join(half, on=["feed", "source_ref"], how="semi")
    assert rows.height == 1500
    assert joined(rows) == set()


def test_precision_and_recall_meet_the_bar_on_an_invented_crowd() -> None:
    crowd = make_crowd(2500)
    found = link_records(prepare_records(crowd.people))
    links = found.records.nodes.select(
        "feed", "source_ref", pl.Series("person_key", found.clusters.labels).cast(pl.String)
    )
    overall = evaluate(links, crowd.truth).overall
    assert overall.precision >= 0.995
    assert overall.recall >= 0.97
    assert any("m learned" in note for note in found.model.notes)


def test_few_records_keep_the_default_model_and_say_so() -> None:
    found = link_records(prepare_records(people(a=[{}], b=[{}])))
    learned = [note for note in found.model.notes if "m learned" in note]
    assert not learned and found.model.m == default_model().m


def test_the_order_of_rows_changes_nothing() -> None:
    crowd = make_crowd(300)
    forwards = link_records(prepare_records(crowd.people))
    backwards = link_records(prepare_records(crowd.people.reverse()))
    assert forwards.clusters.labels.tolist() == backwards.clusters.labels.tolist()
    assert forwards.links.equals(backwards.links)
    assert forwards.model == backwards.model


def test_father_and_son_of_one_name_at_one_address_are_two_people() -> None:
    assert joined(people(a=[{}], b=[{"birth_date": dt.date(1958, 3, 5)}])) == set()


def test_father_and_son_stay_apart_though_a_record_without_a_date_looks_like_both() -> None:
    rows = people(a=[{}], b=[{"birth_date": dt.date(1958, 7, 1)}], c=[{"birth_date": None}])
    found = joined(rows)
    assert frozenset({"a0", "b0"}) not in found
    assert len(found) <= 1


def test_one_number_with_another_name_and_birth_contradicts_itself_and_links_nothing() -> None:
    number = nhs_number(5)
    other = {"forename": "Tom", "surname": "Other", "birth_date": dt.date(1950, 1, 9), "nhs_number": number}
    rows = people(a=[{"nhs_number": number}], b=[other])
    assert joined(rows) == set()
    found = link_records(prepare_records(rows))
    told = contradictions(found.records.profiles, found.scored.pairs)
    assert dict(told.rows())["one number, nothing else alike"] == 1


def test_a_shared_identifier_never_joins_two_nhs_numbers_and_the_contradiction_is_counted() -> None:
    rows = people(
        a=[{"trusted_ref": "x", "nhs_number": nhs_number(1)}], b=[{"trusted_ref": "x", "nhs_number": nhs_number(2)}]
    )
    assert joined(rows) == set()
    found = link_records(prepare_records(rows))
    told = dict(contradictions(found.records.profiles, found.scored.pairs).rows())
    assert told["one shared identifier, several NHS numbers"] == 1


def test_a_token_shared_by_thousands_is_left_out_of_comparing_and_the_feed_that_sends_it_is_named() -> None:
    crowd = [{"forename": f"N{n}", "surname": f"S{n}", "postcode": None, "uprn": "77", "nhs_number": None,
              "birth_date": dt.date(1950, 1, 1) + dt.timedelta(days=n)} for n in range(5200)]  # fmt: skip
    records = prepare_records(people(a=crowd))
    assert ("household_token", 5200, "a") in records.shared_tokens.rows()
    assert records.profiles["household_token"].null_count() == 5200


def test_patterns_for_review_hold_levels_and_counts_and_no_value() -> None:
    crowd = make_crowd(600)
    pairs = link_records(prepare_records(crowd.people)).scored.pairs
    found = patterns(pairs, threshold=0.5)
    assert found["pairs"].sum() <= pairs.height and found["pairs"].min() >= 10
    assert set(found["verdict"]) <= {"trusted", "likely", "doubtful", "never"}
    shown = found.write_csv()
    assert not any(token in shown for token in crowd.people["tok_name_dob"].drop_nulls())
    assert not any(reference in shown for reference in crowd.people["source_ref"])


def test_five_sources_at_once_are_linked() -> None:
    crowd = make_crowd(700, feeds=("alpha", "beta", "gamma", "delta", "epsilon"), seed=11)
    found = link_records(prepare_records(crowd.people))
    links = found.records.nodes.select(
        "feed", "source_ref", pl.Series("person_key", found.clusters.labels).cast(pl.String)
    )
    overall = evaluate(links, crowd.truth).overall
    assert overall.precision >= 0.995 and overall.recall >= 0.97


def test_the_patterns_of_the_last_refresh_are_shown_most_doubtful_first(tmp_path: Path) -> None:
    settings = Settings(area_dir=tmp_path, home=tmp_path / "var")
    with pytest.raises(LinkageError, match="joinedup refresh"):
        run_patterns(settings, most=3)
    crowd = make_crowd(600)
    found = patterns(link_records(prepare_records(crowd.people)).scored.pairs, threshold=0.5)
    settings.linkage.mkdir(parents=True)
    found.write_parquet(settings.linkage / "patterns.parquet")
    heading, first, *_, last = run_patterns(settings, most=3).splitlines()
    assert heading.split() == ["pairs", "probability", "verdict", "agreement"]
    assert first.split()[:2] == [f"{found['pairs'][0]:,}", f"{found['match_probability'][0]:.4f}"]
    assert last == f"{found.height - 3} more: --most {found.height}"
    assert len(json.loads(run_patterns(settings, most=3, as_json=True))) == 3
