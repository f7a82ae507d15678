"""What a partner gets back for what it sends: what else its people use, as the gate publishes it."""

from typing import Any

from dash import html

from dashboards.components.page import part
from dashboards.components.tables import data_table
from dashboards.reading import pairs
from dashboards.visit import Visit
from orchestration.area.services import services_of
from orchestration.release import NotPermitted, ProtectedTable

MOST_OTHERS = 5
MOST_SERVICES = 12
SAID = "Of the people who use a service of yours, how many also use another. The figures are those that designers see."


def give_back(visit: Visit, services: list[str]) -> list[Any]:
    """Draw one table: each of these services, with the services that most of its people also use."""
    year = visit.catalogue.periods_of("year")
    if not services or not year:
        return []
    period = year[-1]
    rows: list[list[Any]] = []
    withheld = ""
    for service in services[:MOST_SERVICES]:
        answer = visit.ask("people_using_both", by=("service_b",), period=period.code, where={"service_a": service})
        if isinstance(answer, ProtectedTable):
            rows += _others(answer, _label(visit, service))
        elif isinstance(answer, NotPermitted):
            withheld = answer.reason
    heading = part("What comes back to you", f"{SAID} Year: {period.label}.")
    if withheld:
        return [*heading, html.P(f"Nothing can be given back now. {withheld}", className="card")]
    if not rows:
        return [*heading, html.P("Too few people use your services to publish what else they use.", className="card")]
    return [*heading, data_table("What else your people use", ["Your service", "Also used", "People"], rows, texts=2)]


def own_services(visit: Visit, feeds: list[str]) -> list[str]:
    """Return the services that feeds report on, in the order of the catalogue."""
    found: set[str] = set()
    for feed in feeds:
        contract = visit.area.contracts.get(feed)
        found |= (services_of(contract) or frozenset()) if contract else frozenset()
    return [one.code for one in visit.catalogue.dimensions["service"].values if one.code in found]


def _others(table: ProtectedTable, service: str) -> list[list[Any]]:
    told = [(label, people) for label, people in pairs(table) if people is not None and label != service]
    told.sort(key=lambda pair: (-pair[1], pair[0]))
    return [[service, label, people] for label, people in told[:MOST_OTHERS]]


def _label(visit: Visit, service: str) -> str:
    return next(one.label for one in visit.catalogue.dimensions["service"].values if one.code == service)
