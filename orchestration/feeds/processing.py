"""One delivery from files to receipt: read, check, map, accept. Stores nothing.

`joinedup check` and the refresh both come through here, so a partner sees beforehand what the area will say. Rows pass
through in pieces: a small delivery is one piece, a large one takes no more memory than its largest piece and what the
checks of rows beside each other need.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Column, Contract, Entity
from orchestration.feeds import acceptance
from orchestration.feeds.acceptance import QUARANTINE, AcceptedEntity, Intake, lazy_rows, set_aside
from orchestration.feeds.ahead import ahead
from orchestration.feeds.alike import alike_fields
from orchestration.feeds.checks import Findings, registry
from orchestration.feeds.content import UnreadableFileError
from orchestration.feeds.crosswalks import codes_of
from orchestration.feeds.deliveries import Delivery
from orchestration.feeds.fieldreading import few_values
from orchestration.feeds.figures import Figures, figures_of
from orchestration.feeds.identifier_screen import IdentifierScreen
from orchestration.feeds.mapping import Mapper, agreed_fields, check_mapping
from orchestration.feeds.plausibility import NOTHING_KNOWN, Delivered, KnownCodes, find_implausible
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.rowrules import Days
from orchestration.feeds.sources import Joined, Sources, expected_columns
from orchestration.feeds.spool import Rows
from orchestration.feeds.structure import Tables, check_identifiers, check_items, check_structure, receipt_of
from orchestration.feeds.tables import READINGS, NotPlainError, open_table
from orchestration.feeds.timeliness import check_period
from orchestration.feeds.token_keys import KeysElsewhere, PairedTokens, check_keys, empty_bridge, previous_headers
from orchestration.feeds.unpivot import wide_headers

READING_VERSION = "4"
"""Raised when the same delivery would be read otherwise than before, so that refreshes read it again."""


@dataclass(frozen=True)
class Rules:
    """Everything besides its files that decides what becomes of a delivery.

    `folder` decides nothing: it is where rows of a large delivery wait (the system's own, without one).
    """

    contract: Contract
    items: frozenset[str]
    folders: Sequence[Path]
    today: date
    known: KnownCodes = NOTHING_KNOWN
    elsewhere: KeysElsewhere = frozenset
    folder: Path | None = None

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
    accepted: dict[Entity, Rows] = field(default_factory=dict)
    bridge: pl.DataFrame = field(default_factory=empty_bridge)
    quarantined: Rows = field(default_factory=lambda: Rows.of(pl.DataFrame(schema=QUARANTINE)))


def process_delivery(delivery: Delivery, rules: Rules) -> Processed:
    """Read, check and map one delivery."""
    check_mapping(rules.contract)
    for spares in READINGS:
        reading = _Reading(delivery, rules, spares)
        try:
            return reading.process()
        except NotPlainError:
            continue  # read again in the next way, which puts up with more
        finally:
            reading.drop()
    raise UnreadableFileError(f"{delivery.files[0].name} cannot be read.")


class _Reading:
    """One attempt to read a delivery. `spares`: how text is read, one of READINGS."""

    def __init__(self, delivery: Delivery, rules: Rules, spares: int | None) -> None:
        self.delivery, self.rules = delivery, rules
        self.fields = rules.fields()
        self.findings = Findings(rules.contract.checks)
        self.tables = self._open(spares)
        self.screens: dict[int, IdentifierScreen] = {}
        self.intakes: dict[Entity, Intake] = {}
        self.paired = PairedTokens(rules.contract, self.fields)
        self.sources: Sources | None = None
        is_dated = delivery.is_dated
        arrived = delivery.delivered_at.date()
        reference_day = arrived if is_dated else max(arrived, rules.today)
        reaches_back = rules.contract.delivery.mode != "period"
        self.days = Days(reference_day, delivery.period, reaches_back=reaches_back)

    def process(self) -> Processed:
        """Look through every file, map what may be mapped, and say what came of it."""
        rules, contract = self.rules, self.rules.contract
        check_keys(contract, self.delivery, self.findings, elsewhere=rules.elsewhere)
        check_structure(self.delivery, contract, self.tables, self.findings)
        mapped = Findings(contract.checks)
        self._pass_through(mapped)
        self._conclude_structure()
        accepted: dict[Entity, AcceptedEntity] = {}
        figures: Figures | None = None
        if not self.findings.refuses:
            self.findings.results += mapped.results
            if self.sources:
                self.sources.tell_notes()
            accepted, figures = self._accept()
        check_items(contract, rules.items, self.tables, self.findings)
        bridge = self.paired.bridge(self.delivery, self.findings)
        receipt = receipt_of(self.delivery, rules, self.tables, accepted, self.findings)
        receipt = receipt.model_copy(update={"figures": None if self.findings.refuses else figures})
        if self.findings.refuses:
            return Processed(receipt)
        return Processed(
            receipt=receipt,
            accepted={entity: found.rows for entity, found in accepted.items()},
            bridge=bridge,
            quarantined=acceptance.together([found.quarantined for found in accepted.values()], rules.folder),
        )

    def drop(self) -> None:
        """Give up rows that still wait."""
        for intake in self.intakes.values():
            intake.drop()

    def _open(self, spares: int | None) -> Tables:
        contract = self.rules.contract
        expected, wide = expected_columns(contract, self.fields), wide_headers(contract, self.fields)
        tables: Tables = {role: [] for role in contract.files}
        for file in self.delivery.files:
            declared = contract.files[file.role]
            try:
                table = open_table(file.path, declared, expected[file.role], wide.get(file.role), spares=spares)
            except UnreadableFileError as error:
                self.findings.add("unreadable_file", 1, file=file.name, detail=str(error))
                continue
            tables[file.role].append((file, table))
        return tables

    def _pass_through(self, findings: Findings) -> None:
        """Take every piece of every file once: look for identifiers, and map it unless the delivery is refused."""
        if self.findings.refuses:
            for role in self.tables:
                for _ in self._pieces(role, None):
                    pass
            return
        contract = self.rules.contract
        sources = Sources(contract, self.fields, {role: [t for _, t in found] for role, found in self.tables.items()})
        self.sources = sources
        joined = sources.joined_roles
        for role in joined:
            for rows in self._pieces(role, sources):
                sources.hold(role, rows)
        mappers = {
            entity: Mapper(contract, entity, sources, findings, self.rules.folders, self.days, self.rules.known.areas)
            for entity in contract.entities
        }
        for entity in mappers:
            sources.prepare(entity, findings)
            self.intakes[entity] = self._intake(entity, findings)
        self._vote(sources, mappers)
        for role in self.tables:
            own = [entity for entity in mappers if contract.entities[entity].file == role]
            for rows in sources.held.get(role, []) if role in joined else self._pieces(role, sources):
                for entity in own:
                    self.intakes[entity].take(mappers[entity].map_piece(sources.join(entity, rows)))
        for entity in mappers:
            sources.conclude(entity, findings)

    def _vote(self, sources: Sources, mappers: dict[Entity, Mapper]) -> None:
        """Decide the formats of dates where several are declared, which the whole of a column does."""
        contract = self.rules.contract
        voting = {entity: mapper for entity, mapper in mappers.items() if mapper.has_votes}
        for role in {contract.entities[entity].file for entity in voting}:
            rows_of = sources.held.get(role) or self._unscreened(role, sources)
            for rows in rows_of:
                for entity, mapper in voting.items():
                    if contract.entities[entity].file == role:
                        mapper.vote(sources.join(entity, rows))
        for mapper in voting.values():
            mapper.decide()

    def _unscreened(self, role: str, sources: Sources) -> Iterator[Joined]:
        for _, table in self.tables[role]:
            for piece in table.pieces(acceptance.PIECE_ROWS):
                yield sources.used(role, table, piece)

    def _pieces(self, role: str, sources: Sources | None) -> Iterator[Joined]:
        """Return the rows of a role as they are looked through for identifiers; all are taken at the first call."""
        for _, table in self.tables[role]:
            screen = self.screens[id(table)] = IdentifierScreen(table.columns)
            for piece in ahead(screen.looking(table.pieces(acceptance.PIECE_ROWS))):
                self.paired.look(role, table.columns, piece.frame)
                yield Joined(piece.frame) if sources is None else sources.used(role, table, piece)

    def _intake(self, entity: Entity, findings: Findings) -> Intake:
        contract = self.rules.contract
        provenance = {
            "partner": contract.partner,
            "feed": contract.feed,
            "delivery_id": self.delivery.delivery_id,
            "agreement_id": contract.agreement,
        }
        alike = alike_fields(entity, self.fields[entity])
        few = few_values(entity, self.fields[entity], self.rules.folders)
        few["source_file"] = sorted({table.name for found in self.tables.values() for _, table in found})
        return Intake(entity, contract, findings, provenance, alike, self.rules.folder, few)

    def _conclude_structure(self) -> None:
        """Say what only the rows could tell of the files."""
        contract = self.rules.contract
        for role, parts in self.tables.items():
            known = (*contract.files[role].ignored, *previous_headers(contract, role))
            for file, table in parts:
                found = self.screens[id(table)].found(partial(table.pieces, acceptance.PIECE_ROWS))
                check_identifiers(file, table, known, found, self.findings)
                if not table.height:
                    self.findings.add("no_rows", 1, file=file.name)

    def _accept(self) -> tuple[dict[Entity, AcceptedEntity], Figures]:
        """Decide which rows stand, beside each other and as a whole."""
        contract, folder = self.rules.contract, self.rules.folder
        for intake in self.intakes.values():
            intake.findings = self.findings
        accepted = {entity: intake.close() for entity, intake in self.intakes.items()}
        self.intakes = {}
        unlike = frozenset(entity for entity, found in accepted.items() if found.are_unlike)
        delivered = Delivered(contract, self.fields, lazy_rows(accepted), self.days, self.rules.known, unlike)
        accepted = set_aside(accepted, find_implausible(delivered, self.findings), contract, folder)
        figures = figures_of(
            replace(delivered, rows=lazy_rows(accepted)),
            {entity: found.rows for entity, found in accepted.items()},
            {entity: found.quarantined.height for entity, found in accepted.items()},
        )
        check_period(delivered, figures, self.findings)
        return accepted, figures
