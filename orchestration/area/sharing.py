"""What could already be shared: each data item of partners, for a purpose, as shared now, possible, or blocked.

Shared means: in the linked picture that figures come from, under an agreement in force; nobody receives another's
records. What belongs here: the pure answer from the pack. What does not: how far a partner is ready
(orchestration.area.readiness), drawing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from orchestration.area.agreements import Agreement
from orchestration.area.barriers import Barrier
from orchestration.area.contracts import Contract
from orchestration.area.items import DATA_ITEMS, item_of_field
from orchestration.area.loader import Area
from orchestration.area.permission import decide_feed
from orchestration.area.personas import Persona

State = Literal["shared", "possible", "blocked"]


@dataclass(frozen=True)
class Item:
    """One data item of one feed: `under` the agreement or power that covers it, `missing` what it takes to share it."""

    partner: str
    feed: str
    item: str
    state: State
    under: str
    missing: tuple[str, ...] = ()
    barrier: Barrier | None = None

    @property
    def title(self) -> str:
        return DATA_ITEMS[self.item].title if self.item in DATA_ITEMS else self.item.replace("_", " ").capitalize()

    @property
    def question(self) -> str:
        return DATA_ITEMS[self.item].question if self.item in DATA_ITEMS else ""


@dataclass(frozen=True)
class Step:
    """One step of a persona's journey, and whether what its partner holds can be shared with the next."""

    service: str
    partner: str
    next_partner: str | None
    state: State | Literal["same", "last"]
    shared: int = 0
    of: int = 0
    barrier: Barrier | None = None
    missing: tuple[str, ...] = ()


def held_items(contract: Contract, agreement: Agreement | None) -> tuple[str, ...]:
    """Return the items that a feed's contract reads, and those that its agreement names, in the usual order."""
    named = set(agreement.feeds[contract.feed].items) if agreement and contract.feed in agreement.feeds else set()
    for mapping in contract.mappings.values():
        named |= {column.item or item_of_field(field) or "" for field, column in mapping.columns.items()}
    order = list(DATA_ITEMS)
    return tuple(sorted(named - {""}, key=lambda item: (order.index(item) if item in order else len(order), item)))


def explore(area: Area, partners: Sequence[str], purpose: str) -> tuple[Item, ...]:
    """Return every item of the partners' feeds for a purpose, partner by partner.

    An item that is not shared is blocked by an open barrier of its holder; one towards the others named comes first.
    """
    return tuple(
        _item(area, contract, item, partners, purpose)
        for partner in dict.fromkeys(partners)
        for contract in sorted(area.contracts.values(), key=lambda one: one.feed)
        if contract.partner == partner
        for item in held_items(contract, area.agreements.get(contract.agreement))
    )


def journey(area: Area, persona: Persona, purpose: str) -> tuple[Step, ...]:
    """Return the steps of a persona's story in its order, each with the sharing towards the next."""
    owners = dict(area.directory.services.select("id", "organization_id").iter_rows())
    steps = [(service, owners[service]) for service in persona.services]
    following: list[str | None] = [*(partner for _, partner in steps[1:]), None]
    return tuple(_step(area, *step, after, purpose) for step, after in zip(steps, following, strict=True))


def _step(area: Area, service: str, partner: str, after: str | None, purpose: str) -> Step:
    if after is None or after == partner:
        return Step(service, partner, after, "last" if after is None else "same")
    items = explore(area, (partner, after), purpose)
    own = [item for item in items if item.partner == partner]
    shared = sum(item.state == "shared" for item in own)
    between = [one for one in area.barriers if one.is_open and _is_between(one, (partner, after))]
    barrier = next((one for one in between if one.from_organization_id == partner), None)
    missing = tuple(dict.fromkeys(what for item in own for what in item.missing))
    if not own:
        missing = (f"{partner} sends no feed",)
    is_blocked = barrier is not None or any(item.state == "blocked" for item in own)
    state: State = "shared" if shared else "blocked" if is_blocked else "possible"
    held = barrier or next((item.barrier for item in own if item.barrier), None)
    return Step(service, partner, after, state, shared, len(own), held, missing)


def _item(area: Area, contract: Contract, item: str, partners: Sequence[str], purpose: str) -> Item:
    agreement = area.agreements.get(contract.agreement)
    missing = tuple(_missing(area, contract, agreement, item, purpose))
    under = f"{agreement.id}: {agreement.legal_power}" if agreement else "no agreement"
    if not missing:
        return Item(contract.partner, contract.feed, item, "shared", under)
    barrier = next((one for one in _barriers(area, contract.partner, partners) if one.stops(item)), None)
    state: State = "blocked" if barrier else "possible"
    return Item(contract.partner, contract.feed, item, state, under, missing, barrier)


def _missing(area: Area, contract: Contract, agreement: Agreement | None, item: str, purpose: str) -> Iterator[str]:
    if agreement is None:
        yield f"an agreement: {contract.agreement} is not in the area's files"
        return
    decision = decide_feed(contract, area.agreements, today=area.today)
    if not decision.allowed:
        yield f"an agreement in force: {decision.reason}"
    if contract.feed not in agreement.feeds or item not in agreement.feeds[contract.feed].items:
        yield f"the item in {agreement.id}"
        known = DATA_ITEMS.get(item)
        if known and known.is_special and not agreement.lawful_basis.article_9:
            yield "a special-category condition (UK GDPR Article 9)"
    if purpose not in agreement.purposes:
        yield f"the purpose {purpose.replace('_', ' ')} in {agreement.id}"


def _barriers(area: Area, partner: str, partners: Sequence[str]) -> list[Barrier]:
    """Return the barriers of a partner: those towards the others first, then those that name items, then the rest."""
    own = [one for one in area.barriers if one.from_organization_id == partner]
    return sorted(own, key=lambda one: (not _is_between(one, partners), not one.items, one.id))


def _is_between(barrier: Barrier, partners: Sequence[str]) -> bool:
    return {barrier.from_organization_id, barrier.to_organization_id} <= set(partners)
