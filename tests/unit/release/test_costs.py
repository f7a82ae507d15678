"""Stays that began and costs: near the truth, never of few people, and one dear person moves them little."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.publishing import publish
from orchestration.redteam.invented import write_warehouse
from orchestration.release import Gate, Refused, Request, cells
from tests.support.snapshot import serving_tables

YEAR = "Y2025"
WHALE = 1_000_000
Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return serving_tables(people=3000, seed=1)


def figures(home: Path, tables: Tables, measure: str, by: str) -> dict[str, int | None]:
    settings = write_warehouse(home, tables)
    publish(settings, accept_movement=True)
    table = Gate(settings).answer(Request(measure, (by,), {}, YEAR))
    return {str(code): value if isinstance(value, int) else None for code, value in table.rows}


def with_costs(tables: Tables, costs: pl.DataFrame) -> Tables:
    return {**tables, "srv_cost": costs}


def test_stays_are_near_the_truth_and_shown_where_their_people_are(tables: Tables, gate: Gate) -> None:
    begun = tables["srv_episode"].filter(pl.col("year_code") == YEAR)
    truth = dict(begun.group_by("service_id").agg(pl.col("episodes").sum()).rows())
    stays, people = (gate.answer(Request(name, ("service",), {}, YEAR)) for name in ("episodes", "starts"))
    started = {row[0] for row in people.rows if row[-1] is not None}
    shown = [(str(code), value) for code, value in stays.rows if isinstance(value, int)]
    assert shown
    for code, value in shown:
        assert code in started
        assert abs(value - truth[code]) <= 10 + 0.05 * truth[code]


def test_many_stays_of_few_people_are_hidden(tmp_path: Path, tables: Tables) -> None:
    """Three people begin a hundred stays each: the threshold counts people, not stays."""
    three = tables["srv_episode"]["person_no"].unique().sort()[:3].to_list()
    is_theirs = pl.col("person_no").is_in(three)
    episodes = tables["srv_episode"].filter((pl.col("service_id") != "debt_advice") | is_theirs)
    arrivals = tables["srv_arrival"].filter((pl.col("service_id") != "debt_advice") | is_theirs)
    many = episodes.with_columns(
        episodes=pl.when(pl.col("service_id") == "debt_advice").then(100).otherwise(pl.col("episodes"))
    )
    found = figures(tmp_path, {**tables, "srv_episode": many, "srv_arrival": arrivals}, "episodes", "service")
    assert found["debt_advice"] is None
    assert found["job_club"]


@pytest.mark.parametrize(("measure", "by", "column"), [("costs", "service", "service_id"),
                                                       ("costs_by_payer", "payer", "payer")])  # fmt: skip
def test_costs_are_near_the_truth(gate: Gate, tables: Tables, measure: str, by: str, column: str) -> None:
    costs = tables["srv_cost"].filter(pl.col("year_code") == YEAR)
    truth = dict(costs.group_by(column).agg(pl.col("whole_gbp").sum()).rows())
    shown = [row for row in gate.answer(Request(measure, (by,), {}, YEAR)).rows if row[-1] is not None]
    assert len(shown) >= 2
    for code, value in shown:
        assert int(value or 0) == pytest.approx(truth[code], rel=0.1)


def test_users_without_a_cost_do_not_hide_the_few_who_have_one(tmp_path: Path, tables: Tables) -> None:
    """Hundreds use the service, four of them at a cost: the sum of four is hidden."""
    is_debt = pl.col("service_id") == "debt_advice"
    costs = tables["srv_cost"]
    four = costs.filter(is_debt & (pl.col("year_code") == YEAR)).sort("person_no").head(4)
    found = figures(tmp_path, with_costs(tables, pl.concat([costs.filter(~is_debt), four])), "costs", "service")
    assert found["debt_advice"] is None
    assert found["job_club"]


def _one_dear(costs: pl.DataFrame) -> pl.DataFrame:
    of_service = costs.filter((pl.col("service_id") == "job_club") & (pl.col("year_code") == YEAR))
    dear = of_service.sort("person_no")["person_no"][0]
    is_dear = (pl.col("person_no") == dear) & (pl.col("service_id") == "job_club") & (pl.col("year_code") == YEAR)
    return costs.with_columns(whole_gbp=pl.when(is_dear).then(WHALE).otherwise(pl.col("whole_gbp")).cast(pl.Int64))


def test_one_dear_person_hardly_moves_a_sum(tmp_path: Path, tables: Tables) -> None:
    plain = figures(tmp_path / "plain", tables, "costs", "service")["job_club"]
    dear = figures(tmp_path / "dear", with_costs(tables, _one_dear(tables["srv_cost"])), "costs", "service")["job_club"]
    assert plain
    assert dear
    assert abs(dear - plain) < WHALE / 100


def test_without_cutting_off_one_dear_person_stands_out(
    tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same attack on an engine that cuts nothing off: it tells at once, or hides the whole service."""
    whole = cells.sql("costs").replace("0.99", "1")
    monkeypatch.setattr(cells, "sql", lambda name, known=cells.sql: whole if name == "costs" else known(name))
    plain = figures(tmp_path / "plain", tables, "costs", "service")["job_club"]
    dear = figures(tmp_path / "dear", with_costs(tables, _one_dear(tables["srv_cost"])), "costs", "service")["job_club"]
    assert plain
    assert dear is None or abs(dear - plain) > WHALE / 3


def test_a_payer_is_asked_with_costs_by_payer_only() -> None:
    with pytest.raises(Refused, match="payer"):
        Request("costs", ("payer",), {}, YEAR)
    with pytest.raises(Refused, match="needs one of these"):
        Request("costs_by_payer", ("services_used",), {}, YEAR)
