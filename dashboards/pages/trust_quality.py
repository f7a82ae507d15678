"""The part of /trust on quality: faults over time, how soon deliveries come, and the six dimensions of quality."""

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.components.chart_frame import chart_frame
from dashboards.components.dates import short_day
from dashboards.components.notices import tag
from dashboards.components.page import figures, part
from dashboards.components.tables import Cell, data_table, plain_table
from dashboards.figures.lines import small_lines
from dashboards.figures.matrix import matrix
from dashboards.findings import quality as findings
from dashboards.visit import Visit


def quality_parts(visit: Visit, feeds: list[dict[str, Any]]) -> list[Any]:
    """Return the headed parts, in reading order."""
    titles = {str(row["feed"]): str(row["title"]) for row in feeds}
    return [
        *part(
            "Quality over time",
            "Each period's newest delivery, by the check that finds most of its rows; what only informs is left out.",
        ),
        figures([_faults(visit, titles)]),
        *part(
            "How soon after its events a delivery comes",
            "Days from an event to the delivery that first tells of it, for the newest period of each feed. A monthly "
            "feed cannot tell of the first days of a month sooner than a month later.",
        ),
        figures([_lags(visit, titles)]),
        *part(
            "Six dimensions of quality",
            "As the Government Data Quality Framework has them. The first figure is the mean over all fields of the "
            "newest delivery; beside it stands the worst field, since a mean can hide one that is of no use.",
        ),
        html.Section(_scorecard(visit, titles), className="card"),
    ]


def _faults(visit: Visit, titles: Mapping[str, str]) -> html.Figure:
    shares = findings.fault_shares(visit.gate.check_history())
    shown = [feed for feed in titles if feed in shares]
    finding = findings.fault_finding(shares, titles)
    rows: list[list[Cell]] = [
        [titles[feed], short_day(day.isoformat()), _percent(share)] for feed in shown for day, share in shares[feed]
    ]
    newest = ", ".join(f"{titles[feed]} {_percent(shares[feed][-1][1])}" for feed in shown)
    return chart_frame(
        "trust-faults",
        finding=finding,
        subtitle="Share of the rows of each period that fail the check that most of them fail",
        figure=small_lines(
            [titles[feed] for feed in shown],
            [shares[feed] for feed in shown],
            scheme=visit.scheme,
            write=_percent,
        ),
        alt=f"One small line a feed. {finding}. In the newest period: {newest}.",
        twin=data_table("Rows that fail the check that most of them fail", ["Feed", "Period to", "Share"], rows),
        note="counts below 10 rows are drawn as none; a gap is a period with fewer than 10 rows.",
    )


def _lags(visit: Visit, titles: Mapping[str, str]) -> html.Figure:
    shares = findings.newest_lags(visit.gate.lags())
    shown = [feed for feed in titles if feed in shares]
    bins = list(dict.fromkeys(lag for feed in shown for lag in shares[feed]))
    finding = findings.lag_finding(shares, titles)
    values = [[shares[feed].get(lag) for lag in bins] for feed in shown]
    texts = [["few" if share is None else _percent(share) for share in line] for line in values]
    told = [
        [f"{titles[feed]}, {_days(lag)}: {text}" for lag, text in zip(bins, line, strict=True)]
        for feed, line in zip(shown, texts, strict=True)
    ]
    rows: list[list[Cell]] = [[titles[feed], *line] for feed, line in zip(shown, texts, strict=True)]
    return chart_frame(
        "trust-lags",
        finding=finding,
        subtitle="Share of the events of the newest period, by days until the delivery came",
        figure=matrix(
            [titles[feed] for feed in shown], [_days(lag) for lag in bins], values, told, scheme=visit.scheme
        ),
        alt=f"A table of shares, feeds by days. {finding}.",
        twin=data_table("Events by days until the delivery came", ["Feed", *[_days(lag) for lag in bins]], rows),
        note="fewer than 10 events are marked by a dot; events after their delivery are dated wrongly.",
    )


def _days(lag: str) -> str:
    return "event dated later" if lag == "<0" else "same day" if lag == "0" else f"{lag.replace('-', '–')} days"


def _scorecard(visit: Visit, titles: Mapping[str, str]) -> html.Div:
    newest = findings.newest_quality(visit.gate.quality())
    rows: list[list[Any]] = [
        [title, *[_cell(newest[feed].get(dimension)) for dimension in findings.DIMENSIONS]]
        for feed, title in titles.items()
        if feed in newest
    ]
    if not rows:
        return html.Div(html.P("No delivery has been assessed yet."))
    return plain_table(
        "Quality of the newest delivery: share of rows without a fault, and the worst field",
        ["Feed", *[name.capitalize() for name in findings.DIMENSIONS]],
        rows,
        texts=1 + len(findings.DIMENSIONS),
    )


def _cell(row: Mapping[str, Any] | None) -> Any:
    text = findings.score_text(row)
    return tag(text, "warn") if findings.is_fatal(row) else text


def _percent(share: float | None) -> str:
    return "few rows" if share is None else "<1%" if 0 < share < 0.005 else f"{share:.0%}"
