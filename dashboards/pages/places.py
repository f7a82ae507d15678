"""Places: where people who use services live, on a map and ranked, against everyone who lives there."""

from typing import Any

from dash import Dash, html

from dashboards.choices import Chosen, group_filter, period_filter, read_choices, use_filter
from dashboards.components.chart_frame import chart_frame, framed
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.notices import notice
from dashboards.components.page import figures, page, part
from dashboards.components.tables import data_table
from dashboards.figures.numbers import HIDDEN, per_thousand, rate_text
from dashboards.figures.places import fifths, place_map
from dashboards.figures.template import colours
from dashboards.findings import who as findings
from dashboards.findings.comparing import Rate, hidden_words
from dashboards.pages import who_people
from dashboards.reading import by_code
from dashboards.visit import Visit
from orchestration.release import ProtectedTable

PATH, NAME, ICON, PAGE = "/places", "Places", "places", "places"
FILTERS = ("period", "use", "group")
GROUPS = 5


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    catalogue = visit.catalogue
    dimensions = ("sex", "age_group", "ethnic_group")  # deprivation and neighbourhood would cut slivers
    filters: list[Filter] = [
        period_filter(catalogue, ("year", "all", "quarter")),
        use_filter(catalogue),
        group_filter(catalogue, dimensions),
    ]
    chosen = read_choices(visit, filters)
    whom, used = findings.whom_words(chosen.words.get("group"), None), findings.used_words(chosen.words.get("use"))
    body: list[Any] = [
        filter_bar(PAGE, filters, visit.query, path=PATH, said=f"Showing people{whom} who {used}, {chosen.during}."),
        figures([people_map(visit, chosen)]),
        figures([who_people.by_area(visit, chosen, page=PAGE)]),
        *part(
            "Deprivation", "Use by how deprived the small area is that people live in; fifths of all areas of England."
        ),
        figures([who_people.by_deprivation(visit, chosen, page=PAGE)]),
    ]
    lede = "Use of services against everyone who lives in each neighbourhood. A high rate may be need, or good access."
    return page(visit, path=PATH, heading="Where do people who use services live?", lede=lede, body=body)


def people_map(visit: Visit, chosen: Chosen) -> html.Figure | html.Div:
    """Draw neighbourhoods by rate per 1,000 residents in five groups of about the same number."""
    geography = visit.area.geography
    boundaries = geography.boundaries.get("msoa") if geography else None
    if boundaries is None:
        return notice("No map is loaded", html.P("Add boundaries of neighbourhoods to the area pack's geography."))
    answer = visit.ask("people", by=("msoa",), period=chosen.period, where=chosen.where)
    residents = visit.population(("msoa",), chosen.where)

    def draw(table: ProtectedTable) -> html.Figure:
        counts = by_code(table)
        names = {place.code: place.name for place in visit.catalogue.areas if place.level == "msoa"}
        rates = {code: Rate(name, counts.get(code), residents.get((code,))) for code, name in names.items()}
        groups, bounds = fifths({code: rate.value for code, rate in rates.items()}, GROUPS)
        ordered = sorted(rates.values(), key=lambda rate: -(rate.value or -1))
        finding = findings.by_area(ordered, _whole(ordered))
        told = {code: f"{rate.label}: {_said(rate)}" for code, rate in rates.items()}
        shades = [colour for _, colour in colours(visit.scheme).sequential][1:]
        key = [
            (f"from {rate_text(bound)}", shades[round(group * (len(shades) - 1) / (GROUPS - 1))])
            for group, bound in enumerate(bounds)
        ]
        return chart_frame(
            "places-map",
            finding=finding,
            subtitle=f"People per 1,000 residents of each neighbourhood, in five groups, {chosen.during}",
            figure=place_map(boundaries, groups, told, scheme=visit.scheme, count=GROUPS),
            alt=f"Map of {len(rates)} neighbourhoods. {finding}. The table lists them all.",
            twin=data_table(
                "Neighbourhoods, highest rate first",
                ["Neighbourhood", "People", "Residents", "Per 1,000"],
                [[r.label, r.people, round(r.population or 0), rate_text(r.value)] for r in ordered],
            ),
            table=table,
            key=[*key, ("hidden", colours(visit.scheme).faint)] if any(v is None for v in groups.values()) else key,
            note="rates are crude: a neighbourhood of older people uses other services. Some people are shown in a "
            "neighbourhood near their own, to protect them."
            + hidden_words([r.people for r in ordered], "neighbourhood"),
            wide=True,
        )

    return framed(visit, "places-map", "People by neighbourhood", answer, draw)


def _whole(rates: list[Rate]) -> float | None:
    shown = [rate for rate in rates if rate.people is not None and rate.population]
    return per_thousand(sum(rate.people or 0 for rate in shown), sum(rate.population or 0 for rate in shown))


def _said(rate: Rate) -> str:
    return HIDDEN if rate.value is None else f"{rate_text(rate.value)} per 1,000 ({rate.people:,} people)"
