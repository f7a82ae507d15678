"""Published files are encrypted at rest where a key is set; no key, no other key and no weak key opens them."""

import secrets
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from orchestration.errors import ConfigurationError, SnapshotError
from orchestration.published_files import is_encrypted
from orchestration.publishing import publish, rollback, snapshots, trace
from orchestration.release import Gate, Request
from orchestration.release.reader import Snapshot, current_path, open_snapshot
from orchestration.settings import Settings, export, load_settings, repository_root
from tests.support.snapshot import make_snapshot, make_warehouse

TELLING = (b"Debt advice", b"srv_person_service", b"record_key")
"""What stands in a snapshot as text: a service, a table and a column."""
KEY = secrets.token_hex(32)
WHO = Request(measure="people", by=("age_group",), period="all")


def with_keys(settings: Settings, *keys: str) -> Settings:
    path = settings.home / "snapshot.key"
    path.write_text("\n".join(keys) + "\n")
    return replace(settings, snapshot_key_file=path)


def test_an_encrypted_snapshot_holds_no_text_and_answers_what_a_plain_one_does(tmp_path: Path) -> None:
    plain = make_snapshot(tmp_path, people=1500)
    answer = Gate(plain).answer(WHO).to_dicts()
    first = (plain.published / "current").resolve()
    assert not is_encrypted(first)
    assert all(text in first.read_bytes() for text in TELLING)
    sealed = with_keys(plain, secrets.token_hex(32))
    path = publish(sealed).path
    assert is_encrypted(path)
    assert not any(text in path.read_bytes() for text in TELLING)
    assert Gate(sealed).answer(WHO).to_dicts() == answer
    assert trace(sealed).snapshot_id == path.stem
    assert rollback(sealed, permitted=None).path == first  # from before the key: read as it is
    assert not list(sealed.published.glob("*.tmp"))


def test_without_the_key_nothing_opens_a_snapshot(tmp_path: Path) -> None:
    sealed = with_keys(make_warehouse(tmp_path, people=300), secrets.token_hex(32))
    path = publish(sealed).path
    with pytest.raises(duckdb.Error):
        duckdb.connect(str(path), read_only=True)
    with pytest.raises(SnapshotError, match="JOINEDUP_SNAPSHOT_KEY_FILE"):
        Gate(replace(sealed, snapshot_key_file=None)).catalogue()
    with pytest.raises(SnapshotError, match="No key in") as error:
        Gate(with_keys(sealed, secrets.token_hex(32))).catalogue()
    assert sealed.snapshot_key_file is not None
    assert sealed.snapshot_key_file.read_text().strip() not in str(error.value)


def test_a_replaced_key_still_opens_what_it_encrypted(tmp_path: Path) -> None:
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    settings = with_keys(make_warehouse(tmp_path, people=300), old)
    before = publish(settings).path
    settings = with_keys(settings, new, old)
    assert Gate(settings).catalogue().snapshot_id == before.stem
    after = publish(settings).path
    assert Gate(with_keys(settings, new)).catalogue().snapshot_id == after.stem
    assert len(snapshots(settings)) == 2


def test_when_the_key_is_lost_only_a_decision_publishes_anew(tmp_path: Path) -> None:
    lost = with_keys(make_warehouse(tmp_path, people=300), secrets.token_hex(32))
    publish(lost)
    settings = with_keys(lost, secrets.token_hex(32))
    with pytest.raises(SnapshotError, match="No key in"):
        publish(settings)
    assert publish(settings, new_baseline=True, accept_movement=True).is_current
    assert Gate(settings).catalogue().snapshot_id


@pytest.mark.parametrize("text", ["", "00" * 31, "not hexadecimal " * 8])
def test_a_weak_key_encrypts_nothing(tmp_path: Path, text: str) -> None:
    settings = with_keys(make_warehouse(tmp_path, people=300), text)
    with pytest.raises(ConfigurationError, match="at least 32 bytes"):
        publish(settings)
    assert not (settings.published / "current").exists()


def test_a_key_file_that_is_missing_is_said_with_its_name(tmp_path: Path) -> None:
    settings = replace(make_warehouse(tmp_path, people=300), snapshot_key_file=tmp_path / "lost.key")
    with pytest.raises(ConfigurationError, match=r"lost\.key.*vault"):
        publish(settings)


def test_the_environment_names_the_key_and_hands_it_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME", "DBT_SEND_ANONYMOUS_USAGE_STATS", "DO_NOT_TRACK"):
        monkeypatch.setenv(name, "")  # put back afterwards
    monkeypatch.setenv("JOINEDUP_SNAPSHOT_KEY_FILE", str(tmp_path / "a.key"))
    settings = load_settings(home=tmp_path)
    assert settings.snapshot_key_file == tmp_path / "a.key"
    monkeypatch.setenv("JOINEDUP_SNAPSHOT_KEY_FILE", "")
    export(settings)
    assert load_settings().snapshot_key_file == tmp_path / "a.key"


@pytest.fixture(scope="module", params=["plain", "sealed"])
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    settings = make_warehouse(tmp_path_factory.mktemp("opened"), people=300)
    if request.param == "sealed":
        settings = with_keys(settings, KEY)
    publish(settings)
    return open_snapshot(settings, current_path(settings))


def test_a_snapshot_is_opened_twice_in_one_process(opened: Snapshot) -> None:
    area = repository_root() / "seeds" / "demo_area"
    settings = with_keys(Settings(area_dir=area, home=opened.path.parents[1]), KEY)
    assert open_snapshot(settings, opened.path).snapshot_id == opened.snapshot_id


@pytest.mark.parametrize(
    "attempt",
    [
        "from read_text('/etc/hostname')",
        "attach '/tmp/other.duckdb'",
        "copy (select 1) to '/tmp/out.csv'",
        "from read_csv('http://127.0.0.1:9/x.csv')",
        "set enable_external_access = true",
        "set memory_limit = '100GB'",
        "drop table serving.srv_person",
        "insert into serving.srv_theme values ('x', 'x', 1)",
    ],
)
def test_an_open_snapshot_reaches_nothing_else_and_changes_nothing(opened: Snapshot, attempt: str) -> None:
    with opened.cursor() as cursor:
        assert cursor.execute("select count(*) from serving.srv_theme").fetchall() != [(0,)]
        with pytest.raises(duckdb.Error, match=r"disabled by configuration|locked|read-only"):
            cursor.execute(attempt).fetchall()
