"""The charts of 'Flow and waits' up to the start: waits, and what becomes of referrals."""

from collections.abc import Mapping

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.bars import ranked_bars
from dashboards.figures.numbers import HIDDEN, listed_values, share_text
from dashboards.figures.steps import Curve
from dashboards.findings import flow as findings
from dashboards.findings.comparing import hidden_words
from dashboards.reading import by_code, by_two_codes, complete
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

STARTED = {"0-7": 7, "8-28": 28, "29-56": 56, "57-126": 126}
"""Bands of the wait that end within so many days; longer waits have no end to draw."""
NOT_STARTED = ("declined", "withdrawn")


def wait_curve(label: str, counts: Mapping[str, int | None]) -> Curve | None:
    """Return the share of settled referrals that had led to a start by each day, from published counts of the bands.

    Declined and withdrawn referrals are endings that compete with a start and stay in the denominator; who still
    waits is left out. None where a band is hidden before the first day that could be told.
    """
    settled = sum(counts.get(band) or 0 for band in (*STARTED, "127+", *NOT_STARTED))
    reached = 0
    days, shares = [], []
    for band, day in STARTED.items():
        count = counts.get(band)
        if count is None or not settled:
            break
        reached += count
        days.append(day)
        shares.append(reached / settled)
    return Curve(label, tuple(days), tuple(shares), settled) if days else None


def waits(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how long people waited for a start, and what became of the others."""
    answer = visit.ask("waits", by=("wait",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        codes = visit.catalogue.codes("wait")
        values = complete(codes, by_code(table))
        labels = [table.label("wait", code) for code in codes]
        started = list(zip(labels, values, strict=True))[: len(STARTED) + 1]
        finding = findings.waits(started, by_code(table).get("waiting"))
        return chart_frame(
            "flow-waits",
            finding=finding,
            subtitle=f"People by days from referral to start, or why there was none, referred in {chosen.during}",
            figure=ranked_bars(
                labels, values, scheme=visit.scheme, unit="people", highlight=[label for label, _ in started]
            ),
            alt=f"Bar chart of waits. {finding}. {listed_values(list(zip(labels, values, strict=True)))}",
            twin=data_table("Waits", ["Wait", "People"], list(zip(labels, values, strict=True))),
            table=table,
            note="grey bars had no start."
            + hidden_words(values, "figure")
            + " Somebody referred to several services counts once for each length of wait.",
        )

    return framed(visit, "flow-waits", "Waits", answer, draw)


def wait_themes(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw, theme by theme, the share of settled referrals that led to a start within 28 days."""
    where = chosen.without("theme", "service")
    answer = visit.ask("waits", by=("wait", "theme"), period=chosen.period, where=where)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        bands = visit.catalogue.codes("wait")
        curves = [
            curve
            for theme in visit.catalogue.themes
            if (curve := wait_curve(theme.name, {band: cells.get((band, theme.code)) for band in bands}))
            and findings.SOON in curve.days
        ]
        place = {curve.label: curve.shares[curve.days.index(findings.SOON)] for curve in curves}
        order = sorted(place, key=lambda name: -place[name])
        finding = findings.sooner(curves)
        counted = {curve.label: curve.counted for curve in curves}
        return chart_frame(
            "flow-soon",
            finding=finding,
            subtitle=f"Of referrals with an end, the share that led to a start within 28 days, {chosen.during}",
            figure=ranked_bars(
                order, [place[name] for name in order], scheme=visit.scheme, unit="", write=_percent,
                highlight=[*order[:1], *order[-1:]],
            ),
            alt=f"Bar chart by theme. {finding}.",
            twin=data_table(
                "Starts within 28 days",
                ["Theme", "Referrals with an end", "Started within 28 days"],
                [[name, counted[name], share_text(place[name], 1)] for name in order],
            ),
            table=table,
            note="declined and withdrawn referrals count as no start; who still waits is left out. "
            "Waits that are too rare to show are left out of the whole, which makes shares a little high.",
        )  # fmt: skip

    return framed(visit, "flow-soon", "Starts within 28 days", answer, draw)


def path(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how many of those referred started and finished."""
    referred = visit.ask("waits", by=("wait",), period=chosen.period, where=chosen.where)
    answer = visit.ask("stays", by=("stay_ending",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        ended = by_code(table)
        total = referred.total if isinstance(referred, ProtectedTable) else None
        rows: list[tuple[str, int | None]] = [("Referred", total), ("Started", table.total)]
        rows += [(table.label("stay_ending", code), ended.get(code)) for code in ("planned", "unplanned", "open")]
        finding = findings.path(total, table.total, ended.get("planned"))
        labels, values = [row[0] for row in rows], [row[1] for row in rows]
        return chart_frame(
            "flow-path",
            finding=finding,
            subtitle=f"People referred in {chosen.during}, and what has become of them so far",
            figure=ranked_bars(labels, values, scheme=visit.scheme, unit="people", highlight=labels[:3]),
            alt=f"Funnel as a bar chart. {finding}. {listed_values(rows)}",
            twin=data_table(
                "From referral to end",
                ["Stage", "People", "Share of those referred"],
                [[label, value, share_text(value, total)] for label, value in rows],
            ),
            table=table,
            note="people handed on, moved away or with an end that nobody recorded are in the table of the download."
            + hidden_words(values, "figure"),
        )

    return framed(visit, "flow-path", "From referral to end", answer, draw)


def _percent(value: float | None) -> str:
    return HIDDEN if value is None else f"{value:.0%}"
