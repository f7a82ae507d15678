"""One person found alone in a neighbourhood: is it the person whom the attacker thinks of?"""

from pathlib import Path

import duckdb
import polars as pl

from orchestration.area.policies import Swapping
from orchestration.publishing.swapping import swap_areas
from orchestration.redteam.field import Field
from orchestration.redteam.invented import serving_tables
from orchestration.redteam.trial import OURS, Attack, Trial

SECRET = b"s" * 32
CELL = ["msoa_code", "age_band", "sex", "ethnic_group"]


def swapped(
    tables: dict[str, pl.DataFrame], kept: Path, swapping: Swapping | None = None
) -> tuple[pl.DataFrame, float]:
    """Return srv_person_year after swapping, in its own order, and the share of people swapped."""
    with duckdb.connect() as connection:
        connection.execute("attach ':memory:' as snapshot")
        connection.execute("create schema snapshot.serving")
        for name in ("srv_person", "srv_person_year"):
            connection.register("frame", tables[name])
            connection.execute(f"create table snapshot.serving.{name} as from frame")
            connection.unregister("frame")
        share = swap_areas(connection, kept, secret=SECRET, swapping=swapping or Swapping())
        return connection.execute("from snapshot.serving.srv_person_year order by year_code, person_no").pl(), share


def rightly_recognised(tables: dict[str, pl.DataFrame], after: pl.DataFrame) -> tuple[float, int]:
    """Return of the people alone in their cell the share that belongs there, and how many are alone.

    The attacker is given every true count of the snapshot.
    """
    alone = after.filter(year_code="all").with_columns(alike=pl.len().over(CELL)).filter(pl.col("alike") == 1)
    before = tables["srv_person_year"].filter(year_code="all").select("person_no", true_area="msoa_code")
    really = alone.join(before, on="person_no").filter(pl.col("msoa_code") == pl.col("true_area"))
    return really.height / alone.height, alone.height


def run(field: Field) -> list[Trial]:
    """Measure how often the person is the right one, without and with swapping."""
    tables = serving_tables(people=field.people(3000), seed=8)
    home = field.folder("swaps")
    measured = "people found alone who are the right ones"
    trials = []
    unswapped, _none = swapped(tables, home / "none.parquet", Swapping(rare=0, others=0))
    right, alone = rightly_recognised(tables, unswapped)
    trials.append(Trial("no swapping", measured, right, "at least", 1, alone, 50))
    after, _share = swapped(tables, home / "swaps.parquet", field.swapping)
    right, alone = rightly_recognised(tables, after)
    trials.append(Trial(OURS, measured, right, "at most", 0.75, alone, 50))
    return trials


ATTACK = Attack(
    "lone-person",
    "One person found alone in a neighbourhood",
    "The attacker is given every true count, finds a cell of one and recognises the person.",
    run,
)
