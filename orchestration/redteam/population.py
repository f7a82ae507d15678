"""A population with planted targets, and all that each engine ever publishes about it."""

from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from orchestration.publishing import publish
from orchestration.redteam.invented import serving_tables, write_warehouse
from orchestration.release.engine import CellKeyProtection, Engine, EvidenceTable, Protection, Published
from orchestration.release.noise import Noise
from orchestration.release.policy import POLICIES, Policy
from orchestration.release.reader import Snapshot, current_path, open_snapshot
from orchestration.settings import Settings

POLICY = POLICIES["dashboard"]
COLUMNS = {"msoa": "msoa_code", "lad": "lad_code", "service": "service_id"}
"""The columns of the serving tables that dimensions stand in, where their names differ."""


@dataclass(frozen=True)
class Population:
    """A published population under the policy attacked.

    `targets` are (person_no, msoa): nobody else there has their ethnic group or sex.
    """

    settings: Settings
    tables: dict[str, pl.DataFrame]
    targets: tuple[tuple[int, str], ...]
    policy: Policy = POLICY
    gathered: dict[tuple[tuple[str, ...], str], EvidenceTable] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def snapshot(self) -> Snapshot:
        """Return the opened snapshot."""
        return open_snapshot(self.settings, current_path(self.settings))

    @cached_property
    def uses(self) -> frozenset[tuple[int, str]]:
        """Return the truth that attackers want: (person_no, service_id)."""
        return frozenset(self.tables["srv_person_service"].select("person_no", "service_id").rows())

    @property
    def services(self) -> list[str]:
        """Return the services that are not sensitive, whose threshold every engine shares."""
        return [service.code for service in self.snapshot.directory.services if not service.is_sensitive]

    def ours(self, *, secret: bytes | None = None) -> Protection:
        """Return the protection of production, with the release secret or another one: the same rules, other noise."""
        return CellKeyProtection(Noise(secret or self.settings.release_secret(), self.policy), self.policy)

    def published(self, protection: Protection, attributes: tuple[str, ...], period: str = "all") -> Published:
        """Return the visible cells of people by the attributes, more than a gate would give: nothing is too sparse."""
        if len(attributes) > self.policy.most_attributes:
            return {}  # no gate of this policy answers that
        engine = Engine(self.snapshot.directory, self.policy, protection)
        if (attributes, period) not in self.gathered:
            with self.snapshot.cursor() as cursor:
                self.gathered[attributes, period] = engine.gather(
                    cursor, measure="people", attributes=attributes, period=self.snapshot.directory.periods[period]
                )
        return engine.decide(self.gathered[attributes, period], measure="people", attributes=attributes)


def plant_population(
    home: Path,
    *,
    people: int,
    seed: int,
    area_dir: Path | None = None,
    policy: Policy = POLICY,
    is_planted: bool = True,
) -> Population:
    """Publish a population in which one person of each msoa is the only one of their ethnic group and sex there.

    Everyone else is white and F or M, so that a neighbour who knows the targets knows the whole background. Not
    planted, people are as they were drawn.
    """
    tables = serving_tables(people=people, seed=seed)
    targets: tuple[tuple[int, str], ...] = ()
    if is_planted:
        tables, targets = _with_targets(tables)
    settings = write_warehouse(home, tables)
    settings = replace(settings, area_dir=area_dir or settings.area_dir)
    publish(settings)
    return Population(settings, tables, targets, policy)


def _with_targets(tables: dict[str, pl.DataFrame]) -> tuple[dict[str, pl.DataFrame], tuple[tuple[int, str], ...]]:
    everyone = tables["srv_person_year"].filter(pl.col("year_code") == "all").sort("person_no")
    first = everyone.group_by("msoa_code", maintain_order=True).first()
    targets = tuple(first.select("person_no", "msoa_code").rows())
    is_target = pl.col("person_no").is_in([person for person, _msoa in targets])
    years = tables["srv_person_year"].with_columns(
        ethnic_group=pl.when(is_target).then(pl.lit("black")).otherwise(pl.lit("white")),
        sex=pl.when(is_target).then(pl.lit("U")).when(pl.col("sex") == "U").then(pl.lit("F")).otherwise(pl.col("sex")),
    )
    return tables | {"srv_person_year": years}, targets


def true_counts(population: Population, columns: tuple[str, ...]) -> dict[tuple[str, ...], int]:
    """Return the different people of each cell over the whole window, by columns of the serving tables."""
    attributes = population.tables["srv_person_year"].filter(pl.col("year_code") == "all")
    uses = population.tables["srv_person_service"]
    frame = uses.join(attributes, on="person_no") if {"service_id", "theme"} & set(columns) else attributes
    counted = frame.group_by(columns).agg(pl.col("person_no").n_unique().alias("people"))
    return {tuple(row[:-1]): row[-1] for row in counted.rows()}
