"""An area with one feed, a home of its own, and no waiting between attempts."""

from pathlib import Path

import pytest

from orchestration.alerts import senders
from orchestration.settings import Settings
from tests.unit.governance.test_rebuild import write_area


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, "FIRST_WAIT_SECONDS", 0.0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = Settings(area_dir=tmp_path / "area", home=tmp_path / "var")
    found.make_folders()
    write_area(found.area_dir)
    return found
