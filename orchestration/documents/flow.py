"""The data flow, drawn from what the pipeline recorded of itself: feeds, steps, the gate, and who receives figures."""

from collections import Counter
from typing import Any

from orchestration.documents.basis import Basis
from orchestration.reports import svg

WIDTH = 520.0
STEP_X, BOX, READER_X = 232.0, 122.0, 404.0
MIDDLE = STEP_X + BOX / 2
STEPS = {
    "feed": ("Checked deliveries", "rows of each partner with tokens, items agreed only"),
    "in_force": ("Rows in force", "rows that an agreement permits today"),
    "linkage": ("Linkage", "which records are one person, by tokens alone"),
    "warehouse": ("Warehouse", "spells, journeys and needs by record key, no token"),
    "published": ("Snapshot", "what the release gate may read, nothing else"),
    "reports": ("Reports", "protected figures, as the gate answers"),
}
OUTLINE = {
    "in_force": ["feed"],
    "linkage": ["in_force"],
    "warehouse": ["in_force", "linkage"],
    "published": ["warehouse"],
    "reports": ["published"],
}
GATE = "Release gate"


def stages(basis: Basis) -> tuple[dict[str, set[str]], Counter[str]]:
    """Return each step with the steps it is made of, and how many tables or files it has, from the real asset graph."""
    if basis.lineage is None:
        return {step: set(made_of) for step, made_of in OUTLINE.items()}, Counter()
    assets: list[dict[str, Any]] = basis.lineage["assets"]
    made_of: dict[str, set[str]] = {}
    counts: Counter[str] = Counter()
    for asset in assets:
        step = str(asset["key"]).split("/", maxsplit=1)[0]
        counts[step] += 1
        others = {str(other).split("/", maxsplit=1)[0] for other in asset["made_of"]}
        made_of.setdefault(step, set()).update(others - {step})
    return made_of, counts


def stage_rows(basis: Basis) -> list[list[str]]:
    """Return the rows of the table beside the drawing."""
    made_of, counts = stages(basis)
    rows = []
    for step in order(made_of):
        others = sorted(_name(other) for other in made_of.get(step, ()))
        rows.append([_name(step), ", ".join(others) or "partners' deliveries", _count(counts[step]), _holds(step)])
    return [*rows, [GATE, "Snapshot", "none", "no data of its own; answers figures, and records each question"]]


def order(made_of: dict[str, set[str]]) -> list[str]:
    """Return the steps so that each stands after all that it is made of."""
    left = {step: set(others) for step, others in made_of.items()}
    for others in list(left.values()):
        for other in others:
            left.setdefault(other, set())
    done: list[str] = []
    known = list(STEPS)
    while left:
        ready = [step for step, others in left.items() if others <= set(done)] or sorted(left)[:1]
        step = min(ready, key=lambda one: (known.index(one) if one in known else len(known), one))
        done.append(step)
        del left[step]
    return done


def flow(basis: Basis) -> tuple[str, str]:
    """Return the drawing and its text alternative."""
    made_of, counts = stages(basis)
    steps = [step for step in order(made_of) if step not in ("feed", "reports")]
    feeds = sorted(basis.decisions)
    height = max(len(feeds) * 21 + 26, (len(steps) + 1) * 58 + 26)
    places = {step: 26 + (number + 0.0) * (height - 26) / (len(steps) + 1) for number, step in enumerate(steps)}
    gate_at = 26 + len(steps) * (height - 26) / (len(steps) + 1)
    parts = [
        svg.label(0, 12, "Partners and feeds", weight=700),
        svg.label(STEP_X, 12, "Steps of the pipeline", weight=700),
        svg.label(READER_X, 12, "Who receives figures", weight=700),
    ]
    parts += _feeds(basis, feeds, to=places[steps[0]] + 20 if steps else gate_at)
    for step in steps:
        parts += _box(STEP_X, places[step], _name(step), _count(counts[step]))
        parts += _links(step, made_of, places)
    last = steps[-1] if steps else None
    if last:
        parts.append(_arrow(MIDDLE, places[last] + 40, MIDDLE, gate_at))
    parts += _box(STEP_X, gate_at, GATE, "every figure", strong=True)
    roles = [role.title for role in basis.area.profile.roles.values()] or ["Readers"]
    for number, title in enumerate([*roles, "Reports and the API"]):
        y = 26 + number * 36.0
        parts += [_line(STEP_X + BOX, gate_at + 20, READER_X, y + 13), *_plain_box(READER_X, y, title)]
    names = ", ".join(basis.feed_title(feed) for feed in feeds)
    alternative = (
        f"Data flow. From partners: {names}. Through {', then '.join(_name(step) for step in steps)}, to the release "
        f"gate, and from there as protected figures to {', '.join(roles)}, reports and the API. "
        "The table below says the same."
    )
    return svg.document(WIDTH, height + 6, parts), alternative


def _feeds(basis: Basis, feeds: list[str], *, to: float) -> list[str]:
    parts = []
    for number, feed in enumerate(feeds):
        y, decision = 26 + number * 21.0, basis.decisions[feed]
        contract = basis.area.contracts[feed]
        name = contract.title if len(contract.title) <= 44 else f"{contract.title[:43]}…"
        parts.append(svg.rectangle(0, y, 190, 17, "#EEF3F8" if decision.allowed else "#FBE9E4", radius=2))
        parts.append(svg.label(5, y + 11.5, name if decision.allowed else f"{name[:34]} (stopped)", size=svg.SMALL))
        if decision.allowed:
            parts.append(_line(190, y + 8.5, STEP_X, to))
    return parts


def _links(step: str, made_of: dict[str, set[str]], places: dict[str, float]) -> list[str]:
    parts = []
    ranked = list(places)
    for other in sorted(made_of.get(step, set()) & places.keys()):
        if ranked.index(step) - ranked.index(other) == 1:
            parts.append(_arrow(MIDDLE, places[other] + 40, MIDDLE, places[step]))
        else:
            x, top, end = STEP_X + BOX, places[other] + 20, places[step] + 20
            parts.append(
                f'<path d="M{x},{top:.1f} C{x + 34},{top:.1f} {x + 34},{end:.1f} {x},{end:.1f}" fill="none" '
                f'stroke="{svg.MUTED}" stroke-width="1"/>'
            )
    return parts


def _box(x: float, y: float, title: str, under: str, *, strong: bool = False) -> list[str]:
    ink = "#FFFFFF" if strong else svg.INK
    return [
        svg.rectangle(x, y, BOX, 40, svg.FOCUS if strong else "#DCE6F0", radius=3),
        svg.label(x + BOX / 2, y + 17, title, anchor="middle", weight=600, colour=ink),
        svg.label(x + BOX / 2, y + 30, under, anchor="middle", size=svg.SMALL, colour=ink),
    ]


def _plain_box(x: float, y: float, title: str) -> list[str]:
    return [
        svg.rectangle(x, y, WIDTH - READER_X, 26, "#EEF3F8", radius=3),
        svg.label(x + 6, y + 16, title, size=svg.SMALL),
    ]


def _line(x0: float, y0: float, x1: float, y1: float) -> str:
    return (
        f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{svg.MUTED}" stroke-width="0.6" '
        f'stroke-opacity="0.7"/>'
    )


def _arrow(x0: float, y0: float, x1: float, y1: float) -> str:
    tip = f"{x1:.1f},{y1:.1f} {x1 - 3.5:.1f},{y1 - 6:.1f} {x1 + 3.5:.1f},{y1 - 6:.1f}"
    return f'{_line(x0, y0, x1, y1 - 5)}<polygon points="{tip}" fill="{svg.MUTED}"/>'


def _name(step: str) -> str:
    return STEPS[step][0] if step in STEPS else step.replace("_", " ").capitalize()


def _holds(step: str) -> str:
    return STEPS[step][1] if step in STEPS else "not described"


def _count(number: int) -> str:
    if not number:
        return "not recorded"
    return f"{number:,} table" if number == 1 else f"{number:,} tables"
