"""The charts of 'Flow and waits' after the start: drop-out, coming and going, coming back."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from dash import html

from dashboards.choices import Chosen
from dashboards.components.chart_frame import chart_frame, empty_frame, framed
from dashboards.components.tables import data_table
from dashboards.figures.balance import balance
from dashboards.figures.funnel_plot import Place, funnel_plot
from dashboards.figures.numbers import share_text
from dashboards.figures.steps import Curve, steps
from dashboards.figures.template import colours
from dashboards.findings import flow as findings
from dashboards.findings.comparing import hidden_words
from dashboards.reading import by_code, by_two_codes, complete
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

BACK = {"0-90": 90, "91-180": 180, "181-365": 365, "366-730": 730}
ENDED = ("planned", "unplanned")
LEFT = {"planned": "As planned", "unplanned": "By dropping out"}


def drop_out(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw drop-out service by service as a funnel plot."""
    where = chosen.without("theme", "service")
    answer = visit.ask("stays", by=("stay_ending", "service"), period=chosen.period, where=where)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        places = []
        for service in visit.catalogue.services:
            counts = [cells.get((ending, service.code)) for ending in ENDED]
            if all(count is not None for count in counts):
                planned, unplanned = (count or 0 for count in counts)
                places.append(Place(service.name, planned + unplanned, unplanned))
        size = sum(place.size for place in places)
        whole = sum(place.part for place in places) / size if size else 0.0
        finding = findings.endings(places, whole)
        return chart_frame(
            "flow-dropout",
            finding=finding,
            subtitle=f"Of stays that ended as planned or by dropping out, the share of drop-outs, {chosen.during}",
            figure=funnel_plot(places, whole, scheme=visit.scheme, size_title="People whose stay ended either way"),
            alt=f"Funnel plot of {len(places)} services. {finding}.",
            twin=data_table(
                "Drop-out by service",
                ["Service", "Ended either way", "Dropped out", "Share"],
                [[p.label, p.size, p.part, share_text(p.part, p.size)] for p in sorted(places, key=lambda p: -p.size)],
            ),
            table=table,
            note="dashed lines hold 95 in 100 services that differ by chance alone, dotted ones 998 in 1,000. Services "
            "help different people: a point outside is worth a question, not a verdict. Services with a hidden "
            "figure are left out.",
            wide=True,
            least_width=560,
        )

    return framed(visit, "flow-dropout", "Drop-out by service", answer, draw)


def come_and_go(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw how many people started and how many left each month."""
    answer = visit.ask("starts", by=("month",), period=chosen.period, where=chosen.where)
    left = visit.ask("exits", by=("month",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        starts, exits = by_code(table), by_code(left) if isinstance(left, ProtectedTable) else {}
        labels = [table.label("month", code) for code in starts]
        came, went = list(starts.values()), complete(list(starts), exits)
        finding = findings.balance(came, went)
        return chart_frame(
            "flow-balance",
            finding=finding,
            subtitle=f"People whose stay began (above the line) and ended (below), month by month, {chosen.during}",
            figure=balance(labels, came, went, scheme=visit.scheme, names=("began", "ended")),
            alt=f"Bars above and below a line. {finding}.",
            twin=data_table(
                "People starting and leaving",
                ["Month", "Began", "Ended"],
                [[label, one, other] for label, one, other in zip(labels, came, went, strict=True)],
            ),
            table=table,
            key=[
                ("Stays that began", colours(visit.scheme).pair[0]),
                ("Stays that ended", colours(visit.scheme).pair[1]),
            ],
            note="stays already open on the first day of the data did not begin in it. Months are protected one by "
            "one, so that they need not add up to the people who are there." + hidden_words([*came, *went], "figure"),
            wide=True,
            least_width=560,
        )

    return framed(visit, "flow-balance", "People starting and leaving", answer, draw)


def returns(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw who came back to the service, by how they left, as far as everybody was followed."""
    answer = visit.ask("returns", by=("return_band", "exit_kind"), period=chosen.period, where=chosen.where)
    followed = _followed(visit, chosen)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        curves = [
            curve
            for kind, label in LEFT.items()
            if (
                curve := return_curve(
                    label, {band: cells.get((band, kind)) for band in (*BACK, "not_returned")}, followed
                )
            )
        ]
        if not curves:
            return empty_frame("flow-returns", finding=findings.returns(curves), body=html.P(_too_short(followed)))
        finding = findings.returns(curves)
        rows = [
            [c.label, c.counted, day, f"{share:.0%}"]
            for c in curves
            for day, share in zip(c.days, c.shares, strict=True)
        ]
        return chart_frame(
            "flow-returns",
            finding=finding,
            subtitle=f"Share of people who came back to the service they left in {chosen.during}, by days since",
            figure=steps(curves, scheme=visit.scheme, verb="came back"),
            alt=f"Step curves. {finding}.",
            twin=data_table("Returns", ["Left", "People", "Days", "Came back"], rows),
            table=table,
            note=f"drawn as far as everybody who left was followed, {followed} days. Somebody who left and came back "
            "more than once counts once for each length of time.",
        )  # fmt: skip

    return framed(visit, "flow-returns", "Coming back", answer, draw)


def _too_short(followed: int) -> str:
    if followed < min(BACK.values()):
        return (
            f"The data {'end with' if not followed else f'go on for {followed} days after'} this period, which is too "
            "short to say who came back. "
            "Choose an earlier year."
        )
    return "The first figure of each curve is hidden to protect small groups. Choose a longer period."


def return_curve(label: str, counts: Mapping[str, int | None], followed: int) -> Curve | None:
    """Return the share that had come back by each day within `followed`; it stops at the first hidden figure."""
    left = sum(count or 0 for count in counts.values())
    reached, days, shares = 0, [], []
    for band, day in BACK.items():
        count = counts.get(band)
        if count is None or day > followed or not left or counts.get("not_returned") is None:
            break
        reached += count
        days.append(day)
        shares.append(reached / left)
    return Curve(label, tuple(days), tuple(shares), left) if days else None


def _followed(visit: Visit, chosen: Chosen) -> int:
    """Return how many days the data go on after the period's last day: so long was everybody followed."""
    months = [code for code in visit.catalogue.codes("month") if _inside(visit, code, chosen.period)]
    if not months:
        return 0
    year, month = map(int, months[-1].split("-"))
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    return max(0, (date.fromisoformat(visit.catalogue.data_to[:10]) - end).days)


def _inside(visit: Visit, month: str, period: str) -> bool:
    known: Sequence[str] = [
        code
        for code, entry in visit.catalogue.directory.periods.items()
        if entry.month_mask & visit.catalogue.directory.periods[month].month_mask
    ]
    return period in known
