"""The invented warehouse of the red team, under the name that tests know it by."""

from orchestration.redteam.invented import (
    AGE_BANDS,
    SERVICES,
    make_snapshot,
    make_warehouse,
    serving_tables,
    write_warehouse,
)

__all__ = ["AGE_BANDS", "SERVICES", "make_snapshot", "make_warehouse", "serving_tables", "write_warehouse"]
