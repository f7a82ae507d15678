"""Undeclared footers: signatures, print dates and remarks that stand under a table's last record.

What belongs here: telling them by their place and shape, whatever their words. What does not: totals and declared
footers (rawtables).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from orchestration.feeds.rawtables import Finished

FAULT = "\x1ffault"
MOST_FOOTER_ROWS = 20
"""More rows than this are no footer; so many wait until it is known that no record follows."""
LEAST_COLUMNS = 3
"""In a narrower table a row with one filled cell is no sign of anything."""
RECORD, ALONE, NEITHER = "record", "alone", "neither"


def without_footer(pieces: Iterable["Finished"], names: Sequence[str]) -> Iterator["Finished"]:
    """Return pieces of rows without the rows at the end that fill one cell only, if no other row of the table does so.

    They are counted as footer rows. Totals may stand among them, and stay. A table of nothing else has no footer.
    """
    held: list[Finished] = []
    is_possible, has_record = len(names) >= LEAST_COLUMNS, False
    for piece in pieces:
        if not is_possible:
            yield piece
            continue
        kinds = _kinds(piece.frame, names)
        records, alone = (kinds == RECORD).arg_true(), (kinds == ALONE).arg_true()
        follows = len(records) > 0 and (bool(held) or (len(alone) > 0 and alone[0] < records[-1]))
        has_record = has_record or len(records) > 0
        cut = 0 if held else int(alone[0]) if len(alone) else piece.frame.height
        waiting = sum(one.frame.height for one in held) + piece.frame.height - cut
        is_possible = not follows and waiting <= MOST_FOOTER_ROWS and (has_record or not len(alone))
        if not is_possible:
            yield from (*held, piece)
            held = []
            continue
        yield replace(piece, frame=piece.frame[:cut])
        if cut < piece.frame.height:
            held.append(replace(piece, frame=piece.frame[cut:], set_aside=dict.fromkeys(piece.set_aside, 0)))
    for piece in held:
        stays = _kinds(piece.frame, names) != ALONE
        footer = piece.frame.height - int(stays.sum())
        yield replace(piece, frame=piece.frame.filter(stays), set_aside=piece.set_aside | {"footer_rows": footer})


def holds_lone_cells(frame: pl.DataFrame, names: Sequence[str]) -> bool:
    """Tell whether some row fills one cell only: then rows that do so at the end of its table are no footer."""
    return bool((_kinds(frame, names) == ALONE).any())


def _kinds(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Tell of each row whether it is a record, fills one cell only, or is a total, which is neither."""
    is_filled = sum(not frame[name].has_nulls() for name in names) > 1
    if is_filled and frame[FAULT].null_count() == frame.height:
        return pl.Series("kind", [RECORD]).new_from_index(0, frame.height)
    is_total = (pl.col(FAULT) == "totals_row").fill_null(False)
    if is_filled:
        is_alone = pl.lit(False)
    else:
        is_alone = (pl.sum_horizontal(pl.col(name).is_not_null() for name in names) == 1) & pl.col(FAULT).is_null()
    kind = pl.when(is_total).then(pl.lit(NEITHER)).when(is_alone).then(pl.lit(ALONE)).otherwise(pl.lit(RECORD))
    return frame.select(FAULT, kind=kind)["kind"]
