"""What every test shares: nothing may be skipped where the environment says so."""

import os

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped when JOINEDUP_NO_SKIPS is set, where a skip is a failure."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("JOINEDUP_NO_SKIPS") and skipped:
        terminalreporter.write_line(f"{len(skipped)} skipped, and JOINEDUP_NO_SKIPS is set: this run has failed.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a test was skipped although nothing may be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("JOINEDUP_NO_SKIPS") and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
