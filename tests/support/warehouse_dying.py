"""A build of the warehouse that is killed when it is about to run a statement on a table, so that nothing tidies up.

Run as a program: the home, the table, what the statement holds, and the models to build.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from tests.support.warehouse_build import build_warehouse


def die_at(table: str, moment: str) -> None:
    """Kill this process when dbt is about to run a statement with both in it."""
    run = DuckDBConnectionManager.add_query

    def watched(manager: DuckDBConnectionManager, sql: str, *arguments: Any, **named: Any) -> Any:
        if f'"{table}"' in sql and moment in sql:
            os.kill(os.getpid(), signal.SIGKILL)
        return run(manager, sql, *arguments, **named)

    DuckDBConnectionManager.add_query = watched  # type: ignore[method-assign]


def main() -> None:
    """Build, and die on the way."""
    home, table, moment, select = sys.argv[1:]
    die_at(table, moment)
    build_warehouse(Path(home), select=select, tested=False)


if __name__ == "__main__":
    main()
