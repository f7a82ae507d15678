"""What changed months make of the build file equals a build from nothing: whatever arrives, in any order, or goes."""

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from orchestration.settings import repository_root
from tests.support.warehouse_arrivals import Arrivals, Known, differences
from tests.support.warehouse_build import PROJECT, Warehouse, build_warehouse

PEOPLE = 250
INCREMENTAL = "+int_concurrent_services +fct_engagement"
"""Every incremental model, and what they are made from."""
CORRECTED = "2025-02"


@pytest.fixture
def arrivals(tmp_path: Path) -> Arrivals:
    return Arrivals(tmp_path / "home", people=PEOPLE)


def make(home: Path, *, select: str | None = INCREMENTAL, project: Path = PROJECT) -> Warehouse:
    built = build_warehouse(home, select=select, tested=False, project=project)
    assert set(built.outcomes.values()) == {"success"}
    return built


def difference_to_anew(arrivals: Arrivals, built: Warehouse, *, select: str | None = INCREMENTAL) -> dict[str, int]:
    """Build the same inputs from nothing, and return the tables in which the two differ."""
    return differences(built.path, make(arrivals.twin("anew"), select=select).path)


def test_shuffled_corrected_removed_and_relinked_deliveries_give_what_a_full_build_gives(arrivals: Arrivals) -> None:
    months = arrivals.months()
    order = random.Random(5).sample(months, len(months))
    person = "p7"
    steps = {
        "half the months, in no order": Known(order[:18]),
        "more of them": Known(order[:30]),
        "all but the newest": Known(months[:-1]),
        "all": Known(months),
        "nothing new": Known(months),
        "a corrected month": Known(months, corrected=CORRECTED),
        "a delivery removed": Known([month for month in months if month != "2025-06"], corrected=CORRECTED),
        "records linked to others": Known(months, moved=12),
        "a person forgotten": Known(months, moved=12, forgotten={person}),
    }
    found = {}
    for step, known in steps.items():
        arrivals.deliver(known)
        built = make(arrivals.home)
        found[step] = difference_to_anew(arrivals, built)
    assert found == {step: {} for step in steps}
    assert len(built.rows("select * from marts.fct_engagement")) > 10 * PEOPLE
    assert _tables_that_name(built.path, person) == []


def test_every_table_of_the_warehouse_is_the_same_after_a_month_as_from_nothing(arrivals: Arrivals) -> None:
    months = arrivals.months()
    arrivals.deliver(Known(months[:-2]))
    make(arrivals.home, select=None)
    arrivals.deliver(Known(months[:-1]))
    built = make(arrivals.home, select=None)
    twin = arrivals.twin("anew")
    shutil.copy(arrivals.home / "warehouse" / "segments.json", twin / "warehouse")  # a fit that is kept, not a table
    assert differences(built.path, make(twin, select=None).path) == {}


def test_what_no_changed_month_can_touch_is_left_as_it_is(arrivals: Arrivals) -> None:
    months = arrivals.months()
    arrivals.deliver(Known(months[:-1]))
    built = make(arrivals.home)
    with duckdb.connect(built.path) as connection:
        connection.execute("update intermediate.int_spells set use_count = -1 where end_date < '2026-01-01'")
        connection.execute("update marts.fct_person_period set services_used_count = -1 where period_code = '2025-03'")
        connection.execute("update marts.fct_engagement set days_away = -1 where period_code = '2025-03'")
    arrivals.deliver(Known(months))
    built = make(arrivals.home)
    ((spells, all_spells),) = built.rows(
        "select count(*) filter (where use_count = -1), count(*) filter (where end_date < '2026-01-01') "
        "from intermediate.int_spells"
    )
    assert spells == all_spells > PEOPLE
    for table, column in (("fct_person_period", "services_used_count"), ("fct_engagement", "days_away")):
        ((kept, rows),) = built.rows(
            f"select count(*) filter (where {column} = -1), count(*) from marts.{table} where period_code = '2025-03'"
        )
        assert kept == rows > 0


def test_a_digest_that_only_counts_rows_is_found_out(arrivals: Arrivals, tmp_path: Path) -> None:
    weak = _project(tmp_path, 'hash({{ columns | join(", ") }})', "cast(1 as ubigint)")
    months = arrivals.months()
    arrivals.deliver(Known(months))
    make(arrivals.home, project=weak)
    arrivals.deliver(Known(months, corrected=CORRECTED))
    assert difference_to_anew(arrivals, make(arrivals.home, project=weak))


@pytest.mark.parametrize(
    ("table", "moment"),
    [
        ("int_spells", "delete from"),
        ("int_spells", "create or replace table"),
        ("fct_engagement", "create or replace table"),
    ],
)
def test_a_build_that_is_killed_is_made_good_by_the_next(arrivals: Arrivals, table: str, moment: str) -> None:
    months = arrivals.months()
    arrivals.deliver(Known(months[:-1]))
    make(arrivals.home)
    arrivals.deliver(Known(months, corrected=CORRECTED))
    assert _killed(arrivals.home, table, moment) == -signal.SIGKILL
    # The correction is taken back meanwhile: what the killed build had made of it must go again.
    arrivals.deliver(Known(months))
    assert difference_to_anew(arrivals, make(arrivals.home)) == {}


def test_deleting_only_what_is_replaced_is_found_out(arrivals: Arrivals, tmp_path: Path) -> None:
    weak = _project(tmp_path, '" where " ~ stale(config.get("meta"))', '" where false"')
    months = arrivals.months()
    arrivals.deliver(Known(months))
    make(arrivals.home, project=weak)
    arrivals.deliver(Known(months[:-3]))
    assert difference_to_anew(arrivals, make(arrivals.home, project=weak))


def _tables_that_name(path: Path, person: str) -> list[str]:
    with duckdb.connect(path, read_only=True) as connection:
        keyed = connection.execute(
            "select table_schema || '.' || table_name from information_schema.columns "
            "where column_name = 'person_key' and table_schema <> 'staging' "
            "and table_name not like '%household%' and table_name <> 'int_person_numbers'"
        ).fetchall()
        assert len(keyed) > 5
        return [
            table
            for (table,) in keyed
            if connection.execute(f"select 1 from {table} where person_key = ? limit 1", [person]).fetchall()
        ]


def _project(folder: Path, old: str, new: str) -> Path:
    """Return a copy of the dbt project with one thing in its macros changed."""
    copy = folder / "weak" / "dbt_project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs"))
    (copy.parent / "seeds").symlink_to(repository_root() / "seeds")
    (file,) = (path for path in (copy / "macros").glob("*.sql") if old in path.read_text(encoding="utf-8"))
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    return copy


def _killed(home: Path, table: str, moment: str) -> int:
    """Build in a process that is killed when it is about to run a statement on a table; return how it ended."""
    command = [sys.executable, "-m", "tests.support.warehouse_dying", str(home), table, moment, INCREMENTAL]
    return subprocess.run(command, check=False, capture_output=True, cwd=repository_root()).returncode
