"""A folder a case: a contract and the given files, and the receipt and the rows that must come of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from orchestration.area import Contract
from orchestration.area.reading import read_model
from orchestration.feeds.canonical import ITEMS
from orchestration.feeds.crosswalks import crosswalk_folders
from orchestration.feeds.deliveries import delivery_of
from orchestration.feeds.processing import Processed, Rules, process_delivery
from tests.support.deliveries import TODAY

HERE = Path(__file__).parent
CASES = sorted(path.parent.name for path in HERE.glob("*/contract.yaml"))


def processed(case: str) -> Processed:
    folder = HERE / case
    contract = read_model(Contract, folder / "contract.yaml")
    rules = Rules(contract, frozenset(ITEMS.values()), crosswalk_folders(folder), TODAY)
    return process_delivery(delivery_of(contract, sorted((folder / "given").iterdir())), rules)


def result(case: str) -> dict[str, Any]:
    """Return what a reader can judge: outcome, counts, checks, and the rows by their mapped fields."""
    done = processed(case)
    contract = read_model(Contract, HERE / case / "contract.yaml")
    return {
        "outcome": done.receipt.outcome,
        "total": done.receipt.total.as_dict(),
        "checks": [
            f"{c.id} x{c.count} {c.entity or c.file or ''} {c.detail} rows {list(c.example_rows)}"
            for c in done.receipt.checks
        ],
        "rows": {
            entity: [
                [str(cell) if cell is not None else None for cell in cells]
                for cells in rows.collect().select("source_row", *contract.entities[entity].columns).rows()
            ]
            for entity, rows in done.accepted.items()
        },
        "quarantined": [
            [str(cell) for cell in cells]
            for cells in done.quarantined.collect().select("entity", "source_row", "checks", "cells").rows()
        ],
    }


@pytest.mark.parametrize("case", CASES)
def test_the_given_files_come_to_the_expected_receipt_and_rows(case: str) -> None:
    assert result(case) == json.loads((HERE / case / "expect.json").read_text(encoding="utf-8"))
