"""Publishing: whole or not at all, verified, kept, rolled back, with one secret."""

import fcntl
import os
import stat
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.errors import BusyError, GovernanceError, SnapshotError
from orchestration.publishing import publish, rollback, snapshots
from orchestration.publishing.snapshot import STEPS
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot, make_warehouse, serving_tables, write_warehouse


class PowerCutError(Exception):
    """Stands for the process dying at a step."""


def current(settings: Settings) -> Path:
    return (settings.published / "current").resolve()


def people_in(path: Path) -> int:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as snapshot (read_only)")
        return connection.execute("select count(*) from snapshot.serving.srv_person").fetchall()[0][0]


@pytest.mark.parametrize("step", STEPS)
def test_a_crash_at_any_step_leaves_a_whole_snapshot_and_the_next_publish_completes(tmp_path: Path, step: str) -> None:
    settings = make_snapshot(tmp_path, people=300, seed=1)
    old, old_bytes = current(settings), current(settings).read_bytes()
    make_warehouse(tmp_path, people=400, seed=2)

    def die(reached: str) -> None:
        if reached == step:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        publish(settings, at_step=die)
    assert old.read_bytes() == old_bytes
    if step == "prune":  # the swap is done by then
        assert current(settings) != old
    else:
        assert current(settings) == old
    assert people_in(current(settings)) > 0
    published = publish(settings)
    assert current(settings) == published.path
    assert not list(settings.published.glob(".*"))


def test_every_publish_has_a_new_file_that_nobody_can_write(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    first = current(settings)
    publish(settings)
    assert current(settings) != first
    assert stat.S_IMODE(current(settings).stat().st_mode) == 0o440


def test_only_the_serving_tables_reach_a_snapshot(tmp_path: Path) -> None:
    settings = make_warehouse(tmp_path, people=300)
    with duckdb.connect(str(settings.warehouse / "build.duckdb")) as connection:
        connection.execute("create schema marts")
        connection.execute("create table marts.dim_person as select 'token' as tok_nhs")
        connection.execute("create table serving.srv_stray as select 'token' as tok_nhs")
    published = publish(settings)
    with duckdb.connect(str(published.path), read_only=True) as connection:
        names = {name for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()}
    assert "srv_stray" not in names
    assert "dim_person" not in names
    assert "srv_person" in names


def test_the_last_snapshots_are_kept_and_a_rollback_goes_one_back(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    for _time in range(6):
        publish(settings)
    kept = snapshots(settings)
    assert len(kept) == settings.snapshots_kept
    assert kept[-1].is_current
    assert rollback(settings).snapshot_id == kept[-2].snapshot_id
    assert current(settings) == kept[-2].path
    assert rollback(settings).snapshot_id == kept[-3].snapshot_id


def test_a_rollback_never_brings_back_a_feed_that_no_agreement_permits_today(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    publish(settings)
    newest = current(settings)
    with duckdb.connect(str(newest), read_only=True) as database:
        feeds = {name for (name,) in database.execute("select feed from serving.srv_feed where permitted").fetchall()}
    with pytest.raises(GovernanceError, match="no agreement permits today"):
        rollback(settings, permitted=feeds - {sorted(feeds)[0]})
    assert current(settings) == newest
    rollback(settings, permitted=feeds)
    assert current(settings) != newest


def test_there_is_nothing_to_roll_back_to_after_one_publish(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    with pytest.raises(SnapshotError, match="no earlier snapshot"):
        rollback(settings)


def test_a_warehouse_that_lost_a_table_or_a_column_is_not_published(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    before = current(settings)
    with duckdb.connect(str(settings.warehouse / "build.duckdb")) as connection:
        connection.execute("alter table serving.srv_person_year drop column sex")
    with pytest.raises(SnapshotError, match="srv_person_year has no column sex"):
        publish(settings)
    with duckdb.connect(str(settings.warehouse / "build.duckdb")) as connection:
        connection.execute("drop table serving.srv_journey")
    with pytest.raises(SnapshotError, match=r"no serving\.srv_journey"):
        publish(settings)
    assert current(settings) == before


def test_a_snapshot_in_which_an_identity_does_not_hold_is_not_published(tmp_path: Path) -> None:
    tables = serving_tables(people=300, seed=1)
    feeds = tables["srv_feed"]
    tables["srv_feed"] = feeds.with_columns(rows_delivered=pl.col("rows_delivered") + 1)
    tables["srv_person_year"] = tables["srv_person_year"].filter(pl.col("person_no") != 3)
    settings = write_warehouse(tmp_path, tables)
    with pytest.raises(SnapshotError) as caught:
        publish(settings)
    assert "accepted, quarantined or superseded" in str(caught.value)
    assert "attributes for the whole window" in str(caught.value)
    assert not (settings.published / "current").exists()
    assert not list(settings.published.glob("*.duckdb"))


def test_an_empty_warehouse_is_not_published(tmp_path: Path) -> None:
    tables = {name: frame.head(0) for name, frame in serving_tables(people=300, seed=1).items()}
    with pytest.raises(SnapshotError, match="holds nobody"):
        publish(write_warehouse(tmp_path, tables))


def test_a_loss_of_most_people_needs_a_word_of_assent(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=1000)
    make_warehouse(tmp_path, people=300)
    with pytest.raises(SnapshotError, match=r"\d\d% fewer people"):
        publish(settings)
    publish(settings, accept_movement=True)


def test_a_first_publish_makes_a_secret_for_its_owner_only_and_records_its_fingerprint(tmp_path: Path) -> None:
    settings = make_warehouse(tmp_path, people=300)
    settings.release_secret_file.unlink()
    published = publish(settings)
    assert stat.S_IMODE(settings.release_secret_file.stat().st_mode) == 0o600
    assert settings.release_secret_file.read_text().strip().encode() not in published.path.read_bytes()
    assert settings.release_secret_fingerprint().encode() in published.path.read_bytes()


@pytest.mark.parametrize("loss", ["lost", "changed"])
def test_a_lost_or_changed_secret_stops_the_publish_until_it_is_a_new_baseline(tmp_path: Path, loss: str) -> None:
    settings = make_snapshot(tmp_path, people=300)
    before = current(settings)
    settings.release_secret_file.unlink()
    if loss == "changed":
        settings.release_secret()
    with pytest.raises(SnapshotError, match="vault"):
        publish(settings)
    assert current(settings) == before
    publish(settings, new_baseline=True)
    assert current(settings) != before


def test_a_rollback_never_goes_behind_a_new_baseline(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    settings.release_secret_file.unlink()
    publish(settings, new_baseline=True)
    before = current(settings)
    with pytest.raises(SnapshotError, match="another release secret"):
        rollback(settings)
    assert current(settings) == before


def test_two_publishers_do_not_meet(tmp_path: Path) -> None:
    settings = make_warehouse(tmp_path, people=300)
    descriptor = os.open(settings.state / "publish.lock", os.O_WRONLY | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BusyError):
        publish(settings)
    os.close(descriptor)


def test_a_missing_warehouse_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="joinedup refresh"):
        publish(Settings(area_dir=tmp_path, home=tmp_path))


def test_nobody_is_published_where_no_agreement_permits_any_feed(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=300)
    tables = {name: frame.head(0) for name, frame in serving_tables(people=300, seed=1).items()}
    feeds = serving_tables(people=300, seed=1)["srv_feed"]
    for permitted in (True, False):
        tables["srv_feed"] = feeds.with_columns(permitted=pl.lit(permitted))
        write_warehouse(tmp_path, tables)
        if permitted:
            with pytest.raises(SnapshotError, match="holds nobody"):
                publish(settings)
        else:
            assert publish(settings).is_current


def test_people_who_left_with_a_feed_that_its_agreement_took_out_need_no_word_of_assent(tmp_path: Path) -> None:
    settings = make_snapshot(tmp_path, people=1000)
    tables = serving_tables(people=300, seed=1)
    gone = pl.col("feed") == tables["srv_feed"]["feed"][0]
    tables["srv_feed"] = tables["srv_feed"].with_columns(permitted=pl.col("permitted") & ~gone)
    write_warehouse(tmp_path, tables)
    assert publish(settings).is_current


@pytest.mark.parametrize("loss", ["missing", "changed"])
def test_a_lost_or_changed_secret_is_noticed_even_when_no_snapshot_is_left(tmp_path: Path, loss: str) -> None:
    settings = make_snapshot(tmp_path, people=300)
    for path in (settings.published / "current", *settings.published.glob("*.duckdb")):
        path.unlink()
    settings.release_secret_file.unlink()
    if loss == "changed":
        settings.release_secret()
    with pytest.raises(SnapshotError, match="average"):
        publish(settings)
    assert settings.release_secret_file.exists() == (loss == "changed")  # no new one is made on the quiet
    assert publish(settings, new_baseline=True).is_current
