"""Channels: planted true counts are looked for in all that the gate gives: texts, tables, certificates and refusals.

Every service has a prime number of users, so that a true count can be no figure of ours. The dashboards' pages, chart
arrays and downloads are held to the same by tests/security/test_attack_channels.py: this package does not know them.
"""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from orchestration.publishing import publish
from orchestration.redteam.field import Field
from orchestration.redteam.invented import SERVICES, serving_tables, write_warehouse
from orchestration.redteam.trial import OURS, Attack, Trial
from orchestration.release import Gate, Refused, Request
from orchestration.release.files import write_table
from orchestration.release.query import FORMATS, run_query
from orchestration.settings import Settings

QUESTIONS: list[tuple[str, tuple[str, ...], str]] = [
    ("people", ("service",), "all"),
    ("people", ("service", "sex"), "all"),
    ("people", ("month", "service"), "all"),
    ("months_of_use", ("service",), "all"),
    ("length_of_use", ("months_used", "service"), "all"),
    ("households", ("theme",), "all"),
    ("entries", ("entry_service",), "all"),
]
REFUSED = list(product((("msoa", "service"), ("age_band", "ethnic_group", "msoa")), ("2026-03", "Y2025")))


@dataclass(frozen=True)
class Planted:
    """A published place and the true counts that must never leave it."""

    settings: Settings
    canaries: frozenset[float]


def plant(home: Path, *, people: int = 4000) -> Planted:
    """Publish a population in which each service has a prime number of users."""
    tables = serving_tables(people=people, seed=21)
    uses = tables["srv_person_service"].sort("service_id", "person_no")
    kept, canaries = [], set()
    for service in SERVICES:
        own = uses.filter(service_id=service)
        prime = next(n for n in range(own.height, 1, -1) if all(n % d for d in range(2, int(n**0.5) + 1)) and n > 100)
        canaries.add(prime)
        kept.append(own.head(prime))
    settings = write_warehouse(home, tables | {"srv_person_service": pl.concat(kept)})
    publish(settings)
    return Planted(settings, frozenset(canaries))


def numbers(payload: Any) -> Iterator[float]:
    """Yield every number of a payload: plain, inside texts, and in the base64 arrays that charts are sent with."""
    if isinstance(payload, dict):
        if {"dtype", "bdata"} <= payload.keys():
            yield from np.frombuffer(base64.b64decode(payload["bdata"]), dtype=payload["dtype"]).astype(float)
        for value in payload.values():
            yield from numbers(value)
    elif isinstance(payload, list | tuple):
        for value in payload:
            yield from numbers(value)
    elif isinstance(payload, str):
        yield from (float(found.replace(",", "")) for found in re.findall(r"(?<![\w.])\d[\d,]*(?![\w.])", payload))
    elif isinstance(payload, int | float) and not isinstance(payload, bool):
        yield float(payload)


def texts(gate: Gate, measure: str, by: tuple[str, ...], period: str) -> list[str]:
    """Return an answer in every form that it leaves the gate in."""
    table = gate.answer(Request(measure, by, {}, period))
    return [
        *(run_query(gate, measure=measure, by=by, period=period, output=form) for form in FORMATS),
        repr(table),
        str(table.to_dicts()),
        str(table.certificate),
        str(table.to_polars().to_dict(as_series=False)),
    ]


def contents(gate: Gate, measure: str, by: tuple[str, ...], period: str, *, folder: Path) -> list[str]:
    """Return what is in the files that an answer is written to, metadata included."""
    table = gate.answer(Request(measure, by, {}, period))
    written = [*write_table(table, folder / "a.csv"), *write_table(table, folder / "a.json")]
    read = [path.read_text(encoding="utf-8") for path in written]
    (parquet,) = write_table(table, folder / "a.parquet")
    about = pl.read_parquet_metadata(parquet)
    about.pop("ARROW:schema", None)  # the frame's types, in base64
    return [*read, str(pl.read_parquet(parquet).to_dict(as_series=False)), str(about)]


def refusals(gate: Gate) -> list[str]:
    """Return what is said to questions that are too fine."""
    said = []
    for by, period in REFUSED:
        try:
            gate.answer(Request("people", by, {}, period))
        except Refused as refusal:
            said.append(str(refusal))
    return said


def run(field: Field) -> list[Trial]:
    """Measure how many planted counts are found in a chart that ships them unseen, and in all of the gate's texts."""
    planted = plant(field.folder("canaries"), people=field.people(4000))
    gate = Gate(field.under_rules(planted.settings))
    unseen = np.array(sorted(planted.canaries))
    shipped = {"customdata": {"dtype": "i8", "bdata": base64.b64encode(unseen.astype("<i8").tobytes()).decode()}}
    found = len(planted.canaries & set(numbers(shipped))) / len(planted.canaries)
    payloads = [text for question in QUESTIONS for text in texts(gate, *question)] + refusals(gate)
    folder = field.folder("files")
    payloads += [text for question in QUESTIONS for text in contents(gate, *question, folder=folder)]
    leaked = sum(not planted.canaries.isdisjoint(numbers(payload)) for payload in payloads)
    return [
        Trial("a chart that ships true counts unseen", "planted counts found", found, "at least", 1),
        Trial(OURS, "texts, tables, files and refusals with a planted count", leaked, "at most", 0, len(payloads), 80),
    ]


ATTACK = Attack(
    "channels",
    "Planted counts in every channel",
    "The attacker reads all that leaves the gate: printed tables, frames, files, birth certificates, refusals. "
    "Pages, charts and downloads are attacked by the product's tests: the red team does not know the dashboards.",
    run,
)
