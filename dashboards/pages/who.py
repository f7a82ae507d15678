"""Who uses services: how many different people, by service, time, age and sex, deprivation, ethnic group and place."""

from typing import Any

from dash import Dash, html

from dashboards.choices import (
    Chosen,
    area_filter,
    group_filter,
    limited,
    period_filter,
    read_choices,
    too_many,
    use_filter,
)  # fmt: skip
from dashboards.components.filters import Filter, filter_bar, register_filters
from dashboards.components.notices import notice
from dashboards.components.page import figures, page, part
from dashboards.components.tiles import tile, tiles
from dashboards.figures.numbers import count_text, per_thousand, rate_text, share_text
from dashboards.findings import who as findings
from dashboards.pages import who_charts as charts
from dashboards.pages import who_people as people_charts
from dashboards.visit import Visit
from orchestration.release import ProtectedTable, Refused

PATH, NAME, ICON, PAGE = "/who", "Who uses services", "who", "who"
FILTERS = ("period", "use", "group", "area")


def register(app: Dash) -> None:
    """Let the filters write the URL."""
    register_filters(app, PAGE, FILTERS)


def layout(visit: Visit) -> html.Div:
    """Draw the page of one URL."""
    offered = _filters(visit)
    chosen = read_choices(visit, offered)
    if too_many(chosen):
        return _too_narrow(visit, offered)
    total = visit.ask("people", period=chosen.period, where=chosen.where)
    people = total.total if isinstance(total, ProtectedTable) else None
    whom = findings.whom_words(chosen.words.get("group"), chosen.words.get("area"))
    used = findings.used_words(chosen.words.get("use"))
    residents = charts.population_of(visit, chosen)
    lede = findings.lede(people, whom=whom, used=used, during=chosen.during, population=residents)
    said = f"Showing people{whom} who {used}, {chosen.during}."
    bar = filter_bar(PAGE, limited(offered, chosen), visit.query, path=PATH, said=said)
    body: list[Any] = [bar, _tiles(visit, chosen, people, residents)]
    if isinstance(total, Refused) or people is None:
        body.insert(
            1, notice("Too few people to publish", html.P("Choose a longer period, or clear a filter."), tone="warn")
        )
    body += [
        figures([charts.by_use(visit, chosen, people), charts.over_time(visit, chosen)]),
        *part(
            "What kind of people",
            (
                "Rates put people who use services against everyone who lives "
                "here, so that large groups do not hide small ones."
            ),
        ),
        _people_figures(visit, chosen, people),
        *part("Where they live"),
        figures([people_charts.by_area(visit, chosen)]),
    ]
    return page(visit, path=PATH, heading="Who uses services?", lede=lede, body=body)


def _people_figures(visit: Visit, chosen: Chosen, people: int | None) -> html.Div:
    """Lay out the charts of people's backgrounds in columns, whichever of them the filters leave."""
    age = people_charts.by_age_and_sex(visit, chosen)
    others = [people_charts.by_deprivation(visit, chosen), people_charts.by_ethnic_group(visit, chosen, people)]
    shown = [item for item in others if item is not None]
    return figures([age, *shown])


def _filters(visit: Visit) -> list[Filter]:
    catalogue = visit.catalogue
    return [
        period_filter(catalogue, ("year", "all", "quarter")),
        use_filter(catalogue),
        group_filter(catalogue),
        area_filter(catalogue),
    ]


def _too_narrow(visit: Visit, offered: list[Filter]) -> html.Div:
    reason = "This link narrows the view in three ways. With two, every chart can still show something."
    body = [
        filter_bar(PAGE, offered, visit.query, path=PATH, said="Choose at most two of service, people and area."),
        notice("This view is too detailed to publish", html.P(reason), tone="warn"),
    ]
    return page(visit, path=PATH, heading="Who uses services?", lede="Clear one filter to go on.", body=body)


def _tiles(visit: Visit, chosen: Chosen, people: int | None, residents: int | None) -> html.Div:
    items = [tile("Different people", count_text(people), chosen.period_label)]
    if "group" not in chosen.words or "deprivation" in chosen.where:
        homes = visit.ask("households", period=chosen.period, where=chosen.where)
        if isinstance(homes, ProtectedTable):
            items.append(
                tile("Households", count_text(homes.total), "with someone using a service, where the address is known")
            )
    rate = per_thousand(people, residents)
    if residents and rate is not None:
        items.append(tile("In every 1,000 residents", rate_text(rate), f"of {residents:,} residents"))
    used = charts.several_services(visit, chosen)
    if used is not None:
        items.append(
            tile(
                "Used three services or more",
                share_text(used, people),
                f"{count_text(used)} people; hidden groups not included",
            )
        )
    return tiles(items)
