"""How often different people agree: u, counted exactly instead of guessed.

Inside feeds that guarantee one person one reference no two records are one person, so what agrees there is chance or
family. Where no feed guarantees that, records born more than 13 months apart stand in for different people. No token
shows a forename alone; its share follows from tokens of two identifiers (a forename agrees on one date of birth as
often as forenames agree at all). Every count is drawn towards the default by one imagined observation.

What belongs here: u. What does not: m and the prior (`training`), levels (`model`).
"""

import math
from dataclasses import replace

import duckdb
import numpy as np
import numpy.typing as npt

from orchestration.linkage.model import GENERATION_MONTHS, LEVELS, NEAR_MONTHS, Comparison, Model

DAYS_IN_MONTH = 30.44
LEAST_PAIRS_INSIDE = 50_000
"""Pairs of different people below which feeds that guarantee one reference a person say too little by themselves."""
MOST_RECORDS_COUNTED = 200_000
"""Above it, tokens are sampled by value when namesakes of other dates of birth are counted."""
MOST_LIKELY, LEAST_LIKELY = 0.9999, 1e-12
SOUNDS_AT_MOST = 4.0
"""Times as often as names agree may they sound alike, for each of the two names."""


def with_chance_agreement(connection: duckdb.DuckDBPyConnection, model: Model) -> Model:
    """Return the model with u of name, birth, address and sex counted on table `profiles`."""
    connection.execute(
        "create or replace temp table people as select * from profiles "
        "qualify row_number() over (partition by node order by unique_id desc) = 1"
    )
    counts = _Counts(connection)
    birth = _birth(_histogram(connection))
    forename, names = _names(counts, birth[0])
    learned: dict[Comparison, list[float]] = {
        "name": names,
        "birth": birth,
        "address": _address(counts, forename),
        "sex": _sex(connection),
    }
    note = f"u counted on {counts.pairs:.0f} pairs of different people {counts.where}"
    u = dict(model.u)
    for comparison, values in learned.items():
        bounded = [min(max(value, LEAST_LIKELY), MOST_LIKELY) for value in values]
        total = sum(bounded)
        u[comparison] = tuple(significant(value / total) for value in bounded)
    return replace(model, u=u, notes=(*model.notes, note))


def significant(value: float, digits: int = 6) -> float:
    """Round, so that the order in which threads add up never shows in a score."""
    return float(f"{value:.{digits}g}")


def number(connection: duckdb.DuckDBPyConnection, query: str) -> float:
    """Return the one number that a query gives; 0 for null."""
    row = connection.sql(query).fetchone()
    return float(row[0]) if row and row[0] is not None else 0.0


class _Counts:
    """Shares of pairs of different people that agree on a kind of token."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        inside = number(
            connection,
            "select sum(n * (n - 1) / 2) from (select count(*) as n from people where guaranteed group by feed_no)",
        )
        self.is_inside = inside >= LEAST_PAIRS_INSIDE
        records = number(connection, "select count(*) from people where birth_month is not null")
        self._sample = max(1, round(records / MOST_RECORDS_COUNTED))
        self.where = "inside feeds" if self.is_inside else "born more than 13 months apart"
        self.pairs = inside if self.is_inside else self._far_pairs("1")

    def share(self, kind: str, default: float) -> float:
        """Return how often two different people have the same token, of those who have one."""
        if self.is_inside:
            agree = number(
                self._connection,
                "select sum(n * (n - 1) / 2) from (select count(*) as n from people "
                f"where guaranteed and {kind} is not null group by feed_no, {kind})",
            )
            pairs = number(
                self._connection,
                "select sum(n * (n - 1) / 2) from (select count(*) as n from people "
                f"where guaranteed and {kind} is not null group by feed_no)",
            )
        else:
            agree = self._sample * number(
                self._connection,
                f"with months as (select {kind} as token, birth_month as month, count(*) as n from people "
                f"where {kind} is not null and birth_month is not null and hash({kind}) % {self._sample} = 0 "
                f"group by all) select sum(l.n * r.n) from months l join months r on l.token = r.token "
                f"and r.month - l.month > {NEAR_MONTHS}",
            )
            pairs = self._far_pairs(kind)
        return (agree + 1) / (pairs + 1 / default)

    def _far_pairs(self, kind: str) -> float:
        months = _histogram(self._connection, kind)
        total = months.sum()
        near = sum(_apart(months, distance) for distance in range(1, NEAR_MONTHS + 1))
        return max((float(total) ** 2 - float((months**2).sum())) / 2 - near, 0.0)


def _histogram(connection: duckdb.DuckDBPyConnection, kind: str = "1") -> npt.NDArray[np.float64]:
    """Return how many people were born in each month, from the first to the last."""
    rows = connection.sql(
        f"select birth_month, count(*) from people where birth_month is not null and {kind} is not null group by 1"
    ).fetchall()
    if not rows:
        return np.zeros(1)
    first, last = min(row[0] for row in rows), max(row[0] for row in rows)
    months = np.zeros(last - first + 1)
    for month, people in rows:
        months[month - first] = people
    return months


def _apart(months: npt.NDArray[np.float64], distance: int) -> float:
    """Return how many pairs of people were born so many months apart."""
    return float((months[distance:] * months[: max(months.size - distance, 0)]).sum())


def _birth(months: npt.NDArray[np.float64]) -> list[float]:
    """Return u of the levels of `birth` from how births are spread over months; days are taken as even."""
    total = months.sum()
    defaults = [level.u for level in LEVELS["birth"]]
    pairs = total * (total - 1) / 2
    apart = [_apart(months, distance) for distance in range(1, GENERATION_MONTHS)]
    same = float((months * (months - 1)).sum()) / 2
    near = sum(apart[:NEAR_MONTHS])
    # A pair d months apart is of one calendar year with probability (12 - d) / 12.
    part = sum(
        found if distance % 12 == 0 else found * max(12 - distance, 0) / 12
        for distance, found in enumerate(apart, 1)
        if distance > NEAR_MONTHS
    )
    far = max(pairs - same - sum(apart), 0.0)
    counted = [0.0, 0.0, same * (1 - 2 / DAYS_IN_MONTH), near, part, far, max(sum(apart) - near - part, 0.0)]
    counted[0] = counted[1] = same / DAYS_IN_MONTH
    weight = 1 / min(defaults)
    return [(found + default * weight) / (pairs + weight) for found, default in zip(counted, defaults, strict=True)]


def _names(counts: _Counts, same_birth: float) -> tuple[float, list[float]]:
    """Return how often forenames agree, and u of the levels of `name`."""
    default = [level.u for level in LEVELS["name"]]
    both = counts.share("tok_name", default[0] + default[1])
    forename = _forename(counts, both, same_birth)
    rare = min(counts.share("rare_name", default[0]), both * MOST_LIKELY)
    surname = min(both / forename, 0.2)
    sounds = (counts.share("tok_sounds", default[0] + default[1] + default[5]) / both) ** 0.5
    more = min(max(sounds - 1, 0.1), SOUNDS_AT_MOST - 1)
    forename_alike, surname_alike = forename * more, surname * more
    values = [
        rare,
        both - rare,
        both * 0.02,
        forename * surname_alike,
        surname * forename_alike,
        forename_alike * surname_alike,
        forename,
        surname,
        forename,
        surname,
        forename_alike + surname_alike,
    ]
    return forename, [*values, max(1 - sum(values), 0.1)]


def _forename(counts: _Counts, both: float, same_birth: float) -> float:
    """Return how often forenames agree: on one date of birth as often as at all.

    People born apart have no date in common; among them forenames and surnames agree at one postcode in the proportion
    in which they agree at all, and full names as often as both do.
    """
    default = LEVELS["name"][8].u
    if counts.is_inside:
        return counts.share("tok_forename_dob", default * same_birth) / same_birth
    at_postcode = [counts.share(f"tok_{name}_postcode", 1e-5) for name in ("forename", "surname")]
    return min(max(math.sqrt(both * at_postcode[0] / at_postcode[1]), both), 0.2)


def _address(counts: _Counts, forename: float) -> list[float]:
    """Return u of the levels of `address`: forenames do not depend on where one lives, so they show the postcode."""
    default = [level.u for level in LEVELS["address"]]
    home = counts.share("household_token", default[0])
    postcode = counts.share("tok_forename_postcode", default[1] * forename) / forename
    area = counts.share("lsoa", default[2])
    values = [home, max(postcode - home, home / 10), max(area - postcode, area / 10)]
    return [*values, max(1 - sum(values), 0.1)]


def _sex(connection: duckdb.DuckDBPyConnection) -> list[float]:
    share = number(connection, "select avg(sex) from people where sex is not null") or 0.5
    same = share**2 + (1 - share) ** 2
    return [same, max(1 - same, 1e-3)]
