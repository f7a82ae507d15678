"""One invented published snapshot for the tests of the dashboards, and visits to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dashboards.visit import Visit
from orchestration.area import load_area
from orchestration.release import Gate
from orchestration.settings import Settings
from tests.support.snapshot import make_snapshot


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a home with an invented snapshot; tests only read it."""
    return make_snapshot(tmp_path_factory.mktemp("pages"), people=3000, seed=3)


@pytest.fixture(scope="session")
def visit(published: Settings) -> Callable[..., Visit]:
    """Return a maker of visits: visit("/who", period="all")."""
    gate, area = Gate(published), load_area(published.area_dir)

    def make(path: str = "/", scheme: str = "light", **query: str) -> Visit:
        return Visit(gate, area, query, "dark" if scheme == "dark" else "light", path)

    return make


@pytest.fixture
def empty_home(tmp_path: Path) -> Settings:
    """Return the settings of a home in which nothing has been published."""
    from orchestration.settings import repository_root

    settings = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=tmp_path)
    settings.make_folders()
    return settings
