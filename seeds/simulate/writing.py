"""From canonical rows to a partner's file: the contract read backwards, then written in the partner's habits.

What belongs here: column names, code lists, date formats, bytes. What does not: which rows a delivery holds
(`deliveries`). Columns come from the contract alone, so a simulated file can only hold what the contract names, and the
surplus columns of `habits`.
"""

import io
from collections.abc import Mapping, Sequence
from functools import cache

import polars as pl

from orchestration.area import Contract
from orchestration.area.contracts import Column, Entity
from orchestration.area.reading import read_table
from orchestration.errors import AreaPackError
from orchestration.settings import repository_root
from seeds.simulate.habits import Habits
from seeds.simulate.workbook import Sheet, workbook_bytes

NEAREST_ETHNICITY = {
    "other_arab": "other_any",
    "white_roma": "white_other",
    "white_gypsy_traveller": "white_other",
    "refused": "not_obtained",
}
"""What a clerk chooses when the partner's list lacks the group."""
OTHERWISE = {"end_reason": "other", "referral_source": "other"}
ENTITY_ORDER: tuple[Entity, ...] = ("episode", "contact", "need", "outcome", "person")


def grain_of(contract: Contract, role: str) -> str:
    """Return the entity whose rows a file holds: the first that is read from it, else the person."""
    for entity in ENTITY_ORDER:
        if entity in contract.entities and contract.entities[entity].file == role:
            return entity
    return "person"


def partner_columns(contract: Contract, role: str) -> dict[str, tuple[str, Column]]:
    """Return, for one file, the partner's headers in order, each with its canonical field and the contract's column."""
    found: dict[str, tuple[str, Column]] = {}
    for mapping in sorted(contract.entities.items(), key=lambda item: ENTITY_ORDER.index(item[0])):
        for field, column in mapping[1].columns.items():
            if column.source and column.file == role and column.source not in found:
                found[column.source] = (field, column)
    for header in contract.files[role].on:
        if header not in found:
            owner = next((f, c) for m in contract.entities.values() for f, c in m.columns.items() if c.source == header)
            found = {header: owner, **found}
    for header, values in contract.delivery.deleted.items():
        if role == "main":
            found = {header: ("is_deleted", Column(value=values[0])), **found}
    return found


def partner_table(contract: Contract, role: str, rows: pl.DataFrame, habits: Habits) -> pl.DataFrame:
    """Return a file's table with the partner's headers: text, or dates where the partner's files have typed ones.

    rows: canonical fields; dates as Date. Fields that are not at hand are blank throughout.
    """
    columns: list[pl.Expr] = []
    for header, (field, column) in partner_columns(contract, role).items():
        if field not in rows.columns:
            columns.append(pl.lit(None, pl.String).alias(header))
        elif field == "is_deleted":
            word = pl.when("is_deleted").then(pl.lit(column.value)).otherwise(pl.lit("C"))
            columns.append(word.alias(header))
        else:
            columns.append(_written(pl.col(field), field, column, habits).alias(header))
    surplus = [pl.lit(value).alias(header) for header, value in habits.surplus.get(role, {}).items()]
    return rows.select(*columns, *surplus)


def _written(value: pl.Expr, field: str, column: Column, habits: Habits) -> pl.Expr:
    if column.type in ("date", "month"):
        if habits.typed_dates and column.type == "date":
            return value
        form = column.formats[0]
        return value.cast(pl.Datetime).dt.strftime(form) if "%H" in form else value.dt.strftime(form)
    codes = _inverse(column)
    if not codes:
        return value.cast(pl.String)
    table = dict(codes)
    for code, near in NEAREST_ETHNICITY.items():
        if field == "ethnicity_code" and code not in table and near in table:
            table[code] = table[near]
    default = table.get(OTHERWISE.get(field, ""))
    written = value.replace_strict(table, default=default, return_dtype=pl.String)
    return pl.when(value.is_not_null()).then(written)


def _inverse(column: Column) -> dict[str, str]:
    """Return the partner's code of each canonical one; the first that the list names."""
    pairs = [*column.codes.items(), *(_crosswalk(column.crosswalk) if column.crosswalk else ())]
    inverse: dict[str, str] = {}
    for theirs, ours in pairs:
        inverse.setdefault(ours, theirs)
    return inverse


@cache
def _crosswalk(name: str) -> tuple[tuple[str, str], ...]:
    path = repository_root() / "seeds" / "reference" / "crosswalks.csv"
    frame = read_table(path, ("list", "source_code", "code")).filter(pl.col("list") == name)
    if frame.is_empty():
        raise AreaPackError(f"{path} has no list '{name}', which a contract names.")
    return tuple((str(a), str(b)) for a, b in frame.select("source_code", "code").rows())


def file_bytes(
    tables: Mapping[str, pl.DataFrame], contract: Contract, habits: Habits, facts: Mapping[str, str]
) -> bytes:
    """Return the bytes of one file. `tables` by role: one, or several for the sheets of one workbook."""
    role, table = next(iter(tables.items()))
    form = contract.files[role].format
    facts = {**facts, "rows": str(table.height), "title": contract.title}
    above = [[cell.format(**facts) for cell in row] for row in habits.above]
    below = [[cell.format(**facts) for cell in row] for row in habits.below]
    if form == "xlsx":
        sheets: dict[str, Sheet] = {
            contract.files[name].sheet or name: (above, frame, below) for name, frame in tables.items()
        }
        return workbook_bytes(sheets)
    if form == "parquet":
        buffer = io.BytesIO()
        table.write_parquet(buffer, compression="zstd", statistics=True)
        return buffer.getvalue()
    if form == "jsonl":
        return table.write_ndjson().encode()
    return _delimited(table, habits, above, below)


def _delimited(
    table: pl.DataFrame, habits: Habits, above: Sequence[Sequence[str]], below: Sequence[Sequence[str]]
) -> bytes:
    body = table.write_csv(
        separator=habits.delimiter, line_terminator=habits.line_end, null_value="", quote_style="necessary"
    )
    lines = [habits.delimiter.join(cells) + habits.line_end for cells in above]
    ends = [habits.delimiter.join(cells) + habits.line_end for cells in below]
    text = "".join(lines) + body + "".join(ends)
    mark = "\ufeff" if habits.byte_order_mark else ""
    return (mark + text).encode(habits.encoding)
