"""The four charts of the leadership report: each with its finding as a title, a subtitle and its drawing.

What belongs here: which figures a chart shows and what its title claims. What does not: how it is drawn (charts.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from orchestration.release.comparison import NOISE, compare, out_of, percent, share_of
from orchestration.reports import charts
from orchestration.reports.charts import Drawing
from orchestration.reports.findings import lower, ranked_moves, ranked_pairs, when
from orchestration.reports.measures import EDGES, MOVES_SHOWN, THEMES_SHOWN, Figures

WIDTH = 239.0  # points: half of the text block
NARROW, WIDE = 204.0, 275.0
HEIGHT = 128.0
HOW_MANY = {"1": "One", "2": "Two", "3": "Three", "4+": "Four or more"}
LONGEST_TITLE = 52  # what fits on one line of the wider chart
NOTHING = "Too few people to show"


@dataclass(frozen=True)
class Panel:
    """One chart as a reader meets it."""

    finding: str
    subtitle: str
    drawing: Drawing
    note: str = ""

    def content(self, source: str) -> dict[str, Any]:
        """Return the panel as the template takes it; a note stands before the source."""
        return {
            "finding": self.finding,
            "subtitle": self.subtitle,
            "drawing": {"svg": self.drawing.svg, "alternative": self.drawing.alternative},
            "source": f"{self.note} {source}".strip(),
        }


def panels(figures: Figures, *, themes: Mapping[str, str]) -> list[Panel]:
    """Return the report's charts in reading order."""
    return [number_of_services(figures), overlap(figures, themes), by_month(figures), moves(figures, themes)]


def number_of_services(figures: Figures) -> Panel:
    """Show how many services people used."""
    rows = [(label, figures.services_used.get((code,))) for code, label in HOW_MANY.items()]
    share = share_of(figures.headline("several").now, figures.headline("people").now)
    finding = (
        "How many services people used"
        if share is None
        else f"{out_of(share).capitalize()} people used more than one service"
    )
    what = f"people by number of services used, {when(figures.period.label)}"
    drawing = charts.bars(rows, what=what, width=WIDTH, focus=("Two", "Three", "Four or more"), bar=21)
    return Panel(finding, f"People by services used, {when(figures.period.label)}", drawing)


def overlap(figures: Figures, themes: Mapping[str, str]) -> Panel:
    """Show which themes the same people use: the six with most people, lower triangle."""
    ranked = ranked_pairs(figures.pairs)
    finding = "Which themes the same people use"
    if ranked:
        (one, other), most = ranked[0]
        if len(ranked) == 1 or most - ranked[1][1] > NOISE:
            finding = f"{themes.get(one, one)} and {lower(themes.get(other, other))} overlap most"
    subtitle = f"People who used both themes, {when(figures.period.label)}"
    sizes = {code: value for (code,), value in figures.themes.items() if value is not None and code not in EDGES}
    chosen = sorted(sizes, key=lambda code: (-sizes[code], code))[:THEMES_SHOWN]
    if len(chosen) < 2:
        return Panel(finding, subtitle, charts.message(NOTHING, what=subtitle, width=WIDTH))
    labels = [themes.get(code, code) for code in chosen]
    values = {
        (themes.get(one, one), themes.get(other, other)): value
        for (one, other), value in figures.pairs.items()
        if one in chosen and other in chosen and one != other
    }
    drawing = charts.matrix(
        labels, values, what=f"people who used both themes, {when(figures.period.label)}", width=WIDTH
    )
    note = f"The {len(chosen)} largest themes of {len(sizes)}." if len(sizes) > len(chosen) else ""
    return Panel(finding, subtitle, drawing, f"{note} – means hidden.".strip())


def by_month(figures: Figures) -> Panel:
    """Show people using any service, month by month."""
    shown = [(label, value) for label, value in figures.months if value is not None]
    finding = "People using services, month by month"
    subtitle = "People with an open spell or a contact in the month"
    if len(shown) < 2:
        return Panel(finding, subtitle, charts.message(NOTHING, what=subtitle, width=WIDTH))
    if len(shown) > 12:
        (_, before), (_, now) = shown[-13], shown[-1]
        change = compare(before, now)
        moved = {"up": "more", "down": "fewer"}.get(change.direction)
        if moved is None:
            finding = "No clear change over the year"
        else:
            finding = f"{percent(abs(change.share or 0))} {moved} people than a year before"
    drawing = charts.trend(figures.months, what="people using any service by month", width=NARROW, height=HEIGHT)
    return Panel(finding, subtitle, drawing)


def moves(figures: Figures, themes: Mapping[str, str]) -> Panel:
    """Show the commonest moves from one theme to another."""
    ranked = ranked_moves(figures.moves)
    subtitle = "People whose next service was of another theme"
    finding = "The commonest moves between themes"
    if len(ranked) == 1 or (ranked and ranked[0][1] - ranked[1][1] > NOISE):
        (start, end), _ = ranked[0]
        named = f"From {lower(themes.get(start, start))} to {lower(themes.get(end, end))} is the commonest move"
        finding = named if len(named) <= LONGEST_TITLE else finding
    if not ranked:
        return Panel(finding, subtitle, charts.message(NOTHING, what=subtitle, width=WIDTH))
    links = [(themes.get(a, a), themes.get(b, b), value) for (a, b), value in ranked[:MOVES_SHOWN]]
    what = f"people who moved from one theme to another, {when(figures.period.label)}"
    drawing = charts.flows(links, what=what, width=WIDE, height=HEIGHT)
    note = f"The {len(links)} largest of {len(ranked)} published moves." if len(ranked) > len(links) else ""
    return Panel(finding, subtitle, drawing, note)
