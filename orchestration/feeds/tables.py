"""Delivered files as tables whose rows come in pieces, so that a delivery of any size passes through bounded memory.

Plain text comes straight from its file; everything else (workbooks, JSON, Parquet, packed files, text in other
encodings or irregular dialects) is read whole within the bounds of its reader, and then handed on in pieces too, so
that one way leads from pieces to rows. What does not belong here: what a column means (mapping).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.area.contracts import DeliveryFile
from orchestration.feeds.delimited import SPARES, Detected
from orchestration.feeds.footers import without_footer
from orchestration.feeds.plaintext import NotPlainError, PlainText, plain_text
from orchestration.feeds.rawtables import FAULT, ROW, Finished, Layout, RawTable, lay_out, read_table, text_for

__all__ = ["FAULT", "READINGS", "ROW", "NotPlainError", "Table", "open_table"]
READINGS = (1, SPARES, None)
"""Ways to read text, tried in turn until one fits: with so many cells too many in a row, and at last whole."""


@dataclass
class Table:
    """One file. `height`, `set_aside` and what was detected are complete once all pieces have been taken."""

    name: str
    columns: list[str]
    detected: Detected
    missing: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    is_recognised: bool = True
    height: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    shown: dict[str, str] = field(default_factory=dict)
    """How each header may be shown; known once all pieces have been looked through for identifiers."""

    def pieces(self, rows: int) -> Iterator[Finished]:
        """Return the rows, at most so many at a time; again from the first at every call."""
        raise NotImplementedError


@dataclass
class _Whole(Table):
    raw: RawTable | None = None

    def pieces(self, rows: int) -> Iterator[Finished]:
        if self.raw is not None:
            for piece in self.raw.frame.iter_slices(rows):
                yield Finished(piece, {}, {})


@dataclass
class _Plain(Table):
    text: PlainText | None = None
    layout: Layout | None = None
    spares: int = 1

    def pieces(self, rows: int) -> Iterator[Finished]:
        if self.text is None or self.layout is None:
            return
        self.height = 0
        self.set_aside = {"blank_rows": 0, "footer_rows": 0}
        for piece in without_footer(self._finished(self.text, self.layout, rows), self.columns):
            self.height += piece.frame.height
            self.set_aside = {name: found + piece.set_aside[name] for name, found in self.set_aside.items()}
            yield piece

    def _finished(self, text: PlainText, layout: Layout, rows: int) -> Iterator[Finished]:
        first_row = 1
        for body in text.pieces(rows, spares=self.spares):
            yield layout.finished(body, first_row=first_row)
            first_row += body.height


def open_table(
    path: Path,
    declared: DeliveryFile,
    expected: Sequence[str],
    wide: re.Pattern[str] | None = None,
    *,
    spares: int | None = None,
) -> Table:
    """Return one delivered file; `spares` is one of READINGS. Arguments and errors otherwise as read_table."""
    text = plain_text(path, declared, expected) if spares is not None else None
    if text is None or spares is None:
        raw = read_table(path, declared, expected, wide)
        return _Whole(
            name=raw.content.name,
            columns=raw.columns,
            detected=raw.detected,
            missing=raw.missing,
            repeated=raw.repeated,
            unknown=raw.unknown,
            is_recognised=raw.is_recognised,
            height=raw.frame.height,
            set_aside=raw.set_aside,
            raw=raw,
        )
    layout = lay_out(path.name, text.dialect.header, declared, expected, wide)
    text.detected |= text_for(declared)
    recognised = bool(text.detected.pop("is_recognised", True))
    return _Plain(
        name=path.name,
        columns=layout.names,
        detected=text.detected,
        missing=layout.missing,
        repeated=layout.repeated,
        unknown=layout.unknown,
        is_recognised=recognised,
        text=text,
        layout=layout,
        spares=spares,
    )
