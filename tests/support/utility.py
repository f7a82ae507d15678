"""What protection costs: the share of cells and people hidden, and the error of what is shown, by size of cell.

`python -m tests.support.utility HOME` prints the table of docs/explanation/disclosure.md for a published home.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from orchestration.release.cells import Period, count_cells
from orchestration.release.engine import CellKeyProtection, Engine, Published
from orchestration.release.lattice import COARSER, NEVER_TOGETHER, PERSON_ATTRIBUTES
from orchestration.release.noise import Noise
from orchestration.release.reader import Snapshot, current_path, open_snapshot
from orchestration.settings import Settings, repository_root

SIZES = ((1, 9), (10, 29), (30, 99), (100, 999), (1000, 10**9))
ATTRIBUTES = ("service", "theme", *PERSON_ATTRIBUTES)


@dataclass(frozen=True)
class Utility:
    """Of cells of one size: how many, the shares of them and of their people hidden, mean absolute error if shown."""

    smallest: int
    cells: int
    hidden_share: float
    hidden_people_share: float
    mean_absolute_error: float


def tables() -> list[tuple[str, ...]]:
    """Return every set of one to three attributes of people that can be asked for."""
    asked = [sorted(names) for width in (1, 2, 3) for names in combinations(ATTRIBUTES, width)]
    apart = [*NEVER_TOGETHER, *(frozenset(pair) for pair in COARSER.items())]
    return [tuple(names) for names in asked if not any(pair <= set(names) for pair in apart)]


def measure(snapshot: Snapshot, secret: bytes, *, period: str, asked: Sequence[tuple[str, ...]]) -> list[Utility]:
    """Return the utility of the tables of a period under the dashboard's policy, by true size of cell."""
    policy = snapshot.policies["dashboard"]
    engine = Engine(snapshot.directory, policy, CellKeyProtection(Noise(secret, policy), policy))
    during: Period = snapshot.directory.periods[period]
    pairs: list[tuple[int, int | None]] = []
    for attributes in asked:
        with snapshot.cursor() as cursor:
            truth = count_cells(cursor, measure="people", dimensions=attributes, period=during)
            shown: Published = engine.protect(cursor, measure="people", attributes=attributes, period=during)
        pairs += [(count, shown.get(code)) for code, (count, _key) in truth.items()]
    return [found for low, high in SIZES if (found := _of_size(pairs, low, high))]


def _of_size(pairs: Sequence[tuple[int, int | None]], low: int, high: int) -> Utility | None:
    own = [(count, figure) for count, figure in pairs if low <= count <= high]
    hidden = [count for count, figure in own if figure is None]
    errors = [abs(figure - count) for count, figure in own if figure is not None]
    people = sum(count for count, _figure in own)
    if not own:
        return None
    error = sum(errors) / len(errors) if errors else float("nan")
    return Utility(low, len(own), len(hidden) / len(own), sum(hidden) / people, error)


def main(home: str) -> None:
    """Print the table for a published home."""
    settings = Settings(area_dir=repository_root() / "seeds" / "demo_area", home=Path(home))
    snapshot = open_snapshot(settings, current_path(settings))
    for period in ("Y2025", "2026-03"):
        print(f"\n{period}\n| people in the cell | cells | hidden | of the people hidden | mean absolute error |")
        print("| --- | --- | --- | --- | --- |")
        for row in measure(snapshot, settings.release_secret(), period=period, asked=tables()):
            print(
                f"| {row.smallest} and more | {row.cells:,} | {row.hidden_share:.1%} | {row.hidden_people_share:.1%} "
                f"| {row.mean_absolute_error:.1f} |"
            )


if __name__ == "__main__":
    main(sys.argv[1])
