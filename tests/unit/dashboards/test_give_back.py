"""What comes back to a partner: published figures of its own services, and nothing where agreements do not say so."""

from collections.abc import Callable
from dataclasses import replace

from dash import html

from dashboards.access.door import Reader
from dashboards.pages.own_give_back import MOST_OTHERS, give_back
from dashboards.visit import Visit
from orchestration.release import NotPermitted, Request
from tests.support.pages import texts

PARTNER = Reader("somebody", "partner", "partner")


class Withheld(Visit):
    """A visit whose every question rests on a feed that its reader may not see."""

    def put(self, request: Request) -> NotPermitted:
        return NotPermitted(f"The agreement lets no partner see {request.measure}.")


def test_a_partner_gets_back_what_else_its_people_use_as_designers_see_it(visit: Callable[..., Visit]) -> None:
    here = replace(visit("/own"), reader=PARTNER)
    services = [one.code for one in here.catalogue.dimensions["service"].values][:2]
    told = texts(html.Div(give_back(here, services)))
    year = here.catalogue.periods_of("year")[-1].code
    largest = here.ask("people_using_both", by=("service_b",), period=year, where={"service_a": services[0]})
    shown = {str(value) for value in told}
    figures = sorted((row[-1] for row in largest.rows if isinstance(row[-1], int)), reverse=True)[:MOST_OTHERS]
    assert figures
    assert {f"{figure:,}" for figure in figures} <= shown


def test_an_agreement_that_names_no_partner_gives_nothing_back_and_says_why(visit: Callable[..., Visit]) -> None:
    made = visit("/own")
    told = " ".join(texts(html.Div(give_back(Withheld(made.gate, made.area, reader=PARTNER), ["debt_advice"]))))
    assert "Nothing can be given back now. The agreement lets no partner see people_using_both." in told
    assert not any(sign.isdigit() for sign in told.split("given back now")[1])
