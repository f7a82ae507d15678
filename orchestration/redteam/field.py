"""Where a campaign takes place: a folder of its own with invented populations, each published once."""

from pathlib import Path
from types import TracebackType

from orchestration.redteam.population import Population, plant_population


class Field:
    """Populations of fixed seeds under one folder. `scale` makes each so many times as large as in the tests."""

    def __init__(self, home: Path, *, scale: int = 1) -> None:
        self._home = home
        self._populations: dict[tuple[int, int], Population] = {}
        self.scale = scale

    def __enter__(self) -> "Field":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every population's snapshot."""
        for population in self._populations.values():
            population.snapshot.connection.close()

    def people(self, number: int) -> int:
        """Return a number of people at this campaign's scale."""
        return number * self.scale

    def population(self, *, people: int, seed: int) -> Population:
        """Return the published population of so many people (before scaling) and this seed."""
        key = (people, seed)
        if key not in self._populations:
            home = self.folder(f"population-{people}-{seed}")
            self._populations[key] = plant_population(home, people=self.people(people), seed=seed)
        return self._populations[key]

    def folder(self, name: str) -> Path:
        """Return a new empty folder."""
        number = sum(1 for _path in self._home.glob(f"{name}*"))
        path = self._home / (f"{name}-{number}" if number else name)
        path.mkdir(parents=True)
        return path
