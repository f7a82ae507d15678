"""The light installation: what a partner runs imports nothing of the pipeline, and the extras say the same."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from orchestration.settings import repository_root

ROOT = repository_root()
HEAVY = {
    *("dagster", "dagster_dbt", "dbt", "dash", "dash_mantine_components", "plotly", "flask", "waitress", "typst"),
    *("duckdb", "splink", "sqlglot", "numpy", "scipy", "pyarrow", "pandas"),
}
RUN = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Blocked())
from orchestration.cli import main
main()
"""
KEY = "8f1c0b7e2d9a4c63b5e1f7082a6d3c94e07b5f1d2c8a963e4b70d5f1a2c3e698"
CLEAR = "Client no,Forename,Surname,DOB,Postcode,Gender\nD1,Ann,Lee,14/03/1980,BA1 1AA,Woman\n"


def run(folder: Path, *arguments: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process that cannot import what a partner does not have."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", RUN, *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
        input=given,
        check=False,
        env={"PYTHONPATH": str(ROOT), "JOINEDUP_HOME": str(folder / "var"), "PATH": ""} | environment,
    )


@pytest.fixture
def clear(tmp_path: Path) -> Path:
    path = tmp_path / "clear.csv"
    path.write_text(CLEAR, encoding="utf-8")
    (tmp_path / "linkage.key").write_text(KEY + "\n", encoding="ascii")
    return path


def test_a_partner_pseudonymises_and_checks_without_the_pipeline(tmp_path: Path, clear: Path) -> None:
    made = run(
        tmp_path, "pseudonymise", str(clear), "--feed", "debt_advice", "--key-file", "linkage.key", "--out", "o.csv"
    )
    assert made.returncode == 0, made.stderr
    assert json.loads((tmp_path / "o.csv.manifest.json").read_text())["rows"] == 1
    checked = run(tmp_path, "check", "o.csv", "--feed", "debt_advice")
    assert checked.returncode in (0, 1, 2), checked.stderr
    assert "Debt and money advice" in checked.stdout


def test_the_key_may_come_from_a_file_standard_input_or_the_environment(tmp_path: Path, clear: Path) -> None:
    arguments = ("pseudonymise", str(clear), "--keep", "Client no", "--out")
    ways = [
        run(tmp_path, *arguments, "1.csv", "--key-file", "linkage.key"),
        run(tmp_path, *arguments, "2.csv", "--key-file", "-", given=KEY),
        run(tmp_path, *arguments, "3.csv", JOINEDUP_LINKAGE_KEY=KEY),
    ]
    assert [way.returncode for way in ways] == [0, 0, 0], ways[0].stderr
    assert len({(tmp_path / f"{n}.csv").read_bytes() for n in (1, 2, 3)}) == 1
    assert not any(KEY in way.stderr + way.stdout for way in ways)


@pytest.mark.parametrize(
    ("environment", "code", "said"),
    [
        ({}, 3, "linkage key is missing"),
        ({"JOINEDUP_LINKAGE_KEY": "abcdef"}, 7, "bytes"),
        ({"JOINEDUP_LINKAGE_KEY": ""}, 7, "missing"),
    ],
)
def test_without_a_fit_key_nothing_is_written(
    tmp_path: Path, clear: Path, environment: dict[str, str], code: int, said: str
) -> None:
    done = run(tmp_path, "pseudonymise", str(clear), "--keep", "Client no", "--out", "o.csv", **environment)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "o.csv").exists()


def test_no_option_takes_a_key_itself() -> None:
    done = run(ROOT, "pseudonymise", "--help", COLUMNS="200")
    assert "--key " not in done.stdout and "--key-file" in done.stdout


def test_a_command_of_the_area_says_that_it_is_not_installed(tmp_path: Path) -> None:
    done = run(tmp_path, "refresh")
    assert done.returncode == 3
    assert "partner's installation" in done.stderr and "Traceback" not in done.stderr


def test_the_base_dependencies_are_light_and_the_area_has_the_rest() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {line.split(" ")[0].split("=")[0].split("<")[0].split(">")[0] for line in project["dependencies"]}
    assert names == {"polars", "fastexcel", "pydantic", "pyyaml", "typer", "rich", "jellyfish", "polars-hash"}
    assert project["optional-dependencies"]["partner"] == []
    area = " ".join(project["optional-dependencies"]["area"])
    assert all(package in area for package in ("dagster", "dbt-duckdb", "dash", "plotly", "splink"))
