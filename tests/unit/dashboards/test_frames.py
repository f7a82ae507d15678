"""What stands around every chart: explanation, ways to take it along, words that explain themselves; and the sheets."""

from collections.abc import Callable
from types import ModuleType

import pytest
from dash import html
from dash.development.base_component import Component

from dashboards.app import PAGES
from dashboards.components.chart_frame import is_chart
from dashboards.components.explain import form_of
from dashboards.figures.forms import HOW_TO_READ
from dashboards.glossary import MARKED, glossary, with_terms
from dashboards.pages import accessibility, personas, trust, who
from dashboards.visit import Visit
from orchestration.release.words import MEASURES
from tests.support.pages import attribute, components, graphs, ids, texts

Maker = Callable[..., Visit]


def charts(layout: Component) -> list[Component]:
    return [item for item in components(layout) if is_chart(item)]


def acts(layout: Component) -> list[str]:
    return [attribute(item, "data-act") for item in components(layout) if isinstance(item, html.Button)]


def panel(frame: Component, summary: str) -> list[str]:
    """Return the texts of one of a chart's panels."""
    found = [item for item in components(frame) if isinstance(item, html.Details) and summary in texts(item)]
    return texts(found[0]) if found else []


def spoken(item: object) -> str:
    """Return the text of a component in reading order, without its tooltips."""
    if getattr(item, "role", "") == "tooltip":
        return ""
    inside = item if isinstance(item, str) else getattr(item, "children", None)
    listed = inside if isinstance(inside, list | tuple) else [inside]
    return "".join(part if isinstance(part, str) else spoken(part) for part in listed if part is not None)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_every_chart_says_how_its_kind_is_read(visit: Maker, page: ModuleType) -> None:
    layout = page.layout(visit(page.PATH))
    for name, figure in graphs(layout).items():
        assert form_of(figure) in HOW_TO_READ, f"{name} names no form: layout(scheme, height=..., form=...)"
    for frame in charts(layout):
        assert "How to read it" in panel(frame, "Explain this chart")


def test_an_explanation_tells_what_is_counted_in_the_words_of_the_measure(visit: Maker) -> None:
    (frame,) = (item for item in charts(who.layout(visit("/who"))) if item.id == "who-use-figure")
    (told,) = (spoken(item) for item in components(frame) if getattr(item, "className", "") == "cert explain")
    assert MEASURES["people"].definition in told
    assert MEASURES["people"].not_counted in told
    assert "The theme that the service directory puts a service in." in told


def test_a_picture_is_offered_of_protected_figures_only(visit: Maker) -> None:
    with_certificate = [frame for frame in charts(who.layout(visit("/who"))) if panel(frame, "How this was made")]
    assert with_certificate
    for frame in with_certificate:
        assert {"save-image", "copy-image", "copy-link", "present"} <= set(acts(frame))
    operational = [frame for frame in charts(trust.layout(visit("/trust"))) if not panel(frame, "How this was made")]
    assert operational
    for frame in operational:
        assert not {"save-image", "copy-image"} & set(acts(frame))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_a_page_offers_to_present_its_charts_if_it_has_any(visit: Maker, page: ModuleType) -> None:
    layout = page.layout(visit(page.PATH))
    assert ("Present the charts one by one" in texts(layout)) == bool(charts(layout))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.PAGE)
def test_every_page_leads_to_the_accessibility_statement(visit: Maker, page: ModuleType) -> None:
    links = [getattr(item, "href", "") for item in components(page.layout(visit(page.PATH)))]
    assert accessibility.PATH in links


def test_the_statement_says_what_was_not_tested(visit: Maker) -> None:
    told = " ".join(texts(accessibility.layout(visit("/accessibility"))))
    assert "No screen reader has been run" in told
    assert "draft" in told


def test_every_word_that_is_marked_is_in_the_glossary() -> None:
    assert [word for word, term in MARKED.items() if term not in glossary()] == []
    assert len(glossary()) > 50
    assert not any(mark in meaning for meaning in glossary().values() for mark in "*`|")


def test_a_term_is_explained_once_and_described_by_its_tooltip() -> None:
    found = with_terms("x", "Spells of use; a spell is one stay. Themes differ by theme. Households are many.")
    marked = [part for part in found if isinstance(part, html.Span)]
    assert len(marked) == 2, "at most two a text, each term once"
    button, tip = marked[0].children
    assert button.children == "Spells"
    assert attribute(button, "aria-describedby") == tip.id == "x-term-1"
    assert tip.role == "tooltip"
    assert tip.children.startswith("Episodes of one service")
    assert "".join(part if isinstance(part, str) else part.children[0].children for part in found).startswith(
        "Spells of"
    )


def test_a_part_of_a_word_is_no_term() -> None:
    assert with_terms("x", "Misspellings and themed non-contacts") == ["Misspellings and themed non-contacts"]


@pytest.mark.parametrize("paper", ["a4", "a3"])
def test_personas_are_sheets_for_a_wall_with_figures_that_the_page_may_show(visit: Maker, paper: str) -> None:
    layout = personas.layout(visit("/personas", paper=paper))
    sheets = [item for item in components(layout) if getattr(item, "className", "") == f"sheet card {paper}"]
    assert len(sheets) == sum(one.kind == "persona" for one in visit().catalogue.personas) > 1
    assert len(set(ids(layout))) == len(ids(layout))
    for sheet in sheets:
        stages = [item for item in components(sheet) if getattr(item, "className", "") == "stages"]
        assert len(stages[0].children) == 6
        counts = [texts(item)[0] for item in components(stages[0]) if isinstance(item, html.B)]
        assert all(int(count.replace(",", "")) >= 10 and int(count.replace(",", "")) % 5 == 0 for count in counts)
        assert "What would we change first?" in texts(sheet)
        assert any("not a person" in text for text in texts(sheet))


def test_a_sheet_says_why_a_stage_is_not_shown(visit: Maker) -> None:
    told = " ".join(texts(personas.layout(visit("/personas", paper="a4"))))
    assert "Not shown. " in told or "Too rare to show." in told
