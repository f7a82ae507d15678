"""The charts of the summary: what changed since the year before, and people a month."""

from collections.abc import Mapping

from dash import html

from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.change import dumbbell, height_of
from dashboards.figures.trend import trend
from dashboards.findings import summary as findings
from dashboards.findings import who as who_findings
from dashboards.findings.summary import Change
from dashboards.pages.summary_measures import Years
from dashboards.reading import by_code, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable


def changes(visit: Visit, years: Years) -> html.Figure:
    """Draw each theme's people this year against the year before."""
    answer = visit.ask("people", by=("theme",), period=years.latest)
    earlier = visit.ask("people", by=("theme",), period=years.before) if years.before else None
    before: Mapping[str, int | None] = by_code(earlier) if isinstance(earlier, ProtectedTable) else {}

    def draw(table: ProtectedTable) -> html.Figure:
        found = [Change(table.label("theme", code), value, before.get(code)) for code, value in by_code(table).items()]
        found.sort(key=lambda change: -(change.latest or 0))
        finding = findings.changes(found)
        told = [_change_label(change) for change in found]
        rows = [[c.label, c.before, c.latest, words] for c, words in zip(found, told, strict=True)]
        return chart_frame(
            "summary-changes",
            finding=finding,
            subtitle=f"People by theme: {years.latest_label} (full dot) and the year before (hollow dot)",
            figure=dumbbell(
                [c.label for c in found],
                [c.before for c in found],
                [c.latest for c in found],
                told,
                scheme=visit.scheme,
                highlight=[c.is_clear for c in found],
            ),
            alt=(
                f"Dumbbell chart of people by theme in two years. {finding}. "
                f"{', '.join(f'{c.label} {w}' for c, w in zip(found, told, strict=True))}."
            ),
            twin=data_table("People by theme in two years", ["Theme", "Year before", "Latest year", "Change"], rows),
            table=table,
            note="grey rows changed by no more than rounding and protection may explain.",
        )

    return framed(visit, "summary-changes", "People by theme", answer, draw)


def trend_of(visit: Visit) -> html.Figure:
    """Draw people a month over all of the data."""
    answer = visit.ask("people", by=("month",), period="all")

    def draw(table: ProtectedTable) -> html.Figure:
        found = pairs(table)
        finding = who_findings.over_time(found)
        return chart_frame(
            "summary-months",
            finding=finding,
            subtitle="Different people with an open spell of a service, or a contact, in each month",
            figure=trend(
                [p[0] for p in found],
                [p[1] for p in found],
                scheme=visit.scheme,
                unit="people",
                height=height_of(len(visit.catalogue.themes)),
            ),
            alt=f"Line chart of people a month. {finding}.",
            twin=data_table("People a month", ["Month", "People"], found),
            table=table,
        )

    return framed(visit, "summary-months", "People a month", answer, draw)


def _change_label(change: Change) -> str:
    if change.latest is None:
        return "hidden"
    if change.share is None:
        return f"{change.latest:,}"
    if not change.is_clear:
        return f"{change.latest:,}, level"
    return f"{change.latest:,}, {'up' if change.share > 0 else 'down'} {abs(change.share):.0%}"
