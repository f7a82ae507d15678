"""What proves each measure: its hand-worked cases, and the planted truths that it recovers (docs/reference/truth.md).

What belongs here: reading where those stand. What does not: the proofs themselves.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from orchestration.settings import repository_root

ROOT = repository_root()
MODELS = ROOT / "dbt_project" / "models"
TRUTH = ROOT / "docs" / "reference" / "truth.md"
ROW = re.compile(r"^\| `(mart_\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


class Proof(NamedTuple):
    """One row of the page: the measure, what is planted, and the tests that recover it."""

    measure: str
    planted: str
    tests: tuple[tuple[str, str], ...]


def proofs(page: Path = TRUTH) -> list[Proof]:
    """Return the rows of the page's table of measures."""
    rows = ROW.findall(page.read_text(encoding="utf-8"))
    return [Proof(name, planted, tuple(TEST.findall(tests))) for name, planted, tests in rows]


def unproved(measures: Iterable[str], models: Path = MODELS) -> list[str]:
    """Return the measures without a hand-worked case whose expected rows state a figure."""
    cases = [case for file in sorted(models.rglob("*.yml")) for case in _cases(file)]
    return sorted(set(measures) - {case["model"] for case in cases if _states_a_figure(case)})


def _cases(file: Path) -> list[dict[str, Any]]:
    return list((yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("unit_tests", []))


def _states_a_figure(case: dict[str, Any]) -> bool:
    rows = case["expect"].get("rows", [])
    return bool(case["given"]) and any(
        isinstance(value, int | float) and not isinstance(value, bool) for row in rows for value in row.values()
    )
