"""Rates per 1,000 residents as frames and as words: what the charts of people's backgrounds share."""

from dash import html

from dashboards.components.chart_frame import chart_frame
from dashboards.components.tables import data_table
from dashboards.figures.bars import columns, ranked_bars
from dashboards.figures.numbers import listed_values, rate_text
from dashboards.findings import who as findings
from dashboards.findings.comparing import Rate, hidden_words
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

UNKNOWN = ("unknown", "U")


def rate_columns(
    visit: Visit, table: ProtectedTable, rates: list[Rate], *, frame_id: str, finding: str, noun: str, during: str
) -> html.Figure:
    """Draw rates per 1,000 residents in a fixed order with their intervals, or counts where no population is loaded."""
    if not any(rate.population for rate in rates):
        return count_bars(visit, table, rates, frame_id=frame_id, noun=noun, during=during)
    rows = [[rate.label, rate.people, told_rate(rate), told_range(rate)] for rate in rates]
    return chart_frame(
        frame_id,
        finding=finding,
        subtitle=f"People using services in every 1,000 residents of the same {noun}, {during}",
        figure=columns(
            [rate.label for rate in rates], [rate.value for rate in rates], scheme=visit.scheme, unit="in every 1,000",
            write=rate_text, intervals=[rate.interval for rate in rates], height=330,
        ),
        alt=f"Column chart of rates. {finding}. {told_rates(rates)}.",
        twin=data_table(f"People by {noun}", [noun.capitalize(), "People", "Rate per 1,000", "95% interval"], rows),
        table=table,
        note=("lines show 95% intervals: how far chance alone could move "
            "the rate.") + hidden_words([r.people for r in rates], "figure"),
    )  # fmt: skip


def count_bars(
    visit: Visit, table: ProtectedTable, rates: list[Rate], *, frame_id: str, noun: str, during: str
) -> html.Figure:
    """Draw people where no population is loaded, so that rates cannot be told."""
    found = [(rate.label, rate.people) for rate in rates]
    finding = findings.by_count(found, noun=noun)
    return chart_frame(
        frame_id,
        finding=finding,
        subtitle=f"People using services by {noun}, {during}",
        figure=ranked_bars([p[0] for p in found], [p[1] for p in found], scheme=visit.scheme, unit="people"),
        alt=f"Bar chart of people by {noun}. {finding}. {listed_values(found)}",
        twin=data_table(f"People by {noun}", [noun.capitalize(), "People"], found),
        table=table,
        note="no rates: no population is loaded for this area.",
    )


def known_codes(visit: Visit, dimension: str) -> list[str]:
    """Return the codes of a dimension but the unknown ones, in reading order."""
    return [code for code in visit.catalogue.codes(dimension) if code not in UNKNOWN]


def told_rate(rate: Rate) -> str:
    """Write a rate for a table."""
    return rate_text(rate.value)


def told_range(rate: Rate) -> str:
    """Write the interval of a rate for a table, empty where it is hidden."""
    return f"{rate_text(rate.interval[0])} to {rate_text(rate.interval[1])}" if rate.interval else ""


def told_rates(rates: list[Rate]) -> str:
    """Write rates for a chart's text alternative."""
    return ", ".join(f"{rate.label} {rate_text(rate.value)}" for rate in rates)
