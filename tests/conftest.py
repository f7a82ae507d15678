"""What every test shares: one small simulated area, built once; and no skip where the environment forbids it."""

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from orchestration.settings import Settings, repository_root

# CI tries the same cases every time, so that what lands is what was tried; elsewhere every run explores new ones.
hypothesis_settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    hypothesis_settings.load_profile("ci")

# Whatever starts jobs in the background (CI among them) may have them ignore SIGINT, and children inherit that: tests
# of Ctrl-C need it heeded, as in a terminal.
signal.signal(signal.SIGINT, signal.default_int_handler)

SMALL = {"people": 3_000, "months": 36, "seed": 7}


@pytest.fixture(scope="session")
def small_area(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a home in which the whole flow has run once over a small simulated area; tests only read it."""
    from orchestration.defs.refresh import refresh
    from seeds.simulate import simulate

    home = tmp_path_factory.mktemp("small") / "var"
    settings = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=home)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
            patch.setenv(name, os.environ.get(name, ""))
        simulate(**SMALL, out=home)
        refresh(settings)
    return settings


@pytest.fixture(scope="session")
def truth(small_area: Settings) -> Path:
    """Return the folder with the hidden truth of the small area."""
    return small_area.home / "truth"


DEAR = {"small_area": "area", "truth": "area", "warehouse": "warehouse"}
"""What is built once for many tests, by the fixture or folder that they share: they stay in one process."""


def group_of(item: pytest.Item) -> str:
    """Return which tests run in the same process: those that share something dear, else those of one module."""
    shared = [*getattr(item, "fixturenames", ()), *(item.path.parts if "unit" in item.path.parts else ())]
    return next((DEAR[name] for name in shared if name in DEAR), str(item.path.relative_to(item.config.rootpath)))


def turn_of(item: pytest.Item) -> int:
    """Return when a test runs: what takes longest first, so that processes end together.

    The browser comes last: Playwright keeps an event loop running in its thread, which Dagster's own cannot share.
    """
    parts = item.path.parts
    if "browser" in parts:
        return 3
    if group_of(item) in DEAR.values():
        return 0
    return 1 if {"pipeline", "property", "acceptance"} & set(parts) else 2


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name the group of each test, which pytest-xdist keeps in one process."""
    item.add_marker(pytest.mark.xdist_group(group_of(item)))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests into the order of their turns, and keep the order within."""
    items.sort(key=turn_of)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why a run with skips has failed when JOINEDUP_NO_SKIPS is set."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("JOINEDUP_NO_SKIPS") and skipped:
        terminalreporter.write_line(f"{len(skipped)} skipped, but JOINEDUP_NO_SKIPS is set: failed.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped although nothing may be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("JOINEDUP_NO_SKIPS") and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
