"""Mistakes at the command line: a clear message on standard error, the class's exit code, no traceback."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orchestration.settings import repository_root

COMMANDS = ("demo", "simulate", "check", "pseudonymise", "refresh", "serve", "dagster", "query", "report", "status")
DEMO_AREA = repository_root() / "seeds" / "demo_area"


def joinedup(*arguments: str, home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "JOINEDUP_HOME": str(home), "COLUMNS": "100", **variables}
    command = [str(Path(sys.executable).parent / "joinedup"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_help_names_every_stable_command(tmp_path: Path) -> None:
    done = joinedup("--help", home=tmp_path)
    assert done.returncode == 0
    assert all(re.search(rf"\b{command}\b", done.stdout) for command in COMMANDS)


@pytest.fixture
def area(tmp_path: Path) -> Path:
    folder = tmp_path / "area"
    shutil.copytree(DEMO_AREA, folder)
    return folder


def test_a_folder_that_is_no_area_pack_is_told(tmp_path: Path) -> None:
    done = joinedup("refresh", home=tmp_path / "var", JOINEDUP_AREA=str(tmp_path))
    assert done.returncode == 4
    assert "it has no area.yaml" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_empty_landing_folder_is_told_with_where_to_put_files(tmp_path: Path) -> None:
    done = joinedup("refresh", home=tmp_path / "var")
    assert done.returncode == 5
    assert "no delivery has arrived" in done.stderr.replace("\n", " ")
    assert "landing/<feed>/" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_contract_with_an_unknown_key_is_told_with_file_line_and_key(tmp_path: Path, area: Path) -> None:
    path = area / "feeds" / "debt_advice.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "\ncolour: blue\n", encoding="utf-8")
    done = joinedup("refresh", home=tmp_path / "var", JOINEDUP_AREA=str(area))
    assert done.returncode == 4
    assert re.search(r"debt_advice\.yaml, line \d+, key 'colour': this key is not known", done.stderr)
    assert "Traceback" not in done.stderr


def test_a_home_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="ascii")
    done = joinedup("refresh", home=tmp_path / "taken" / "var")
    assert done.returncode == 12
    assert "choose a folder you can write" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = joinedup("serve", "--port", str(taken.getsockname()[1]), home=tmp_path / "var")
    assert done.returncode == 11
    assert "choose another with --port" in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("query", "people"), ("report", "--out", "report.pdf"), ("serve",)])
def test_what_needs_a_snapshot_says_that_there_is_none(tmp_path: Path, command: tuple[str, ...]) -> None:
    done = joinedup(*command, home=tmp_path / "var")
    assert done.returncode == 9
    assert "joinedup refresh" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_feed_is_told_with_the_feeds_there_are(tmp_path: Path) -> None:
    done = joinedup("refresh", "--feed", "lighthouse", home=tmp_path / "var")
    assert done.returncode == 5
    assert "debt_advice" in done.stderr


def test_a_setting_that_is_no_number_is_told(tmp_path: Path) -> None:
    done = joinedup("status", home=tmp_path / "var", JOINEDUP_PORT="eighty")
    assert done.returncode == 3
    assert "JOINEDUP_PORT is 'eighty'" in done.stderr
