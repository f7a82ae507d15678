"""Outcomes before and after a start, of the same people: planted turns are recovered; statsmodels agrees."""

from typing import Any

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import DescrStatsW

from tests.support.measure_pages import measures
from tests.support.warehouse_build import Warehouse, build_warehouse
from tests.support.warehouse_turns import NEED, OUTCOME, TURNS, write_turns

PEOPLE = 1_500
ROWS = "select * from marts.mart_before_after where outcome_kind <> 'use'"


@pytest.fixture(scope="module")
def turns(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    home = tmp_path_factory.mktemp("turns")
    write_turns(home, PEOPLE, seed=3)
    return build_warehouse(home, select="+mart_before_after", tested=False)


@pytest.fixture(scope="module")
def told(turns: Warehouse) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each service's row by need or outcome."""
    return {(row["service_id"], row["outcome_code"]): row for row in turns.records(ROWS)}


def pairs(turns: Warehouse, row: dict[str, Any]) -> tuple[np.ndarray, ...]:
    """Return counts earlier, before and after of everybody followed, noughts included."""
    counts = turns.rows(
        "select earlier_count, before_count, after_count from intermediate.int_starts_paired "
        f"where service_id = '{row['service_id']}' and outcome_code = '{row['outcome_code']}'"
    )
    blank = np.zeros((row["people"] - len(counts), 3))
    return tuple(np.vstack([np.array(counts, dtype=float), blank]).T)


def test_everybody_who_began_is_followed(told: dict[tuple[str, str], dict[str, Any]]) -> None:
    assert {row["people"] for row in told.values()} == {PEOPLE}


@pytest.mark.parametrize("service", TURNS)
def test_the_planted_change_in_need_lies_in_its_interval(
    told: dict[tuple[str, str], dict[str, Any]], service: str
) -> None:
    row, turn = told[service, NEED], TURNS[service]
    assert row["change_in_share_low"] < turn.after - turn.before < row["change_in_share_high"]
    assert row["change_from_earlier_low"] < turn.after - turn.earlier < row["change_from_earlier_high"]
    assert row["change_in_share_high"] - row["change_in_share_low"] < 0.12


def test_the_planted_outcome_is_gained_by_nobody_who_had_it(told: dict[tuple[str, str], dict[str, Any]]) -> None:
    row = told["debt_advice", OUTCOME]
    assert (row["people_before"], row["people_both"]) == (0, 0)
    assert row["change_in_share_low"] < TURNS["debt_advice"].outcome < row["change_in_share_high"]


def test_who_comes_at_the_worst_gets_better_by_time_alone_and_the_table_says_so(
    told: dict[tuple[str, str], dict[str, Any]],
) -> None:
    """Planted without any effect: before and after alone tell of a great fall, and the stretch before that of none."""
    crisis, fall = told["debt_advice", NEED], told["mental_health", NEED]
    assert crisis["mcnemar_p"] < 1e-6
    assert crisis["change_in_share_high"] < -0.3
    assert crisis["change_from_earlier_low"] < 0 < crisis["change_from_earlier_high"]
    assert crisis["may_be_regression"]
    assert fall["change_from_earlier_high"] < -0.2


def test_mcnemars_test_is_that_of_statsmodels(turns: Warehouse, told: dict[tuple[str, str], dict[str, Any]]) -> None:
    for row in told.values():
        _, before, after = (counts > 0 for counts in pairs(turns, row))
        table = [[np.sum(before & after), np.sum(before & ~after)], [np.sum(~before & after), np.sum(~before & ~after)]]
        expected = mcnemar(table, exact=False, correction=False)
        assert row["mcnemar_chi2"] == pytest.approx(expected.statistic)
        assert row["mcnemar_p"] == pytest.approx(expected.pvalue, rel=1e-4, abs=1e-12)
        assert row["is_few_switches"] == (table[0][1] + table[1][0] < 25)


def test_the_change_per_person_has_the_interval_of_paired_differences(
    turns: Warehouse, told: dict[tuple[str, str], dict[str, Any]]
) -> None:
    for row in told.values():
        _, before, after = pairs(turns, row)
        expected = DescrStatsW(after - before)
        assert row["change_per_person"] == pytest.approx(expected.mean)
        limits = (row["change_per_person_low"], row["change_per_person_high"])
        assert limits == pytest.approx(expected.zconfint_mean(0.05), abs=1e-9)


@pytest.mark.parametrize(("name", "since"), [("change_in_share", 1), ("change_from_earlier", 0)])
def test_the_change_in_share_has_bonett_and_prices_interval(
    turns: Warehouse, told: dict[tuple[str, str], dict[str, Any]], name: str, since: int
) -> None:
    """Which is that of the mean difference once a person who lost it and one who gained it are added."""
    for row in told.values():
        had = [(counts > 0).astype(float) for counts in pairs(turns, row)]
        change = np.append(had[2] - had[since], [1.0, -1.0])
        error = 1.959963984540054 * change.std() / np.sqrt(change.size)
        limits = (row[f"{name}_low"], row[f"{name}_high"])
        assert limits == pytest.approx((change.mean() - error, change.mean() + error), abs=1e-9)
        assert row[name] == pytest.approx((had[2] - had[since]).mean())


def test_the_words_warn_of_regression_to_the_mean_and_claim_no_effect() -> None:
    words = measures()["mart_before_after"]
    told = f"{words['label']} {words['definition']}".lower()
    assert not any(word in told for word in ("cause", "effect", "impact", "because", "leads to", "due to"))
    assert words["caveats"][0].startswith("Regression to the mean")
    assert any("loss to follow-up" in caveat for caveat in words["caveats"])
