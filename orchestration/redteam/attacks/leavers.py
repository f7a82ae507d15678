"""Leavers and corrections: the other two ways in which a refresh differs from the one before by known people alone."""

import polars as pl

from orchestration.redteam.attacks.refreshes import SERVICE, Change, Tables, measured
from orchestration.redteam.field import Field
from orchestration.redteam.trial import Attack, Trial

QUESTIONS = tuple((by, "all") for by in (("service",), ("msoa", "service"), ("age_group", "msoa", "service")))


def people_with_use(tables: Tables) -> pl.DataFrame:
    """Return the attributes of people who used the service and were counted in the month's year."""
    people = tables["srv_person_year"].filter(year_code="Y2025").sort("person_no")
    in_month = (pl.col("month_mask") & (1 << 29)) != 0
    users = tables["srv_person_service"].filter(pl.col("service_id") == SERVICE, in_month).select("person_no")
    return people.join(users, on="person_no", how="semi")


def remove_use(tables: Tables, targets: list[int]) -> Tables:
    """Return the tables after a refresh in which the service's records of each target were withdrawn."""
    uses = tables["srv_person_service"]
    gone = (pl.col("service_id") == SERVICE) & pl.col("person_no").is_in(targets)
    return tables | {"srv_person_service": uses.filter(~gone)}


def adults_with_use(tables: Tables) -> pl.DataFrame:
    """Return those of them who are 25 to 64."""
    return people_with_use(tables).filter(age_group="25-64")


def correct_age(tables: Tables, targets: list[int]) -> Tables:
    """Return the tables after the date of birth of each target was corrected to one of somebody of 65 to 74."""
    corrected = pl.col("person_no").is_in(targets)
    years = tables["srv_person_year"].with_columns(
        age_group=pl.when(corrected).then(pl.lit("65+")).otherwise("age_group"),
        age_band=pl.when(corrected).then(pl.lit("65-74")).otherwise("age_band"),
    )
    return tables | {"srv_person_year": years}


def run(field: Field) -> list[Trial]:
    """Measure leavers and corrected ages, with and without memory."""
    return [
        *measured(field, "leavers", Change(people_with_use, remove_use, QUESTIONS)),
        *measured(field, "corrections", Change(adults_with_use, correct_age, QUESTIONS)),
    ]


ATTACK = Attack(
    "leavers",
    "Somebody left, or was corrected",
    "The attacker asks three questions about the whole window before and after a refresh in which the targets alone "
    "lost a service's records, or alone had their date of birth corrected.",
    run,
)
