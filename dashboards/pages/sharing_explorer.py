"""What could already be shared: the explorer on the Sharing page, for two or three partners and a purpose.

Its state is the URL's. What is possible or blocked, and how ready partners are, is worked out in orchestration.area.
"""

from typing import Any

from dash import Dash, html

from dashboards.components.dates import day
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.notices import Tone, tag
from dashboards.components.page import part
from dashboards.components.tables import plain_table
from dashboards.visit import ANY, Visit
from orchestration.area.barriers import Barrier
from orchestration.area.readiness import Level, Trend, profile
from orchestration.area.sharing import Item, Step, explore, journey

PAGE = "sharing"
FILTERS = ("first", "second", "third", "purpose")
STATES: dict[str, tuple[str, Tone]] = {
    "shared": ("Shared now", "good"),
    "possible": ("Could be shared", "warn"),
    "blocked": ("Blocked", "bad"),
    "same": ("Same organisation", "plain"),
    "last": ("End of the story", "plain"),
}
ORDER = ("blocked", "possible", "shared")
LEVELS: dict[Level, Tone] = {"ready": "good", "partly": "warn", "not yet": "bad", "not known": "plain"}
TRENDS: dict[Trend, str] = {"better": "↑ better", "steady": "→ steady", "worse": "↓ worse", "not known": "not known"}


def register(app: Dash) -> None:
    """Let the choices write the URL."""
    register_filters(app, PAGE, FILTERS)


def parts(visit: Visit, *, path: str, page: str) -> list[Any]:
    """Draw the explorer, the readiness of the partners chosen, and the journeys of the area's personas."""
    offered = filters(visit)
    chosen = [item.chosen(visit.query) for item in offered]
    partners = tuple(dict.fromkeys(code for code in chosen[:3] if code != ANY))
    purpose, names = chosen[3], _names(visit)
    items = explore(visit.area, partners, purpose)
    whose = " and ".join(names.get(code, code) for code in partners)
    for_what = visit.area.profile.purposes.get(purpose, purpose).lower()
    counts = {state: sum(item.state == state for item in items) for state in ORDER}
    said = (
        f"{whose}, for {for_what}: {counts['shared']} data items are shared now, {counts['possible']} could be, "
        f"{counts['blocked']} are blocked."
    )
    return [
        *part(
            "What could already be shared?",
            "Shared means in the linked picture that figures come from. Nobody receives another partner's records.",
        ),
        filter_bar(page, offered, visit.query, path=path, said=said),
        html.Section(_items(visit, items, names), className="card wide-words"),
        *part("How ready each partner is", "From agreements, receipts and the register of barriers."),
        *[html.Section(_readiness(visit, code, names), className="card wide-words") for code in partners],
        *part("Along three journeys", f"Who is involved at each step, and what can go on to the next, for {for_what}."),
        *[_journey(visit, name, purpose, names) for name in _stories(visit)],
    ]


def filters(visit: Visit) -> list[Filter]:
    """Offer the partners that send or are named in a barrier, and the area's purposes."""
    senders = [contract.partner for contract in visit.area.contracts.values()]
    named = [code for one in visit.area.barriers for code in (one.from_organization_id, one.to_organization_id)]
    names = _names(visit)
    codes = sorted({*senders, *named}, key=lambda code: names.get(code, code))
    options = [{"value": code, "label": names.get(code, code)} for code in codes]
    purposes = [{"value": code, "label": words} for code, words in visit.area.profile.purposes.items()]
    second = codes[1] if len(codes) > 1 else codes[0]
    return [
        Filter("first", "Partner", options, codes[0]),
        Filter("second", "And partner", options, second),
        Filter("third", "And also", [{"value": ANY, "label": "Nobody else"}, *options]),
        Filter("purpose", "For", purposes, purposes[0]["value"]),
    ]


def _items(visit: Visit, items: tuple[Item, ...], names: dict[str, str]) -> Any:
    if not items:
        return html.P("None of these partners sends a feed yet: an agreement and a contract come first.")
    titles = {contract.feed: contract.title for contract in visit.area.contracts.values()}
    groups: dict[tuple[Any, ...], list[Item]] = {}
    for item in sorted(items, key=lambda one: ORDER.index(one.state)):
        alike = (item.state, item.partner, item.feed, item.missing, item.barrier and item.barrier.id)
        groups.setdefault(alike, []).append(item)
    rows = [
        [
            f"{names.get(first.partner, first.partner)}: {titles[first.feed]}",
            tag(*STATES[first.state]),
            html.Ul([html.Li([html.B(f"{one.title}. "), one.question]) for one in alike], className="plain-list"),
            _how(first),
        ]
        for alike in groups.values()
        for first in alike[:1]
    ]
    columns = ["Held by", "State", "Data items, and what each would answer", "Under what, and what is missing"]
    return plain_table("Data items of the partners chosen, what is blocked first", columns, rows, texts=4)


def _how(item: Item) -> Any:
    lines: list[Any] = [item.under]
    if item.missing:
        lines.append(f"Missing: {'; '.join(item.missing)}.")
    if item.barrier:
        lines.append(_barrier(item.barrier))
    return [html.Div(line) for line in lines]


def _barrier(barrier: Barrier) -> str:
    due = f"by {day(barrier.due_on)}" if barrier.due_on else "no date yet"
    return (
        f"{barrier.kind.capitalize()} barrier: {barrier.barrier} Next: {barrier.what_would_help} "
        f"Owner: {barrier.owner or 'nobody yet'}, {due}."
    )


def _readiness(visit: Visit, partner: str, names: dict[str, str]) -> Any:
    found = profile(visit.area, partner, feeds=visit.gate.feeds(), quality=visit.gate.quality())
    rows = [
        [one.name, tag(one.level.capitalize(), LEVELS[one.level]), one.evidence, TRENDS[one.trend], one.next_step]
        for one in found
    ]
    columns = ["Part", "Ready", "Evidence", "Trend", "Next step"]
    return plain_table(f"Readiness of {names.get(partner, partner)}", columns, rows, texts=5)


def _stories(visit: Visit) -> list[str]:
    return sorted(
        name for name, (kind, persona) in visit.area.personas.items() if kind == "persona" and persona.services
    )


def _journey(visit: Visit, name: str, purpose: str, names: dict[str, str]) -> html.Section:
    persona = visit.area.personas[name][1]
    services = dict(visit.area.directory.services.select("id", "name").iter_rows())
    steps = [
        html.Li([html.B(services[step.service]), f", {names.get(step.partner, step.partner)}. ", *_onward(step, names)])
        for step in journey(visit.area, persona, purpose)
    ]
    return html.Section([html.H3(persona.name), html.Ol(steps, className="plain-list")], className="card")


def _onward(step: Step, names: dict[str, str]) -> list[Any]:
    if step.next_partner is None:
        return [tag(*STATES[step.state])]
    told: list[Any] = [tag(*STATES[step.state]), f" with {names.get(step.next_partner, step.next_partner)}"]
    if step.state == "same":
        return [tag(*STATES[step.state])]
    told.append(f": {step.shared} of {step.of} data items. " if step.of else ". ")
    if step.state != "shared" and step.missing:
        told.append(f"Missing: {'; '.join(step.missing[:2])}. ")
    if step.barrier:
        told.append(_barrier(step.barrier))
    return told


def _names(visit: Visit) -> dict[str, str]:
    return dict(visit.area.directory.organizations.select("id", "name").iter_rows())
