"""A backup holds everything but secrets, is whole or not there, and comes back byte by byte or not at all."""

import dataclasses
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from orchestration.audit import audit_of
from orchestration.backup import make_backup, restore_backup
from orchestration.backup import making as making_module
from orchestration.backup import restoring as restoring_module
from orchestration.backup.manifest import is_passing, is_secret
from orchestration.defs.due import refresh_lock
from orchestration.errors import BackupError, BusyError, ConfigurationError, HomeError
from orchestration.rights.marks import FORGOTTEN, add_to_list, read_list, rights_key
from orchestration.rights.pending import is_pending
from orchestration.rights.withdrawing import note_withdrawn
from orchestration.settings import Settings
from orchestration.state import backups_made, store_of
from orchestration.state.backups import remove_expired_backups
from orchestration.state.store import FILE_NAME
from orchestration.state.text_checks import TextError
from orchestration.state.voices import NewVoice, add_voice, read_voices, withdraw_voice
from tests.support.postgres import postgres

VOICE = NewVoice("quote", "I told my story five times.", "C-1", "housing", "a workshop", date(2026, 5, 1))
KEY, OTHER_KEY = "ab" * 32, "cd" * 32


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return an installation with a little of everything, made without a refresh."""
    pack, home = tmp_path / "pack", tmp_path / "var"
    pack.mkdir()
    (pack / "area.yaml").write_text("name: Somewhere\n")
    made = Settings(area_dir=pack, home=home)
    made.make_folders()
    made.release_secret()
    (made.landing / "debt").mkdir()
    (made.landing / "debt" / "a.csv").write_text("token,start\nsomething,2025-01-01\n" * 1000)
    (made.accepted / "part.parquet").write_bytes(os.urandom(9 << 20))  # more than two frames
    (made.published / "snapshot-1.duckdb").write_bytes(b"a snapshot")
    (made.published / "current").symlink_to("snapshot-1.duckdb")
    (made.accepted / "empty").mkdir()
    (made.state / "session.key").write_text("secret cookies")
    with closing(sqlite3.connect(made.state / "vintages.sqlite")) as database:
        database.execute("pragma journal_mode = wal")
        database.execute("create table told (figure)")
        database.execute("insert into told values (15)")
        database.commit()
    add_voice(store_of(made), VOICE, steps=["housing"], personas=[])
    audit_of(made).record("voice", who="somebody", voice="v-1", change="added")
    return made


def with_key(settings: Settings, tmp_path: Path, *keys: str) -> Settings:
    path = tmp_path / f"{keys[0][:2]}.key"
    path.write_text("\n".join(keys) + "\n")
    return dataclasses.replace(settings, snapshot_key_file=path)


def elsewhere(settings: Settings, tmp_path: Path, name: str = "new") -> Settings:
    return dataclasses.replace(settings, home=tmp_path / name)


def contents(home: Path) -> dict[str, bytes]:
    """Return every file but secrets, locks, the state's own file and what writes itself into the audit log."""
    found = {path.relative_to(home): path for path in home.rglob("*") if path.is_file()}
    return {
        str(name): path.read_bytes()
        for name, path in found.items()
        if not is_secret(name) and not is_passing(name) and name.name != FILE_NAME and "audit" not in name.parts
        and name.suffix != ".sqlite"
    }  # fmt: skip


def told(home: Path) -> list[tuple[int]]:
    with closing(sqlite3.connect(home / "state" / "vintages.sqlite")) as database:
        return database.execute("select figure from told").fetchall()


def test_everything_comes_back_byte_by_byte_in_an_empty_home(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "out" / "one.backup")
    new = elsewhere(settings, tmp_path)
    found = restore_backup(new, tmp_path / "out" / "one.backup")
    assert contents(new.home) == contents(settings.home)
    assert len(contents(new.home)) > 3
    assert told(new.home) == [(15,)]
    landed = Path("landing") / "debt" / "a.csv"  # by its time, a refresh knows that it has read it
    assert (new.home / landed).stat().st_mtime_ns == (settings.home / landed).stat().st_mtime_ns
    assert read_voices(store_of(new)) == read_voices(store_of(settings))
    assert (new.published / "current").readlink() == Path("snapshot-1.duckdb")
    assert (new.accepted / "empty").is_dir()
    assert found.manifest.backup_id == made.backup.backup_id
    assert found.pack_changes == ()


def test_no_secret_is_in_it_and_both_commands_say_which_are_missing(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "one.backup")
    assert {"state/release.key", "state/session.key", "state/audit.key"} <= set(made.left_out)
    new = elsewhere(settings, tmp_path)
    found = restore_backup(new, tmp_path / "one.backup")
    assert set(found.missing_secrets) == set(made.left_out)
    assert not list(new.home.rglob("*.key"))


def test_secrets_that_wait_in_the_home_are_taken_over_and_a_wrong_release_secret_is_refused(
    settings: Settings, tmp_path: Path
) -> None:
    make_backup(settings, tmp_path / "one.backup")
    new = elsewhere(settings, tmp_path)
    new.state.mkdir(parents=True)
    (new.state / "release.key").write_text("ef" * 32 + "\n")
    with pytest.raises(ConfigurationError, match="not the release secret of this backup"):
        restore_backup(new, tmp_path / "one.backup")
    assert [path.name for path in new.home.rglob("*") if path.is_file()] == ["release.key"]
    (new.state / "release.key").write_bytes((settings.state / "release.key").read_bytes())
    restore_backup(new, tmp_path / "one.backup")
    assert new.release_secret() == settings.release_secret()


def test_a_backup_with_a_key_shows_nothing_and_opens_with_that_key_only(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "one.backup"
    make_backup(with_key(settings, tmp_path, KEY), out)
    assert b"five times" not in out.read_bytes()
    assert b"area.yaml" not in out.read_bytes()
    new = elsewhere(settings, tmp_path)
    with pytest.raises(BackupError, match="is encrypted: name the file with its key"):
        restore_backup(new, out)
    with pytest.raises(BackupError, match="No key in JOINEDUP_SNAPSHOT_KEY_FILE opens"):
        restore_backup(with_key(new, tmp_path, OTHER_KEY), out)
    assert not new.home.exists()
    restore_backup(with_key(new, tmp_path, OTHER_KEY, KEY), out)
    assert contents(new.home) == contents(settings.home)


@pytest.mark.parametrize("sealed", [False, True])
def test_a_damaged_file_is_told_and_changes_nothing(settings: Settings, tmp_path: Path, sealed: bool) -> None:
    settings = with_key(settings, tmp_path, KEY) if sealed else settings
    out = tmp_path / "one.backup"
    make_backup(settings, out)
    whole = out.read_bytes()
    places = [0, 30, len(whole) // 3, len(whole) // 2, len(whole) - 1]
    spoilt = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in places]
    cut = [whole[:at] for at in (0, 10, len(whole) // 2, len(whole) - 1)]
    new = elsewhere(settings, tmp_path)
    for content in [*spoilt, *cut, whole + b"more"]:
        out.write_bytes(content)
        with pytest.raises(BackupError):
            restore_backup(new, out)
        assert not new.home.exists()
        assert not list(tmp_path.glob(".new-*"))


def test_two_backups_cannot_be_mixed(settings: Settings, tmp_path: Path) -> None:
    settings = with_key(settings, tmp_path, KEY)
    one, two = tmp_path / "one.backup", tmp_path / "two.backup"
    make_backup(settings, one)
    make_backup(settings, two)
    head, rest = one.read_bytes().split(b"\n", 1), two.read_bytes().split(b"\n", 1)
    one.write_bytes(head[0] + b"\n" + rest[1])
    with pytest.raises(BackupError, match="is damaged"):
        restore_backup(elsewhere(settings, tmp_path), one)


def test_a_home_with_anything_in_it_is_not_overwritten_unless_told_and_then_kept(
    settings: Settings, tmp_path: Path
) -> None:
    make_backup(settings, tmp_path / "one.backup")
    (settings.landing / "debt" / "b.csv").write_text("later\n")
    before = contents(settings.home)
    with pytest.raises(BackupError, match="is not empty"):
        restore_backup(settings, tmp_path / "one.backup")
    assert contents(settings.home) == before
    found = restore_backup(settings, tmp_path / "one.backup", is_replacing=True)
    assert found.before is not None
    assert contents(found.before) == before
    assert not (settings.landing / "debt" / "b.csv").exists()
    assert settings.release_secret_file.exists()
    assert read_voices(store_of(settings))[0].words == VOICE.words


def test_a_backup_waits_for_no_refresh_and_holds_new_ones_off(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refresh_lock(settings), pytest.raises(BusyError, match="refresh is running"):
        make_backup(settings, tmp_path / "one.backup")
    assert not list(tmp_path.glob("one.backup*"))
    tried = []

    def meanwhile(area_dir: Path) -> dict[str, str]:
        with pytest.raises(BusyError), refresh_lock(settings):
            pass
        tried.append(area_dir)
        return {}

    monkeypatch.setattr(making_module, "pack_reference", meanwhile)
    make_backup(settings, tmp_path / "one.backup")
    assert tried


def test_a_backup_is_not_written_into_the_home_nor_over_another(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match="inside the home"):
        make_backup(settings, settings.home / "one.backup")
    (tmp_path / "one.backup").write_text("something else")
    with pytest.raises(BackupError, match="is there already"):
        make_backup(settings, tmp_path / "one.backup")
    assert (tmp_path / "one.backup").read_text() == "something else"
    make_backup(settings, tmp_path / "one.backup", is_replacing=True)
    restore_backup(elsewhere(settings, tmp_path), tmp_path / "one.backup")


def test_a_link_that_leads_out_of_the_home_is_refused(settings: Settings, tmp_path: Path) -> None:
    (settings.landing / "away").symlink_to(tmp_path)
    with pytest.raises(BackupError, match="leads out of the home"):
        make_backup(settings, tmp_path / "one.backup")


def test_the_register_tells_which_backups_are_to_be_kept(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "one.backup", keep_days=10).backup
    assert backups_made(settings) == [made]
    assert made.is_there
    today = datetime.now(UTC).date()
    assert backups_made(settings, on=today) == [made]
    assert backups_made(settings, on=date.fromordinal(today.toordinal() + 11)) == []
    make_backup(settings, tmp_path / "one.backup", is_replacing=True)
    assert len(backups_made(settings)) == 1


@pytest.mark.parametrize("step", ["backup", "restore"])
@pytest.mark.parametrize("at", range(1, 8))
def test_killed_at_any_write_it_loses_nothing(settings: Settings, tmp_path: Path, step: str, at: int) -> None:
    """The backup at hand, the old one or the new, is whole each time: it is put back."""
    out, new = tmp_path / "one.backup", elsewhere(settings, tmp_path)
    make_backup(settings, out)
    before = contents(settings.home)
    program = KILLED.format(
        settings=repr(settings if step == "backup" else new),
        out=str(out),
        step=step,
        at=at * (3 if step == "restore" else 1),
    )
    ended = subprocess.run([sys.executable, "-c", program], check=False, timeout=60).returncode
    assert ended in (0, -signal.SIGKILL)
    assert contents(settings.home) == before
    if not new.home.exists():
        restore_backup(new, out)
    assert contents(new.home) == before
    assert not list(tmp_path.glob(".new-*"))


KILLED = """
import os, pathlib, signal, sys
from pathlib import PosixPath
from orchestration.settings import Settings
from orchestration.channels import Channels
from orchestration.backup import make_backup, restore_backup
seen = 0
def watch(event, args):
    global seen
    if event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.symlink") or (
        event == "open" and isinstance(args[1], str) and "w" in args[1]
    ):
        seen += 1
        if seen == {at}:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(watch)
settings = {settings}
if "{step}" == "backup":
    make_backup(settings, pathlib.Path("{out}"), is_replacing=True)
else:
    restore_backup(settings, pathlib.Path("{out}"))
"""


def test_state_in_postgresql_goes_into_the_backup_and_comes_back(settings: Settings, tmp_path: Path) -> None:
    with postgres() as address:
        with_server = dataclasses.replace(settings, state_url=address)
        store = store_of(with_server)
        add_voice(store, VOICE, steps=["housing"], personas=[])
        kept = read_voices(store)
        make_backup(with_server, tmp_path / "one.backup")
        add_voice(store, VOICE, steps=["housing"], personas=[])
        new = elsewhere(with_server, tmp_path)
        with pytest.raises(BackupError, match="other decisions or voices"):
            restore_backup(new, tmp_path / "one.backup")
        assert not new.home.exists()
        assert len(read_voices(store)) == 2
        restore_backup(new, tmp_path / "one.backup", is_replacing=True)
        assert read_voices(store) == kept
        on_file = elsewhere(settings, tmp_path, "third")
        restore_backup(on_file, tmp_path / "one.backup")
        assert read_voices(store_of(on_file)) == kept
        store.close()


def test_a_restore_keeps_who_was_forgotten_since_the_backup(settings: Settings, tmp_path: Path) -> None:
    day = date(2026, 10, 20)
    rights_key(settings)
    add_to_list(settings, FORGOTTEN, tokens=["a" * 64], request="first", since=day)
    out = tmp_path / "monday.backup"
    make_backup(settings, out)
    add_to_list(settings, FORGOTTEN, tokens=["b" * 64], request="second", since=day)
    new = dataclasses.replace(settings, home=tmp_path / "new")
    shutil.copytree(settings.state / "rights", new.state / "rights")
    for name in ("release.key", "rights.key", "audit.key"):
        if (settings.state / name).exists():
            shutil.copy(settings.state / name, new.state / name)
    restore_backup(new, out)
    assert set(read_list(new, FORGOTTEN)["mark"]) == {"a" * 64, "b" * 64}
    assert is_pending(new)


def test_a_backup_whose_time_is_over_is_deleted_and_the_others_stay(settings: Settings, tmp_path: Path) -> None:
    short, long = tmp_path / "short.backup", tmp_path / "long.backup"
    today = datetime.now(UTC).date()
    make_backup(settings, short, keep_days=1)
    make_backup(settings, long, keep_days=30)
    assert remove_expired_backups(settings, on=today) == 0
    assert remove_expired_backups(settings, on=today + timedelta(days=2)) == 1
    assert (short.exists(), long.exists()) == (False, True)
    assert [made.path for made in backups_made(settings)] == [str(long)]
    assert remove_expired_backups(settings, on=today + timedelta(days=2)) == 0


def test_what_was_withdrawn_since_does_not_come_back_and_the_register_knows_every_copy(
    settings: Settings, tmp_path: Path
) -> None:
    store = store_of(settings)
    monday = make_backup(settings, tmp_path / "monday.backup").backup
    (note,) = read_voices(store)
    other = add_voice(store, dataclasses.replace(VOICE, consent_reference="C-2"), steps=["housing"], personas=[])
    for voice_id in (note.voice_id, other):
        withdraw_voice(store, voice_id, on=date(2026, 11, 1))
    tuesday = make_backup(settings, tmp_path / "tuesday.backup").backup
    found = restore_backup(settings, tmp_path / "monday.backup", is_replacing=True)
    assert found.is_former_state_read
    store = store_of(settings)
    assert read_voices(store) == []
    assert {one.voice_id: one.words for one in read_voices(store, is_everything=True)} == {
        note.voice_id: None,
        other: None,
    }
    with pytest.raises(TextError, match="consent was withdrawn"):
        add_voice(store, dataclasses.replace(VOICE, consent_reference="C-2"), steps=["housing"], personas=[])
    known = {one.backup_id: one for one in backups_made(settings)}
    assert {monday.backup_id, tuesday.backup_id} < set(known)
    (aside,) = [one for one in known.values() if one.is_folder]
    assert found.before == Path(aside.path)
    assert b"five times" not in (settings.state / FILE_NAME).read_bytes()
    assert remove_expired_backups(settings, on=aside.keep_until) == 0
    remove_expired_backups(settings, on=aside.keep_until + timedelta(days=1))
    assert not found.before.exists()


def test_a_new_home_learns_of_withdrawals_from_the_lists_beside_its_secrets(settings: Settings, tmp_path: Path) -> None:
    made = make_backup(settings, tmp_path / "one.backup", keep_days=9).backup
    (note,) = read_voices(store_of(settings))
    note_withdrawn(settings, note.voice_id, on=date(2026, 11, 1))
    new, bare = elsewhere(settings, tmp_path), elsewhere(settings, tmp_path, "bare")
    for home in (new, bare):
        shutil.copytree(settings.state / "rights", home.state / "rights")
    shutil.copy(settings.state / "rights.key", new.state / "rights.key")
    assert restore_backup(new, tmp_path / "one.backup").is_former_state_read
    assert read_voices(store_of(new)) == []
    assert backups_made(new) == [made]
    assert not restore_backup(bare, tmp_path / "one.backup").is_former_state_read  # its key is still in the vault


def test_a_damaged_state_is_told_and_does_not_stop_a_restore(settings: Settings, tmp_path: Path) -> None:
    make_backup(settings, tmp_path / "one.backup")
    store_of(settings).close()
    (settings.state / FILE_NAME).write_bytes(b"no database at all, and long enough to be looked at" * 99)
    found = restore_backup(settings, tmp_path / "one.backup", is_replacing=True)
    assert not found.is_former_state_read
    assert read_voices(store_of(settings))[0].words == VOICE.words


def test_rows_of_postgresql_that_are_replaced_are_kept_and_stay_where_the_home_cannot_be_put_in_place(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with postgres() as address:
        with_server = dataclasses.replace(settings, state_url=address)
        store = store_of(with_server)
        add_voice(store, VOICE, steps=["housing"], personas=[])
        make_backup(with_server, tmp_path / "one.backup")
        later = dataclasses.replace(VOICE, words="And nobody wrote it down.", consent_reference="C-3")
        add_voice(store, later, steps=["housing"], personas=[])
        kept = read_voices(store)

        def no_room(*_args: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch, pytest.raises(HomeError, match="No space left"):
            patch.setattr(restoring_module, "_swap", no_room)
            restore_backup(with_server, tmp_path / "one.backup", is_replacing=True)
        assert read_voices(store) == kept
        found = restore_backup(with_server, tmp_path / "one.backup", is_replacing=True)
        assert found.before is not None
        assert "And nobody wrote it down." in (found.before / "state-tables" / "voice.jsonl").read_text()
        assert len(read_voices(store)) == len(kept) - 1
        store.close()
