"""True cells, counted inside the snapshot: the only place that composes SQL, and nothing of it leaves the package.

The SQL is made of the files in `sql/` and of column names from the fixed tables below; every value is a bound
parameter. What is done with the counts belongs to engine.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import duckdb

from orchestration.release.lattice import MEASURES

Code = tuple[str, ...]
Cells = dict[Code, tuple[int, int]]  # codes of a cell -> (true number of units, cell key)
# Codes of a cell -> (number and key of those who contribute, (sum, largest and second largest contribution))
Amounts = dict[Code, tuple[tuple[int, int], tuple[int, int, int]]]

PERSON_COLUMNS = {
    "sex": "srv_person_year.sex",
    "age_band": "srv_person_year.age_band",
    "age_group": "srv_person_year.age_group",
    "ethnic_group": "srv_person_year.ethnic_group",
    "msoa": "srv_person_year.msoa_code",
    "lad": "srv_person_year.lad_code",
    "deprivation": "srv_person_year.deprivation",
}
OTHER_PERSONA = "other_persona"  # never asked for: a guard counts who is in two personas
POPULATION_COLUMNS = {"persona": "srv_persona_member.persona", OTHER_PERSONA: "others.persona"}
HOUSEHOLD_COLUMNS = {
    "msoa": "srv_household.msoa_code",
    "lad": "srv_household.lad_code",
    "deprivation": "srv_household.deprivation",
    "household_type": "srv_household.household_type",
}
USE_COLUMNS = {"service": "service_id", "theme": "theme"}
PERIOD_COLUMNS = {
    "services_used": "srv_person_period.services_used",
    "services_at_once": "srv_person_period.services_at_once",
}
COMBINATION_COLUMNS = {"theme_set": "srv_person_period.theme_mask"}
TRANSITION_COLUMNS = {
    name: f"srv_transition.{name}" for name in ("from_service", "to_service", "from_theme", "to_theme")
}
ENTRY_COLUMNS = {name: f"srv_journey.{name}" for name in ("entry_service", "entry_theme")}
STEP_COLUMNS = {name: f"steps.{name}" for name in ("step", "from_theme", "to_theme")}
EVENT_COLUMNS = {
    table: {name: f"{table}.{column}" for name, column in (*USE_COLUMNS.items(), *categories)}
    for table, categories in (
        ("srv_arrival", (("arrival", "arrival"), ("month", "month_code"))),
        ("srv_exit", (("exit_kind", "exit_kind"), ("return_band", "return_band"), ("month", "month_code"))),
        ("srv_referral", (("wait", "wait"), ("stay_ending", "stay_ending"))),
        ("srv_need", (("need", "need"), ("need_met", "need_met"))),
        ("srv_episode", (("month", "month_code"),)),
        ("srv_cost", (("payer", "payer"),)),
    )
}
CUT_OFF_ALREADY = frozenset(("costs", "costs_by_payer"))
PAIRS = {"service_a": "service_id", "service_b": "service_id", "theme_a": "theme", "theme_b": "theme"}


@dataclass(frozen=True, slots=True)
class Period:
    """One period of the fixed nested set: month mask over the window, and the reporting year whose attributes hold."""

    code: str
    label: str
    level: str
    year_code: str
    month_mask: int
    month_count: int = 0


@dataclass(frozen=True, slots=True)
class KeyMode:
    """How record keys make a cell key: XOR in production; sums, as R cellKey and the ONS package do, for oracles."""

    aggregate: str


XOR = KeyMode("bit_xor(population.record_key)")


def sum_mod(modulus: int) -> KeyMode:
    """Return the mode in which a cell key is the sum of record keys modulo a whole number: never used for release."""
    return KeyMode(f"(sum(population.record_key) % {int(modulus)})::ubigint")


@cache
def sql(name: str) -> str:
    """Return the text of one query file of this package."""
    return files("orchestration.release").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def count_cells(
    cursor: duckdb.DuckDBPyConnection,
    *,
    measure: str,
    dimensions: tuple[str, ...],
    period: Period,
    keys: KeyMode = XOR,
) -> Cells:
    """Return every non-empty cell of the dimensions (in their order) with its true count and cell key.

    Dimensions must be the measure's; a subset of a relation is allowed here, because guards need it.
    """
    text = _composed("cells", measure, dimensions, keys)
    rows = cursor.execute(text, _parameters(text, period)).fetchall()
    width = len(dimensions)
    return {tuple(map(str, row[:width])): (row[width], row[width + 1]) for row in rows if row[width]}


def sum_amounts(
    cursor: duckdb.DuckDBPyConnection, *, measure: str, dimensions: tuple[str, ...], period: Period
) -> Amounts:
    """Return for every non-empty cell the sum of what its people contribute, cut off at the 99th percentile of all.

    The cut-off is that of one service, theme or whole period at a time, over everybody: no cell has one of its own.
    Costs differ so much between services that each service, theme and payer has its own; their facts come cut off.
    """
    facts = _FACTS[measure](tuple(name for name in dimensions if name in USE_COLUMNS))
    text = sql("largest_amount").format(facts=facts, share=1 if measure in CUT_OFF_ALREADY else 0.99)
    largest = cursor.execute(text, _parameters(text, period)).fetchall()[0][0]
    text = _composed("sums", measure, dimensions, XOR)
    rows = cursor.execute(text, _parameters(text, period) | {"largest": largest}).fetchall()
    width = len(dimensions)
    return {
        tuple(map(str, row[:width])): (
            (row[width], row[width + 1]),
            (row[width + 2], row[width + 3][0], row[width + 3][1] if row[width] > 1 else 0),
        )
        for row in rows
        if row[width]
    }


def _composed(file: str, measure: str, dimensions: tuple[str, ...], keys: KeyMode) -> str:
    rule = MEASURES[measure]
    attribute_columns = HOUSEHOLD_COLUMNS if rule.unit == "household" else PERSON_COLUMNS | POPULATION_COLUMNS
    attributes = tuple(name for name in dimensions if name in attribute_columns)
    facts = tuple(name for name in dimensions if name not in attribute_columns)
    return sql(file).format(
        population=sql(_population(rule.unit, attributes)).format(columns=_aliased(attributes, attribute_columns)),
        facts=_FACTS[measure](facts),
        columns="".join(f"{'population' if name in attributes else 'facts'}.{name}, " for name in dimensions),
        cell_key=keys.aggregate,
    )


def _population(unit: str, attributes: tuple[str, ...]) -> str:
    if OTHER_PERSONA in attributes:
        return "population_personas"
    return "population_persona" if "persona" in attributes else f"population_{unit}"


def _parameters(text: str, period: Period) -> dict[str, str | int]:
    parameters: dict[str, str | int] = {
        "year_code": period.year_code,
        "month_mask": period.month_mask,
        "period_code": period.code,
    }
    return {name: value for name, value in parameters.items() if f"${name}" in text}


def _aliased(names: tuple[str, ...], columns: dict[str, str]) -> str:
    return "".join(f"{columns[name]} as {name}, " for name in names)


def _use_facts(facts: tuple[str, ...], *, table: str, unit_no: str) -> str:
    uses = tuple(name for name in facts if name in USE_COLUMNS)
    text = sql("uses").format(columns=_aliased(uses, USE_COLUMNS), unit_no=unit_no, table=table)
    carried = "".join(f"uses.{name}, " for name in uses)
    if "month" in facts:
        text = sql("uses_by_month").format(columns=carried, uses=text)
        carried += "uses.month, "
    figures = tuple(name for name in facts if name in PERIOD_COLUMNS)
    if figures:
        text = sql("uses_with_period").format(columns=carried + _aliased(figures, PERIOD_COLUMNS), uses=text)
    return text


def _people(facts: tuple[str, ...]) -> str:
    return _use_facts(facts, table="serving.srv_person_service", unit_no="person_no")


def _amounts(name: str) -> Callable[[tuple[str, ...]], str]:
    return lambda facts: sql(name).format(columns="".join(f"uses.{fact}, " for fact in facts), uses=_people(facts))


def _length_of_use(facts: tuple[str, ...]) -> str:
    uses = tuple(name for name in facts if name in USE_COLUMNS)
    if "months_used" not in facts:
        return _people(uses)
    return sql("uses_by_band").format(columns="".join(f"uses.{name}, " for name in uses), uses=_people(uses))


def _households(facts: tuple[str, ...]) -> str:
    return _use_facts(facts, table="serving.srv_household_service", unit_no="household_no")


def _pairs(facts: tuple[str, ...]) -> str:
    if not facts:
        return _people(())
    columns = {name: PAIRS[name] for name in facts}
    if len(facts) == 1:
        return sql("uses").format(
            columns=_aliased(facts, columns), unit_no="person_no", table="serving.srv_person_service"
        )
    column = PAIRS[facts[0]]
    uses = sql("uses").format(columns=f"{column} as code, ", unit_no="person_no", table="serving.srv_person_service")
    return sql("pairs").format(uses=uses, column_a=facts[0], column_b=facts[1])


def _from_file(name: str, columns: dict[str, str]) -> Callable[[tuple[str, ...]], str]:
    return lambda facts: sql(name).format(columns=_aliased(facts, columns))


def _events(table: str, file: str = "events") -> Callable[[tuple[str, ...]], str]:
    return lambda facts: sql(file).format(columns=_aliased(facts, EVENT_COLUMNS[table]), table=table)


def _started(facts: tuple[str, ...]) -> str:
    return sql("started").format(columns=_aliased(facts, EVENT_COLUMNS["srv_referral"]))


def _needs(facts: tuple[str, ...]) -> str:
    """A theme beside a need is one that the same person used in the period, not one that the need belongs to."""
    recorded = tuple(name for name in facts if name != "theme")
    text = _events("srv_need")(recorded)
    if "theme" not in facts:
        return text
    return sql("needs_and_use").format(
        columns="".join(f"needs.{name}, " for name in recorded), needs=text, uses=_people(("theme",))
    )


def _episodes(facts: tuple[str, ...]) -> str:
    return sql("episodes").format(columns=_aliased(facts, EVENT_COLUMNS["srv_episode"]))


def _costed(file: str) -> Callable[[tuple[str, ...]], str]:
    def compose(facts: tuple[str, ...]) -> str:
        columns = EVENT_COLUMNS["srv_cost"]
        uses = tuple(name for name in facts if name in columns)
        text = sql(file).format(
            columns=_aliased(uses, columns),
            names="".join(f"amounts.{name}, " for name in uses),
            apart=f"partition by {', '.join(uses)}" if uses else "",
        )
        if "services_used" not in facts:
            return text
        carried = "".join(f"costed.{name}, " for name in uses) + _aliased(("services_used",), PERIOD_COLUMNS)
        amount = "" if file == "costed" else ", costed.amount"
        return sql("costs_with_period").format(columns=carried, costed=text, amount=amount)

    return compose


_FACTS: dict[str, Callable[[tuple[str, ...]], str]] = {
    "people": _people,
    "households": _households,
    "months_of_use": _amounts("months_of_use"),
    "spells": _amounts("spells"),
    "episodes": _episodes,
    "costs": _costed("costs"),
    "costs_by_payer": _costed("costs"),
    "people_costed": _costed("costed"),
    "length_of_use": _length_of_use,
    "people_using_both": _pairs,
    "combinations": _from_file("combinations", COMBINATION_COLUMNS),
    "transitions": _from_file("transitions", TRANSITION_COLUMNS),
    "entries": _from_file("entries", ENTRY_COLUMNS),
    "journey_steps": _from_file("journey_steps", STEP_COLUMNS),
    "starts": _events("srv_arrival", "events_by_month"),
    "exits": _events("srv_exit", "events_by_month"),
    "returns": _events("srv_exit"),
    "waits": _events("srv_referral"),
    "stays": _started,
    "needs": _needs,
}
