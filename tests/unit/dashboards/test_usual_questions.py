"""What pages ask when they are opened is among the usual questions, which are counted when a snapshot is published."""

from collections.abc import Callable

import pytest

from dashboards.app import PAGES
from dashboards.visit import Visit
from orchestration.release.usual import USUAL

TABLES = {(measure, tuple(sorted(by))) for measure, tables in USUAL.items() for by in tables}
DRAWN = [page for page in PAGES if page.PATH not in ("/own", "/decisions", "/accessibility", "/sharing")]


@pytest.mark.parametrize("page", DRAWN, ids=lambda page: page.PATH)
def test_an_opened_page_asks_usual_questions(visit: Callable[..., Visit], page: object) -> None:
    opened = visit(page.PATH)  # type: ignore[attr-defined]
    page.layout(opened)  # type: ignore[attr-defined]
    asked = {(request.measure, tuple(sorted(request.attributes))) for request, _answer in opened.asked}
    assert asked
    assert asked <= TABLES
