"""A process that reads a feed may be killed at any moment: the next one ends where an undisturbed one would have."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.feeds.store import Store
from orchestration.settings import Settings, repository_root
from tests.support.deliveries import make_settings
from tests.support.dying import SECOND_DAY, contents, read

FEED = "debt_advice"


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the homes in which a process was killed, by the moment, and `template`, which nobody disturbed."""
    folder = tmp_path_factory.mktemp("killed")
    environment = os.environ | {"POLARS_MAX_THREADS": "1"}
    command = [sys.executable, "-m", "tests.support.dying", str(folder)]
    subprocess.run(command, check=True, cwd=repository_root(), env=environment)
    return {path.name: path for path in folder.iterdir()}


def test_after_a_kill_at_any_moment_nothing_is_lost_and_the_next_reading_ends_as_an_undisturbed_one(
    homes: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(homes["template"], tmp_path, dirs_exist_ok=True)
    calm = make_settings(tmp_path)
    before = contents(calm)
    read(calm, SECOND_DAY)
    expected = contents(calm)
    half_done = 0
    for moment in sorted(homes.keys() - {"template"}):
        settings = make_settings(homes[moment])
        half_done += contents(settings) not in (before, expected)
        assert rows_without_file(settings) == [], moment
        read(settings, SECOND_DAY)
        assert contents(settings) == expected, moment
    assert len(homes) > 60
    assert half_done > 40


def rows_without_file(settings: Settings) -> list[Path]:
    """Return the files of rows that a committed receipt names and that are not there."""
    store = Store(settings)
    named = [store.rows_path(receipt, entity) for receipt in store.receipts(FEED) for entity in receipt.stored]
    return [path for path in named if path and not path.exists()]
