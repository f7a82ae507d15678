"""The charts of 'Who uses services' that count people: by service, by month, and the totals beside them."""

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures import bars
from dashboards.figures.bars import ranked_bars
from dashboards.figures.numbers import listed_values, share_text
from dashboards.figures.trend import trend
from dashboards.findings import who as findings
from dashboards.findings.comparing import ranked
from dashboards.reading import by_code, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable, Refused

MOST_BARS = 15
Frame = html.Figure | None


def by_use(visit: Visit, chosen: Chosen, people: int | None) -> Frame:
    """Rank themes, or the services of a chosen theme; nothing where one service is chosen."""
    if "service" in chosen.where:
        return None
    inside = "theme" in chosen.where
    by, noun = ("service", "service") if inside else ("theme", "theme")
    answer = visit.ask("people", by=(by,), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        found = ranked(pairs(table))[:MOST_BARS]
        finding = findings.by_use(found, people, noun=noun)
        top = [label for label, value in found[:1] if value is not None]
        rows = [[label, value, share_text(value, people)] for label, value in ranked(pairs(table))]
        return chart_frame(
            "who-use",
            finding=finding,
            subtitle=f"Different people by {noun}, {chosen.during}. A person who used several is in each.",
            figure=ranked_bars(
                [p[0] for p in found], [p[1] for p in found], scheme=visit.scheme, unit="people", highlight=top
            ),
            alt=f"Bar chart of people by {noun}. {finding}. {listed_values(found)}",
            twin=data_table(f"People by {noun}, {chosen.during}", [noun.title(), "People", "Share of all"], rows),
            table=table,
        )

    return framed(visit, "who-use", f"People by {noun}", answer, draw)


def over_time(visit: Visit, chosen: Chosen) -> Frame:
    """Draw people a month over all of the data, with the same filters."""
    answer = visit.ask("people", by=("month",), period="all", where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        found = pairs(table)
        finding = findings.over_time(found)
        return chart_frame(
            "who-months",
            finding=finding,
            subtitle="Different people with an open spell of a service, or a contact, in each month of all the data",
            figure=trend(
                [p[0] for p in found],
                [p[1] for p in found],
                scheme=visit.scheme,
                unit="people",
                height=max(300, bars.height_of(len(visit.catalogue.themes))),
            ),
            alt=f"Line chart of people a month. {finding}.",
            twin=data_table("People a month", ["Month", "People"], found),
            table=table,
            note="the first months count only people seen since the data began.",
        )

    return framed(visit, "who-months", "People a month", answer, draw)


def several_services(visit: Visit, chosen: Chosen) -> int | None:
    """Return people who used three services or more, the visible part of it, or None where it is refused or hidden."""
    answer = visit.ask("people", by=("services_used",), period=chosen.period, where=chosen.where)
    if isinstance(answer, Refused):
        return None
    shown = [value for code, value in by_code(answer).items() if code in ("3", "4+") and value is not None]
    return sum(shown) or None


def population_of(visit: Visit, chosen: Chosen) -> int | None:
    """Return the residents that the chosen people are part of, or None where the population cannot be cut that way."""
    if "ethnic_group" in chosen.where:
        return None
    return visit.population((), chosen.where).get(())
