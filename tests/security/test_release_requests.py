"""Tampered requests: whatever is asked, the gate refuses or gives figures that the rules allow, and nothing else."""

import pytest

from orchestration.release.reader import current_path, open_snapshot
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_snapshot(tmp_path_factory.mktemp("fuzzed"), people=2500, seed=5)


@pytest.mark.parametrize(
    "statement",
    [
        "create table serving.x (i integer)",
        "delete from serving.srv_person",
        "attach ':memory:' as other",
        "copy (select 1) to 'leak.csv'",
        "select * from read_csv('/etc/passwd')",
        "set enable_external_access = true",
        "set lock_configuration = false",
        "install httpfs",
    ],
)
def test_the_connection_can_neither_write_nor_reach_outside(settings: Settings, statement: str) -> None:
    import duckdb

    snapshot = open_snapshot(settings, current_path(settings))
    with pytest.raises(duckdb.Error):
        snapshot.cursor().execute(statement)
