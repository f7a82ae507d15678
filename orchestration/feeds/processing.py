"""One delivery from files to receipt: read, check, map, accept. Stores nothing.

`joinedup check` and the refresh both come through here, so a partner sees beforehand what the area will say.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity
from orchestration.feeds.acceptance import QUARANTINE, AcceptedEntity, accept, lazy_rows, set_aside
from orchestration.feeds.canonical import FIELDS, PROVENANCE
from orchestration.feeds.checks import Findings, registry
from orchestration.feeds.clear_identifiers import find_clear_identifiers, shown_header
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.crosswalks import codes_of
from orchestration.feeds.deliveries import DeliveredFile, Delivery
from orchestration.feeds.dialect import normalise
from orchestration.feeds.figures import Figures, figures_of
from orchestration.feeds.mapping import Mapper, agreed_fields, check_mapping, item_of
from orchestration.feeds.plausibility import NOTHING_KNOWN, Delivered, KnownCodes, find_implausible
from orchestration.feeds.rawtables import RawTable, read_table
from orchestration.feeds.receipts import Counts, EntityReceipt, FileReceipt, Receipt
from orchestration.feeds.rowrules import Days
from orchestration.feeds.sources import Sources, expected_columns
from orchestration.feeds.timeliness import check_period
from orchestration.feeds.token_keys import KeysElsewhere, bridge_of, check_keys, empty_bridge, previous_headers
from orchestration.feeds.unpivot import origins, wide_headers

READING_VERSION = "2"
"""Raised when the same delivery would be read otherwise than before, so that refreshes read it again."""
SHOWN_COLUMNS = 20
KEPT_COLUMNS = 500
"""Headers of one file that its receipt keeps, to tell the next time which are new."""


@dataclass(frozen=True)
class Rules:
    """Everything besides its files that decides what becomes of a delivery."""

    contract: Contract
    items: frozenset[str]
    folders: Sequence[Path]
    today: date
    known: KnownCodes = NOTHING_KNOWN
    elsewhere: KeysElsewhere = frozenset

    @cached_property
    def fingerprint(self) -> str:
        """A digest of the rules (not of today): a delivery received under other rules is read again."""
        codes = [
            sorted(codes_of(column, self.folders).items())
            for mapping in self.contract.entities.values()
            for column in mapping.columns.values()
            if column.crosswalk
        ]
        checks = [check.model_dump_json() for check in registry().values()]
        known = (sorted(self.known.services), sorted(self.known.areas))
        text = repr((READING_VERSION, self.contract.model_dump_json(), sorted(self.items), codes, checks, known))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def fields(self) -> dict[Entity, dict[str, Column]]:
        """Return the agreed fields of every entity that the contract maps."""
        return {entity: agreed_fields(self.contract, entity, self.items) for entity in self.contract.entities}


@dataclass
class Processed:
    """What became of one delivery: its receipt, and the rows to store (none when it was refused)."""

    receipt: Receipt
    accepted: dict[Entity, pl.DataFrame] = field(default_factory=dict)
    bridge: pl.DataFrame = field(default_factory=empty_bridge)
    quarantined: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=QUARANTINE))


def process_delivery(delivery: Delivery, rules: Rules) -> Processed:
    """Read, check and map one delivery."""
    check_mapping(rules.contract)
    findings = Findings(rules.contract.checks)
    fields = rules.fields()
    tables = _read(delivery, rules, fields, findings)
    _check_structure(delivery, rules, tables, findings)
    accepted: dict[Entity, AcceptedEntity] = {}
    figures: Figures | None = None
    if not findings.refuses:
        sources = Sources(rules.contract, fields, {role: [t for _, t in parts] for role, parts in tables.items()})
        reference_day = (
            max(delivery.delivered_at.date(), rules.today) if not delivery.is_dated else delivery.delivered_at.date()
        )
        days = Days(reference_day, delivery.period, reaches_back=rules.contract.delivery.mode != "period")
        mapper = Mapper(rules.contract, sources, findings, rules.folders, days)
        for entity in rules.contract.entities:
            accepted[entity] = accept(mapper.map_entity(entity), rules.contract, findings)
        delivered = Delivered(rules.contract, fields, lazy_rows(accepted), days, rules.known)
        accepted = set_aside(accepted, find_implausible(delivered, findings), rules.contract)
        figures = figures_of(
            replace(delivered, rows=lazy_rows(accepted)),
            {entity: found.quarantined.height for entity, found in accepted.items()},
        )
        check_period(delivered, figures, findings)
    _check_items(rules, tables, findings)
    bridge = bridge_of(rules.contract, delivery, tables, fields, findings)
    receipt = _receipt(delivery, rules, tables, accepted, findings)
    receipt = receipt.model_copy(update={"figures": None if findings.refuses else figures})
    if findings.refuses:
        return Processed(receipt)
    return Processed(
        receipt=receipt,
        accepted={entity: stored_rows(found, receipt) for entity, found in accepted.items()},
        quarantined=pl.concat([found.quarantined for found in accepted.values()]),
        bridge=bridge,
    )


Tables = dict[str, list[tuple[DeliveredFile, RawTable]]]


def stored_rows(found: AcceptedEntity, receipt: Receipt) -> pl.DataFrame:
    """Return an entity's accepted rows as they are stored: provenance, canonical fields, is_deleted."""
    provenance = {
        "partner": receipt.partner,
        "feed": receipt.feed,
        "delivery_id": receipt.delivery_id,
        "agreement_id": receipt.agreement_id,
    }
    rows = found.rows.with_columns(pl.lit(value).alias(name) for name, value in provenance.items())
    return rows.select(*PROVENANCE, *FIELDS[found.entity], "is_deleted")


def _read(delivery: Delivery, rules: Rules, fields: dict[Entity, dict[str, Column]], findings: Findings) -> Tables:
    expected, wide = expected_columns(rules.contract, fields), wide_headers(rules.contract, fields)
    tables: Tables = {role: [] for role in rules.contract.files}
    for file in delivery.files:
        try:
            table = read_table(file.path, rules.contract.files[file.role], expected[file.role], wide.get(file.role))
        except UnreadableFileError as error:
            findings.add("unreadable_file", 1, file=file.name, detail=str(error))
            continue
        tables[file.role].append((file, table))
    return tables


def _check_structure(delivery: Delivery, rules: Rules, tables: Tables, findings: Findings) -> None:
    """Check what can be known before any row is mapped."""
    findings.add("missing_file", len(delivery.missing), detail=f"no file for: {', '.join(delivery.missing)}")
    findings.add("missing_file", len(delivery.ambiguous), detail=f"several files for: {', '.join(delivery.ambiguous)}")
    check_keys(rules.contract, delivery, findings, elsewhere=rules.elsewhere)
    findings.add("checksum_mismatch", len(delivery.unverified), detail="; ".join(delivery.unverified))
    if rules.contract.delivery.mode == "period" and delivery.period is None:
        findings.add("period_unknown", 1, detail=f"pattern {rules.contract.files['main'].pattern}")
    for role, parts in tables.items():
        declared = rules.contract.files[role]
        for file, table in parts:
            if not table.is_recognised and declared.header_row is None:
                missing = _listed(table.missing)
                detail = f"{len(table.missing)} expected columns are not in the header: {missing}"
                findings.add("not_this_feed", 1, file=file.name, detail=detail)
            else:
                findings.add("missing_column", len(table.missing), file=file.name, detail=_listed(table.missing))
            findings.add("repeated_column", len(table.repeated), file=file.name, detail=_listed(table.repeated))
            for found in find_clear_identifiers(table):
                findings.add(
                    "direct_identifiers",
                    found.count,
                    file=file.name,
                    detail=f"column '{shown_header(found.column)}' holds {found.kind}",
                    rows=found.rows,
                )
            if table.is_recognised:
                ignored = {normalise(name) for name in (*declared.ignored, *previous_headers(rules.contract, role))}
                strange = [shown_header(name) for name in table.unknown if normalise(name) not in ignored]
                findings.add("unknown_column", len(strange), file=file.name, detail=_listed(strange))
            if not table.frame.height:
                findings.add("no_rows", 1, file=file.name)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
    return ", ".join(f"'{name}'" for name in names[:SHOWN_COLUMNS]) + more


def not_agreed(rules: Rules, tables: Tables) -> tuple[str, ...]:
    """Return the data items that came in a mapped column although the agreement does not permit them."""
    found = set()
    for mapping in rules.contract.entities.values():
        for name, column in mapping.columns.items():
            item = item_of(name, column)
            if item is None or item in rules.items:
                continue
            sent = {header for _, table in tables.get(column.file, []) for header in table.columns}
            if sent.intersection(origins(mapping, column)):
                found.add(item)
    return tuple(sorted(found))


def _check_items(rules: Rules, tables: Tables, findings: Findings) -> None:
    items = not_agreed(rules, tables)
    findings.add("item_not_agreed", len(items), detail=", ".join(items))


def _received(rules: Rules, accepted: dict[Entity, AcceptedEntity]) -> tuple[str, ...]:
    found = set()
    for entity, rows in accepted.items():
        for name, column in agreed_fields(rules.contract, entity, rules.items).items():
            item = item_of(name, column)
            if item and column.origins and rows.rows[name].null_count() < rows.rows.height:
                found.add(item)
    return tuple(sorted(found))


def _constant(rules: Rules) -> set[str]:
    """Return the agreed items that the contract itself fills, so that no partner sends them."""
    found = set()
    for entity in rules.contract.entities:
        for name, column in agreed_fields(rules.contract, entity, rules.items).items():
            item = item_of(name, column)
            if item and column.source is None:
                found.add(item)
    return found


def _receipt(
    delivery: Delivery, rules: Rules, tables: Tables, accepted: dict[Entity, AcceptedEntity], findings: Findings
) -> Receipt:
    contract = rules.contract
    entities: dict[str, EntityReceipt] = {entity: found.receipt for entity, found in accepted.items()}
    if findings.refuses:
        entities = _all_refused(contract, tables, entities)
    total = sum((Counts(**found.as_dict()) for found in entities.values()), Counts())
    received = () if findings.refuses else _received(rules, accepted)
    read = {(file.role, file.path): table for parts in tables.values() for file, table in parts}
    outcome = "refused" if findings.refuses else "accepted_with_rejects" if total.quarantined else "accepted"
    return Receipt(
        feed=contract.feed,
        title=contract.title,
        partner=contract.partner,
        delivery_id=delivery.delivery_id,
        fingerprint=rules.fingerprint,
        agreement_id=contract.agreement,
        contract_version=contract.version,
        mode=contract.delivery.mode,
        period=delivery.period,
        delivered_at=delivery.delivered_at,
        outcome=outcome,
        files=tuple(_file_receipt(file, read.get((file.role, file.path))) for file in delivery.files),
        entities=entities,
        total=total,
        checks=findings.sorted_results(),
        items_received=received,
        items_not_received=() if findings.refuses else tuple(sorted(rules.items - set(received) - _constant(rules))),
        items_not_agreed=not_agreed(rules, tables),
    )


def _file_receipt(file: DeliveredFile, table: RawTable | None) -> FileReceipt:
    size = file.path.stat().st_size
    if table is None:
        return FileReceipt(name=file.name, role=file.role, sha256=file.sha256, bytes=size, verified_by=file.verified_by)
    detected = dict(table.detected)
    return FileReceipt(
        name=file.name,
        role=file.role,
        sha256=file.sha256,
        bytes=size,
        rows=table.frame.height,
        columns=_kept_columns(table),
        verified_by=file.verified_by,
        key_id=file.key_id,
        previous_key_id=file.previous_key_id,
        detected=detected,
        set_aside=table.set_aside,
    )


def _kept_columns(table: RawTable) -> tuple[str, ...]:
    """Return the headers of a recognised file; of another they may be somebody's values and are not kept."""
    if not table.is_recognised:
        return ()
    strange = set(table.unknown)
    return tuple(shown_header(name) if name in strange else name for name in table.columns[:KEPT_COLUMNS])


def _all_refused(contract: Contract, tables: Tables, mapped: dict[str, EntityReceipt]) -> dict[str, EntityReceipt]:
    """Count every row of a refused delivery as quarantined; before mapping, all rows of the entity's file."""
    found = {}
    for entity, mapping in contract.entities.items():
        known = mapped.get(entity)
        rows = known.delivered if known else sum(table.frame.height for _, table in tables[mapping.file])
        aside = known.not_selected if known else 0
        found[str(entity)] = EntityReceipt(delivered=rows, quarantined=rows, not_selected=aside)
    return found
