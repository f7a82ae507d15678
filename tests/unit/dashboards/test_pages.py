"""Every page draws from a snapshot, in every state, with one frame a chart and nothing hidden shown as zero."""

from collections import Counter
from collections.abc import Callable
from types import ModuleType

import pytest
from dash import html

from dashboards.app import PAGES
from dashboards.components.notices import refusal
from dashboards.components.page import failed_page
from dashboards.figures.numbers import HIDDEN
from dashboards.pages import journeys, not_found, sharing, summary, together, trust, who
from dashboards.pages.trust_protection import READERS, looser
from dashboards.visit import Visit
from orchestration.release import NotPermitted
from tests.support.pages import attribute, components, graphs, ids, texts

Maker = Callable[..., Visit]
STATES = (
    {},
    {"period": "all"},
    {"period": "nonsense", "area": "msoa:nowhere", "use": "theme:none", "view": "?"},
    {"group": "sex:F"},
    {"group": "age_group:16-24", "area": "msoa:E02000003"},
    {"use": "service:recovery_service", "group": "ethnic_group:other", "period": "2023-Q4"},
    {"use": "theme:debt", "group": "sex:F", "area": "lad:E07009001"},
    {"view": "services"},
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
@pytest.mark.parametrize("query", STATES, ids=str)
def test_every_page_draws_in_every_state(visit: Maker, page: ModuleType, query: dict[str, str]) -> None:
    layout = page.layout(visit(page.PATH, **query))
    headings = [item for item in components(layout) if isinstance(item, html.H1)]
    assert len(headings) == 1
    assert attribute(headings[0], "data-path") == page.PATH
    assert [name for name, times in Counter(ids(layout)).items() if times > 1] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_every_chart_has_finding_text_alternative_and_table_twin(visit: Maker, page: ModuleType) -> None:
    layout = page.layout(visit(page.PATH))
    for figure in (item for item in components(layout) if isinstance(item, html.Figure)):
        inside = list(components(figure))
        if not any(type(item).__name__ == "Graph" for item in inside):
            continue
        finding = next(item for item in inside if isinstance(item, html.H2)).children
        assert finding
        assert not finding.endswith(".")
        images = [item for item in inside if getattr(item, "role", None) == "img"]
        assert len(images) == 1
        assert finding in attribute(images[0], "aria-label")
        assert any(isinstance(item, html.Table) for item in inside)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_ids_begin_with_their_page(visit: Maker, page: ModuleType) -> None:
    known = (f"{page.PAGE}-", "page-", "glossary")
    assert [name for name in ids(page.layout(visit(page.PATH))) if not name.startswith(known)] == []


def test_bars_of_people_are_published_figures(visit: Maker) -> None:
    """The gate cannot give another; this holds that the pages add nothing to them on the way to a chart."""
    found = graphs(who.layout(visit("/who"))) | graphs(journeys.layout(visit("/journeys")))
    for name in ("who-use-graph", "journeys-entry-theme-graph", "journeys-entry-service-graph"):
        assert all(value % 5 == 0 and value >= 10 for value in found[name].data[0].x)


def test_hidden_cells_read_so_in_the_table_and_never_as_zero(visit: Maker) -> None:
    layout = who.layout(visit("/who", period="Y2025", area="msoa:E02000003"))
    cells = [text for item in components(layout) if isinstance(item, html.Td) for text in texts(item)]
    assert HIDDEN in cells
    assert "0" not in cells


def test_a_refused_chart_says_why_and_offers_the_coarser_view(visit: Maker) -> None:
    layout = who.layout(visit("/who", period="2023-Q4", use="service:recovery_service", group="ethnic_group:asian"))
    assert "This view is too detailed to publish" in texts(layout)
    links = [item.href for item in components(layout) if type(item).__name__ == "Link"]
    assert any(link.startswith("/who?period=") for link in links)


def test_three_narrowings_in_a_link_are_refused_with_advice(visit: Maker) -> None:
    layout = who.layout(visit("/who", use="theme:debt", group="sex:F", area="msoa:E02000003"))
    assert not graphs(layout)
    assert any("narrows the view in three ways" in text for text in texts(layout))


def test_the_co_use_matrix_is_asymmetric(visit: Maker) -> None:
    cells = graphs(together.layout(visit("/together")))["together-couse-graph"].data[0].z
    assert cells[0][1] != cells[1][0]


def test_charts_follow_the_colour_scheme(visit: Maker) -> None:
    light, dark = (graphs(who.layout(visit("/who", scheme)))["who-use-graph"] for scheme in ("light", "dark"))
    assert light.data[0].marker.color != dark.data[0].marker.color


def test_the_summary_has_at_most_six_measures(visit: Maker) -> None:
    layout = summary.layout(visit("/"))
    assert sum(getattr(item, "className", "") == "tile" for item in components(layout)) <= 6


def test_the_sharing_page_names_what_is_missing_and_why(visit: Maker) -> None:
    words = " ".join(texts(sharing.layout(visit("/sharing"))))
    assert "the agreement isa-1 expired on 30 June 2026" in words
    assert "Drug and alcohol treatment" in words


def test_the_trust_page_explains_the_hiding_of_figures(visit: Maker) -> None:
    words = " ".join(texts(trust.layout(visit("/trust"))))
    assert HIDDEN in words
    assert "hidden below 10" in words


def test_pages_that_fail_or_do_not_exist_lead_on() -> None:
    assert "Run it" in texts(failed_page("Who", "/who", "Run it"))
    assert "There is no page at this address" in texts(not_found.layout(anything="x"))


def test_without_a_population_people_are_counted_and_no_rate_is_told(
    visit: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Visit, "population", lambda *_: {})
    for page in (who, summary):
        words = " ".join(texts(page.layout(visit(page.PATH))))
        assert "every 1,000" not in words.replace("In every 1,000 residents", "")
    assert "no population is loaded" in " ".join(texts(who.layout(visit("/who"))))


@pytest.mark.parametrize(("page", "said"), [(trust, "Refused"), (summary, "was refused and has not been mended")])
def test_a_refused_delivery_is_told_on_the_pages(visit: Maker, page: ModuleType, said: str) -> None:
    assert any(said in text for text in texts(page.layout(visit(page.PATH))))


def test_the_rules_in_force_stand_on_the_trust_page(visit: Maker) -> None:
    rows = visit().gate.policies()
    table = next(
        item
        for item in components(trust.layout(visit("/trust")))
        if isinstance(item, html.Table) and "rules in force" in " ".join(texts(item))
    )
    told = " ".join(texts(table))
    assert [row["threshold"] for row in rows] == [10, 20, 20]
    assert all(f"{row['threshold']}" in told and f"{row['rounding_base']}" in told for row in rows)
    assert all(reader in told for reader in READERS.values())
    assert told.count("No") >= len(rows)


def test_a_looser_rule_is_told_with_whoever_decided_it() -> None:
    row = {
        "loosened": "smallest_base, threshold",
        "decision": "D-7 of 2026-05-01, Data protection officer: few read it",
    }
    assert looser(row).startswith("Smallest base, threshold, by decision D-7 of 2026-05-01, Data protection officer")
    assert looser({"loosened": "", "decision": None}) == "No"


def test_the_explorer_tells_for_partners_and_a_purpose_what_is_shared_possible_and_blocked(visit: Maker) -> None:
    def said(**query: str) -> str:
        return " ".join(texts(sharing.layout(visit("/sharing", **query))))

    blocked = said(first="tidewell_jobcentre", second="tidewell_council_children")
    assert "Legal barrier: The agreement does not permit ethnicity from claims." in blocked
    assert "Owner: Jobcentre partnership manager, by 31 December 2026." in blocked
    assert "1 are blocked" in blocked
    assert "Readiness of Tidewell Jobcentre" in blocked
    other = said(first="tidewell_jobcentre", second="tidewell_council_children", purpose="research")
    assert "0 data items are shared now" in other
    assert "Missing: the purpose research in isa-08-jobcentre" in other
    assert "In and out of short jobs" in other


def test_a_figure_that_no_agreement_permits_is_not_called_too_detailed() -> None:
    said = " ".join(texts(refusal(NotPermitted("agreement isa-x is suspended"), "/who")))
    assert "This may not be shown now" in said
    assert "agreement isa-x is suspended" in said
    assert "too detailed" not in said
    assert "coarser" not in said
