"""docs/how-to/add-a-measure.md, followed literally on a copy of the project: its files, its test, its rows."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import dictionary_pages, measure_pages, warehouse_build
from tests.support.measure_proofs import ROOT, TEST, proofs, unproved
from tests.support.walk import Step, steps

PAGE = ROOT / "docs" / "how-to" / "add-a-measure.md"
MEASURE = "mart_second_theme"
COPIED = ("dbt_project", "seeds/reference")


@pytest.fixture(scope="module")
def told() -> list[Step]:
    return list(steps(PAGE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory, told: list[Step]) -> Iterator[Path]:
    """Write the page's files into a copy, and let the project's tools work on the copy."""
    copy: Path = tmp_path_factory.mktemp("repository")
    for folder in COPIED:
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("target", "__pycache__"))
    for step in told:
        if step.path:
            path = copy / step.path
            path.parent.mkdir(parents=True, exist_ok=True)
            assert not path.exists(), f"{step.path} is there already"
            path.write_text(step.body, encoding="utf-8")
    models = copy / "dbt_project" / "models"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse_build, "PROJECT", copy / "dbt_project")
        patch.setattr(measure_pages, "MEASURES", models / "marts" / "measures")
        patch.setattr(dictionary_pages, "MODELS", models)
        yield copy


def test_the_pages_test_finds_the_planted_truth(followed: Path, told: list[Step], tmp_path: Path) -> None:
    (step,) = [step for step in told if step.kind == "python"]
    names: dict[str, Any] = {}
    exec(compile(step.body, step.path, "exec"), names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    tests[0](tmp_path)
    built = warehouse_build.build_warehouse(tmp_path, command="test", select=MEASURE)
    kinds = {name.split(".")[0] for name in built.outcomes}
    assert kinds == {"test", "unit_test"}
    assert {name: status for name, status in built.outcomes.items() if status != "pass"} == {}
    assert unproved(measure_pages.measures(), followed / "dbt_project" / "models") == []


def test_the_measure_is_on_the_pages_that_are_written(followed: Path) -> None:
    assert f"(`{MEASURE}`)" in measure_pages.page()
    assert MEASURE in dictionary_pages.page()


def test_the_rows_that_the_page_gives_are_of_the_kind_that_the_tests_read(
    followed: Path, told: list[Step], tmp_path: Path
) -> None:
    (step,) = [step for step in told if step.kind == "text"]
    truth, warehouse = step.body.splitlines()
    (tmp_path / "truth.md").write_text(truth + "\n", encoding="utf-8")
    (proof,) = proofs(tmp_path / "truth.md")
    ((path, name),) = TEST.findall(truth)
    assert proof.measure == MEASURE
    assert f"def {name}(" in (followed / path).read_text(encoding="utf-8")
    (described,) = [model for model in measure_pages._described() if model["name"] == MEASURE]
    assert warehouse == f"| `{MEASURE}` | {described['description']} |"


def test_the_commands_of_the_page_are_modules(told: list[Step]) -> None:
    (step,) = [step for step in told if step.kind == "sh"]
    for command in step.body.splitlines():
        module = command.removeprefix("python -m ")
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
