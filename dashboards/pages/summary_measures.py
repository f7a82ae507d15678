"""The measures of the summary: each asked of the gate for the latest year, the year before, and its past."""

from dataclasses import dataclass

from dash import html

from dashboards.components.tiles import tile
from dashboards.figures.numbers import count_text, share_text
from dashboards.findings import summary as findings
from dashboards.findings.comparing import Rate, change_words
from dashboards.findings.summary import Change
from dashboards.reading import by_code, pairs
from dashboards.visit import Visit
from orchestration.release import ProtectedTable


@dataclass(frozen=True, slots=True)
class Years:
    """The latest reporting year and the one before it (None where the data hold one year only)."""

    latest: str
    latest_label: str
    before: str | None

    @property
    def during(self) -> str:
        """Return the latest year inside a sentence."""
        return f"the {self.latest_label}"


def latest_years(visit: Visit) -> Years:
    """Return the latest two reporting years of the snapshot."""
    years = visit.catalogue.periods_of("year")
    return Years(years[-1].code, years[-1].label, years[-2].code if len(years) > 1 else None)


def people(visit: Visit, years: Years) -> Change:
    """Return how many different people used services in the two years."""
    return _totals(visit, years, "people")


def tiles_of(visit: Visit, years: Years, reached: Change) -> list[html.Div]:
    """Return the six tiles."""
    homes = _totals(visit, years, "households")
    residents = visit.population((), {}).get((), 0)
    several = _by_year(visit, "services_at_once", "4+")
    used = _by_year(visit, "services_used", "1")
    rates = _deprivation(visit, years)
    value, words = findings.gradient(rates)
    single = used[-1] if used else None
    months = _months(visit, "people")
    return [
        tile(
            "People using services",
            count_text(reached.latest),
            _moved(reached),
            history=months,
            scheme=visit.scheme,
            href="/who",
        ),
        tile(
            "Households",
            count_text(homes.latest),
            _moved(homes),
            history=_months(visit, "households"),
            scheme=visit.scheme,
            href="/who",
        ),
        tile(
            "Reach among residents",
            share_text(reached.latest, residents),
            f"of {residents:,} residents used at least one service." if residents else "No population is loaded.",
            href="/who?period=" + years.latest,
            link="Look by age and place",
        ),
        tile(
            "Four or more services at once",
            count_text(several[-1]),
            _several(several, reached.latest),
            history=several,
            scheme=visit.scheme,
            href="/together",
        ),
        tile("Most against least deprived fifth", value[:1].upper() + value[1:], words, href="/who"),
        tile(
            "Used one service only",
            share_text(single, reached.latest),
            ("of people using services; the others met two or more front doors."),
            href="/together",
        ),
    ]


def _totals(visit: Visit, years: Years, measure: str) -> Change:
    answers = [visit.ask(measure, period=code) if code else None for code in (years.latest, years.before)]
    latest, before = (answer.total if isinstance(answer, ProtectedTable) else None for answer in answers)
    return Change(measure, latest, before)


def _months(visit: Visit, measure: str) -> list[int | None]:
    answer = visit.ask(measure, by=("month",), period="all")
    return [value for _, value in pairs(answer)] if isinstance(answer, ProtectedTable) else []


def _by_year(visit: Visit, dimension: str, code: str) -> list[int | None]:
    """Return one figure of a dimension for every reporting year, oldest first; None where hidden or refused."""
    answers = [visit.ask("people", by=(dimension,), period=year.code) for year in visit.catalogue.periods_of("year")]
    return [by_code(answer).get(code) if isinstance(answer, ProtectedTable) else None for answer in answers]


def _deprivation(visit: Visit, years: Years) -> list[Rate]:
    answer = visit.ask("people", by=("deprivation",), period=years.latest)
    counts = by_code(answer) if isinstance(answer, ProtectedTable) else {}
    residents = visit.population(("deprivation",), {})
    return [Rate(code, counts.get(code), residents.get((code,))) for code in "12345"]


def _moved(change: Change) -> str:
    return change_words(change.latest, change.before, before_label="the year before")


def _several(history: list[int | None], total: int | None) -> str:
    latest = history[-1] if history else None
    if latest is None:
        return "Too few people to publish, or none."
    moved = change_words(latest, history[-2], before_label="the year before") if len(history) > 1 else ""
    return f"{share_text(latest, total)} of people, on at least one day. {moved}"
