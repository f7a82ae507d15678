"""Survival in SQL against lifelines 0.30.3 (golden files), scipy, and the trial that every textbook works by hand.

lifelines itself is not a dependency: it wants an older pandas than ours and brings matplotlib. `given.csv` went through
its KaplanMeierFitter (entry half a day after entry_days: it takes who enters on a day out of that day's risk) and its
AalenJohansenFitter.
"""

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from scipy.stats import CensoredData, ecdf

from orchestration.settings import repository_root
from tests.support.warehouse_build import Warehouse

GOLDEN = repository_root() / "tests" / "golden" / "survival"
CURVE = ("survival", "survival_low", "survival_high")
NEARLY = {"rel": 1e-9, "abs": 1e-9}


def _curves(crowd: Warehouse, given: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return what the models' own SQL, as dbt has compiled it, makes of durations."""
    folder = next(Path(crowd.path.parent / "target" / "compiled").rglob("mart_survival.sql")).parent
    with duckdb.connect() as connection:
        connection.register("given", given)
        connection.execute("attach ':memory:' as build; create schema build.marts")
        connection.execute(
            "create table build.marts.fct_duration as "
            "select *, 'e' || row_number() over () as episode_key, 's' as service_id, 't' as theme from given"
        )
        for model in ("fct_risk_set", "mart_survival", "mart_duration"):
            sql = (folder / f"{model}.sql").read_text(encoding="utf-8")
            connection.execute(f"create table build.marts.{model} as {sql}")
        return {
            model: connection.sql(f"from build.marts.{model} where scope = 'all' order by all").pl()
            for model in ("mart_survival", "mart_duration")
        }


@pytest.fixture(scope="module")
def curves(crowd: Warehouse) -> dict[str, pl.DataFrame]:
    """Return the curves of the golden durations."""
    return _curves(crowd, pl.read_csv(GOLDEN / "given.csv"))


def test_curves_and_limits_are_those_of_lifelines(curves: dict[str, pl.DataFrame]) -> None:
    expected = pl.read_csv(GOLDEN / "expect_kaplan_meier.csv")
    both = expected.join(curves["mart_survival"], on=("clock", "day"), how="left", suffix="_found")
    assert both.height == curves["mart_survival"].height > 100
    assert both["at_risk"].to_list() == both["at_risk_found"].to_list()
    assert both["survival_low"].is_null().to_list() == both["survival_low_found"].is_null().to_list()
    both = both.filter(pl.col("survival_low").is_not_null())
    for column in CURVE:
        assert both[f"{column}_found"].to_list() == pytest.approx(both[column].to_list(), **NEARLY)


def test_competing_incidences_are_those_of_lifelines(curves: dict[str, pl.DataFrame]) -> None:
    expected = pl.read_csv(GOLDEN / "expect_aalen_johansen.csv")
    both = expected.join(curves["mart_survival"], on=("clock", "day"), how="left", suffix="_found")
    for column in ("incidence", "competing_incidence"):
        assert both[f"{column}_found"].to_list() == pytest.approx(both[column].to_list(), **NEARLY)


def test_medians_and_their_limits_are_those_of_lifelines(curves: dict[str, pl.DataFrame]) -> None:
    columns = ("clock", "median_days", "median_days_low", "median_days_high")
    expected = {row[0]: row[1:] for row in pl.read_csv(GOLDEN / "expect_medians.csv").iter_rows()}
    found = {row[0]: row[1:] for row in curves["mart_duration"].select(columns).iter_rows()}
    assert found == expected


def test_the_leukaemia_trial_gives_the_figures_of_the_textbooks(curves: dict[str, pl.DataFrame]) -> None:
    """Freireich and others, Blood 1963;21:699-716: medians of 23 and 8 weeks, and the curve of the treated."""
    medians = dict(curves["mart_duration"].select("clock", "median_days").iter_rows())
    assert (medians["six_mercaptopurine"], medians["placebo"]) == (23, 8)
    treated = curves["mart_survival"].filter((pl.col("clock") == "six_mercaptopurine") & (pl.col("events") > 0))
    assert [round(share, 3) for share in treated.sort("day")["survival"]] == [
        0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448
    ]  # fmt: skip


def test_the_curve_of_a_service_is_scipys(crowd: Warehouse) -> None:
    """scipy knows no delayed entry: the durations are compared as if all had been seen from the beginning."""
    rows = crowd.rows("select days, ending = 'event' from marts.fct_duration where clock = 'start_to_end'")
    days, event = (np.array(column) for column in zip(*rows, strict=True))
    expected = ecdf(CensoredData(uncensored=days[event], right=days[~event])).sf
    with pytest.warns(RuntimeWarning, match="undefined"):  # once nobody is left
        interval = expected.confidence_interval(method="log-log")
    given = pl.DataFrame(
        {"clock": "c", "entry_days": -1, "days": days, "ending": np.where(event, "event", "censored").tolist()}
    )
    found = _curves(crowd, given)["mart_survival"].filter(pl.col("survival").is_between(1e-9, 1 - 1e-9))
    assert found.height > 100
    for day, survival, low, high in found.select("day", *CURVE).iter_rows():
        at = int(np.searchsorted(expected.quantiles, day, side="right")) - 1
        assert survival == pytest.approx(expected.probabilities[at], abs=1e-9)
        assert (low, high) == pytest.approx((interval.low.probabilities[at], interval.high.probabilities[at]), abs=1e-9)


def test_a_clock_from_before_the_window_is_at_risk_only_within_it(crowd: Warehouse) -> None:
    rows = crowd.rows("select entry_days, days, ending = 'event' from marts.fct_duration where clock = 'start_to_end'")
    late, days, event = (np.array(column) for column in zip(*rows, strict=True))
    assert (late >= 0).any()
    found = crowd.rows(
        "select day, at_risk from marts.mart_survival where clock = 'start_to_end' and scope = 'all' and events > 0"
    )
    assert dict(found) == {int(d): int(((late < d) & (days >= d)).sum()) for d in np.unique(days[event])}
