"""Figures about feeds and linkage: no count of a few records leaves the gate, as a count or in a rate."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.publishing import publish
from orchestration.release import Gate, Refused, Request
from tests.support.snapshot import serving_tables, write_warehouse

GROUPS = [
    ("all", "all", 4003, 0.9004),
    ("age_band", "0-15", 12, 0.5),  # few records
    ("age_band", "16-24", 40, 0.925),  # 3 of them not linked
    ("age_band", "25-34", 40, 0.075),  # 3 of them linked
    ("age_band", "35-44", 43, 23 / 43),
    ("sex", "F", 2000, 0.9995),  # nearly all, of many
]


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    tables = serving_tables(people=400, seed=4)
    feeds = tables["srv_feed"]["feed"].to_list()
    few = [(feeds[1], "all", "all", 7, 2 / 7), (feeds[2], "all", "all", 30, 1.0)]
    tables["srv_linkage"] = pl.DataFrame(
        [(feeds[0], *group) for group in GROUPS] + few, schema=tables["srv_linkage"].columns, orient="row"
    )
    tables["srv_threshold"] = pl.DataFrame(
        {"threshold": [0.5, 0.95, 0.999], "links": [13590, 13575, 4], "people": [21763, 21768, 21822]}
    )
    settings = write_warehouse(tmp_path_factory.mktemp("operations"), tables)
    publish(settings)
    return Gate(settings)


def test_a_match_rate_never_tells_of_a_few_records(gate: Gate) -> None:
    first = gate.linkage()[0]["feed"]
    found = {row["group_value"]: (row["records"], row["match_rate"]) for row in gate.linkage() if row["feed"] == first}
    assert found["0-15"] == (None, None)
    assert found["16-24"] == (40, None)
    assert found["25-34"] == (40, None)
    assert found["F"] == (2000, 99)
    assert found["all"] == (4000, 90)


def test_the_policies_in_force_are_told_without_their_noise(gate: Gate) -> None:
    rows = {row["policy"]: row for row in gate.policies()}
    assert (rows["sensitive"]["threshold"], rows["dashboard"]["threshold"], rows["public"]["threshold"]) == (20, 10, 20)
    assert not any("noise" in key or "variance" in key for row in rows.values() for key in row)


def test_a_looser_policy_and_its_decision_stand_on_the_trust_page_and_on_every_answer(tmp_path: Path) -> None:
    area = tmp_path / "area"
    area.mkdir()
    (area / "area.yaml").write_text(
        "name: Somewhere\nreporting: {first_month: 2024-04, months: 12}\nrelease_policies:\n"
        "  dashboard: {smallest_base: 50, most_attributes: 2, decision: D-7}\n"
        "  decisions:\n    D-7: {taken_on: 2026-05-01, taken_by: Data protection officer, reason: Staff only here.}\n"
    )
    settings = replace(write_warehouse(tmp_path / "home", serving_tables(people=400, seed=4)), area_dir=area)
    publish(settings)
    gate = Gate(settings)
    assert gate.policies()[0]["loosened"] == "smallest_base"
    assert "Data protection officer" in str(gate.policies()[0]["decision"])
    assert any("D-7" in note for note in gate.answer(Request("people", ("sex",))).certificate.notes)
    with pytest.raises(Refused, match="at most 2"):
        gate.answer(Request("people", ("sex", "age_group", "lad")))


def test_a_match_rate_is_made_of_rounded_counts(gate: Gate) -> None:
    row = next(row for row in gate.linkage() if row["group_value"] == "35-44")
    assert (row["records"], row["match_rate"]) == (40, round(100 * 25 / 45))


def test_a_feed_of_a_few_people_has_no_match_rate(gate: Gate) -> None:
    rates = {row["feed"]: row["people_match_rate"] for row in gate.feeds()}
    feeds = list(dict.fromkeys(str(row["feed"]) for row in gate.linkage()))
    assert sorted(str(rates[feed]) for feed in feeds) == ["90", "None", "None"]


def test_the_range_from_loose_to_strict_has_three_digits_that_mean_something(gate: Gate) -> None:
    assert [(row["links"], row["people"]) for row in gate.thresholds()] == [
        (13600, 21800),
        (13600, 21800),
        (None, 21800),
    ]
    certificate = gate.answer(Request("people", (), {}, "all")).certificate
    assert certificate.linkage_range == "From loose to strict linkage the records make about 21,800 people."


def test_the_match_rate_of_a_certificate_is_held_to_the_same(tmp_path: Path) -> None:
    tables = serving_tables(people=400, seed=4)
    tables["srv_linkage"] = tables["srv_linkage"].head(1).with_columns(records=pl.lit(25), match_rate=pl.lit(0.96))
    settings = write_warehouse(tmp_path, tables)
    publish(settings)
    assert Gate(settings).answer(Request("people", (), {}, "all")).certificate.match_rate is None


def test_lags_are_rounded_none_is_none_and_few_are_not_told(gate: Gate) -> None:
    first = [row for row in gate.lags() if row["feed"] == gate.lags()[0]["feed"] and row["period"] == "2026-09"]
    assert [(row["lag"], row["rows"]) for row in first] == [
        ("<0", 0), ("0", None), ("1-3", 40), ("4-6", 60), ("7-10", 100), ("11+", 900),
    ]  # fmt: skip
