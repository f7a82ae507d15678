"""A crowd of people whose rows arrive month by month, in any order: what is known is a choice of months."""

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from orchestration.bench.warehouse_crowd import DATED, write_crowd

TABLES = """
select table_schema, table_name
from information_schema.tables
where table_catalog = 'made' and table_type = 'BASE TABLE'
"""
OF_THE_CLOCK = {"srv_snapshot"}
"""Tables that tell when they were built."""


@dataclass(frozen=True)
class Known:
    """What has been delivered: months (YYYY-MM), one of them corrected; `moved` records are linked to somebody else."""

    months: Collection[str]
    corrected: str | None = None
    moved: int = 0
    forgotten: Collection[str] = ()


class Arrivals:
    """A home whose rows in force are those of some months of a crowd."""

    def __init__(self, home: Path, *, people: int, seed: int = 1) -> None:
        self.home = home
        self._all = home.with_name(f"{home.name}-all")
        write_crowd(self._all, people, seed=seed)
        shutil.copytree(self._all, home)

    def months(self) -> list[str]:
        """Return the months in which anything was dated."""
        found = [self._rows(entity).get_column("month") for entity in DATED]
        return pl.concat(found).unique().sort().to_list()

    def deliver(self, known: Known) -> None:
        """Write the rows in force and the links as they stand when so much is known."""
        for entity in DATED:
            rows = self._rows(entity).filter(pl.col("month").is_in(list(known.months)))
            if entity == "contact" and known.corrected is not None:
                rows = _corrected(rows, known.corrected)
            rows.drop("month").write_parquet(self.home / "accepted" / "in_force" / entity / "given.parquet")
        links = pl.read_parquet(self._all / "linkage" / "person_links.parquet")
        next_one = pl.when(pl.int_range(pl.len()) < known.moved).then(pl.col("person_key").shift(-1))
        links = links.with_columns(person_key=next_one.otherwise(pl.col("person_key")))
        links = links.filter(~pl.col("person_key").is_in(list(known.forgotten)))
        links.write_parquet(self.home / "linkage" / "person_links.parquet")

    def twin(self, name: str) -> Path:
        """Return a home with the same inputs and nothing built."""
        path = self.home.with_name(name)
        shutil.rmtree(path, ignore_errors=True)
        for folder in ("accepted", "linkage"):
            shutil.copytree(self.home / folder, path / folder)
        (path / "warehouse").mkdir()
        return path

    def _rows(self, entity: str) -> pl.DataFrame:
        path = self._all / "accepted" / "in_force" / entity / "given.parquet"
        return pl.read_parquet(path).with_columns(month=pl.col(DATED[entity]).dt.strftime("%Y-%m"))


def _corrected(rows: pl.DataFrame, month: str) -> pl.DataFrame:
    """Return as many contacts as before, on the same days: those of one month with the other of two services."""
    of_it = pl.col("month") == month
    other = (
        pl.when(pl.col("service_id") == "debt_advice").then(pl.lit("benefits_help")).otherwise(pl.lit("debt_advice"))
    )
    return rows.with_columns(service_id=pl.when(of_it).then(other).otherwise(pl.col("service_id")))


def differences(made: Path, anew: Path) -> dict[str, int]:
    """Return the tables of two build files that do not hold the same rows, and in how many rows they differ.

    The order of rows means nothing. Numbers with a fraction are compared to nine digits: their sums depend on it.
    """
    found = {}
    with duckdb.connect() as connection:
        connection.execute(f"attach '{made}' as made (read_only)")
        connection.execute(f"attach '{anew}' as anew (read_only)")
        tables = connection.execute(TABLES).fetchall()
        other = connection.execute(TABLES.replace("'made'", "'anew'")).fetchall()
        assert sorted(tables) == sorted(other)
        for schema, table in tables:
            if table in OF_THE_CLOCK:
                continue
            ours, theirs = (_comparable(connection, f"{file}.{schema}.{table}") for file in ("made", "anew"))
            rows = connection.execute(
                f"select count(*) from (({ours} except all {theirs}) union all ({theirs} except all {ours}))"
            ).fetchone()
            if rows and rows[0]:
                found[table] = rows[0]
    return found


def _comparable(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = connection.execute(f"describe {table}").fetchall()
    told = [
        f"round({name}, 9 - cast(ceil(log10(greatest(abs({name}), 1e-9))) as int))" if kind == "DOUBLE" else name
        for name, kind, *_ in columns
    ]
    return f"select {', '.join(told)} from {table}"
