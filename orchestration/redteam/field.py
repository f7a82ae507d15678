"""Where a campaign takes place: a folder of its own with invented populations, each published once.

The people are invented; the rules are an area's own, read from its pack as the gate reads them.
"""

from dataclasses import replace
from pathlib import Path
from types import TracebackType

from orchestration.area.policies import Swapping, release_policies
from orchestration.errors import ReleaseError
from orchestration.redteam.population import Population, plant_population
from orchestration.release.policy import Policy, policies_of
from orchestration.settings import Settings, repository_root

DEMO_AREA = repository_root() / "seeds" / "demo_area"


class Field:
    """Populations of fixed seeds under one folder. `scale` makes each so many times as large as in the tests.

    Attacked is one named policy of the area pack in `area_dir`; the others are there for attackers who hold several.
    """

    def __init__(self, home: Path, *, scale: int = 1, area_dir: Path = DEMO_AREA, policy: str = "dashboard") -> None:
        pack = release_policies(area_dir)
        self.policies: dict[str, Policy] = policies_of(pack)
        if policy not in self.policies:
            raise ReleaseError(f"There is no release policy '{policy}'. Allowed: {', '.join(self.policies)}.")
        self.policy = self.policies[policy]
        self.swapping: Swapping = pack.swapping
        self.area_dir = area_dir
        self._home = home
        self._populations: dict[tuple[int, int, bool], Population] = {}
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

    def population(self, *, people: int, seed: int, is_planted: bool = True) -> Population:
        """Return the published population of so many people (before scaling) and this seed."""
        key = (people, seed, is_planted)
        if key not in self._populations:
            home = self.folder(f"population-{people}-{seed}-{is_planted}")
            self._populations[key] = plant_population(
                home,
                people=self.people(people),
                seed=seed,
                area_dir=self.area_dir,
                policy=self.policy,
                is_planted=is_planted,
            )
        return self._populations[key]

    def under_rules(self, settings: Settings) -> Settings:
        """Return the settings of invented data under the rules of the area attacked."""
        return replace(settings, area_dir=self.area_dir)

    def folder(self, name: str) -> Path:
        """Return a new empty folder."""
        number = sum(1 for _path in self._home.glob(f"{name}*"))
        path = self._home / (f"{name}-{number}" if number else name)
        path.mkdir(parents=True)
        return path
