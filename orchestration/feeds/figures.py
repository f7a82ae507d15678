"""The figures of one delivery that later ones are compared with, kept on its receipt.

Counts only: how many rows, which of their fields are missing, how the codes of a list are shared out, how old the
events were when they came. What does not belong here: judging them (orchestration.feeds.comparisons).
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
from pydantic import BaseModel, ConfigDict

from orchestration.area.contracts import Column, Entity
from orchestration.feeds.cadence import cadence_days
from orchestration.feeds.plausibility import Delivered
from orchestration.feeds.rowrules import period_start
from orchestration.feeds.spool import Rows

LAG_BINS: tuple[tuple[str, int, int], ...] = (
    ("<0", -(10**6), -1),
    ("0", 0, 0),
    ("1-3", 1, 3),
    ("4-6", 4, 6),
    ("7-10", 7, 10),
    ("11+", 11, 10**6),
)
"""Days from event to record, in the bins of HUD Eva's timeliness report (FIELD.md, trust in the data)."""
MOST_CODES = 60


class TokenOverlap(BaseModel):
    """The people of a delivery beside those of up to three periods before, by reference and by one kind of token.

    returned: references that came before with a token, and have one again. same: those whose token is the same.
    tokens, shared: tokens of the delivery, and those that came before.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    beside: tuple[str, ...]
    returned: int = 0
    same: int = 0
    tokens: int = 0
    shared: int = 0


class Figures(BaseModel):
    """What one delivery holds, in counts.

    rows: entity to accepted rows. missing: 'entity.field' to rows without it. values: 'entity.field' to canonical code
    to rows, for columns with a code list; birth months by decade. lags: bin of LAG_BINS to events of the delivery's own
    period. quarantined: as the checks of rows left it, whatever a comparison with other periods then refuses.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: dict[str, int] = {}
    missing: dict[str, int] = {}
    values: dict[str, dict[str, int]] = {}
    lags: dict[str, int] = {}
    newest_event: date | None = None
    quarantined: dict[str, int] = {}
    tokens: TokenOverlap | None = None


def figures_of(delivered: Delivered, accepted: Mapping[Entity, Rows], quarantined: Mapping[str, int]) -> Figures:
    """Count a delivery. `accepted` are its rows, deletions among them."""
    rows: dict[str, int] = {}
    missing: dict[str, int] = {}
    coded: dict[str, pl.LazyFrame] = {}
    for entity, frame in delivered.rows.items():
        mapped = [name for name, column in delivered.fields[entity].items() if column.value is None]
        nulls = accepted[entity].nulls
        if accepted[entity].trues["is_deleted"]:
            lacking = frame.select(pl.col(name).null_count() for name in mapped).collect(engine="streaming")
            nulls = lacking.row(0, named=True)
        rows[entity] = accepted[entity].height - accepted[entity].trues["is_deleted"]
        missing |= {f"{entity}.{name}": int(nulls[name]) for name in mapped}
        for name, code in _coded(delivered.fields[entity]).items():
            if 0 < len(texts := accepted[entity].few.get(name, ())) <= MOST_CODES:
                counts = _each_counted(accepted[entity], name, texts)
            else:
                counts = frame.select(code.alias("code")).drop_nulls().group_by("code").len()
            coded[f"{entity}.{name}"] = counts.sort("code")
    found = pl.collect_all([*coded.values(), *_ages(delivered)], engine="streaming")  # so that each file is read once
    values = {
        name: {str(code): int(count) for code, count in counts.iter_rows()}
        for name, counts in zip(coded, found, strict=False)
        if counts.height <= MOST_CODES
    }
    ages = found[len(coded) :]
    lags = {name: sum(int(age[name].item()) for age in ages) for name, _, _ in LAG_BINS}
    return Figures(
        rows=rows,
        missing=missing,
        values=values,
        lags={name: count for name, count in lags.items() if count},
        newest_event=max((day for age in ages for day in age["newest"].drop_nulls()), default=None),
        quarantined=dict(quarantined),
    )


def _coded(columns: Mapping[str, Column]) -> dict[str, pl.Expr]:
    found = {name: pl.col(name) for name, column in columns.items() if column.type == "code"}
    if "birth_month" in columns:
        found["birth_month"] = (pl.col("birth_month").dt.year() // 10 * 10).cast(pl.String)
    return found


def _each_counted(rows: Rows, name: str, texts: Sequence[str]) -> pl.LazyFrame:
    """Count the rows of each of a column's few texts: a comparison each takes a twentieth of the time of grouping."""
    present = rows.scan().filter(~pl.col("is_deleted")) if rows.trues["is_deleted"] else rows.scan()
    counts = present.select((pl.col(name) == text).sum().alias(text) for text in texts)
    return counts.unpivot(variable_name="code", value_name="len").filter(pl.col("len") > 0)


def _ages(delivered: Delivered) -> list[pl.LazyFrame]:
    """Return, for each kind of event, the `newest` that has happened, and a column for each lag from event to delivery.

    Counted are events within the reporting period, or without one within one cadence before the delivery, since older
    ones may have been reported before; and those dated after the delivery. The bins therefore depend on the cadence: a
    monthly feed cannot have lags of 0 but for its last day.
    """
    today = delivered.days.delivered_on
    begins, ends = window(delivered)
    day = pl.col("event")
    lag = (pl.lit(today) - day).dt.total_days()
    counts = day.is_between(pl.lit(begins), pl.lit(ends)) | (day > pl.lit(today))
    return [
        events.select(
            day.filter(day <= pl.lit(today)).max().alias("newest"),
            *(lag.filter(counts).is_between(low, high).sum().alias(name) for name, low, high in LAG_BINS),
        )
        for _, events in delivered.events()
    ]


def window(delivered: Delivered) -> tuple[date, date]:
    """Return the first and last day of what a delivery newly reports on."""
    days, terms = delivered.days, delivered.contract.delivery
    if days.period:
        return period_start(days.period), days.known()["period_end"]
    return days.delivered_on - timedelta(days=cadence_days(terms.cadence)), days.delivered_on
