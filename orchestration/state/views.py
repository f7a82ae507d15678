"""Saved views: one chart's address, and its protected figures as the release gate gave them then.

What belongs here: reading an address, asking the gate, keeping the answer. What does not: comparing (reviews).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from orchestration.release import Gate, ProtectedTable, Refused, Request
from orchestration.state.text_checks import TextError

LONGEST_ADDRESS = 1_000
DOWNLOADS = ("/download.csv", "/download.json")
HOW = "copy the address of the chart's link 'Download (CSV)', such as /download.csv?measure=people&by=theme&period=all"


@dataclass(frozen=True, slots=True)
class Figures:
    """Protected figures by label of row, with the total; None is hidden. Codes keep rows together over snapshots."""

    rows: dict[str, int | None]
    labels: dict[str, str]
    total: int | None

    def to_json(self) -> str:
        """Return the figures as they are kept."""
        return json.dumps({"rows": self.rows, "labels": self.labels, "total": self.total}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Figures":
        """Return figures that were kept."""
        held = json.loads(text)
        return cls(held["rows"], held["labels"], held["total"])

    @classmethod
    def of(cls, table: ProtectedTable) -> "Figures":
        """Return what a protected table shows."""
        rows, labels = {}, {}
        for row in table.rows:
            code = "|".join(str(part) for part in row[:-1])
            rows[code] = row[-1] if isinstance(row[-1], int) else None
            named = zip(table.request.by, row[:-1], strict=True)
            labels[code] = ", ".join(table.label(name, str(part)) for name, part in named)
        return cls(rows, labels, table.total)


@dataclass(frozen=True, slots=True)
class SavedView:
    """One view of a decision's evidence. `address` is of this app, from the root on."""

    view_no: int
    address: str
    snapshot_id: str
    asked: str
    figures: Figures
    saved_at: datetime

    @property
    def request(self) -> Request:
        """Return the question again."""
        return request_of(self.address)


def request_of(address: str) -> Request:
    """Return the question that a chart's address asks; raise TextError, or Refused where the grammar has no such."""
    parts = urlsplit(address.strip())
    if len(address) > LONGEST_ADDRESS or parts.path not in DOWNLOADS:
        raise TextError(f"This is no address of a chart's figures: {HOW}.")
    asked = parse_qs(parts.query)
    return Request.parse(
        measure=asked.get("measure", [""])[0],
        by=asked.get("by", []),
        where=asked.get("where", []),
        period=asked.get("period", ["all"])[0],
    )


def save_view(gate: Gate, address: str, *, number: int, at: datetime, who: str) -> SavedView:
    """Ask the gate what the address shows now, and return it to be kept; raise Refused where it is not granted."""
    request = request_of(address)
    try:
        table = gate.answer(request, who=who, taken="seen")
    except Refused as refusal:
        raise TextError(f"This figure is not published, so it cannot be evidence: {refusal}") from refusal
    parts = urlsplit(address.strip())
    here = f"{parts.path}?{parts.query}"
    return SavedView(number, here, table.certificate.snapshot_id, request.canonical(), Figures.of(table), at)
