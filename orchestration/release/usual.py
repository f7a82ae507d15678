"""The questions that pages, reports and workshops ask first, counted when a snapshot is published.

Counting is most of the time of an answer in a large place, and everybody asks the same first questions. What was
counted is kept as for any question (vintages.py), so it is found by every process that reads the snapshot.
"""

from orchestration.release.catalogue import Catalogue
from orchestration.release.gate import Gate
from orchestration.release.grammar import Refused, Request

NEWEST = 3  # periods of each level
LEVELS = ("all", "year", "quarter", "month")
LARGE_BYTES = 50_000_000  # of a snapshot; a smaller one is counted in a moment
USUAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "people": (
        (),
        ("theme",),
        ("service",),
        ("month",),
        ("month", "theme"),
        ("sex",),
        ("age_band",),
        ("age_group",),
        ("age_band", "sex"),
        ("ethnic_group",),
        ("deprivation",),
        ("msoa",),
        ("msoa", "theme"),
        ("lad",),
        ("lad", "service"),
        ("service", "sex"),
        ("age_band", "theme"),
        ("age_group", "deprivation", "theme"),
        ("services_used",),
        ("services_at_once",),
        ("persona",),
        ("persona", "services_used"),
        ("persona", "theme"),
    ),
    "households": ((), ("month",), ("theme",)),
    "people_using_both": (("theme_a", "theme_b"), ("service_a", "service_b")),
    "combinations": (("theme_set",),),
    "entries": (("entry_theme",), ("entry_service",), ("entry_theme", "persona")),
    "journey_steps": (("from_theme", "step", "to_theme"),),
    "transitions": (
        ("from_theme", "to_theme"),
        ("from_service", "to_service"),
        ("from_theme", "persona", "to_theme"),
    ),
    "starts": (("month",),),
    "exits": (("month",), ("exit_kind", "persona")),
    "returns": (("exit_kind", "return_band"), ("persona", "return_band")),
    "waits": (("wait",), ("theme", "wait"), ("persona", "wait")),
    "stays": (("stay_ending",), ("service", "stay_ending")),
    "needs": (("need",), ("need", "need_met"), ("need", "theme")),
    "months_of_use": (("theme",),),
    "spells": (("service",),),
    "costs": ((), ("service",), ("services_used",)),
    "costs_by_payer": (("payer",),),
    "people_costed": (("payer",),),
}
"""By measure: the attributes of each table, filters counted, in any order."""


def usual_questions(catalogue: Catalogue) -> list[Request]:
    """Return every usual question of the newest periods of each level that its measure is published by."""
    found = []
    for measure, tables in USUAL.items():
        for by in tables:
            for level in LEVELS:
                for period in catalogue.periods_of(level)[-NEWEST:]:
                    try:
                        found.append(Request(measure, by, {}, period.code))
                    except Refused:
                        continue  # not published by this level
    return found


def keep_counts(gate: Gate) -> int:
    """Count what the usual questions ask, keep it, and return how many there are. Nobody has asked: no ledger entry."""
    asked = usual_questions(gate.catalogue())
    for request in asked:
        gate.keep(request)
    return len(asked)
