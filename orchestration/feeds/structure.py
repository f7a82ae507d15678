"""What a delivery's files tell before any row is mapped, and the receipt that says what became of it all.

What belongs here: files, headers, items. What does not: rows (acceptance), the receipt's model (receipts).
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from orchestration.area.contracts import Contract, Entity
from orchestration.feeds.acceptance import AcceptedEntity
from orchestration.feeds.checks import Findings
from orchestration.feeds.clear_identifiers import NOT_SHOWN, shown_headers
from orchestration.feeds.deliveries import DeliveredFile, Delivery
from orchestration.feeds.dialect import normalise
from orchestration.feeds.identifier_screen import ClearIdentifier
from orchestration.feeds.mapping import agreed_fields, item_of
from orchestration.feeds.receipts import Counts, EntityReceipt, FileReceipt, Receipt
from orchestration.feeds.tables import Table
from orchestration.feeds.unpivot import origins

if TYPE_CHECKING:
    from orchestration.feeds.processing import Rules

SHOWN_COLUMNS = 20
KEPT_COLUMNS = 500
"""Headers of one file that its receipt keeps, to tell the next time which are new."""
Tables = dict[str, list[tuple[DeliveredFile, Table]]]


def check_structure(delivery: Delivery, contract: Contract, tables: Tables, findings: Findings) -> None:
    """Check what can be known before any row is looked at."""
    findings.add("missing_file", len(delivery.missing), detail=f"no file for: {', '.join(delivery.missing)}")
    findings.add("missing_file", len(delivery.ambiguous), detail=f"several files for: {', '.join(delivery.ambiguous)}")
    findings.add("checksum_mismatch", len(delivery.unverified), detail="; ".join(delivery.unverified))
    if contract.delivery.mode == "period" and delivery.period is None:
        findings.add("period_unknown", 1, detail=f"pattern {contract.files['main'].pattern}")
    findings.add("delivery_day_unknown", bool(delivery.no_day), detail=f"'{delivery.no_day}' is no day")
    for role, parts in tables.items():
        declared = contract.files[role]
        for file, table in parts:
            if not table.is_recognised and declared.header_row is None:
                missing = _listed(table.missing)
                detail = f"{len(table.missing)} expected columns are not in the header: {missing}"
                findings.add("not_this_feed", 1, file=file.name, detail=detail)
            else:
                findings.add("missing_column", len(table.missing), file=file.name, detail=_listed(table.missing))
            doubtful = int(table.detected.get("letters_in_utf8", 0))
            findings.add("encoding_mixed", doubtful, file=file.name, detail=f"read as {table.detected.get('encoding')}")
            findings.add("repeated_column", len(table.repeated), file=file.name, detail=_listed(table.repeated))


def check_identifiers(
    file: DeliveredFile, table: Table, known: Collection[str], found: Sequence[ClearIdentifier], findings: Findings
) -> None:
    """Say which columns hold identifiers and which the contract does not use, and settle how headers are shown.

    `known`: headers that are no surprise, although the contract takes nothing from them.
    """
    shown = table.shown = shown_headers(
        table.columns,
        unknown=set(table.unknown),
        is_trusted=table.is_recognised and all(hit.is_scattered for hit in found),
    )
    for hit in found:
        if hit.is_scattered and hit.column in table.unknown:
            continue  # never stored
        check = "scattered_identifiers" if hit.is_scattered else "direct_identifiers"
        detail = f"column '{shown[hit.column]}' holds {hit.kind}"
        findings.add(check, hit.count, file=file.name, detail=detail, rows=hit.rows)
    if table.is_recognised:
        ignored = {normalise(name) for name in known}
        strange = [shown.get(name, NOT_SHOWN) for name in table.unknown if normalise(name) not in ignored]
        findings.add("unknown_column", len(strange), file=file.name, detail=_listed(strange))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_COLUMNS} more" if len(names) > SHOWN_COLUMNS else ""
    return ", ".join(f"'{name}'" for name in names[:SHOWN_COLUMNS]) + more


def not_agreed(contract: Contract, items: frozenset[str], tables: Tables) -> tuple[str, ...]:
    """Return the data items that came in a mapped column although the agreement does not permit them."""
    found = set()
    for mapping in contract.entities.values():
        for name, column in mapping.columns.items():
            item = item_of(name, column)
            if item is None or item in items:
                continue
            sent = {header for _, table in tables.get(column.file, []) for header in table.columns}
            if sent.intersection(origins(mapping, column)):
                found.add(item)
    return tuple(sorted(found))


def check_items(contract: Contract, items: frozenset[str], tables: Tables, findings: Findings) -> None:
    """Say which items came that the agreement does not permit."""
    strange = not_agreed(contract, items, tables)
    findings.add("item_not_agreed", len(strange), detail=", ".join(strange))


def _received(rules: "Rules", accepted: dict[Entity, AcceptedEntity]) -> tuple[str, ...]:
    found = set()
    for entity, rows in accepted.items():
        for name, column in agreed_fields(rules.contract, entity, rules.items).items():
            item = item_of(name, column)
            if item and column.origins and rows.rows.nulls[name] < rows.rows.height:
                found.add(item)
    return tuple(sorted(found))


def _constant(rules: "Rules") -> set[str]:
    """Return the agreed items that the contract itself fills, so that no partner sends them."""
    found = set()
    for entity in rules.contract.entities:
        for name, column in agreed_fields(rules.contract, entity, rules.items).items():
            item = item_of(name, column)
            if item and column.source is None:
                found.add(item)
    return found


def receipt_of(
    delivery: Delivery, rules: "Rules", tables: Tables, accepted: dict[Entity, AcceptedEntity], findings: Findings
) -> Receipt:
    """Return the receipt of a delivery, before it is compared with any other."""
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
        items_not_agreed=not_agreed(contract, rules.items, tables),
    )


def _file_receipt(file: DeliveredFile, table: Table | None) -> FileReceipt:
    size = file.path.stat().st_size
    if table is None:
        return FileReceipt(name=file.name, role=file.role, sha256=file.sha256, bytes=size, verified_by=file.verified_by)
    detected = dict(table.detected)
    return FileReceipt(
        name=file.name,
        role=file.role,
        sha256=file.sha256,
        bytes=size,
        rows=table.height,
        columns=_kept_columns(table),
        verified_by=file.verified_by,
        key_id=file.key_id,
        previous_key_id=file.previous_key_id,
        detected=detected,
        set_aside=table.set_aside,
    )


def _kept_columns(table: Table) -> tuple[str, ...]:
    """Return the headers of a recognised file; of another they may be somebody's values and are not kept."""
    if not table.is_recognised:
        return ()
    return tuple(table.shown.get(name, NOT_SHOWN) for name in table.columns[:KEPT_COLUMNS])


def _all_refused(contract: Contract, tables: Tables, mapped: dict[str, EntityReceipt]) -> dict[str, EntityReceipt]:
    """Count every row of a refused delivery as quarantined; before mapping, all rows of the entity's file."""
    found = {}
    for entity, mapping in contract.entities.items():
        known = mapped.get(entity)
        rows = known.delivered if known else sum(table.height for _, table in tables[mapping.file])
        aside = known.not_selected if known else 0
        found[str(entity)] = EntityReceipt(delivered=rows, quarantined=rows, not_selected=aside)
    return found
