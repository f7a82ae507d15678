"""docs/how-to/add-a-check.md, followed word for word."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from orchestration.feeds import checks, plausibility, rowrules
from orchestration.feeds.checks_reference import reference_page
from orchestration.settings import repository_root
from tests.support import deliveries

PAGE = repository_root() / "docs" / "how-to" / "add-a-check.md"
BLOCK = re.compile(r"```(yaml|python)\n(.*?)```", re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    return [(kind, text) for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Add the page's entries to a copy of the registry, and its functions to the finders; give its tests by name."""
    registry = tmp_path / "checks.yaml"
    entries = "".join(text for kind, text in blocks() if kind == "yaml")
    registry.write_text(checks.REGISTRY.read_text("utf-8") + entries, encoding="utf-8")
    monkeypatch.setattr(checks, "REGISTRY", registry)
    monkeypatch.setattr(plausibility, "FINDERS", dict(plausibility.FINDERS))
    checks.registry.cache_clear()
    rowrules._rules.cache_clear()
    names: dict[str, Any] = {**vars(deliveries), **vars(plausibility), "pl": pl}
    for kind, text in blocks():
        if kind == "python":
            exec(text, names)
    yield {name: value for name, value in names.items() if name.startswith("test_")}
    monkeypatch.undo()
    checks.registry.cache_clear()
    rowrules._rules.cache_clear()


def test_the_pages_checks_pass_the_pages_tests(followed: dict[str, Any], tmp_path: Path) -> None:
    assert len(followed) == 2
    for name, test in followed.items():
        (tmp_path / name).mkdir()
        test(tmp_path / name)


def test_a_check_added_is_in_the_reference_without_another_line(followed: dict[str, Any]) -> None:
    assert "### long_wait" in reference_page()
    assert plausibility.unfound() == set()
