"""No value of an identifying column leaves ingestion by any path: receipts, pages, messages, lists, exports, Dagster.

Canaries are planted in every identifying column of every kind of wreck that a partner may send.
"""

import gzip
import io
import json
import traceback
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from orchestration.area.profile import Retention
from orchestration.defs.feeds import metadata
from orchestration.errors import JoinedUpError
from orchestration.feeds.check import as_text
from orchestration.feeds.ingest import FeedResult, check_delivery
from orchestration.feeds.quarantine import export_quarantine, list_quarantine
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.store import Store
from orchestration.settings import Settings
from tests.support.deliveries import (
    HEADER,
    TODAY,
    as_csv,
    deliver,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
)

REFERENCE, TOKEN, SURNAME = "canaryref", "canarytoken", "Canarystone"
CANARIES = (REFERENCE, TOKEN, SURNAME, "943 476 5919", "canary@", "QQ123456C", "feedc0de")
GOOD_TOKEN = "feedc0de" * 4  # what a token looks like; its value must not be shown either


def planted(number: int, **cells: str) -> dict[str, str]:
    """Return a row with a canary in every identifying column."""
    return row(number, Ref=f"{REFERENCE}{number}", Token=GOOD_TOKEN, Case=f"{REFERENCE}case{number}") | cells


ROWS = [planted(n) for n in range(1, 8)]
EXTRA = (*HEADER, "Note", "Surname", "Contact", "NINO")
CLEAR = {"Surname": SURNAME, "Contact": "canary@example.org", "NINO": "QQ123456C", "Note": "943 476 5919"}


def workbook(rows: list[dict[str, str]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for cells in (HEADER, *([r[name] for name in HEADER] for r in rows)):
        book.active.append(list(cells))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def parquet(rows: list[dict[str, str]]) -> bytes:
    data = io.BytesIO()
    pl.DataFrame(rows).write_parquet(data)
    return data.getvalue()


GOOD = as_csv(ROWS)
WRECKS: dict[str, bytes] = {
    "good": GOOD.encode(),
    "tokens malformed": as_csv([planted(n, Token=f"{TOKEN}{n}") for n in range(1, 5)]).encode(),
    "references missing or repeated": as_csv([planted(1), planted(1, Sex="2"), planted(2, Ref="")]).encode(),
    "dates wrong": as_csv([planted(1, Start="99/99/2025"), planted(2, End=f"{REFERENCE}2")]).encode(),
    "codes wrong": as_csv([planted(1, Sex="X", Ethnic="Y"), planted(2, Sex="Z")]).encode(),
    "cells under the wrong headings": (GOOD + ",".join([REFERENCE, GOOD_TOKEN, *"abcdefghijk"]) + "\n").encode(),
    "totals": (GOOD + f"Total for {REFERENCE},,,,,,,\n").encode(),
    "header missing": "\n".join(GOOD.splitlines()[1:]).encode(),
    "header is a title": (f"Report on {REFERENCE}\n\n" + GOOD).encode(),
    "names in clear": as_csv([planted(n) | CLEAR for n in range(1, 9)], header=EXTRA).encode(),
    "a column lost": as_csv(ROWS, header=HEADER[1:]).encode(),
    "a header that is a value": as_csv([r | {f"{SURNAME} 943 476 5919": "x"} for r in ROWS], header=HEADER).encode(),
    "not text": GOOD.encode().replace(b"C1", b"\x00C1"),
    "wrong encoding": GOOD.encode() + b"\xff\xfe\x81" + REFERENCE.encode(),
    "utf-16 cut short": GOOD.encode("utf-16")[:-1],
    "gzip cut short": gzip.compress(GOOD.encode())[:-30],
    "gzip": gzip.compress(GOOD.encode()),
    "workbook": workbook(ROWS),
    "workbook cut short": workbook(ROWS)[:-200],
    "parquet": parquet(ROWS),
    "parquet cut short": parquet(ROWS)[:-40],
    "json lines": "\n".join(json.dumps(r) for r in ROWS).encode(),
    "json lines broken": ("\n".join(json.dumps(r) for r in ROWS)[:-9]).encode(),
    "a quote that never ends": GOOD.replace("C1", '"C1', 1).encode(),
    "a web page": f"<html><body>{REFERENCE}{GOOD_TOKEN}</body></html>".encode(),
}
CONTRACTS = {"as usual": {}, "nothing refuses": {"checks": {"direct_identifiers": "warning"}}}


def shown(texts: list[str]) -> list[str]:
    return [canary for canary in CANARIES for text in texts if canary.lower() in text.lower()]


def everything_told(settings: Settings, result: FeedResult, tmp_path: Path) -> list[str]:
    """Return every text that leaves ingestion for somebody to read."""
    contract, store = make_contract(), Store(settings)
    told = [path.read_text(encoding="utf-8") for path in settings.receipts.rglob("*") if path.is_file()]
    told += [as_text(receipt) for receipt in result.receipts]
    told.append(repr([(name, getattr(value, "value", value)) for name, value in metadata(result, settings).items()]))
    told.append(repr(list_quarantine(store, contract, Retention())))
    for receipt in read_receipts(settings, "debt_advice"):
        out = tmp_path / f"{receipt.delivery_id}.csv"
        try:
            export_quarantine(store, contract, receipt.delivery_id, out)
            told.append(out.read_text(encoding="utf-8-sig"))
        except JoinedUpError as error:
            told.append(str(error))
    return told


@pytest.mark.parametrize("rules", CONTRACTS)
@pytest.mark.parametrize("wreck", WRECKS)
def test_no_canary_is_ever_shown(tmp_path: Path, wreck: str, rules: str) -> None:
    settings, contract = make_settings(tmp_path / "home"), make_contract(**CONTRACTS[rules])
    deliver(settings, "debt_2025-02_20250305.csv", as_csv([planted(n) for n in (1, 2, 99)]))
    deliver(settings, "debt_2025-03_20250405.csv", WRECKS[wreck])
    result = ingest(settings, contract)
    assert len(result.receipts) == 2
    assert shown(everything_told(settings, result, tmp_path)) == []


@pytest.mark.parametrize("wreck", WRECKS)
def test_the_partners_own_check_shows_none_either(tmp_path: Path, wreck: str) -> None:
    path = tmp_path / "debt_2025-03_20250405.csv"
    path.write_bytes(WRECKS[wreck])
    settings = Settings(area_dir=tmp_path, home=tmp_path / "var")
    receipt = check_delivery([path], make_contract(), agreement=make_agreement(), settings=settings, today=TODAY)
    assert shown([as_text(receipt), receipt.model_dump_json()]) == []


@pytest.mark.parametrize("fault", ["disk full", "landing unreadable", "receipt damaged"])
def test_a_failure_shows_none_in_its_message_nor_in_its_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    settings = make_settings(tmp_path / "home")
    deliver(settings, "debt_2025-03_20250405.csv", GOOD)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        if fault == "disk full":
            patch.setattr(pl.DataFrame, "write_parquet", full)
        elif fault == "landing unreadable":
            patch.setattr("orchestration.feeds.content.Path.read_bytes", full)
        else:
            ingest(settings)
            next((settings.receipts / "debt_advice").glob("*.json")).write_text(f'{{"feed": "{REFERENCE}"}}')
        try:
            texts = [repr(ingest(settings).receipts)]
        except (JoinedUpError, OSError):
            texts = [traceback.format_exc()]
    assert shown(texts) == []


def test_the_canaries_would_be_found(tmp_path: Path) -> None:
    assert shown([f"row 3: '{REFERENCE}3'"]) == [REFERENCE]
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", GOOD)
    ingest(settings)
    (stored,) = settings.accepted.rglob("person-*.parquet")
    assert shown([str(pl.read_parquet(stored).rows())]) == [REFERENCE, "feedc0de"]
    assert isinstance(metadata(ingest(settings), settings)["waiting"], dg.TextMetadataValue)
