"""The linkage model: which comparisons are made, their levels, and the weights when the data are too few to learn from.

Fellegi and Sunter's model as Splink computes it. No token holds one identifier alone, but every two of forename,
surname, date of birth and postcode have a token together: where a pair of records agrees on any two of them, the tokens
tell for each of the others whether it agrees too. So each identifier is compared once, whichever tokens show it, and an
agreement that shows in five tokens is never counted five times (docs/explanation/tokens.md).

What belongs here: levels and default probabilities. What does not: learning them (`training`), pairs (`scoring`).
"""

import math
from dataclasses import dataclass, field
from typing import Any, Literal

Comparison = Literal["identity", "name", "birth", "address", "sex"]
COMPARISONS: tuple[Comparison, ...] = ("identity", "name", "birth", "address", "sex")


@dataclass(frozen=True)
class Level:
    """One level: its label, the condition on a pair, and default m and u.

    m is how often two records of one person agree so; u how often two records of different people do. The defaults are
    those of names and dates of birth in England, of a place of some ten thousand people known to services.
    """

    label: str
    condition: str
    m: float
    u: float


FORENAME_KINDS = ("tok_name", "tok_forename_dob", "tok_forename_postcode", "tok_name_dob")
SURNAME_KINDS = ("tok_name", "tok_surname_dob", "tok_surname_postcode", "tok_name_dob")
FORENAME_SOUND_KINDS = ("tok_forename_sound_dob", "tok_sounds", "tok_phonetic_dob")
SURNAME_SOUND_KINDS = ("tok_surname_sound_dob", "tok_sounds", "tok_phonetic_dob")
BIRTH_KINDS = (
    "tok_name_dob",
    "tok_phonetic_dob",
    "tok_forename_dob",
    "tok_surname_dob",
    "tok_forename_sound_dob",
    "tok_surname_sound_dob",
    "tok_dob_postcode",
)
POSTCODE_KINDS = ("tok_forename_postcode", "tok_surname_postcode", "tok_dob_postcode")
"""The kinds of token in which each identifier takes part: it agrees where one of them does."""


def _any(*kinds: str) -> str:
    return "(" + " or ".join(f"coalesce({kind}_l = {kind}_r, false)" for kind in kinds) + ")"


def _known(*kinds: str) -> str:
    """Return the condition that both records have the identifier: that each has any token in which it takes part."""
    sides = [f"coalesce({', '.join(f'{kind}_{side}' for kind in kinds)}) is not null" for side in ("l", "r")]
    return f"({' and '.join(sides)})"


FORENAME, SURNAME = _any(*FORENAME_KINDS), _any(*SURNAME_KINDS)
FORENAME_ALIKE = _any(*FORENAME_KINDS, *FORENAME_SOUND_KINDS)
SURNAME_ALIKE = _any(*SURNAME_KINDS, *SURNAME_SOUND_KINDS)
FORENAME_KNOWN, SURNAME_KNOWN = _known(*FORENAME_KINDS), _known(*SURNAME_KINDS)
BIRTH_KNOWN = "(birth_month_l is not null and birth_month_r is not null)"
SWAPPED = _any("tok_name_swapped_dob")
MONTHS_APART = "abs(birth_month_l - birth_month_r)"
NEAR_MONTHS = 13
"""A slip in the month, or of one in the year."""
GENERATION_MONTHS = 13 * 12
"""Two people of one full name at one address who were born so far apart are parent and child."""
PART_OF_DATE = (
    f"{MONTHS_APART} < {GENERATION_MONTHS} and "
    "(birth_month_l // 12 = birth_month_r // 12 or birth_month_l % 12 = birth_month_r % 12)"
)
RARE_NAME_HOLDERS = 20
"""Records that may share a full name for it to tell much by itself; `records` marks such names in `rare_name`."""

SAME_NHS, DIFFERENT_NHS, SAME_NI, DIFFERENT_NI = 3, 2, 1, 0
(RARE_NAME, SAME_NAME, SWAPPED_NAMES, SURNAME_ALIKE_ONLY, FORENAME_ALIKE_ONLY, BOTH_ALIKE, FORENAME_SURNAME_UNKNOWN,
 SURNAME_FORENAME_UNKNOWN, FORENAME_ONLY, SURNAME_ONLY, PART_ALIKE, NAME_ELSE) = range(11, -1, -1)  # fmt: skip
SAME_BIRTH, BIRTH_SWAPPED, SAME_MONTH, NEAR_BIRTH, PART_BIRTH, GENERATION_APART, BIRTH_ELSE = range(6, -1, -1)
SAME_HOME, SAME_POSTCODE, SAME_SMALL_AREA, ADDRESS_ELSE = range(3, -1, -1)
NOT_COMPARABLE = -1
"""Splink numbers the levels of a comparison from 0 (else) upwards, and -1 where nothing can be compared."""

LEVELS: dict[Comparison, tuple[Level, ...]] = {
    "identity": (
        Level("same NHS number", "tok_nhs_l = tok_nhs_r", 0.60, 1e-9),
        Level("different NHS number", "tok_nhs_l <> tok_nhs_r", 0.002, 0.60),
        Level("same NI number", "tok_ni_l = tok_ni_r", 0.37, 1e-9),
        Level("different NI number", "ELSE", 0.028, 0.40),
    ),
    "name": (
        Level("same full name, held by few records", "rare_name_l = rare_name_r", 0.45, 5e-6),
        Level("same full name", f"{FORENAME} and {SURNAME}", 0.30, 8e-5),
        Level("day and month, or forename and surname, exchanged", SWAPPED, 0.01, 1e-6),
        Level("same forename, surnames sound alike", f"{FORENAME} and {SURNAME_ALIKE}", 0.04, 5e-5),
        Level("same surname, forenames sound alike", f"{SURNAME} and {FORENAME_ALIKE}", 0.04, 5e-5),
        Level("both names sound alike", f"{FORENAME_ALIKE} and {SURNAME_ALIKE}", 0.01, 5e-5),
        Level("same forename, a surname unknown", f"{FORENAME} and not {SURNAME_KNOWN}", 0.01, 8e-3),
        Level("same surname, a forename unknown", f"{SURNAME} and not {FORENAME_KNOWN}", 0.01, 2e-3),
        Level("same forename, another surname", FORENAME, 0.05, 8e-3),
        Level("same surname, another forename", SURNAME, 0.04, 2e-3),
        Level("one name sounds alike", f"{FORENAME_ALIKE} or {SURNAME_ALIKE}", 0.02, 0.02),
        Level("different names", "ELSE", 0.02, 0.96),
    ),
    "birth": (
        Level("same date of birth", _any(*BIRTH_KINDS), 0.88, 4e-5),
        Level("day and month exchanged", SWAPPED, 0.015, 4e-5),
        Level("same month of birth", "birth_month_l = birth_month_r", 0.04, 1.2e-3),
        Level("born within 13 months", f"{MONTHS_APART} <= {NEAR_MONTHS}", 0.02, 0.03),
        Level("same year, or same month within 13 years", PART_OF_DATE, 0.015, 0.05),
        Level("born 13 years apart or more", f"{MONTHS_APART} >= {GENERATION_MONTHS}", 0.015, 0.6),
        Level("another date of birth", "ELSE", 0.015, 0.31),
    ),
    "address": (
        Level("same property", "household_token_l = household_token_r", 0.45, 1e-4),
        Level("same postcode", _any(*POSTCODE_KINDS), 0.20, 1e-3),
        Level("same small area", "lsoa_l = lsoa_r", 0.07, 0.02),
        Level("different address", "ELSE", 0.28, 0.98),
    ),
    "sex": (
        Level("same sex", "sex_l = sex_r", 0.985, 0.5),
        Level("different sex", "ELSE", 0.015, 0.5),
    ),
}

NOTHING_TO_COMPARE: dict[Comparison, str] = {
    "identity": f"not ({_known('tok_nhs')} or {_known('tok_ni')})",
    "name": f"not ({FORENAME_KNOWN} or {SURNAME_KNOWN} or {_known(*FORENAME_SOUND_KINDS)})",
    "birth": f"not {BIRTH_KNOWN} and not {_any(*BIRTH_KINDS)}",
    "address": f"not ({_known('household_token')} or {_known(*POSTCODE_KINDS)} or {_known('lsoa')})",
    "sex": f"not {_known('sex')}",
}
"""A comparison says nothing about a pair when what it compares is not known on both sides."""

DEFAULT_PRIOR = 1e-4
WEIGHTS_APART = 1e-4
CONVERGENCE, MOST_ROUNDS = 0.0005, 50
"""Expectation maximisation ends when no probability moves by more, or, without convergence, after so many rounds."""
DOUBLES = ("twins", "generation")


@dataclass(frozen=True)
class Model:
    """Learned (or default) probabilities: what linking one pair of records takes. Holds no value of any person.

    `m` and `u` follow the order of `LEVELS`; `prior` is the probability that two records taken at random are one
    person; `notes` tell what was learned from how much, and what was not.
    """

    prior: float
    m: dict[Comparison, tuple[float, ...]]
    u: dict[Comparison, tuple[float, ...]]
    notes: tuple[str, ...] = ()
    doubles: dict[str, float] = field(default_factory=lambda: dict.fromkeys(DOUBLES, 0.0))

    def parameters(self) -> dict[str, Any]:
        """Return every number as it is, to go on with the same model later."""
        return {"prior": self.prior, "m": self.m, "u": self.u, "notes": self.notes, "doubles": self.doubles}

    @classmethod
    def from_parameters(cls, saved: dict[str, Any]) -> "Model":
        """Return the model that `parameters` described; raises KeyError or ValueError where a number is missing."""
        m, u = ({name: tuple(saved[kind][name]) for name in COMPARISONS} for kind in ("m", "u"))
        if any(len(found[name]) != len(LEVELS[name]) for found in (m, u) for name in COMPARISONS):
            raise ValueError("a level is missing")
        return cls(saved["prior"], m, u, tuple(saved["notes"]), {kind: saved["doubles"][kind] for kind in DOUBLES})

    def to_dict(self) -> dict[str, Any]:
        """Return the model for `model.json`: parameters by level label, prior and notes."""
        return {
            "prior": self.prior,
            "doubles": self.doubles,
            "comparisons": {
                name: [
                    {"level": level.label, "m": m, "u": u}
                    for level, m, u in zip(levels, self.m[name], self.u[name], strict=True)
                ]
                for name, levels in LEVELS.items()
            },
            "notes": list(self.notes),
        }


def default_model(prior: float = DEFAULT_PRIOR, *notes: str) -> Model:
    """Return the model that needs no data."""
    return Model(
        prior=prior,
        m={name: tuple(level.m for level in levels) for name, levels in LEVELS.items()},
        u={name: tuple(level.u for level in levels) for name, levels in LEVELS.items()},
        notes=notes,
    )


def splink_settings(model: Model, blocking_rules: tuple[str, ...]) -> dict[str, Any]:
    """Return Splink's settings for one table of profiles; no token is kept in the table of pairs."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "comparisons": [_comparison(name, model) for name in COMPARISONS],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in blocking_rules],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "additional_columns_to_retain": ["node"],
        "max_iterations": MOST_ROUNDS,
        "em_convergence": CONVERGENCE,
    }


def told_by_weight(model: Model, name: Comparison) -> list[tuple[float, int]]:
    """Return the weight of each level of a comparison and the number of the level, which the weight alone tells.

    Splink keeps the weights of a pair and, unless it also keeps every token, not its levels. So no two levels of one
    comparison may weigh the same, nor nothing, as the level "nothing to compare" does.
    """
    found: list[tuple[float, int]] = [(0.0, NOT_COMPARABLE)]
    last = len(LEVELS[name]) - 1
    for place, (m, u) in enumerate(zip(model.m[name], model.u[name], strict=True)):
        weight = math.log2(m / u)
        while any(abs(weight - other) < 2 * WEIGHTS_APART for other, _ in found):
            weight += 2 * WEIGHTS_APART
        found.append((weight, last - place))
    return found


def level_of_weight(model: Model, name: Comparison) -> str:
    """Return the SQL that tells a pair's level of a comparison from its weight."""
    cases = " ".join(
        f"when abs(mw_{name} - ({weight!r})) < {WEIGHTS_APART} then {level}"
        for weight, level in told_by_weight(model, name)
    )
    return f"case {cases} end"


def _comparison(name: Comparison, model: Model) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": NOTHING_TO_COMPARE[name], "label_for_charts": "nothing to compare", "is_null_level": True}
    ]
    weights = [weight for weight, _ in told_by_weight(model, name)[1:]]
    for level, weight, u in zip(LEVELS[name], weights, model.u[name], strict=True):
        levels.append(
            {
                "sql_condition": level.condition,
                "label_for_charts": level.label,
                "m_probability": u * 2**weight,
                "u_probability": u,
            }
        )
    return {"output_column_name": name, "comparison_levels": levels}
