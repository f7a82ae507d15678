"""What the state keeps of people beside a snapshot is encrypted with it: swapped areas, and what was released on."""

import json
import secrets
import sqlite3
import zlib
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from orchestration.area import Area, load_area
from orchestration.errors import ReleaseError, SnapshotError
from orchestration.publishing import publish
from orchestration.release import Gate, Request
from orchestration.release.withholding import NOTHING
from orchestration.sealed_bytes import MAGIC, NoKeyFitsError, seal, unseal
from orchestration.settings import Settings
from tests.support.snapshot import make_warehouse

WHO = Request(measure="people", by=("age_group",), period="all")


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    # The area lends its neighbourhoods to swap between; the invented feeds stand under none of its agreements.
    monkeypatch.setattr("orchestration.release.gate.withheld", lambda *_args, **_options: NOTHING)
    return make_warehouse(tmp_path, people=1500)


def area_of(settings: Settings) -> Area:
    return load_area(settings.area_dir, today=settings.today)


def with_keys(settings: Settings, *keys: str) -> Settings:
    path = settings.home / "snapshot.key"
    path.write_text("\n".join(keys) + "\n")
    return replace(settings, snapshot_key_file=path)


def swaps(settings: Settings) -> bytes:
    return (settings.state / "area_swaps.parquet").read_bytes()


def vintage_bytes(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(settings.state.glob("vintages.sqlite*")))


def cells(settings: Settings) -> list[bytes]:
    with closing(sqlite3.connect(settings.state / "vintages.sqlite")) as connection:
        return [value for (value,) in connection.execute("select cells from vintage")]


def pairs_as_bytes(settings: Settings) -> list[bytes]:
    """The record keys of a plain file of pairs, as Parquet writes them where they do not compress."""
    held = pl.read_parquet(settings.state / "area_swaps.parquet")
    return [int(key).to_bytes(8, "little") for key in held["one"]]


def test_no_byte_of_who_was_swapped_or_counted_is_left_once_a_key_is_set(plain: Settings) -> None:
    publish(plain, area_of(plain))
    answer = Gate(plain).answer(WHO).to_dicts()
    keys, blobs = pairs_as_bytes(plain), cells(plain)
    assert keys and all(key in swaps(plain) for key in keys)  # the scan finds what is there to be found
    assert blobs and all(json.loads(zlib.decompress(blob)) and blob in vintage_bytes(plain) for blob in blobs)

    sealed = with_keys(plain, secrets.token_hex(32))
    publish(sealed, area_of(sealed), accept_movement=True)
    assert Gate(sealed).answer(WHO).to_dicts() == answer
    assert swaps(sealed).startswith(MAGIC) and b"PAR1" not in swaps(sealed)
    assert not any(key in swaps(sealed) for key in keys)
    assert cells(sealed) and all(blob.startswith(MAGIC) for blob in cells(sealed))
    assert not any(blob in vintage_bytes(sealed) for blob in blobs)


def test_the_pairs_are_the_same_with_a_key_and_with_another(plain: Settings) -> None:
    old, new = secrets.token_hex(32), secrets.token_hex(32)
    publish(plain, area_of(plain))
    before = set(pl.read_parquet(plain.state / "area_swaps.parquet").rows())
    for keys in ((old,), (new, old), (new,)):
        settings = with_keys(plain, *keys)
        publish(settings, area_of(settings), accept_movement=True, new_baseline=keys == (new,))
        held = settings.state / "plain.parquet"
        held.write_bytes(unseal(swaps(settings), keys, context="area swaps"))
        assert set(pl.read_parquet(held).rows()) == before


def test_when_the_key_is_lost_reading_and_publishing_stop_and_lose_nothing(plain: Settings) -> None:
    settings = with_keys(plain, secrets.token_hex(32))
    publish(settings, area_of(settings))
    Gate(settings).answer(WHO)
    held, kept = swaps(settings), cells(settings)
    lost = with_keys(settings, secrets.token_hex(32))
    with pytest.raises(SnapshotError):
        publish(lost, area_of(lost))
    assert (swaps(lost), cells(lost)) == (held, kept)
    (lost.published / "current").unlink()  # even where no snapshot is left to compare with
    with pytest.raises(SnapshotError, match=r"area_swaps.*no key.*new baseline"):
        publish(lost, area_of(lost))
    publish(lost, area_of(lost), new_baseline=True, accept_movement=True)
    assert (lost.state / "area_swaps.parquet.no-key-opens-it").read_bytes() == held
    assert (lost.state / "vintages.sqlite.no-key-opens-it").exists()
    assert Gate(lost).answer(WHO).rows


def test_a_memory_that_no_key_opens_answers_nothing(plain: Settings) -> None:
    settings = with_keys(plain, secrets.token_hex(32))
    publish(settings)
    Gate(settings).answer(WHO)
    changed = with_keys(settings, secrets.token_hex(32))
    (changed.published / "current").unlink()
    publish(changed)
    with pytest.raises(ReleaseError, match=r"vintages\.sqlite.*no key"):
        Gate(changed).answer(WHO)


def test_a_value_cannot_stand_for_another_nor_be_changed() -> None:
    keys = (secrets.token_hex(32),)
    sealed = seal(b"figures", keys, context="people|2026-03")
    assert unseal(sealed, keys, context="people|2026-03") == b"figures"
    for wrong in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-20]):
        with pytest.raises(NoKeyFitsError):
            unseal(wrong, keys, context="people|2026-03")
    with pytest.raises(NoKeyFitsError):
        unseal(sealed, keys, context="people|2026-04")
