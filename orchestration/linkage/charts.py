"""Splink's own charts of the model: weights of levels, and m beside u. Parameters only, of no person; no network.

What belongs here: drawing a model. What does not: learning it (`training`), figures of the trust page (`diagnostics`).
"""

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from orchestration.linkage.model import Model, splink_settings
from orchestration.linkage.scoring import rules


def model_charts(model: Model, profiles: pl.DataFrame) -> dict[str, str]:
    """Return the charts as pages that hold all they need, by name: linkage-weights, linkage-parameters.

    Of `profiles` only the columns' names and types are used: Splink wants a table to speak of.
    """
    with duckdb.connect(":memory:") as connection:
        connection.register("profiles_frame", profiles.clear().to_arrow())
        connection.execute("create table profiles as select * from profiles_frame")
        table = DuckDBAPI(connection).register("profiles")
        linker = Linker(table, splink_settings(model, rules()), log_level=None, validate_settings=False)
        charts = {
            "linkage-weights": linker.visualisations.match_weights_chart(),
            "linkage-parameters": linker.visualisations.m_u_parameters_chart(),
        }
        return {name: str(chart.to_html(inline=True)) for name, chart in charts.items()}  # type: ignore[attr-defined]
