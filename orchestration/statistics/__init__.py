"""Statistics that SQL cannot work out: pure computation on arrays and counts, called by models of the dbt project.

What belongs here: distances, clusterings and their stability, on figures without keys. What does not: reading or
writing any table, Dagster, dbt, DuckDB, and whatever a SQL model can say.
"""

from orchestration.statistics.typology import Typology, find_types

__all__ = ["Typology", "find_types"]
