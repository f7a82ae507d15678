"""Needs: what partners write down that people need, whether a service that meets it was used, and which others."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, group_filter, read_choices, whole_period_filter
from dashboards.components.chart_frame import chart_frame, empty_frame, framed
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.page import figures, page, part
from dashboards.components.tables import data_table
from dashboards.figures.bars import ranked_bars
from dashboards.figures.matrix import matrix
from dashboards.figures.numbers import HIDDEN, listed_values, share, share_text
from dashboards.findings import needs as findings
from dashboards.findings.comparing import hidden_words, ranked
from dashboards.reading import by_code, by_two_codes, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/needs", "Needs", "needs", "needs"
FILTERS = ("period", "group")
LEAST_SHOWN = 0.15
"""Share of a matrix that must be visible for it to be drawn: a field of dots tells nobody anything."""
OUTCOMES = ("met", "not_met", "no_service", "too_early")


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    filters: list[Filter] = [whole_period_filter(visit.catalogue), group_filter(visit.catalogue)]
    chosen = read_choices(visit, filters)
    whom = f" {chosen.words['group']}" if "group" in chosen.words else ""
    body: list[Any] = [
        filter_bar(PAGE, filters, visit.query, path=PATH, said=f"Showing people{whom}, {chosen.during}."),
        figures([recorded(visit, chosen), met(visit, chosen)]),
        *part(
            "What do people with a need use?", "Services used in the same period, whether or not they meet the need."
        ),
        figures([use(visit, chosen)]),
    ]
    answer = visit.ask("needs", by=("need",), period=chosen.period, where=chosen.where)
    total = answer.total if isinstance(answer, ProtectedTable) else None
    return page(
        visit, path=PATH, heading="What do people need?", lede=findings.lede(total, during=chosen.during), body=body
    )


def recorded(visit: Visit, chosen: Chosen) -> html.Figure:
    """Rank the needs by the people they were recorded for."""
    answer = visit.ask("needs", by=("need",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        found = ranked(pairs(table))
        finding = findings.recorded(found, table.total)
        labels, values = [pair[0] for pair in found], [pair[1] for pair in found]
        return chart_frame(
            "needs-recorded",
            finding=finding,
            subtitle=f"People by need that a partner recorded, {chosen.during}",
            figure=ranked_bars(labels, values, scheme=visit.scheme, unit="people", highlight=labels[:1]),
            alt=f"Bar chart of recorded needs. {finding}. {listed_values(found)}",
            twin=data_table(
                "Recorded needs",
                ["Need", "People", "Share of people with any"],
                [[label, value, share_text(value, table.total)] for label, value in found],
            ),
            table=table,
            note="somebody with several needs counts once in each." + hidden_words(values, "need"),
        )

    return framed(visit, "needs-recorded", "Recorded needs", answer, draw)


def met(visit: Visit, chosen: Chosen) -> html.Figure:
    """Put needs against whether a service that meets them was used."""
    answer = visit.ask("needs", by=("need", "need_met"), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        codes = [need.code for need in visit.catalogue.needs]
        name = {need.code: need.name for need in visit.catalogue.needs}
        label = {code: table.label("need_met", code) for code in OUTCOMES}
        size = {code: sum(cells.get((code, outcome)) or 0 for outcome in OUTCOMES) for code in codes}
        finding = findings.met([(name[c], cells.get((c, "met")), cells.get((c, "not_met"))) for c in codes])
        shares = [[share(cells.get((code, outcome)), size[code]) for outcome in OUTCOMES] for code in codes]
        told = [[_words(name[c], label[o], cells.get((c, o)), size[c]) for o in OUTCOMES] for c in codes]
        return chart_frame(
            "needs-met",
            finding=finding,
            subtitle=f"Of what can be shown of each need, the share whose need a service met, {chosen.during}",
            figure=matrix([name[c] for c in codes], list(label.values()), shares, told, scheme=visit.scheme),
            alt=f"Matrix of needs. {finding}.",
            twin=data_table(
                "Needs and whether they were met",
                ["Need", *label.values()],
                [[name[code], *[cells.get((code, outcome)) for outcome in OUTCOMES]] for code in codes],
            ),
            table=table,
            note="met means that a service of a matching theme was open on the day or soon after, not that it helped."
            + hidden_words([cells.get((c, o)) for c in codes for o in OUTCOMES], "figure"),
        )

    return framed(visit, "needs-met", "Needs that were met", answer, draw)


def use(visit: Visit, chosen: Chosen) -> html.Figure:
    """Draw which themes people with each need use."""
    answer = visit.ask("needs", by=("need", "theme"), period=chosen.period, where=chosen.where)
    sizes = visit.ask("needs", by=("need",), period=chosen.period, where=chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        cells = by_two_codes(table)
        people = by_code(sizes) if isinstance(sizes, ProtectedTable) else {}
        size = {code: value for code, value in ranked(list(people.items())) if value}
        themes = visit.catalogue.themes
        name = {need.code: need.name for need in visit.catalogue.needs}
        found = [
            (name[code], theme.name, count, size[code])
            for code in size
            for theme in themes
            if (count := cells.get((code, theme.code))) is not None
        ]
        if len(found) < len(cells) * LEAST_SHOWN:
            return empty_frame(
                "needs-use",
                finding="Too few people share a need and a theme for this to be read",
                body=html.P(
                    f"{table.hidden_cells:,} of {len(table.rows):,} figures are hidden to protect small groups."
                ),
            )
        finding = findings.use(found)
        shares = [[share(cells.get((code, theme.code)), size[code]) for theme in themes] for code in size]
        told = [[_words(name[c], t.name, cells.get((c, t.code)), size[c]) for t in themes] for c in size]
        return chart_frame(
            "needs-use",
            finding=finding,
            subtitle=f"Of people with the need in the row, the share who used the theme in the column, {chosen.during}",
            figure=matrix(
                [f"{name[c]} ({size[c]:,})" for c in size], [t.name for t in themes], shares, told, scheme=visit.scheme
            ),
            alt=f"Matrix of needs and themes. {finding}.",
            twin=data_table(
                "Needs and themes, strongest first",
                ["Need", "Theme", "People", "Share"],
                [[a, b, n, share_text(n, of)] for a, b, n, of in sorted(found, key=lambda f: -f[2] / f[3])],
                texts=2,
            ),
            table=table,
            note=f"a dot is {HIDDEN}. Use of a theme does not say that it met the need.",
            wide=True,
            least_width=260 + 70 * len(themes),
        )

    return framed(visit, "needs-use", "Needs and services", answer, draw)


def _words(need: str, other: str, people: int | None, of: int) -> str:
    if people is None:
        return f"{need}, {other}: {HIDDEN}"
    return f"{need}<br>{other}: {share_text(people, of)} ({people:,} of {of:,})"
