"""What a refresh says at its end."""

import pytest

from orchestration.console import console, print_refresh
from orchestration.defs.refresh import RefreshSummary


def test_names_of_files_are_said_as_they_are_though_they_look_like_markup(capsys: pytest.CaptureFixture[str]) -> None:
    console.cache_clear()
    summary = RefreshSummary(
        feeds=["debt_advice"],
        failures={"housing": "landing/[/x] fails"},
        strays=["[/bold].csv"],
        waiting={"debt_advice": ["a[red].csv (cannot be read: Permission denied)"]},
    )
    print_refresh(summary)
    said = capsys.readouterr().err
    console.cache_clear()
    for text in ("[/bold].csv", "a[red].csv (cannot be read: Permission denied)", "landing/[/x] fails"):
        assert text in said
