"""One large delivery: read, checked and stored by the product, beside polars reading and writing the same columns.

Each runs in a process of its own, in turns, so that neither warms up for the other; the best of the turns counts. The
time is that of the work, without the start of Python. Peak memory is what the kernel says of the product's process.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from itertools import accumulate
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from orchestration.area import Agreement, Contract
from orchestration.feeds.canonical import ITEMS
from orchestration.feeds.ingest import ingest_feed
from orchestration.settings import Settings, repository_root

CONTRACT = Path(__file__).with_name("contacts.yaml")
DELIVERED = date(2025, 10, 20)
FIRST_DAY, DAYS = date(2024, 10, 1), 365
ROUNDS = 3
CHILD = "from orchestration.bench.ingestion import main; main()"
PART = 500_000
SHARES: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "Team": (10_000, {"A01": 4_000, "A06": 3_000, "A02": 2_000, "A14": 1_000}),
    "Medium": (10_000, {"01": 5_000, "02": 3_000, "11": 1_700, "": 200, "99": 100}),
    "Attendance": (10_000, {"5": 6_000, "6": 1_000, "3": 1_000, "2": 1_000, "4": 900, "*": 100}),
}
"""Codes and how many of so many rows hold them: some cells are blank, suppressed or in no list."""
UNREADABLE_DATE_EVERY, NO_PERSON_EVERY = 5_000, 7_000
"""One row in so many is at fault and ends in the quarantine."""


def contract() -> Contract:
    """Return the contract of the large delivery."""
    return Contract.model_validate(yaml.safe_load(CONTRACT.read_text(encoding="utf-8")))


def write_delivery(path: Path, rows: int) -> None:
    """Write contacts: a reference of their own each, 20 to a person and 8 to a case, spread over a year."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, rows, PART):
            number = pl.int_range(start, min(start + PART, rows), dtype=pl.UInt64)
            _part(number, rows).write_csv(file, include_header=not start)


def _part(number: pl.Expr, rows: int) -> pl.DataFrame:
    def drawn(seed: int, most: int) -> pl.Expr:
        return number.hash(seed=seed) % max(most, 1)

    def reference(letter: str, numbers: pl.Expr) -> pl.Expr:
        return pl.lit(letter) + numbers.cast(pl.String).str.zfill(8)

    day = (pl.lit(FIRST_DAY) + pl.duration(days=drawn(3, DAYS).cast(pl.Int64))).dt.strftime("%d/%m/%Y")
    unreadable, nobody = number % UNREADABLE_DATE_EVERY == 17, number % NO_PERSON_EVERY == 23
    return pl.select(
        reference("CT", number).alias("Contact"),
        pl.when(~nobody).then(reference("P", drawn(1, rows // 20))).alias("Person"),
        reference("C", drawn(2, rows // 8)).alias("Case"),
        pl.when(unreadable).then(pl.lit("31/02/2025")).otherwise(day).alias("Date"),
        *(_coded(drawn(seed, most), codes).alias(name) for seed, (name, (most, codes)) in enumerate(SHARES.items(), 4)),
    )


def _coded(drawn: pl.Expr, codes: Mapping[str, int]) -> pl.Expr:
    """Return the code in whose share of the numbers the drawn one lies."""
    *others, (found, _) = zip(codes, accumulate(codes.values()), strict=True)
    code = pl.lit(found)
    for name, end in reversed(others):
        code = pl.when(drawn < end).then(pl.lit(name)).otherwise(code)
    return code


def measure_ingestion(rows: int, folder: Path) -> dict[str, Any]:
    """Return seconds of both, their ratio, and peak MiB of the product's process, for a delivery of so many rows."""
    name = f"contacts_2025_{DELIVERED:%Y%m%d}.csv"
    delivery = folder / name
    write_delivery(delivery, rows)
    ours: list[dict[str, Any]] = []
    theirs: list[dict[str, Any]] = []
    copies: list[dict[str, Any]] = []
    for turn in range(ROUNDS):
        theirs.append(_in_a_process("polars", delivery, folder / "polars.parquet"))
        copies.append(_in_a_process("cells", delivery, folder / "polars.parquet"))
        home = folder / f"home{turn}"
        landed = home / "landing" / contract().folder / name
        landed.parent.mkdir(parents=True)
        landed.hardlink_to(delivery)
        ours.append(_in_a_process("ingest", home, delivery))
    best, floor = min(o["seconds"] for o in ours), min(t["seconds"] for t in theirs)
    counts = {name: ours[0][name] for name in ("delivered", "accepted", "quarantined")}
    return {
        "rows": rows,
        "bytes": delivery.stat().st_size,
        "seconds": round(best, 2),
        "polars_seconds": round(floor, 2),
        "ratio_to_polars": round(best / floor, 2),
        "polars_cells_seconds": round(min(c["seconds"] for c in copies), 2),
        "peak_mib": round(max(o["peak_mib"] for o in ours), 1),
        "polars_peak_mib": round(max(t["peak_mib"] for t in theirs), 1),
        **counts,
    }


def _in_a_process(what: str, *paths: Path) -> dict[str, Any]:
    command = [sys.executable, "-c", CHILD, what, *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=repository_root())  # noqa: S603
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ingest(home: Path) -> dict[str, Any]:
    """Read the delivery that lies in a home's landing folder."""
    terms = contract()
    settings = Settings(area_dir=home, home=home)
    start = time.perf_counter()
    result = ingest_feed(terms, agreement=_agreement(terms), settings=settings, today=DELIVERED)
    return {"seconds": time.perf_counter() - start, "peak_mib": _peak_mib(), **result.totals().as_dict()}


def read_and_write(delivery: Path, out: Path) -> dict[str, Any]:
    """Have polars read the delivery and write the columns that the product stores: dates, and where each row is from.

    No more than that: no cell is checked, translated or compared.
    """
    terms = contract()
    fields = {name: column for mapping in terms.mappings.values() for name, column in mapping.columns.items()}
    dates = {name: column.formats[0] for name, column in fields.items() if column.type == "date"}
    said = {"partner": terms.partner, "feed": terms.feed, "agreement_id": terms.agreement, "source_file": delivery.name}
    start = time.perf_counter()
    pl.scan_csv(delivery, infer_schema=False, row_index_name="source_row").select(
        "source_row",
        *(pl.col(str(column.source)).alias(name) for name, column in fields.items()),
        *(pl.lit(value).alias(name) for name, value in said.items()),
        delivery_id=pl.lit("0" * 16),
        is_deleted=pl.lit(value=False),
    ).with_columns(pl.col(name).str.to_date(form, strict=False) for name, form in dates.items()).sink_parquet(
        out, compression="zstd"
    )
    return {"seconds": time.perf_counter() - start, "peak_mib": _peak_mib()}


def copy_cells(delivery: Path, out: Path) -> dict[str, Any]:
    """Have polars read the delivery and write nothing but its cells, as text."""
    start = time.perf_counter()
    pl.scan_csv(delivery, infer_schema=False).sink_parquet(out, compression="zstd")
    return {"seconds": time.perf_counter() - start, "peak_mib": _peak_mib()}


def _peak_mib() -> float:
    """Return the most memory that this process has held (VmHWM of proc(5)): of it alone, not of what started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")) / 1024


def _agreement(terms: Contract) -> Agreement:
    parties = [{"organization_id": name, "role": "controller"} for name in (terms.partner, "bench_area")]
    return Agreement.model_validate(
        {
            "id": terms.agreement,
            "title": "Benchmark",
            "status": "signed",
            "parties": parties,
            "purposes": ["measuring"],
            "lawful_basis": {"article_6": "none: no person's data"},
            "legal_power": "none: no person's data",
            "feeds": {terms.feed: {"items": sorted(set(ITEMS.values()))}},
            "starts_on": date(2024, 1, 1),
            "expires_on": date(2030, 1, 1),
        }
    )


def main() -> None:
    """Do what the command line of a process says, and print its figures."""
    what, first, second = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    alone = {"polars": read_and_write, "cells": copy_cells}
    sys.stdout.write(json.dumps(ingest(first) if what == "ingest" else alone[what](first, second)))
