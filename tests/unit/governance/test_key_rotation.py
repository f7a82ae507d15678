"""People keep their keys over a change of linkage keys, whichever partner goes over first and whichever has not."""

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

from orchestration.feeds.outgoing import PREVIOUS
from orchestration.feeds.token_bridges import put_bridge, read_bridge, translated
from orchestration.feeds.token_keys import BRIDGE, KINDS
from orchestration.governance.in_force import write_in_force
from orchestration.linkage import link
from orchestration.settings import Settings
from tests.support import linkage_crowd
from tests.support.deliveries import HEADER, as_csv, deliver, ingest, make_agreement, make_contract, row, token
from tests.support.linkage_crowd import make_crowd
from tests.unit.governance.test_in_force import area, in_force, make_settings
from tests.unit.linkage.test_link import Place, table, write

OLD = {"current": "bbbbbbbb"}
BOTH = {"current": "aaaaaaaa", "previous": "bbbbbbbb"}


def send(settings: Settings, name: str, content: str, *, folder: str, key: str, previous: str | None = None) -> None:
    said = {"sha256": hashlib.sha256(content.encode()).hexdigest(), "key_id": key, "previous_key_id": previous}
    deliver(settings, f"{name}.manifest.json", json.dumps(said), folder=folder)
    deliver(settings, name, content, folder=folder)


def test_rows_of_the_former_key_get_the_tokens_of_the_new_one_in_every_feed(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    gone_over = make_contract(keys=BOTH)
    not_yet = make_contract(feed="other_advice", keys=BOTH)
    agreement = make_agreement(
        feeds={feed: {"items": ["linkage_tokens", "sex", "service"]} for feed in ("debt_advice", "other_advice")}
    )
    people = {"Ref": "Q1", "Token": token(2)}
    send(settings, "debt_2025-03_20250405.csv", as_csv([row(5, **people)]), folder="other_advice", key="bbbbbbbb")
    send(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]), folder="debt_advice", key="bbbbbbbb")
    twice = as_csv([row(1, Token=token(1002)) | {"Token" + PREVIOUS: token(2)}], header=(*HEADER, "Token" + PREVIOUS))
    send(settings, "debt_2025-04_20250505.csv", twice, folder="debt_advice", key="aaaaaaaa", previous="bbbbbbbb")
    for contract in (gone_over, not_yet):
        assert [r.outcome for r in ingest(settings, contract, agreement).receipts]
    write_in_force(settings, area(gone_over, not_yet, agreements=(agreement,)))
    tokens = in_force(settings).sort("feed", "source_ref").select("feed", "source_ref", "tok_nhs").unique()
    assert sorted(tokens.rows()) == [
        ("debt_advice", "P1", token(1002)),
        ("debt_advice", "P2", token(3)),
        ("other_advice", "Q1", token(1002)),
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(area_dir=tmp_path, home=tmp_path / "home")


@pytest.mark.parametrize("gone_over", [("alpha",), ("alpha", "beta", "gamma", "delta")])
def test_people_keep_their_keys_when_partners_go_over(
    settings: Settings, gone_over: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same people under both keys; some or all feeds deliver with the new one, and tokens of both."""
    former = make_crowd(250).people
    monkeypatch.setattr(linkage_crowd, "KEY", hashlib.sha256(b"the new key").digest())
    newer = make_crowd(250).people
    moved = pl.col("feed").is_in(gone_over)
    for kind in KINDS:
        pairs = pl.DataFrame(
            {"previous": former.filter(moved)[kind], "current": newer.filter(moved)[kind]}
        ).drop_nulls()
        put_bridge(settings, kind, "d1", pairs.unique().select(pl.lit(kind).alias("kind"), *list(BRIDGE)[1:]))
    write(settings, former)
    link(settings, Place())
    before = table(settings, "person_links").select("feed", "source_ref", "person_key")
    delivered = pl.concat([former.filter(~moved), newer.filter(moved)])
    assert not set(delivered.filter(moved)["tok_name_dob"]) & set(former["tok_name_dob"]) - {None}
    write(settings, translated(delivered, read_bridge(settings)))
    link(settings, Place())
    after = table(settings, "person_links").select("feed", "source_ref", "person_key")
    assert after.sort("feed", "source_ref").equals(before.sort("feed", "source_ref"))
    assert table(settings, "key_events").filter(pl.col("event").is_in(["merge", "split"])).height == 0
