"""What a reader can choose on a page, taken from the catalogue, and what a choice means to the gate.

A choice is written in the URL as `dimension:code` ("theme:debt"). The gate grants three attributes, filters counted,
and every chart needs at least one of them for itself: so two narrowings are the most, and the bar says so beforehand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dashboards.components.filters import Filter
from dashboards.figures.numbers import in_sentence
from dashboards.visit import ANY, Visit
from orchestration.release import Catalogue

MOST_NARROWINGS = 2
PERIOD = "period"
LEVEL_NAMES = {"year": "Years", "all": "All of the data", "quarter": "Quarters"}
GROUP_DIMENSIONS = ("sex", "age_group", "ethnic_group", "deprivation")


@dataclass(frozen=True)
class Chosen:
    """The choices in force: `where` for the gate, and each narrowing in words by its filter's name."""

    period: str
    period_label: str
    where: dict[str, str]
    words: dict[str, str]

    @property
    def during(self) -> str:
        """Return the period inside a sentence: 'the 12 months to September 2026'."""
        return f"the {self.period_label}" if self.period_label[:1].isdigit() else self.period_label

    def without(self, *dimensions: str) -> dict[str, str]:
        """Return the conditions but those on some dimensions."""
        return {name: code for name, code in self.where.items() if name not in dimensions}


def period_filter(catalogue: Catalogue, levels: Sequence[str]) -> Filter:
    """Offer the periods of some levels, the latest year first and chosen."""
    years = catalogue.periods_of("year")
    groups: list[dict[str, Any]] = []
    for level in levels:
        items = [{"value": entry.code, "label": entry.label} for entry in reversed(catalogue.periods_of(level))]
        groups.append({"group": LEVEL_NAMES[level], "items": items})
    return Filter(PERIOD, "Period", groups, years[-1].code if years else "all")


def whole_period_filter(catalogue: Catalogue) -> Filter:
    """Offer the whole of the data, chosen, and each year: for what is too rare to show well in one year."""
    return replace(period_filter(catalogue, ("all", "year")), default="all")


def use_filter(catalogue: Catalogue) -> Filter:
    """Offer every theme, and every service in use under its theme."""
    themes = [
        {"value": f"theme:{theme.code}", "label": f"All of {in_sentence(theme.name)}"} for theme in catalogue.themes
    ]
    groups: list[dict[str, Any]] = [{"value": ANY, "label": "Any service"}, {"group": "Themes", "items": themes}]
    for theme in catalogue.themes:
        found = [service for service in catalogue.services if service.theme == theme.code and service.in_use]
        if found:
            items = [{"value": f"service:{service.code}", "label": service.name} for service in found]
            groups.append({"group": theme.name, "items": items})
    return Filter("use", "Service or theme", groups)


def group_filter(catalogue: Catalogue, dimensions: Sequence[str] = GROUP_DIMENSIONS) -> Filter:
    """Offer the groups of people that may be looked at alone."""
    groups: list[dict[str, Any]] = [{"value": ANY, "label": "Everyone"}]
    for name in dimensions:
        dimension = catalogue.dimensions[name]
        items = [
            {"value": f"{name}:{v.code}", "label": v.label} for v in dimension.values if v.code not in ("unknown", "U")
        ]
        groups.append({"group": dimension.label, "items": items})
    return Filter("group", "People", groups)


def area_filter(catalogue: Catalogue) -> Filter:
    """Offer districts (where there are several) and neighbourhoods."""
    groups: list[dict[str, Any]] = [{"value": ANY, "label": "Whole area"}]
    districts = [place for place in catalogue.areas if place.level == "lad"]
    for level, title, places in (
        ("lad", "Districts", districts if len(districts) > 1 else []),
        ("msoa", "Neighbourhoods", [place for place in catalogue.areas if place.level == "msoa"]),
    ):
        if places:
            items = [{"value": f"{level}:{place.code}", "label": place.name} for place in places]
            groups.append({"group": title, "items": items})
    return Filter("area", "Area", groups)


def read_choices(visit: Visit, filters: Sequence[Filter]) -> Chosen:
    """Return what the URL chooses among the filters."""
    period = next(item.chosen(visit.query) for item in filters if item.name == PERIOD)
    label = next((entry.label for entry in visit.catalogue.periods if entry.code == period), period)
    where: dict[str, str] = {}
    words: dict[str, str] = {}
    for item in filters:
        dimension, _, code = item.chosen(visit.query).partition(":")
        if code:
            where[dimension] = code
            words[item.name] = label_words(visit.catalogue, dimension, code)
    return Chosen(period, label, where, words)


def limited(filters: Sequence[Filter], chosen: Chosen) -> list[Filter]:
    """Lock the filters that would make one narrowing too many, and tell why on the control."""
    if len(chosen.where) < MOST_NARROWINGS:
        return list(filters)
    why = "Two at once is the most that can be published: clear one first"
    return [item if item.name == PERIOD or item.name in chosen.words else replace(item, locked=why) for item in filters]


def label_words(catalogue: Catalogue, dimension: str, code: str) -> str:
    """Say a condition inside a sentence."""
    label = catalogue.dimensions[dimension].label_of(code)
    forms = {
        "sex": {"F": "female", "M": "male"}.get(code, label),
        "age_group": f"aged {in_sentence(label)}",
        "age_band": f"aged {in_sentence(label)}",
        "deprivation": f"living in the {in_sentence(label)} of neighbourhoods",
        "ethnic_group": f"of ethnic group {label}",
        "theme": f"a service of {in_sentence(label)}",
    }
    return forms.get(dimension, label)


def too_many(chosen: Chosen) -> bool:
    """Return whether a link asks for more narrowings than any chart could be published for."""
    return len(chosen.where) > MOST_NARROWINGS
