"""The closed lattice: which dimensions a measure has, how they nest, and what may not be combined.

Everything here is fixed by the product, not by an area or a user: a request can only name these words, which is what
keeps free filters (the membership oracle of DISCLOSURE, attack 1) impossible.
"""

from dataclasses import dataclass
from typing import Literal

PeriodLevel = Literal["month", "quarter", "year", "all"]
Unit = Literal["person", "household"]

# A finer dimension and the coarser one that it nests in. A request uses one level of each hierarchy; the coarser one
# may only choose among the finer one's values.
COARSER = {"msoa": "lad", "age_band": "age_group", "service": "theme"}

PERSON_ATTRIBUTES = ("sex", "age_band", "age_group", "ethnic_group", "msoa", "lad", "deprivation")
# Populations that the area pack defines. A person may be in several of them, or in none.
POPULATIONS = ("persona",)
CIRCUMSTANCES = (*PERSON_ATTRIBUTES, *POPULATIONS)
# A person has one value of these; every other dimension is one in which a person may appear more than once.
SINGLE_VALUED = frozenset(
    (
        *PERSON_ATTRIBUTES,
        "services_used",
        "services_at_once",
        "months_used",
        "household_type",
        "theme_set",
        "entry_service",
        "entry_theme",
    )
)
# Dimensions whose values are services or themes, and so may be sensitive.
SERVICE_VALUED = frozenset(("service", "service_a", "service_b", "from_service", "to_service", "entry_service"))
THEME_VALUED = frozenset(("theme", "theme_a", "theme_b", "from_theme", "to_theme", "entry_theme"))
FROM_VALUED = frozenset(("from_service", "from_theme"))
TO_VALUED = frozenset(("to_service", "to_theme"))
# Deprivation describes small areas inside a neighbourhood: together they would cut slivers (attack 9).
NEVER_TOGETHER = (frozenset(("msoa", "deprivation")),)

AGE_GROUP_OF = {
    "0-15": "0-15",
    "16-24": "16-24",
    "25-34": "25-64",
    "35-44": "25-64",
    "45-54": "25-64",
    "55-64": "25-64",
    "65-74": "65+",
    "75+": "65+",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True)
class MeasureRule:
    """What may be asked of a measure.

    `relation` lists the alternative dimension sets of which a request must use exactly one (empty: none is needed;
    with `relation_needed` false it may also use none). A table of a relation alone may be sparse.
    `merges_into_other` names the dimension whose hidden values are merged into "other" (None: hidden stays hidden).
    `sums` marks amounts that people contribute to, shown where the people of the measure
    `contributors` are shown. The values of
    `guarded_as_they_are` do not lie in a wider cell when the dimension is left out: there is nothing to subtract from.
    """

    name: str
    unit: Unit
    dimensions: tuple[str, ...]
    levels: tuple[PeriodLevel, ...] = ("month", "quarter", "year", "all")
    relation: tuple[tuple[str, ...], ...] = ()
    relation_needed: bool = True
    merges_into_other: str | None = None
    sums: bool = False
    contributors: str = "people"
    guarded_as_they_are: tuple[str, ...] = ()

    @property
    def needed(self) -> tuple[tuple[str, ...], ...]:
        """Return the alternative dimension sets of which a request must use one; none where it need not."""
        return self.relation if self.relation_needed else ()


MEASURES = {
    rule.name: rule
    for rule in (
        MeasureRule(
            "people",
            "person",
            ("service", "theme", *CIRCUMSTANCES, "month", "services_used", "services_at_once"),
        ),
        MeasureRule(
            "households", "household", ("service", "theme", "msoa", "lad", "deprivation", "household_type", "month")
        ),
        MeasureRule(
            "people_using_both",
            "person",
            ("service_a", "service_b", "theme_a", "theme_b", *CIRCUMSTANCES),
            relation=(("service_a", "service_b"), ("theme_a", "theme_b")),
        ),
        MeasureRule(
            "combinations",
            "person",
            ("theme_set", *CIRCUMSTANCES),
            relation=(("theme_set",),),
            merges_into_other="theme_set",
        ),
        MeasureRule(
            "months_of_use",
            "person",
            ("service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            sums=True,
        ),
        MeasureRule(
            "spells",
            "person",
            ("service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            sums=True,
        ),
        MeasureRule(
            "episodes",
            "person",
            ("service", "theme", *CIRCUMSTANCES, "month"),
            sums=True,
            contributors="starts",
        ),
        MeasureRule(
            "costs",
            "person",
            ("service", "theme", "services_used", *CIRCUMSTANCES),
            levels=("year", "all"),
            sums=True,
        ),
        MeasureRule(
            "costs_by_payer",
            "person",
            ("payer", "services_used", *CIRCUMSTANCES),
            levels=("year", "all"),
            relation=(("payer",),),
            sums=True,
            contributors="people_costed",
        ),
        MeasureRule(
            "people_costed",
            "person",
            ("payer", "services_used", *CIRCUMSTANCES),
            levels=("year", "all"),
            relation=(("payer",),),
        ),
        MeasureRule(
            "length_of_use",
            "person",
            ("months_used", "service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("months_used", "service"), ("months_used", "theme")),
            guarded_as_they_are=("service", "theme"),
        ),
        MeasureRule(
            "transitions",
            "person",
            ("from_service", "to_service", "from_theme", "to_theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("from_service", "to_service"), ("from_theme", "to_theme")),
        ),
        MeasureRule(
            "entries",
            "person",
            ("entry_service", "entry_theme", *CIRCUMSTANCES),
            levels=("year", "all"),
            relation=(("entry_service",), ("entry_theme",)),
        ),
        MeasureRule(
            "journey_steps",
            "person",
            ("step", "from_theme", "to_theme"),
            levels=("year", "all"),
            relation=(("step", "from_theme", "to_theme"),),
            merges_into_other="to_theme",
        ),
        MeasureRule(
            "starts",
            "person",
            ("arrival", "service", "theme", *CIRCUMSTANCES, "month"),
            relation=(("arrival", "service"), ("arrival", "theme")),
            relation_needed=False,
        ),
        MeasureRule(
            "exits",
            "person",
            ("exit_kind", "service", "theme", *CIRCUMSTANCES, "month"),
            relation=(("exit_kind", "service"), ("exit_kind", "theme")),
            relation_needed=False,
        ),
        MeasureRule(
            "returns",
            "person",
            ("return_band", "exit_kind", "service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("return_band", "service"), ("return_band", "theme")),
            relation_needed=False,
        ),
        MeasureRule(
            "waits",
            "person",
            ("wait", "service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("wait", "service"), ("wait", "theme")),
            relation_needed=False,
        ),
        MeasureRule(
            "stays",
            "person",
            ("stay_ending", "service", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("stay_ending", "service"), ("stay_ending", "theme")),
            relation_needed=False,
        ),
        MeasureRule(
            "needs",
            "person",
            ("need", "need_met", "theme", *CIRCUMSTANCES),
            levels=("quarter", "year", "all"),
            relation=(("need", "need_met"), ("need", "theme")),
            relation_needed=False,
        ),
    )
}
DIMENSIONS = tuple(dict.fromkeys(dimension for rule in MEASURES.values() for dimension in rule.dimensions))


def period_level(code: str) -> PeriodLevel:
    """Return the level that a period code has by its form; whether the period exists is the catalogue's to say."""
    if code == "all":
        return "all"
    if code.startswith("Y"):
        return "year"
    return "quarter" if "-Q" in code else "month"
