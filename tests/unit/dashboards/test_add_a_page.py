"""The how-to 'Add a page', followed: its code, as printed, is a page that draws."""

import re
from collections.abc import Callable
from types import ModuleType

from dash import html

from dashboards.visit import Visit
from orchestration.settings import repository_root
from tests.support.pages import components, graphs, texts

PAGE = repository_root() / "docs" / "how-to" / "add-a-page.md"


def _module() -> ModuleType:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    module = ModuleType("dashboards.pages.spells")
    exec(compile(code, str(PAGE), "exec"), module.__dict__)
    return module


def test_the_page_of_the_how_to_draws(visit: Callable[..., Visit]) -> None:
    module = _module()
    layout = module.layout(visit(module.PATH))
    assert graphs(layout)["spells-themes-graph"].data[0].x
    assert "How often do people come and go?" in texts(layout)
    assert any(isinstance(item, html.Table) for item in components(layout))


def test_the_page_of_the_how_to_says_what_a_wrong_link_asks_for(visit: Callable[..., Visit]) -> None:
    module = _module()
    layout = module.layout(visit(module.PATH, period="nothing"))
    assert module.NAME == "Spells"
    assert "The link asks for a period" in " ".join(texts(layout))
