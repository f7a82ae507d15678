"""The store migrates itself, says in words what is wrong, and gives back what was put in, on both databases."""

from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from orchestration.errors import ConfigurationError, HomeError
from orchestration.settings import Settings
from orchestration.state.dumping import NotEmptyError, dump_state, load_state
from orchestration.state.store import Store, url_of
from orchestration.state.tables import METADATA
from orchestration.state.voices import NewVoice, add_voice, read_voices

VOICE = NewVoice("quote", "I told my story five times.", "C-1", "housing", "a workshop", date(2026, 5, 1))


def test_the_migrations_make_the_tables_that_the_code_knows(store: Store) -> None:
    with store.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_a_store_of_an_older_version_is_brought_up_to_date_with_its_rows(store: Store) -> None:
    store.migrate("0001")
    with store.before_newest() as connection:
        connection.execute(
            text("insert into voice (voice_id, kind, words, consent_reference, step, heard_on)"
                 " values ('v-1', 'quote', 'kept', 'C-1', 'housing', '2026-05-01')")
        )  # fmt: skip
    assert [one.words for one in read_voices(store)] == ["kept"]
    with store.begin() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalar_one() == "0002"


def test_tables_of_a_newer_version_are_refused_and_left(store: Store) -> None:
    store.migrate()
    with store.before_newest() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    store.close()
    with pytest.raises(ConfigurationError, match="newer version"):
        read_voices(store)


def test_a_dump_is_put_back_row_for_row(store: Store, tmp_path: Path) -> None:
    add_voice(store, VOICE, steps=["housing"], personas=[])
    revision, dump = dump_state(store)
    other = Store(url_of(f"sqlite:///{tmp_path / 'other.sqlite'}"))
    load_state(other, revision, dump, is_replacing=False)
    assert read_voices(other) == read_voices(store)
    assert dump_state(other) == (revision, dump)
    other.close()


def test_a_dump_of_an_older_revision_is_migrated(store: Store, tmp_path: Path) -> None:
    store.migrate("0001")
    add = '{"consent_reference": "C", "heard_on": "2026-05-01", "kind": "quote", "persona": null, "source": null, '
    row = add + '"step": "housing", "voice_id": "v-1", "withdrawn_on": null, "words": "kept"}\n'
    load_state(
        store, "0001", {"decision": b"", "saved_view": b"", "voice": row.encode(), "backup": b""}, is_replacing=False
    )
    assert [one.words for one in read_voices(store)] == ["kept"]


def test_a_store_with_other_rows_is_not_replaced_unless_told(store: Store) -> None:
    store.migrate()
    revision, empty = dump_state(store)
    add_voice(store, VOICE, steps=["housing"], personas=[])
    with pytest.raises(NotEmptyError):
        load_state(store, revision, empty, is_replacing=False)
    assert len(read_voices(store)) == 1
    load_state(store, revision, empty, is_replacing=True)
    assert read_voices(store) == []


@pytest.mark.parametrize("wrong", ["not an address", "mysql://root:hunter2@db/x", "postgresql://me:hunter2@h:port/x"])
def test_a_wrong_address_is_refused_without_its_password(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="JOINEDUP_STATE_URL") as told:
        url_of(wrong)
    assert "hunter2" not in str(told.value)


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    with pytest.raises(HomeError, match="start it, or mend JOINEDUP_STATE_URL") as told:
        read_voices(Store(url_of("postgresql://me:hunter2@127.0.0.1:1/x")))
    assert "hunter2" not in str(told.value)


def test_settings_never_print_the_address(tmp_path: Path) -> None:
    assert "hunter2" not in repr(Settings(area_dir=tmp_path, home=tmp_path, state_url="postgresql://me:hunter2@h/x"))


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite").write_bytes(b"no database at all, and long enough to be looked at as one" * 100)
    store = Store(url_of(f"sqlite:///{tmp_path / 'x.sqlite'}"))
    with pytest.raises(HomeError, match="is damaged"):
        read_voices(store)
    store.close()
