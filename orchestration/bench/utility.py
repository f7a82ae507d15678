"""What protection costs: cells hidden, error of what is shown, and whether the top findings are still the top ones.

The truth is the raw counts of the same snapshot, counted here beside the gate; nothing of it leaves this module but
shares, averages and rank correlations. What does not belong here: whether anybody is protected (redteam).
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from rich.table import Table
from scipy.stats import kendalltau

from orchestration.console import results
from orchestration.release import Gate, Refused, Request
from orchestration.release.cells import Code, count_cells
from orchestration.release.engine import CellKeyProtection, Engine, Published
from orchestration.release.lattice import COARSER, NEVER_TOGETHER, PERSON_ATTRIBUTES
from orchestration.release.noise import Noise
from orchestration.release.reader import Snapshot, current_path, open_snapshot
from orchestration.release.vintages import Vintages
from orchestration.settings import Settings

SIZES = ((1, 9), (10, 29), (30, 99), (100, 999), (1000, 10**9))
ATTRIBUTES = ("service", "theme", *PERSON_ATTRIBUTES)
TOP = 10
NOT_PLACES = frozenset(("START", "END"))
FINDINGS = (
    ("Services by people", "people", ("service",)),
    ("Neighbourhoods by people", "people", ("msoa",)),
    ("Neighbourhoods and themes", "people", ("msoa", "theme")),
    ("Age, sex and theme", "people", ("age_band", "sex", "theme")),
    ("Pairs of services used", "people_using_both", ("service_a", "service_b")),
    ("Moves between services", "transitions", ("from_service", "to_service")),
    ("Combinations of themes", "combinations", ("theme_set",)),
)
"""What people look for the largest of: a name, a measure and its dimensions."""


@dataclass(frozen=True)
class Utility:
    """Of cells of one size: how many, the shares of them and of their people hidden, the errors of those shown."""

    smallest: int
    cells: int
    hidden_share: float
    hidden_people_share: float
    mean_absolute_error: float
    largest_error: int


@dataclass(frozen=True)
class Ranked:
    """Of one kind of finding: how many of the true top are in the published top, and how the ranks agree.

    `rank_agreement` is Kendall's tau over the cells that are shown (1: the same order), None for fewer than three.
    """

    name: str
    true_top: int
    found_in_top: int
    rank_agreement: float | None


def run_utility_bench(settings: Settings, *, people: int) -> dict[str, Any]:
    """Measure the published snapshot of a home, which holds this many people: its newest year and month."""
    snapshot = open_snapshot(settings, current_path(settings))
    secret = settings.release_secret()
    year = snapshot.directory.years[-1].code
    month = next(code for code, period in reversed(snapshot.directory.periods.items()) if period.level == "month")
    found: dict[str, Any] = {"people": people, "year": year, "month": month}
    for level, period in (("by_year", year), ("by_month", month)):
        found[level] = [asdict(row) for row in measure(snapshot, secret, period=period, asked=tables())]
        found[f"{level}_answers"] = count_answers(settings, period=period, asked=tables())
    found["findings"] = [asdict(row) for row in rank_findings(snapshot, secret, period=year)]
    return found


def print_utility_bench(result: dict[str, Any]) -> None:
    """Print the figures for a person."""
    for level in ("year", "month"):
        table = Table(
            "People in the cell", "Cells", "Hidden", "Of the people hidden", "Mean error", "Largest error",
            title=f"{result['people']:,} people, {result[level]}",
        )  # fmt: skip
        for row in result[f"by_{level}"]:
            shown = row["hidden_share"] < 1
            table.add_row(
                f"{row['smallest']:,} and more",
                f"{row['cells']:,}",
                f"{row['hidden_share']:.1%}",
                f"{row['hidden_people_share']:.1%}",
                f"{row['mean_absolute_error']:.1f}" if shown else "",
                f"{row['largest_error']}" if shown else "",
            )
        results().print(table)
        answers = result[f"by_{level}_answers"]
        results().print(
            f"Of {answers['asked']} tables {answers['refused']} are refused, {answers['helped']} of them with a "
            "coarser one that is granted.",
            highlight=False,
        )
    table = Table("Top findings", "True top", "Published as top", "Rank agreement", title=result["year"])
    for row in result["findings"]:
        agreement = row["rank_agreement"]
        table.add_row(
            row["name"], str(row["true_top"]), str(row["found_in_top"]), "" if agreement is None else f"{agreement:.3f}"
        )
    results().print(table)


def tables() -> list[tuple[str, ...]]:
    """Return every set of one to three attributes of people that can be asked for."""
    asked = [sorted(names) for width in (1, 2, 3) for names in combinations(ATTRIBUTES, width)]
    apart = [*NEVER_TOGETHER, *(frozenset(pair) for pair in COARSER.items())]
    return [tuple(names) for names in asked if not any(pair <= set(names) for pair in apart)]


def measure(snapshot: Snapshot, secret: bytes, *, period: str, asked: Sequence[tuple[str, ...]]) -> list[Utility]:
    """Return the utility of the tables of a period under the dashboard's policy, by true size of cell."""
    pairs: list[tuple[int, int | None]] = []
    for attributes in asked:
        truth, shown = _both(snapshot, secret, "people", attributes, period)
        pairs += [(count, shown.get(code)) for code, count in truth.items()]
    return [found for low, high in SIZES if (found := _of_size(pairs, low, high))]


def count_answers(settings: Settings, *, period: str, asked: Iterable[tuple[str, ...]]) -> dict[str, int]:
    """Ask the gate itself for whole tables: how many are refused, and how many of those come with an offer."""
    counted = {"asked": 0, "refused": 0, "helped": 0}
    with tempfile.TemporaryDirectory() as folder:
        gate = Gate(settings, vintages=Vintages(Path(folder) / "vintages.sqlite"))
        for attributes in asked:
            counted["asked"] += 1
            try:
                gate.answer(Request("people", attributes, {}, period), who="bench")
            except Refused as refusal:
                counted["refused"] += 1
                counted["helped"] += refusal.coarser is not None
    return counted


def rank_findings(snapshot: Snapshot, secret: bytes, *, period: str) -> list[Ranked]:
    """Return for each kind of finding whether what is published as the largest is the largest."""
    return [
        ranked(name, *_both(snapshot, secret, measured, attributes, period)) for name, measured, attributes in FINDINGS
    ]


def ranked(name: str, truth: Mapping[Code, int], shown: Published) -> Ranked:
    """Compare the largest true cells with the largest published ones; what is hidden is not found.

    A place in the published top is shared by all figures that are equal to the last of it, as rounding makes many so.
    """
    order = sorted(truth, key=lambda code: (-truth[code], code))[:TOP]
    figures = sorted((shown[code] for code in shown if code in truth), reverse=True)[: len(order)]
    found = sum(shown.get(code, -1) >= figures[-1] for code in order) if figures else 0
    both = [(truth[code], figure) for code, figure in shown.items() if code in truth]
    agreement = float(kendalltau(*zip(*both, strict=True)).statistic) if len(both) > 2 else None
    return Ranked(name, len(order), found, agreement)


def _both(
    snapshot: Snapshot, secret: bytes, measured: str, attributes: tuple[str, ...], period: str
) -> tuple[dict[Code, int], Published]:
    """Return the true and the published figures of a table, by the same codes; moves are those between two services."""
    policy = snapshot.policies["dashboard"]
    engine = Engine(snapshot.directory, policy, CellKeyProtection(Noise(secret, policy), policy))
    during = snapshot.directory.periods[period]
    with snapshot.cursor() as cursor:
        counted = count_cells(cursor, measure=measured, dimensions=attributes, period=during)
        shown = engine.protect(cursor, measure=measured, attributes=attributes, period=during)
    truth = {code: count for code, (count, _key) in counted.items() if not NOT_PLACES & set(code)}
    if "theme_set" in attributes:
        index = attributes.index("theme_set")
        truth = {
            (*code[:index], snapshot.directory.theme_set_code(int(code[index])), *code[index + 1 :]): count
            for code, count in truth.items()
        }
    return truth, shown


def _of_size(pairs: Sequence[tuple[int, int | None]], low: int, high: int) -> Utility | None:
    own = [(count, figure) for count, figure in pairs if low <= count <= high]
    hidden = [count for count, figure in own if figure is None]
    errors = [abs(figure - count) for count, figure in own if figure is not None]
    people = sum(count for count, _figure in own)
    if not own:
        return None
    error = sum(errors) / len(errors) if errors else 0.0
    return Utility(low, len(own), len(hidden) / len(own), sum(hidden) / people, error, max(errors, default=0))
