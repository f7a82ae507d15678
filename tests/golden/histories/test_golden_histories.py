"""A folder a case: a contract, what arrived on which day, and the receipts and rows that must stand in the end.

`given/<day>/` holds the files that arrive on that day, in the order of the days. Each case is also read with all days
at once and with the days in reverse: the end must be the same.
"""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from orchestration.area import Contract
from orchestration.area.profile import Retention
from orchestration.area.reading import read_model
from orchestration.feeds.ingest import ingest_feed
from orchestration.feeds.quarantine import list_quarantine
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.standing import standing_rows
from orchestration.feeds.store import Store
from orchestration.settings import Settings
from tests.support.deliveries import TODAY, make_agreement

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/contract.yaml"))


def spent(case: str, home: Path, days: list[list[Path]]) -> Settings:
    """Return a home in which the files of each day have arrived and been read, one day after the other."""
    settings = Settings(area_dir=HERE / case, home=home)
    settings.make_folders()
    contract = contract_of(case)
    for files in days:
        for path in files:
            place = settings.landing / contract.folder / path.name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)
        ingest_feed(contract, agreement=make_agreement(), settings=settings, today=TODAY)
    return settings


def contract_of(case: str) -> Contract:
    return read_model(Contract, HERE / case / "contract.yaml")


def result(case: str, settings: Settings) -> dict[str, Any]:
    """Return what a reader can judge, deliveries named by their files."""
    contract = contract_of(case)
    receipts = read_receipts(settings, contract.feed)
    names = {receipt.delivery_id: receipt.files[0].name for receipt in receipts}
    told = []
    for receipt in receipts:
        changes = receipt.changes
        told.append(
            {
                "file": names[receipt.delivery_id],
                "outcome": receipt.outcome,
                "total": " ".join(f"{name} {rows}" for name, rows in receipt.total.as_dict().items()),
                "superseded_by": [names[name] for name in receipt.superseded_by],
                "since": names[changes.since] if changes else None,
                "records": {
                    entity: " ".join(f"{name} {rows}" for name, rows in found.model_dump().items())
                    for entity, found in (changes.records if changes else {}).items()
                },
                "mended": list(changes.checks_mended) if changes else [],
            }
        )
    standing = {}
    for entity, rows in standing_rows(settings, contract).items():
        fields = [name for name, column in contract.entities[entity].columns.items() if column.source]
        frame = rows.collect().sort(fields[0], "source_row")
        standing[entity] = [
            [str(cell) if cell is not None else None for cell in cells] for cells in frame[fields].rows()
        ]
    waiting = {names[entry.delivery_id]: entry.waiting for entry in quarantined(settings, contract)}
    return {"receipts": told, "standing": standing, "waiting in quarantine": waiting}


def quarantined(settings: Settings, contract: Contract) -> list[Any]:
    return list_quarantine(Store(settings), contract, Retention())


@pytest.mark.parametrize("case", CASES)
def test_the_days_end_in_the_expected_receipts_and_rows_in_whatever_order(case: str, tmp_path: Path) -> None:
    folders = sorted((HERE / case / "given").iterdir())
    assert all(date.fromisoformat(folder.name) for folder in folders)
    days = [sorted(folder.iterdir()) for folder in folders]
    expected = json.loads((HERE / case / "expect.json").read_text(encoding="utf-8"))
    for place, order in enumerate((days, days[::-1], [[path for files in days for path in files]])):
        assert result(case, spent(case, tmp_path / str(place), order)) == expected, f"order {place}"
