"""Loading a whole area pack, and the reference tables that the warehouse reads from it.

What belongs here: reading every file of the pack and checking that they fit together. What does not: what an agreement
permits (orchestration.governance), how a file is read (orchestration.feeds).
"""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.area.agreement_faults import ROLES, Vocabulary, check_agreement
from orchestration.area.agreements import Agreement
from orchestration.area.barriers import Barrier, read_barriers
from orchestration.area.comparisons import check_personas
from orchestration.area.contracts import Contract
from orchestration.area.decisions import SCHEMA as DECISIONS
from orchestration.area.decisions import read_decisions
from orchestration.area.directory import Directory, read_directory
from orchestration.area.geography import Geography, load_geography
from orchestration.area.periods import Period, periods
from orchestration.area.personas import Kind, Persona, persona_tables, read_personas, services_asked
from orchestration.area.policies import check_policies
from orchestration.area.profile import Profile
from orchestration.area.reading import read_model
from orchestration.area.versions import read_contracts
from orchestration.errors import AreaPackError, ConfigurationError


@dataclass(frozen=True)
class Area:
    """A place: everything that its pack says."""

    path: Path
    profile: Profile
    agreements: dict[str, Agreement]
    contracts: dict[str, Contract]
    """Each feed's contract in the version in force today; `Contract.versions` has the others."""
    directory: Directory
    geography: Geography | None
    today: date
    missing_agreements: dict[str, str] = field(default_factory=dict)
    """Feed to the agreement it names and the pack does not hold: such a feed is never permitted."""
    personas: dict[str, tuple[Kind, Persona]] = field(default_factory=dict)
    decisions: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DECISIONS))
    barriers: tuple[Barrier, ...] = ()

    @property
    def name(self) -> str:
        return self.profile.name

    def periods(self) -> list[Period]:
        """Return the nested reporting periods, months first."""
        return periods(self.profile.reporting.first_month, self.profile.reporting.months)

    def reference_tables(self) -> dict[str, pl.DataFrame]:
        """Return the area's tables for the warehouse: services, geography, periods, needs, unit costs, comparisons."""
        organizations = self.directory.organizations.select(
            organization_id="id", organization_name="name", sector=pl.col("sector")
        )
        services = self.directory.services.select(
            "organization_id",
            "theme",
            "theme_name",
            "sensitivity",
            "status",
            service_id="id",
            service_name="name",
        ).join(organizations.drop("sector"), on="organization_id", how="left")
        return {
            "organizations": organizations.sort("organization_id"),
            "services": services.sort("service_id"),
            "areas": self.geography.areas if self.geography else EMPTY_AREAS,
            "population": self.geography.population if self.geography else EMPTY_POPULATION,
            "periods": _period_table(self.periods()),
            "needs": self.directory.needs.sort("need_code", "service_theme"),
            "unit_costs": self.directory.unit_costs,
            "comparisons": self.directory.comparisons,
            "external_totals": self.directory.external_totals,
            **persona_tables(self.personas),
        }


EMPTY_AREAS = pl.DataFrame(
    schema={
        "lsoa_code": pl.String,
        "lsoa_name": pl.String,
        "msoa_code": pl.String,
        "msoa_name": pl.String,
        "lad_code": pl.String,
        "lad_name": pl.String,
        "imd_decile": pl.Int64,
        "imd_quintile": pl.Int64,
        "imd_year": pl.Int64,
    }
)
EMPTY_POPULATION = pl.DataFrame(
    schema={"lsoa_code": pl.String, "sex": pl.String, "age_from": pl.Int64, "age_to": pl.Int64, "persons": pl.Float64}
)


def load_area(path: Path, *, today: str | None = None) -> Area:
    """Read the pack in a folder; raise AreaPackError naming file, line and key of what is wrong.

    `today` (JOINEDUP_TODAY) overrides both the clock and a fictional place's own date.
    """
    if not (path / "area.yaml").exists():
        raise AreaPackError(
            f"{path} is not an area pack: it has no area.yaml. Name the pack's folder with JOINEDUP_AREA "
            "(docs/how-to/write-an-area-pack.md)."
        )
    profile = read_model(Profile, path / "area.yaml")
    if profile.today and not profile.fictional:
        raise AreaPackError(f"{path / 'area.yaml'}: key 'today': only a fictional place may fix its date.")
    agreements = read_agreements(path / "agreements")
    day = _today(today, profile)
    contracts = read_contracts(path / "feeds", today=day)
    if not contracts:
        raise AreaPackError(f"{path / 'feeds'}: no feed contract (*.yaml) found; a place needs at least one.")
    directory = read_directory(path)
    _check_partners(path, contracts, directory)
    _check_agreements(path, agreements, vocabulary(profile, contracts, directory))
    check_policies(
        path / "area.yaml",
        profile.release_policies,
        themes=set(directory.services["theme"]),
        services=set(directory.services["id"]),
    )
    personas = read_personas(path, directory)
    check_personas(path, directory.comparisons, services_asked(personas, directory))
    geography = path / "geography"
    area = Area(
        path=path,
        profile=profile,
        agreements=agreements,
        contracts=contracts,
        directory=directory,
        geography=load_geography(geography) if geography.exists() else None,
        today=day,
        missing_agreements={c.feed: c.agreement for c in contracts.values() if c.agreement not in agreements},
        personas=personas,
        decisions=read_decisions(path, directory.organizations["id"].to_list()),
        barriers=read_barriers(path, set(directory.organizations["id"])),
    )
    area.periods()
    return area


def _today(override: str | None, profile: Profile) -> date:
    if override:
        try:
            return date.fromisoformat(override)
        except ValueError:
            raise ConfigurationError(f"JOINEDUP_TODAY is '{override}': expected a date as YYYY-MM-DD.") from None
    return profile.today or date.today()


def read_agreements(folder: Path) -> dict[str, Agreement]:
    """Read every agreement of a folder by its id; raise AreaPackError for a faulty file or an id that is used twice."""
    found: dict[str, Agreement] = {}
    for path in sorted(folder.glob("*.yaml")):
        agreement = read_model(Agreement, path)
        if agreement.id in found:
            raise AreaPackError(f"{path}, key 'id': '{agreement.id}' is already used by another file in {folder}.")
        found[agreement.id] = agreement
    return found


def vocabulary(profile: Profile, contracts: dict[str, Contract], directory: Directory) -> Vocabulary:
    """Return the words that an area's agreements may use."""
    return Vocabulary(
        sectors=dict(directory.organizations.select("id", "sector").iter_rows()),
        contracts=contracts,
        purposes=profile.purposes,
        audiences={*profile.roles, *ROLES},
        longest_months=profile.retention.longest_months,
    )


def _check_agreements(path: Path, agreements: dict[str, Agreement], words: Vocabulary) -> None:
    faults = []
    # The files are read in the order in which read_agreements read them, one agreement each.
    for file, agreement in zip(sorted((path / "agreements").glob("*.yaml")), agreements.values(), strict=True):
        try:
            check_agreement(file, agreement, words)
        except AreaPackError as error:
            faults.append(str(error))
    if faults:
        raise AreaPackError("\n".join(faults))


def _check_partners(path: Path, contracts: dict[str, Contract], directory: Directory) -> None:
    known = set(directory.organizations["id"])
    for contract in contracts.values():
        if contract.partner not in known:
            raise AreaPackError(
                f"{path / 'feeds'}, feed {contract.feed}, key 'partner': "
                f"'{contract.partner}' is not an id in organizations.csv."
            )


def _period_table(found: list[Period]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "period_code": p.code,
                "period_label": p.label,
                "period_level": p.level,
                "year_code": p.year_code,
                "first_month_index": p.first_month_index,
                "month_count": p.month_count,
                "month_mask": p.month_mask,
                "start_date": p.start,
                "end_date": p.end,
            }
            for p in found
        ]
    )
