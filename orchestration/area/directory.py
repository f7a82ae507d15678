"""The service directory and the other CSV tables of an area pack, in Open Referral UK (HSDS 3) column names.

What belongs here: reading those tables and checking that they refer to each other. What does not: use of services.
"""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from orchestration.area.comparisons import read_comparisons
from orchestration.area.external_totals import read_external_totals
from orchestration.area.reading import read_table
from orchestration.area.unit_costs import read_unit_costs
from orchestration.errors import AreaPackError

SENSITIVITIES = ("standard", "sensitive")
STATUSES = ("active", "inactive", "defunct", "temporarily closed")


@dataclass(frozen=True)
class Directory:
    """Organisations, services and what meets which need.

    organizations: id, name, sector. services: id, organization_id, name, status, theme, theme_name, sensitivity, and
    any further HSDS columns. needs: need_code, need_name, service_theme (one row per need and theme that meets it).
    unit_costs, comparisons and external_totals: as the SCHEMA of their modules says.
    """

    organizations: pl.DataFrame
    services: pl.DataFrame
    needs: pl.DataFrame
    unit_costs: pl.DataFrame
    comparisons: pl.DataFrame
    external_totals: pl.DataFrame


def read_directory(folder: Path) -> Directory:
    """Read organizations.csv and services.csv (required), and and the tables that may be absent."""
    organizations = read_table(folder / "organizations.csv", ("id", "name"))
    services = read_table(folder / "services.csv", ("id", "organization_id", "name", "status", "theme", "theme_name"))
    if "sector" not in organizations.columns:
        organizations = organizations.with_columns(sector=pl.lit("public"))
    if "sensitivity" not in services.columns:
        services = services.with_columns(sensitivity=pl.lit("standard"))
    services = services.with_columns(pl.col("sensitivity").fill_null("standard"))
    path = folder / "services.csv"
    _unique(folder / "organizations.csv", organizations, "id")
    _unique(path, services, "id")
    _known(path, services, "organization_id", organizations["id"].to_list())
    _known(path, services, "sensitivity", SENSITIVITIES)
    _known(path, services, "status", STATUSES)
    return Directory(
        organizations,
        services,
        _optional(folder / "needs.csv", ("need_code", "need_name", "service_theme")),
        read_unit_costs(folder, services["id"].to_list()),
        read_comparisons(folder, services["id"].to_list()),
        read_external_totals(folder, services["id"].to_list()),
    )


def _optional(path: Path, columns: tuple[str, ...]) -> pl.DataFrame:
    return read_table(path, columns) if path.exists() else pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


def _unique(path: Path, frame: pl.DataFrame, column: str) -> None:
    repeated = frame.filter(pl.col(column).is_duplicated())[column].unique().sort().to_list()
    if repeated:
        raise AreaPackError(f"{path}: column '{column}' must be unique; repeated: {', '.join(map(str, repeated))}.")


def _known(path: Path, frame: pl.DataFrame, column: str, allowed: list[str] | tuple[str, ...]) -> None:
    strange = frame.with_row_index("row", offset=2).filter(
        ~pl.col(column).is_in(list(allowed)) | pl.col(column).is_null()
    )
    if strange.height:
        row, value = strange.select("row", column).row(0)
        raise AreaPackError(
            f"{path}, line {row}: column '{column}': '{value}' is not one of {', '.join(sorted(allowed)[:20])}."
        )
