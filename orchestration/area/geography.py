"""Geography of an area pack (builder H is writing this)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl


@dataclass(frozen=True)
class Geography:
    """Small areas, population and boundaries."""

    areas: pl.DataFrame
    population: pl.DataFrame
    boundaries: dict[str, Any]


def load_geography(folder: Path) -> Geography:
    """Load a geography pack."""
    raise NotImplementedError(folder)
