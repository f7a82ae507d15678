"""Deliveries and a store that live in memory, so that thousands of histories can be read in the time of a few files.

The loop that reads a feed, its settlement and the rules of supersession are the real ones; only reading and mapping of
files is left out, and writing them.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import polars as pl

from orchestration.area import Contract
from orchestration.feeds.canonical import FIELDS, PROVENANCE
from orchestration.feeds.deliveries import DeliveredFile, Delivery
from orchestration.feeds.ingest import Feed, FeedResult
from orchestration.feeds.landing import Landing
from orchestration.feeds.permission import Decision
from orchestration.feeds.processing import Processed, Rules
from orchestration.feeds.receipts import Counts, EntityReceipt, FileReceipt, Receipt
from orchestration.feeds.spool import Rows
from orchestration.feeds.store import Store
from orchestration.settings import Settings
from tests.support.deliveries import make_contract

NOWHERE = Path("nowhere")
ALLOWED = Decision(True, "in force", may_keep=True)
FIRST_DAY = datetime(2025, 4, 5, tzinfo=UTC)
Row = tuple[int, int, bool]
"""A record's number, its value, and whether the row says 'deleted'. Value 9 is a row that is refused."""
REFUSED_VALUE = 9


@dataclass(frozen=True)
class Sent:
    """One sending: what it reports on, the day in its name (counted from FIRST_DAY), its rows, whether refused."""

    period: str
    day: int
    rows: tuple[Row, ...]
    is_refused: bool = False

    @property
    def delivery_id(self) -> str:
        return hashlib.sha256(repr((self.period, self.rows, self.is_refused)).encode()).hexdigest()[:16]


class MemoryStore(Store):
    """A store whose rows and receipts are in memory; `writes` counts what was written."""

    def __init__(self) -> None:
        super().__init__(Settings(area_dir=NOWHERE, home=NOWHERE))
        self.committed: dict[str, Receipt] = {}
        self.frames: dict[str, pl.DataFrame] = {}
        self.writes = 0
        self.unsettled = False

    def receipts(self, feed: str) -> list[Receipt]:
        return sorted(self.committed.values(), key=lambda receipt: receipt.order)

    def prepare(self, feed: str) -> list[Receipt]:
        return self.receipts(feed)

    def put(self, processed: Processed) -> dict[str, str]:
        stored = {}
        for entity, found in processed.accepted.items():
            rows = found.collect()
            digest = hashlib.sha256(repr(rows.rows()).encode()).hexdigest()[:16]
            self.frames[digest] = rows
            stored[str(entity)] = digest
        return stored

    def rows(self, receipt: Receipt, entity: str) -> pl.LazyFrame | None:
        frame = self.frames.get(receipt.stored.get(entity, ""))
        return None if frame is None else frame.lazy()

    def rows_path(self, receipt: Receipt, entity: str) -> Path | None:
        return Path("/") if self.rows(receipt, entity) is not None else None

    def commit(self, receipt: Receipt) -> None:
        self.writes += 1
        self.committed[receipt.delivery_id] = receipt

    def write_page(self, receipt: Receipt) -> None:
        self.writes += 1

    def has_page(self, receipt: Receipt) -> bool:
        return True

    def write_index(self, feed: str, title: str, receipts: Sequence[Receipt]) -> None:
        pass

    def has_index(self, feed: str) -> bool:
        return True

    def mark_unsettled(self, feed: str) -> None:
        self.unsettled = True

    def is_unsettled(self, feed: str) -> bool:
        return self.unsettled

    def mark_settled(self, feed: str) -> None:
        self.unsettled = False


@lru_cache(maxsize=8)
def episodes_only(mode: str) -> Contract:
    """Return a contract of one entity."""
    whole = make_contract().model_dump(by_alias=True, exclude_none=True)
    deleted = {"deleted": {"Sex": ["D"]}} if mode == "changes" else {}
    whole["entities"].pop("person")
    return Contract.model_validate(whole | {"delivery": {"mode": mode, **deleted}})


@lru_cache(maxsize=64)
def rules_of(contract_mode: str, today: date, marks: str = "") -> Rules:
    """Return rules; other `marks` stand for other rules, under which everything is read again."""
    contract = episodes_only(contract_mode)
    return Rules(contract.model_copy(update={"notes": marks}), frozenset({"service_dates"}), (), today)


def read(
    store: MemoryStore, mode: str, landing: Iterable[Sent], *, today: date, marks: str = "", offset: int = 0
) -> FeedResult:
    """Read a landing folder that holds these sendings. `marks` stand for the rules; `offset` moves every value read."""
    rules = rules_of(mode, today, marks)
    feed = Feed(rules.contract, {rules.contract.version: rules}, store, today, process=_Process(offset))
    return feed.read(Landing([_delivery(sent, rules.contract) for sent in landing]), ALLOWED)


@dataclass(frozen=True)
class _Process:
    offset: int

    def __call__(self, delivery: Delivery, rules: Rules) -> Processed:
        sent = SENT[delivery.delivery_id]
        kept = {number: (value, gone) for number, value, gone in sent.rows if value != REFUSED_VALUE}
        aside = sum(value == REFUSED_VALUE for _, value, _ in sent.rows)
        counts = {
            "delivered": len(sent.rows),
            "accepted": 0 if sent.is_refused else len(kept),
            "quarantined": len(sent.rows) if sent.is_refused else aside,
        }
        counts["superseded"] = counts["delivered"] - counts["accepted"] - counts["quarantined"]
        episode = EntityReceipt(**counts, superseded_within=counts["superseded"])
        outcome = "refused" if sent.is_refused else "accepted_with_rejects" if aside else "accepted"
        receipt = Receipt(
            feed=rules.contract.feed,
            title=rules.contract.title,
            partner=rules.contract.partner,
            delivery_id=delivery.delivery_id,
            fingerprint=rules.fingerprint,
            agreement_id=rules.contract.agreement,
            mode=rules.contract.delivery.mode,
            period=delivery.period,
            delivered_at=delivery.delivered_at,
            outcome=outcome,  # type: ignore[arg-type]
            files=(FileReceipt(name="x", role="main", sha256="", bytes=0, rows=len(sent.rows)),),
            entities={"episode": episode},
            total=Counts(**counts),
            checks=(),
        )
        if sent.is_refused:
            return Processed(receipt)
        return Processed(receipt, {"episode": Rows.of(_frame(delivery.delivery_id, tuple(kept.items()), self.offset))})


SENT: dict[str, Sent] = {}
"""What the deliveries of the present example hold, by their ids."""


def _delivery(sent: Sent, contract: Contract) -> Delivery:
    SENT[sent.delivery_id] = sent
    file = DeliveredFile("main", NOWHERE, f"{sent.period}_{sent.day}_{sent.delivery_id}", "", size=-2)
    return Delivery(
        feed=contract.feed,
        contract=contract,
        delivery_id=sent.delivery_id,
        files=(file,),
        period=sent.period,
        delivered_at=FIRST_DAY + timedelta(days=sent.day),
        is_dated=True,
    )


BLANK = pl.DataFrame(schema={**PROVENANCE, **FIELDS["episode"], "is_deleted": pl.Boolean()})


@lru_cache(maxsize=4096)
def _frame(delivery_id: str, kept: tuple[tuple[int, tuple[int, bool]], ...], offset: int) -> pl.DataFrame:
    height = len(kept)
    columns = {name: pl.Series(name, [None] * height, dtype=kind) for name, kind in BLANK.schema.items()}
    columns["delivery_id"] = pl.Series("delivery_id", [delivery_id] * height, dtype=pl.String)
    columns["episode_ref"] = pl.Series("episode_ref", [f"C{number}" for number, _ in kept], dtype=pl.String)
    outcomes = [str(value + offset) for _, (value, _) in kept]
    columns["outcome"] = pl.Series("outcome", outcomes, dtype=pl.String)
    columns["is_deleted"] = pl.Series("is_deleted", [gone for _, (_, gone) in kept], dtype=pl.Boolean)
    return pl.DataFrame(list(columns.values()))


def expected_standing(sendings: Sequence[Sent], mode: str, *, offset: int = 0) -> dict[str, str]:
    """Return record to value as a few plain lines say they must stand: the oracle."""
    last: dict[str, Sent] = {}
    for sent in sorted(sendings, key=lambda s: s.day):
        if not sent.is_refused:
            last[sent.delivery_id] = sent
    ordered = sorted(last.values(), key=lambda s: (s.period, s.day, s.delivery_id))
    if mode == "snapshot":
        ordered = ordered[-1:]
    elif mode == "period":
        ordered = list({sent.period: sent for sent in ordered}.values())
    found: dict[str, str] = {}
    for sent in ordered:
        for number, value, gone in sent.rows:
            if value != REFUSED_VALUE:
                found[f"C{number}"] = "" if gone else str(value + offset)
    return {record: value for record, value in found.items() if value}


def moved(sent: Sent, day: int) -> Sent:
    """Return the same content sent on another day."""
    return replace(sent, day=day)
