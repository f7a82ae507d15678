"""Wide files: columns that become rows, and tick boxes that become codes.

What belongs here: which of the partner's columns those are, and what a tick is. What does not: which canonical field
they fill (orchestration.feeds.mapping).
"""

import re
from collections.abc import Mapping, Sequence

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity, EntityMapping
from orchestration.feeds.values import missing_reason

TICKED = ("x", "y", "yes", "t", "true", "1", "1.0", "tick", "ticked", "checked", "selected", "✓", "✔", "☑", "☒", "✗")
UNTICKED = ("n", "no", "f", "false", "0", "0.0", "unticked", "unchecked", "not selected", "☐")
NOT_A_TICK = "neither ticked nor unticked"
SEVERAL_TICKS = "several ticks"
"""What stands for cells that no list of codes holds, so that they are counted as not in the list; never the cell."""
_ORDER = "\x1forder"


def origins(mapping: EntityMapping, column: Column) -> tuple[str, ...]:
    """Return the partner's columns that fill a field; of wide columns those that the contract names."""
    found: list[str] = []
    for name in column.origins:
        found += _wide_names(mapping) if is_wide(mapping, column.file, name) else [name]
    return tuple(found)


def is_wide(mapping: EntityMapping, file: str, name: str) -> bool:
    """Tell whether a column is one that unpivoting makes."""
    return (
        mapping.unpivot is not None and file == mapping.file and name in (mapping.unpivot.value, mapping.unpivot.name)
    )


def wide_headers(contract: Contract, fields: Mapping[Entity, Mapping[str, Column]]) -> dict[str, re.Pattern[str]]:
    """Return, for files of which the contract names wide columns by a pattern, what their headers look like.

    `fields` are the agreed fields: columns that fill none of them are not looked for.
    """
    found: dict[str, list[str]] = {}
    for entity, mapping in contract.entities.items():
        spec = mapping.unpivot
        used = [(column.file, name) for column in fields[entity].values() for name in column.origins]
        if spec is not None and spec.pattern and any(is_wide(mapping, file, name) for file, name in used):
            found.setdefault(mapping.file, []).append(re.sub(r"\(\?P<\w+>", "(?:", spec.pattern))
    return {file: re.compile("|".join(f"(?:{part})" for part in parts), re.IGNORECASE) for file, parts in found.items()}


def unpivoted(frame: pl.DataFrame, mapping: EntityMapping, *, prefix: str, sound: pl.Expr) -> pl.DataFrame:
    """Return one row for every wide column of a row that holds something, in the order of rows and columns.

    `prefix` precedes the partner's columns in the frame; `sound` marks rows that could be read: the others are kept as
    they are, once, lest they vanish. Blank cells, and words for 'nothing', give no row; suppressed ones do.
    """
    spec = mapping.unpivot
    if spec is None:
        return frame
    names = [name.removeprefix(prefix) for name in frame.columns if name.startswith(prefix)]
    wide = (
        [name for name in names if name in _wide_names(mapping)] if not spec.pattern else _matching(spec.pattern, names)
    )
    numbered = frame.with_row_index(_ORDER)
    rest = [name for name in numbered.columns if name not in {f"{prefix}{column}" for column in wide}]
    pieces = [_piece(numbered.filter(~sound).select(rest), prefix, mapping, None, None)]
    for name in wide:
        cell = pl.col(f"{prefix}{name}")
        value = _tick_value(cell, spec.ticks[name]) if spec.ticks else cell
        holds = value.is_not_null() & ~missing_reason(value).is_in(["blank", "null_marker"]).fill_null(False)
        rows = numbered.filter(sound & holds)
        pieces.append(
            _piece(rows.select(*rest, value.alias(f"{prefix}{spec.value}")), prefix, mapping, name, spec.value)
        )
    return pl.concat(pieces, how="diagonal").sort(_ORDER, maintain_order=True).drop(_ORDER)


def ticked_code(ticks: Mapping[str, str], several: str | None) -> pl.Expr:
    """Return the one code that tick boxes tell: none ticked is blank, several are `several` or not in any list.

    `ticks`: column of the frame to the code that a tick in it means.
    """
    codes = (
        pl.concat_list(_tick_value(pl.col(name), code) for name, code in ticks.items()).list.drop_nulls().list.unique()
    )
    return (
        pl.when(codes.list.len() == 1)
        .then(codes.list.first())
        .when(codes.list.len() > 1)
        .then(pl.lit(several or SEVERAL_TICKS))
    )


def _tick_value(cell: pl.Expr, code: str) -> pl.Expr:
    low = cell.str.to_lowercase()
    return (
        pl.when(low.is_in(TICKED))
        .then(pl.lit(code))
        .when(low.is_in(UNTICKED) | missing_reason(cell).is_not_null())
        .then(None)
        .otherwise(pl.lit(NOT_A_TICK))
    )


def _piece(
    rows: pl.DataFrame, prefix: str, mapping: EntityMapping, name: str | None, value: str | None
) -> pl.DataFrame:
    spec = mapping.unpivot
    if spec is None:
        return rows
    said = None if name is None else _said(spec.pattern, name)
    rows = rows.with_columns(pl.lit(said, pl.String).alias(f"{prefix}{spec.name}"))
    return rows if value else rows.with_columns(pl.lit(None, pl.String).alias(f"{prefix}{spec.value}"))


def _said(pattern: str | None, header: str) -> str:
    """Return what a wide column's header says: the pattern's group `name`, or all of it."""
    match = re.fullmatch(pattern, header, re.IGNORECASE) if pattern else None
    return (match.groupdict().get("name") if match else None) or header


def _wide_names(mapping: EntityMapping) -> list[str]:
    spec = mapping.unpivot
    return [*spec.columns, *spec.ticks] if spec else []


def _matching(pattern: str, names: Sequence[str]) -> list[str]:
    return [name for name in names if re.fullmatch(pattern, name, re.IGNORECASE)]
