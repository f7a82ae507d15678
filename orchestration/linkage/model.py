"""The linkage model: which comparisons are made, their levels, and the weights when the data are too few to learn from.

Fellegi and Sunter's model as Splink computes it. Tokens depend on each other (the same name and date of birth is also
the same surname and date of birth), so those that overlap are levels of ONE comparison, from strongest to weakest, and
never separate comparisons whose weights would be counted twice.

What belongs here: levels and default probabilities. What does not: learning them (`training`), pairs (`scoring`).
"""

import re
from dataclasses import dataclass
from typing import Any, Literal

Comparison = Literal["identity", "name", "address"]
COMPARISONS: tuple[Comparison, ...] = ("identity", "name", "address")


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


def _equal(*tokens: str) -> str:
    return " and ".join(f"{token}_l = {token}_r" for token in tokens)


def _both_known(token: str) -> str:
    return f"({token}_l is not null and {token}_r is not null)"


SAME_NHS, DIFFERENT_NHS, SAME_NI, DIFFERENT_NI = 3, 2, 1, 0
SAME_NAME, SURNAME_FORENAME_DIFFERS, SAME_BIRTH_MONTH, NEAR_BIRTH, NAME_ELSE = 8, 3, 2, 1, 0
FULL_NAME_AT_POSTCODE = 5
NOT_COMPARABLE = -1
"""Splink numbers the levels of a comparison from 0 (else) upwards, and -1 where nothing can be compared."""
MOST_DAYS_APART = 400
"""A slip in the year or the month of birth."""

LEVELS: dict[Comparison, tuple[Level, ...]] = {
    "identity": (
        Level("same NHS number", _equal("tok_nhs"), 0.60, 1e-9),
        Level("different NHS number", "tok_nhs_l <> tok_nhs_r", 0.002, 0.60),
        Level("same NI number", _equal("tok_ni"), 0.37, 1e-9),
        Level("different NI number", "ELSE", 0.028, 0.40),
    ),
    "name": (
        Level("same name and date of birth", _equal("tok_name_dob"), 0.78, 3e-9),
        Level("same name, day and month or both names swapped", _equal("tok_name_swapped_dob"), 0.01, 1e-9),
        Level("names sound alike, same date of birth", _equal("tok_phonetic_dob"), 0.07, 5e-9),
        Level("same forename and date of birth", _equal("tok_forename_dob"), 0.05, 3e-7),
        Level(
            "same surname and date of birth, a forename unknown",
            f"{_equal('tok_surname_dob')} and not {_both_known('tok_forename_dob')}",
            0.01,
            1e-6,
        ),
        Level("same surname and date of birth, forenames differ", _equal("tok_surname_dob"), 0.02, 1e-6),
        Level("same month of birth and sex", _equal("birth_month", "sex"), 0.02, 6e-4),
        Level(
            "born within 13 months, sex not different",
            f"abs(birth_month_l - birth_month_r) <= {MOST_DAYS_APART} and coalesce(sex_l = sex_r, true)",
            0.015,
            0.014,
        ),
        Level("different name or birth", "ELSE", 0.025, 0.985),
    ),
    "address": (
        Level("same full name at one postcode", _equal("tok_forename_postcode", "tok_surname_postcode"), 0.50, 3e-8),
        Level("same household", _equal("household_token"), 0.08, 1e-4),
        Level("same surname at one postcode", _equal("tok_surname_postcode"), 0.05, 1e-4),
        Level("same forename at one postcode", _equal("tok_forename_postcode"), 0.04, 1e-5),
        Level("same small area", _equal("lsoa"), 0.05, 0.01),
        Level("different address", "ELSE", 0.28, 0.98),
    ),
}

NOTHING_TO_COMPARE: dict[Comparison, tuple[str, ...]] = {
    "identity": ("tok_nhs", "tok_ni"),
    "name": ("tok_name_dob", "tok_forename_dob", "tok_surname_dob", "birth_month"),
    "address": ("household_token", "tok_surname_postcode", "tok_forename_postcode", "lsoa"),
}
"""A comparison says nothing about a pair when none of these is known on both sides."""

DEFAULT_PRIOR = 1e-4


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

    def to_dict(self) -> dict[str, Any]:
        """Return the model for `model.json`: parameters by level label, prior and notes."""
        return {
            "prior": self.prior,
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


def level_of_pair(comparison: Comparison) -> str:
    """Return the SQL that numbers the level of a pair of profiles `l` and `r` as Splink does."""
    last = len(LEVELS[comparison]) - 1
    cases = [f"when {_nothing_to_compare(comparison)} then {NOT_COMPARABLE}"]
    cases += [f"when {level.condition} then {last - place}" for place, level in enumerate(LEVELS[comparison][:-1])]
    return re.sub(r"\b(\w+)_([lr])\b", r"\2.\1", f"case {' '.join(cases)} else 0 end")


def splink_settings(model: Model, blocking_rules: tuple[str, ...]) -> dict[str, Any]:
    """Return Splink's settings for one table of profiles; no token is kept in the table of pairs."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "probability_two_random_records_match": model.prior,
        "comparisons": [_comparison(name, model) for name in COMPARISONS],
        "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in blocking_rules],
        "retain_matching_columns": False,
        "max_iterations": 50,
        "em_convergence": 0.0005,
    }


def _nothing_to_compare(name: Comparison) -> str:
    return " and ".join(f"not {_both_known(token)}" for token in NOTHING_TO_COMPARE[name])


def _comparison(name: Comparison, model: Model) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": _nothing_to_compare(name), "label_for_charts": "nothing to compare", "is_null_level": True}
    ]
    for level, m, u in zip(LEVELS[name], model.m[name], model.u[name], strict=True):
        levels.append(
            {
                "sql_condition": level.condition,
                "label_for_charts": level.label,
                "m_probability": m,
                "u_probability": u,
            }
        )
    return {"output_column_name": name, "comparison_levels": levels}
