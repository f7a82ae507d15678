"""Does an agreement hold together, and does it fit the rest of the pack? Every fault as file, line, key and remedy.

Two kinds: faults, with which a pack is not read; and advice, which `joinedup agreements check` prints. What does not
belong here: what an agreement permits today (orchestration.area.permission).
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.area.agreements import BEGINNINGS, MOVES, Agreement
from orchestration.area.contracts import Contract
from orchestration.area.items import DATA_ITEMS
from orchestration.area.reading import Location, place, read_mapping
from orchestration.errors import AreaPackError

Fault = tuple[Location, str]
CRIMINAL_SECTORS = frozenset(("police", "probation", "prisons", "courts", "youth justice"))
"""Sectors of organizations.csv whose records tell of offences, or of people treated as offenders or victims."""
HEALTH_SECTORS = frozenset(("nhs", "health"))
NEED_SCHEDULE_1 = ("9(2)(b)", "9(2)(g)", "9(2)(h)", "9(2)(i)", "9(2)(j)")
"""Article 9 conditions that need one of DPA 2018 Schedule 1 beside them (DPA 2018 section 10)."""
ROLES = ("designer", "engineer", "leader", "governance", "partner", "public")
PURPOSES: dict[str, str] = {
    "service_design": "Service design",
    "summary_reporting": "Summary reporting to leadership",
    "commissioning": "Commissioning and planning",
    "evaluation": "Evaluation of what helped",
    "research": "Research in the public interest",
}
POLICIES = ("dashboard", "public", "sensitive")


@dataclass(frozen=True)
class Vocabulary:
    """The words of an area that agreements may use, and the sector of each organisation."""

    sectors: Mapping[str, str]
    contracts: Mapping[str, Contract]
    purposes: Mapping[str, str] = field(default_factory=lambda: PURPOSES)
    audiences: Collection[str] = ROLES
    longest_months: int = 120

    def known_items(self, feed: str) -> set[str]:
        """Return the data items that an agreement may name of a feed: the usual ones, and those of its contract."""
        contract = self.contracts.get(feed)
        columns = [c for m in contract.mappings.values() for c in m.columns.values()] if contract else []
        return {*DATA_ITEMS, *(column.item for column in columns if column.item)}


def check_agreement(path: Path, agreement: Agreement, words: Vocabulary) -> None:
    """Raise AreaPackError with every fault of one agreement's file."""
    faults = [
        *_parties(agreement, words), *_words_used(agreement, words), *_conditions(agreement, words),
        *_retention(agreement, words), *_signatures(agreement), *_moves(agreement),
    ]  # fmt: skip
    if faults:
        _, lines = read_mapping(path)
        origins = {location: (path, line) for location, line in lines.items()}
        raise AreaPackError("\n".join(f"{place(origins, location)}: {fault}" for location, fault in faults))


def advice(agreement: Agreement) -> Iterator[str]:
    """Yield what a governance lead should mend although the agreement can be read."""
    if agreement.status == "signed" and not agreement.is_as_signed:
        signed = agreement.signed_move
        known = f"version {signed.version} ({signed.digest})" if signed else "nothing"
        yield (
            f"its content ({agreement.digest}) is not what was signed, {known}: nothing of it is served. Restore it, "
            "or raise `version`, have it signed, and record the move to `signed` with this digest"
        )
    elif agreement.status == "signed" and agreement.signed_move is None:
        yield f"no digest of what was signed is recorded: add {{to: signed, digest: {agreement.digest}}} to `history`"
    if agreement.status == "signed" and (agreement.dpia is None or agreement.dpia.completed_on is None):
        yield "no completed DPIA is named (key `dpia`)"
    if agreement.review_on is None:
        yield "no review is planned (key `review_on`)"


def _parties(agreement: Agreement, words: Vocabulary) -> Iterator[Fault]:
    seen: set[str] = set()
    for position, party in enumerate(agreement.parties):
        at = ("parties", position, "organization_id")
        if words.sectors and party.organization_id not in words.sectors:
            yield (
                at,
                f"'{party.organization_id}' is not in organizations.csv.{_hint(party.organization_id, words.sectors)}",
            )
        if party.organization_id in seen:
            yield at, f"'{party.organization_id}' is a party twice: give it one role."
        seen.add(party.organization_id)
    if not any(party.role in ("controller", "joint_controller") for party in agreement.parties):
        yield ("parties",), "nobody is a controller: at least one party has the role controller or joint_controller."


def _words_used(agreement: Agreement, words: Vocabulary) -> Iterator[Fault]:
    for position, purpose in enumerate(agreement.purposes):
        if purpose not in words.purposes:
            yield ("purposes", position), f"'{purpose}' is no purpose of this area.{_hint(purpose, words.purposes)}"
    for position, audience in enumerate(agreement.audiences):
        if audience not in words.audiences:
            yield ("audiences", position), f"'{audience}' is no role of this area.{_hint(audience, words.audiences)}"
    policy = agreement.release_policy
    if policy not in POLICIES:
        yield ("release_policy",), f"'{policy}' is no release policy.{_hint(policy, POLICIES)}"
    for feed, permission in agreement.feeds.items():
        known = words.known_items(feed)
        for position, item in enumerate(permission.items):
            if item not in known:
                yield ("feeds", feed, "items", position), f"'{item}' is no data item.{_hint(item, known)}"


def _conditions(agreement: Agreement, words: Vocabulary) -> Iterator[Fault]:
    basis = agreement.lawful_basis
    items = [item for permission in agreement.feeds.values() for item in permission.items]
    special = sorted({item for item in items if item in DATA_ITEMS and DATA_ITEMS[item].is_special})
    senders = _senders(agreement, words)
    health = sorted(one for one in senders if words.sectors.get(one) in HEALTH_SECTORS)
    if (special or health) and not basis.article_9:
        what = f"{', '.join(special)} {'are' if len(special) > 1 else 'is'}" if special else f"data of {health[0]} are"
        yield ("lawful_basis",), f"{what} special-category data: name the condition (key 'article_9')."
    if basis.article_9 and basis.article_9.startswith(NEED_SCHEDULE_1) and not basis.schedule_1:
        yield ("lawful_basis", "article_9"), f"{basis.article_9} needs a DPA 2018 condition (key 'schedule_1')."
    criminal = sorted(one for one in senders if words.sectors.get(one) in CRIMINAL_SECTORS)
    if criminal and not basis.criminal_offence:
        yield (
            ("lawful_basis",),
            f"data of {criminal[0]} ({words.sectors[criminal[0]]}) tell of offences: name the condition "
            "(key 'criminal_offence').",
        )


def _senders(agreement: Agreement, words: Vocabulary) -> set[str]:
    """Return who sends the agreement's feeds; before a feed has a contract, all controllers."""
    known = {words.contracts[feed].partner for feed in agreement.feeds if feed in words.contracts}
    if known and all(feed in words.contracts for feed in agreement.feeds):
        return known
    return known | {party.organization_id for party in agreement.parties if party.role == "controller"}


def _retention(agreement: Agreement, words: Vocabulary) -> Iterator[Fault]:
    most = agreement.retention.default_months
    if most > words.longest_months:
        yield (
            ("retention", "default_months"),
            f"{most} months are longer than this area keeps anything ({words.longest_months}, `retention."
            "longest_months` of area.yaml).",
        )
    agreed = {item for permission in agreement.feeds.values() for item in permission.items}
    for item, months in agreement.retention.items.items():
        if item not in agreed:
            yield ("retention", "items", item), f"'{item}' is not an item of this agreement.{_hint(item, agreed)}"
        if not 1 <= months <= most:
            yield ("retention", "items", item), f"{months} is not from 1 to {most}, the months of the whole agreement."


def _signatures(agreement: Agreement) -> Iterator[Fault]:
    if agreement.status not in ("signed", "suspended"):
        return
    signed = {one.organization_id for one in agreement.signatories if one.signed_on}
    for party in agreement.parties:
        if party.role in ("controller", "joint_controller") and party.organization_id not in signed:
            yield (
                ("signatories",),
                f"the agreement is {agreement.status}, and {party.organization_id} ({party.role}) has not signed: "
                "record its role and `signed_on`, or let the status be in_review.",
            )


def _moves(agreement: Agreement) -> Iterator[Fault]:
    before = None
    for position, move in enumerate(agreement.history):
        at: Location = ("history", position)
        if before and move.day < before.day:
            yield at, f"{move.day} is before the move above it ({before.day}): the newest stands last."
        if before and move.version < before.version:
            yield at, f"version {move.version} comes after version {before.version}: versions only rise."
        is_new = before is None or move.version > before.version
        allowed = BEGINNINGS if is_new or before is None else MOVES[before.to]
        if move.to not in allowed:
            origin = "a new version" if is_new or before is None else f"'{before.to}'"
            yield (
                (*at, "to"),
                f"{origin} cannot become '{move.to}'; allowed: {', '.join(allowed) or 'nothing but a new version'}.",
            )
        if move.to == "signed" and not move.digest:
            yield at, f"a move to signed records what was signed: add digest: {agreement.digest}."
        before = move
    if before is None:
        return
    if agreement.version < before.version:
        yield (
            ("version",),
            f"is {agreement.version}, but version {before.version} is in the history: versions only rise.",
        )
    # A stop needs no ceremony: it holds as soon as it is said. What opens the gate has to be recorded.
    if agreement.status == "signed" and (before.to, before.version) != ("signed", agreement.version):
        yield (
            ("status",),
            f"is signed, but the history ends with '{before.to}' of version {before.version}: add the move to signed "
            f"of version {agreement.version}.",
        )


def _hint(said: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(said, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else f" Allowed: {', '.join(sorted(known)[:20])}."
