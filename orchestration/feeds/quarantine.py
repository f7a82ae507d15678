"""Quarantined rows for the area's data engineer: what waits and why, whether it was mended since, and a safe export.

A quarantined row holds agreed cells only, and no identifying ones. References, which are pseudonyms, leave this room
only on request. What does not belong here: deciding what is quarantined (orchestration.feeds.acceptance).
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl
from pydantic import BaseModel

from orchestration.area.contracts import Contract
from orchestration.area.profile import Retention
from orchestration.errors import HomeError, LandingError
from orchestration.feeds.acceptance import QUARANTINE
from orchestration.feeds.canonical import FIELDS, IDENTIFYING, RECORD_REFERENCE
from orchestration.feeds.checks import registry
from orchestration.feeds.clear_identifiers import ANY
from orchestration.feeds.crosswalks import codes_of, crosswalk_folders
from orchestration.feeds.expiry import quarantine_kept_until
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.standing import rows_standing
from orchestration.feeds.store import Store
from orchestration.settings import Settings

FORMULA = r"^ *[=+\-@\t\r\n＝＋－＠]"
"""How a cell begins that a spreadsheet may take for a formula (OWASP, CSV injection), full-width signs included."""
NOT_SHOWN = "(not shown: looks like an identifier)"
NOT_OF_ITS_TYPE = "(not shown: no value of this column's type)"
DATE_LIKE = (
    r"(?i)^(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|mon|tues?|wed|thu(?:rs)?|fri|sat(?:ur)?|sun|day|st|nd|rd|th|am|pm|[tz]|[^\p{L}])*$"
)
WORD = r"\p{L}{3,}"
"""Letters that may be a name: a number has none, and a code only where the contract lists it."""
REFERENCES = ("source_ref", "record_ref")
CELLS = {
    name: pl.String()
    for fields in FIELDS.values()
    for name in fields
    if name not in IDENTIFYING and name not in RECORD_REFERENCE.values()
}

DATES = {name for fields in FIELDS.values() for name, kind in fields.items() if isinstance(kind, pl.Date)}


class Quarantined(BaseModel):
    """The quarantined rows of one delivery. mended: rows whose record stands now, from a later delivery.

    replaced: the delivery was replaced whole, so that none of its rows waits for anything.
    """

    feed: str
    delivery_id: str
    period: str | None
    delivered_on: date
    rows: int
    mended: int
    replaced: bool
    kept_until: date
    checks: dict[str, int]

    @property
    def waiting(self) -> int:
        """Return how many rows still need a correction."""
        return 0 if self.replaced else self.rows - self.mended


def list_quarantine(store: Store, contract: Contract, retention: Retention) -> list[Quarantined]:
    """Return what each delivery of a feed has in quarantine, the oldest delivery first. No value of any row."""
    receipts = store.receipts(contract.feed)
    with_rows = [r for r in receipts if store.quarantine_path(contract.feed, r.delivery_id).exists()]
    if not with_rows:
        return []
    standing = _standing_references(store, contract, receipts)
    place = {receipt.delivery_id: number for number, receipt in enumerate(receipts)}
    places = standing.with_columns(place=pl.col("standing_in").replace_strict(place, return_dtype=pl.Int64))
    return [
        _of_delivery(store, receipt, places.filter(pl.col("place") > place[receipt.delivery_id]), retention)
        for receipt in with_rows
    ]


def export_quarantine(store: Store, contract: Contract, delivery: str, out: Path, *, references: bool = False) -> int:
    """Write the quarantined rows of one delivery as CSV for its owner's eyes (mode 0600); return how many there are.

    `delivery` is a delivery's id or its beginning. Columns: entity, source_file, source_row, checks, how to mend, and
    the agreed cells as delivered; `references` adds the pseudonymous references. A cell that begins like a formula gets
    an apostrophe before it; one that looks like an identifier, or like words in a column of dates, numbers or codes, is
    not shown. An existing file is never overwritten.
    """
    receipt = _chosen(store, contract, delivery)
    path = store.quarantine_path(contract.feed, receipt.delivery_id)
    if not path.exists():
        raise LandingError(
            f"Delivery {receipt.delivery_id} of {contract.feed} has no row in quarantine: none was refused, or "
            "retention has removed them (the receipt still tells how many there were and why)."
        )
    rows = pl.read_parquet(path, columns=list(QUARANTINE))
    _write_private(out, _as_csv(rows, listed_codes(contract, store.settings), references=references))
    return rows.height


def neutralised(cells: pl.Expr) -> pl.Expr:
    """Return cells that no spreadsheet takes for a formula: an apostrophe before what would begin one."""
    return pl.when(cells.str.contains(FORMULA)).then(pl.concat_str(pl.lit("'"), cells)).otherwise(cells)


def _standing_references(store: Store, contract: Contract, receipts: Sequence[Receipt]) -> pl.DataFrame:
    """Return entity, record_ref and delivery_id of every record that stands."""
    found = rows_standing(store, contract, receipts, contract.delivery.mode)
    frames = [
        rows.select(
            entity=pl.lit(entity), record_ref=pl.col(RECORD_REFERENCE[entity]), standing_in=pl.col("delivery_id")
        )
        for entity, rows in found.items()
    ]
    return pl.concat(frames).unique(subset=["entity", "record_ref"]).collect()


def _of_delivery(store: Store, receipt: Receipt, later: pl.DataFrame, retention: Retention) -> Quarantined:
    """`later` are the records that stand from later deliveries."""
    rows = pl.read_parquet(store.quarantine_path(receipt.feed, receipt.delivery_id))
    mended = rows.join(later, on=["entity", "record_ref"], how="semi")
    checks = (
        rows.select(pl.col("checks").str.split(" ").list.eval(pl.element().str.split(":").list.first()).list.unique())
        .explode("checks", empty_as_null=True, keep_nulls=False)
        .group_by("checks")
        .len()
        .sort("checks")
    )
    return Quarantined(
        feed=receipt.feed,
        delivery_id=receipt.delivery_id,
        period=receipt.period,
        delivered_on=receipt.delivered_at.date(),
        rows=rows.height,
        mended=mended.height,
        replaced=bool(receipt.superseded_by),
        kept_until=quarantine_kept_until(receipt, retention),
        checks={str(name): int(count) for name, count in checks.iter_rows()},
    )


def _chosen(store: Store, contract: Contract, delivery: str) -> Receipt:
    receipts = store.receipts(contract.feed)
    found = [receipt for receipt in receipts if delivery and receipt.delivery_id.startswith(delivery)]
    if len(found) != 1:
        several = (
            f"{len(found)} deliveries of {contract.feed} begin" if found else f"No delivery of {contract.feed} begins"
        )
        raise LandingError(
            f"{several} with '{delivery}': `joinedup quarantine list --feed {contract.feed}` shows them."
        )
    return found[0]


def listed_codes(contract: Contract, settings: Settings) -> dict[str, list[str]]:
    """Return the partner's codes that the contract or its crosswalks list, by field, in lower case."""
    listed: dict[str, list[str]] = {}
    folders = crosswalk_folders(settings.area_dir)
    for mapping in contract.entities.values():
        for name, column in mapping.columns.items():
            known = [*codes_of(column, folders), *([column.value] if column.value else ())]
            listed.setdefault(name, []).extend(str(code).strip().lower() for code in known)
    return listed


def _is_of_its_type(name: str, codes: Sequence[str]) -> pl.Expr:
    """Tell which cells look like a value of their field, however wrong: digits, separators, months, listed codes."""
    cell = pl.col(name)
    if name in DATES:
        return cell.str.contains(DATE_LIKE) & (cell.str.contains(r"\d") | ~cell.str.contains(r"\p{L}"))
    return ~cell.str.contains(WORD) | cell.str.to_lowercase().is_in(list(codes))


def _as_csv(rows: pl.DataFrame, codes: Mapping[str, Sequence[str]], *, references: bool) -> bytes:
    cells = rows["cells"].str.json_decode(pl.Struct(CELLS)).struct.unnest()
    cells = cells.select(column for column in cells if column.null_count() < len(column))
    mend = {checks: _guidance(checks) for checks in rows["checks"].drop_nulls().unique()}
    written = rows.select(
        "entity",
        "source_file",
        pl.col("source_row").cast(pl.String),
        *(REFERENCES if references else ()),
        "checks",
        how_to_mend=pl.col("checks").replace_strict(mend, default="", return_dtype=pl.String),
    )
    # a reference, or what is shaped like an identifier, has strayed into a column that is not for it
    strayed = {
        name: pl.col(name).str.contains(ANY) | pl.any_horizontal(pl.col(name) == rows[other] for other in REFERENCES)
        for name in cells.columns
    }
    shown = cells.select(
        pl.when(is_strayed)
        .then(pl.lit(NOT_SHOWN))
        .when(_is_of_its_type(name, codes.get(name, ())) | pl.col(name).is_null())
        .then(pl.col(name))
        .otherwise(pl.lit(NOT_OF_ITS_TYPE))
        .alias(name)
        for name, is_strayed in strayed.items()
    )
    whole = pl.concat([written, shown], how="horizontal")
    safe = whole.select(neutralised(pl.col(name)).alias(name) for name in whole.columns)
    return safe.write_csv(include_bom=True, line_terminator="\r\n").encode()


def _guidance(checks: str) -> str:
    names = dict.fromkeys(part.partition(":")[0] for part in checks.split())
    return " ".join(registry()[name].mend for name in names if name in registry())


def _write_private(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise HomeError(f"{path} exists already and is not overwritten: name another file.") from None
    except OSError as error:
        raise HomeError(f"Cannot write {path} ({error.strerror}): choose a folder that you can write.") from error
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
