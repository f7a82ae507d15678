"""The rows in force: standing after supersession, and permitted today. The only person-level rows that go further.

Also writes the area's reference tables and the figures of deliveries and checks, which the warehouse reads, and the
page that lists the receipts of all feeds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.area import Area, Contract
from orchestration.area.contracts import Entity
from orchestration.errors import AreaPackError
from orchestration.feeds.atomic import sweep, write_bytes, write_parquet
from orchestration.feeds.canonical import ALWAYS_KEPT, FIELDS, ITEMS, PROVENANCE, RECORD_REFERENCE, empty_entity
from orchestration.feeds.expiry import expire
from orchestration.feeds.figures import LAG_BINS
from orchestration.feeds.mapping import check_mapping, item_of
from orchestration.feeds.quality import agreed_places, assess
from orchestration.feeds.reading_lock import reading
from orchestration.feeds.receipt_index import INDEX, area_index
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.feeds.standing import standing_rows
from orchestration.feeds.store import Store
from orchestration.feeds.token_bridges import read_bridge, translated
from orchestration.governance.permits import Decision, decide
from orchestration.settings import Settings

SCHEMA_FILE = "_schema.parquet"


@dataclass
class InForceSummary:
    """Decisions by feed and rows in force by entity."""

    decisions: dict[str, Decision] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))


def write_in_force(settings: Settings, area: Area) -> InForceSummary:
    """Write accepted/in_force and accepted/area anew, each file swapped in whole.

    A feed that is not permitted today loses its files here; the accepted deliveries themselves stay until retention
    removes them, which for rows that do not stand happens here too. A feed whose contract cannot be used is out of
    force, with the reason, and stops no other.
    """
    summary = InForceSummary()
    root = settings.accepted / "in_force"
    sweep(settings.accepted)
    for entity in FIELDS:
        write_parquet(root / entity / SCHEMA_FILE, empty_entity(entity))
    written: set[tuple[str, str]] = set()
    bridge = read_bridge(settings)
    receipts: list[Receipt] = []
    standing: set[str] = set()
    for feed, contract in sorted(area.contracts.items()):
        decision = _usable(contract, decide(area, feed))
        summary.decisions[feed] = decision
        with reading(settings, feed):
            expire(Store(settings), contract, today=area.today, retention=area.profile.retention)
        receipts.extend(read_receipts(settings, feed))
        if not decision.may_keep:
            continue
        for entity, rows in standing_rows(settings, contract).items():
            frame = permitted(rows.collect(), entity, contract, decision)
            if entity == "person":
                frame = translated(frame, bridge)
            write_parquet(root / entity / f"{feed}.parquet", frame)
            written.add((entity, feed))
            summary.rows[entity] += frame.height
            standing.update(frame["delivery_id"].unique().to_list())
    for path in root.glob("*/*.parquet"):
        if path.name != SCHEMA_FILE and (path.parent.name, path.stem) not in written:
            path.unlink()
    for name, table in {**area.reference_tables(), **_tables(area, summary, receipts, standing)}.items():
        write_parquet(settings.accepted / "area" / f"{name}.parquet", table)
    of_feeds = {feed: (c.title, [r for r in receipts if r.feed == feed]) for feed, c in area.contracts.items()}
    write_bytes(settings.receipts / INDEX, area_index(of_feeds).encode())
    return summary


def _usable(contract: Contract, decision: Decision) -> Decision:
    try:
        check_mapping(contract)
    except AreaPackError as error:
        return Decision(False, str(error))
    return decision


def permitted(rows: pl.DataFrame, entity: Entity, contract: Contract, decision: Decision) -> pl.DataFrame:
    """Return rows without the fields whose data item is not agreed today, in a stable order.

    Items are applied again here because an agreement may have lost one since the rows were accepted.
    """
    columns = contract.mappings[entity].columns
    withheld = [
        name
        for name in FIELDS[entity]
        if name not in ALWAYS_KEPT
        and (item_of(name, columns[name]) if name in columns else ITEMS[name]) not in decision.items
    ]
    kept = rows.with_columns(pl.lit(None, FIELDS[entity][name]).alias(name) for name in withheld)
    kept = kept.with_columns(agreement_id=pl.lit(contract.agreement))
    return kept.select(*PROVENANCE, *FIELDS[entity]).sort(
        RECORD_REFERENCE[entity], "delivery_id", "source_file", "source_row", nulls_last=True
    )


def _tables(
    area: Area, summary: InForceSummary, receipts: Sequence[Receipt], standing: set[str]
) -> dict[str, pl.DataFrame]:
    places = {
        feed: agreed_places(contract, summary.decisions[feed].items)
        for feed, contract in area.contracts.items()
        if summary.decisions[feed].may_keep
    }
    names = dict(area.directory.organizations.select("id", "name").iter_rows())
    feeds = [
        {
            "feed": feed,
            "partner": contract.partner,
            "partner_name": names.get(contract.partner, contract.partner),
            "title": contract.title,
            "agreement_id": contract.agreement,
            "cadence": contract.delivery.cadence,
            "late_after_days": contract.delivery.late_after_days,
            "permitted": summary.decisions[feed].may_keep,
            "reason": summary.decisions[feed].reason,
        }
        for feed, contract in sorted(area.contracts.items())
    ]
    agreements = [
        {
            "agreement_id": agreement.id,
            "title": agreement.title,
            "status": agreement.status,
            "starts_on": agreement.starts_on,
            "expires_on": agreement.expires_on,
            "review_on": agreement.review_on,
            "in_force": agreement.status == "signed" and agreement.starts_on <= area.today <= agreement.expires_on,
        }
        for _, agreement in sorted(area.agreements.items())
    ]
    deliveries = [
        {
            "feed": receipt.feed,
            "delivery_id": receipt.delivery_id,
            "period": receipt.period,
            "delivered_at": receipt.delivered_at,
            "outcome": receipt.outcome,
            **receipt.total.as_dict(),
            "in_force": receipt.delivery_id in standing,
        }
        for receipt in receipts
    ]
    checks = [
        {
            "feed": receipt.feed,
            "delivery_id": receipt.delivery_id,
            "check_id": check.id,
            "severity": check.severity,
            "rows": check.count,
        }
        for receipt in receipts
        for check in receipt.checks
    ]
    quality = [
        {
            "feed": receipt.feed,
            "delivery_id": receipt.delivery_id,
            "dimension": found.dimension,
            "score": found.score,
            "worst_place": found.worst,
            "worst_score": found.worst_score,
            "worst_check": found.worst_check,
            "worst_rows": found.worst_rows,
            "failing_rows": found.failing_rows,
        }
        for receipt in receipts
        if receipt.feed in places
        for found in assess(receipt, places[receipt.feed])
    ]
    lags = [
        {
            "feed": receipt.feed,
            "delivery_id": receipt.delivery_id,
            "lag": lag,
            "lag_index": index,
            "rows": receipt.figures.lags.get(lag, 0),
        }
        for receipt in receipts
        if receipt.feed in places and receipt.figures
        for index, (lag, _, _) in enumerate(LAG_BINS)
    ]
    return {
        "feeds": pl.DataFrame(feeds, schema=FEEDS, orient="row"),
        "agreements": pl.DataFrame(agreements, schema=AGREEMENTS, orient="row"),
        "deliveries": pl.DataFrame(deliveries, schema=DELIVERIES, orient="row"),
        "checks": pl.DataFrame(checks, schema=CHECKS, orient="row")
        .group_by("feed", "delivery_id", "check_id", "severity")
        .agg(pl.col("rows").sum())
        .sort("feed", "delivery_id", "check_id", "severity"),
        "quality": pl.DataFrame(quality, schema=QUALITY, orient="row"),
        "lags": pl.DataFrame(lags, schema=LAGS, orient="row"),
    }


FEEDS: dict[str, type[pl.DataType] | pl.DataType] = {
    "feed": pl.String,
    "partner": pl.String,
    "partner_name": pl.String,
    "title": pl.String,
    "agreement_id": pl.String,
    "cadence": pl.String,
    "late_after_days": pl.Int64,
    "permitted": pl.Boolean,
    "reason": pl.String,
}
AGREEMENTS: dict[str, type[pl.DataType] | pl.DataType] = {
    "agreement_id": pl.String,
    "title": pl.String,
    "status": pl.String,
    "starts_on": pl.Date,
    "expires_on": pl.Date,
    "review_on": pl.Date,
    "in_force": pl.Boolean,
}
DELIVERIES: dict[str, type[pl.DataType] | pl.DataType] = {
    "feed": pl.String,
    "delivery_id": pl.String,
    "period": pl.String,
    "delivered_at": pl.Datetime("us", "UTC"),
    "outcome": pl.String,
    "delivered": pl.Int64,
    "accepted": pl.Int64,
    "quarantined": pl.Int64,
    "superseded": pl.Int64,
    "in_force": pl.Boolean,
}
CHECKS: dict[str, type[pl.DataType] | pl.DataType] = {
    "feed": pl.String,
    "delivery_id": pl.String,
    "check_id": pl.String,
    "severity": pl.String,
    "rows": pl.Int64,
}
QUALITY: dict[str, type[pl.DataType] | pl.DataType] = {
    "feed": pl.String,
    "delivery_id": pl.String,
    "dimension": pl.String,
    "score": pl.Float64,
    "worst_place": pl.String,
    "worst_score": pl.Float64,
    "worst_check": pl.String,
    "worst_rows": pl.Int64,
    "failing_rows": pl.Int64,
}
LAGS: dict[str, type[pl.DataType] | pl.DataType] = {
    "feed": pl.String,
    "delivery_id": pl.String,
    "lag": pl.String,
    "lag_index": pl.Int64,
    "rows": pl.Int64,
}
