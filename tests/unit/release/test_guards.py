"""Sets of people that a user can ask for one inside the other: a small difference between them hides the inner one.

A noisy complement of 10 or more has at least 5 real people behind it, so that no two visible figures of nested sets may
differ by fewer. Every test compares what is published with the true counts of the same snapshot.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import permutations
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.publishing import publish
from orchestration.release import Gate, Refused, Request
from orchestration.release.cells import Cells, Code, Period, count_cells
from orchestration.release.directory import Directory, read_directory
from orchestration.release.engine import CellKeyProtection, Counted, Engine, Published
from orchestration.release.noise import Noise
from orchestration.release.policy import POLICIES
from orchestration.release.reader import current_path, open_snapshot
from orchestration.settings import Settings
from tests.support.serving import WHOLE_WINDOW, serve_people
from tests.support.snapshot import SERVICES, serving_tables, write_warehouse

POLICY = POLICIES["dashboard"]
SMALLEST_DIFFERENCE = 5
PAIR = ("sex", "theme_a", "theme_b")
COUNTED_SERVICES = Counter(theme for _name, theme in SERVICES.values())
ONLY_SERVICE = {theme for theme, services in COUNTED_SERVICES.items() if services == 1}


class Desk:
    """Published and true cells of one snapshot."""

    def __init__(self, directory: Directory, engine: Engine, cursor: duckdb.DuckDBPyConnection) -> None:
        self.directory = directory
        self.engine = engine
        self.cursor = cursor

    def published(self, measure: str, attributes: tuple[str, ...], period: str) -> Published:
        return self.engine.protect(self.cursor, measure=measure, attributes=attributes, period=self.period(period))

    def true(self, measure: str, attributes: tuple[str, ...], period: str) -> Cells:
        return count_cells(self.cursor, measure=measure, dimensions=attributes, period=self.period(period))

    def period(self, code: str) -> Period:
        return self.directory.periods[code]

    def differences(
        self,
        inner: tuple[str, tuple[str, ...], str],
        outer: tuple[str, tuple[str, ...], str],
        around: Callable[[Code], Code],
    ) -> list[int]:
        """Return the true differences of the pairs of cells of which both are visible; `around` gives the outer."""
        visible = self.published(*outer)
        smaller, larger = self.true(*inner), self.true(*outer)
        pairs = [(code, around(code)) for code in self.published(*inner) if code in smaller]
        return [larger[other][0] - smaller[code][0] for code, other in pairs if other in visible and other in larger]


@pytest.fixture(scope="module")
def desk(published: Settings) -> Iterator[Desk]:
    snapshot = open_snapshot(published, current_path(published))
    protection = CellKeyProtection(Noise(published.release_secret(), POLICY), POLICY)
    with snapshot.cursor() as cursor:
        yield Desk(snapshot.directory, Engine(snapshot.directory, POLICY, protection), cursor)


def assert_apart(differences: list[int]) -> None:
    """Assert that no two visible cells differ by a few. Without the guard that a test is of, some do."""
    assert [difference for difference in differences if abs(difference) < SMALLEST_DIFFERENCE] == []


def same(code: Code) -> Code:
    return code


def test_a_cell_key_is_the_exclusive_or_of_its_people_so_that_a_complement_has_its_own() -> None:
    keys, sexes = [3, 5, 6, 2**63 + 9], ["F", "F", "M", "M"]
    with serve_people(pl.Series(keys, dtype=pl.UInt64), sex=pl.Series(sexes)) as connection:
        cells = count_cells(connection, measure="people", dimensions=("sex",), period=WHOLE_WINDOW)
        everyone = count_cells(connection, measure="people", dimensions=(), period=WHOLE_WINDOW)
    assert cells == {("F",): (2, 3 ^ 5), ("M",): (2, 6 ^ (2**63 + 9))}
    assert everyone == {(): (4, 3 ^ 5 ^ 6 ^ (2**63 + 9))}


@pytest.mark.parametrize(
    ("measure", "attributes", "shorter", "longer"),
    [
        ("people", ("age_band", "service"), "2025-12", "2025-Q4"),
        ("people", ("msoa", "theme"), "2025-12", "2025-Q4"),
        ("households", ("msoa", "theme"), "2026-03", "2026-Q1"),
        ("entries", ("entry_service", "msoa"), "Y2023", "all"),
    ],
)
def test_a_period_and_the_longer_one_around_it_never_differ_by_a_few(
    desk: Desk, measure: str, attributes: tuple[str, ...], shorter: str, longer: str
) -> None:
    assert_apart(desk.differences((measure, attributes, shorter), (measure, attributes, longer), same))


def test_months_as_rows_are_held_against_their_quarters_too(desk: Desk) -> None:
    attributes = ("month", "msoa", "theme")
    true = desk.true("people", attributes, "Y2025")
    quarters = {
        month: desk.true("people", ("msoa", "theme"), quarter)
        for month, quarter in (("2025-12", "2025-Q4"), ("2026-03", "2026-Q1"))
    }
    shown = [code for code in desk.published("people", attributes, "Y2025") if code[0] in quarters]
    assert_apart([quarters[code[0]][code[1:]][0] - true[code][0] for code in shown])


@pytest.mark.parametrize("window", ["2026-Q1", "Y2025", "all"])
@pytest.mark.parametrize("name", ["age_band", "msoa", "theme"])
def test_a_month_has_one_figure_as_a_period_and_as_a_row_of_any_window(desk: Desk, name: str, window: str) -> None:
    attributes = tuple(sorted(("month", name)))
    index = attributes.index("month")
    rows = desk.published("people", attributes, window)
    as_rows = {(*code[:index], *code[index + 1 :]): figure for code, figure in rows.items() if code[index] == "2026-03"}
    as_period = desk.published("people", (name,), "2026-03")
    assert as_rows
    assert {code: figure for code, figure in as_rows.items() if code in as_period} == {
        code: figure for code, figure in as_period.items() if code in as_rows
    }


def test_a_month_has_the_age_of_its_year_also_as_a_row_of_the_whole_window(tmp_path: Path) -> None:
    tables = serving_tables(people=1500, seed=2)
    older = pl.when(pl.col("year_code") == "all").then(pl.lit("75+")).otherwise(pl.col("age_band")).alias("age_band")
    tables["srv_person_year"] = tables["srv_person_year"].with_columns(older)
    settings = write_warehouse(tmp_path, tables)
    publish(settings)
    gate = Gate(settings)
    rows, month = (
        gate.answer(Request("people", by, {}, period)).rows
        for by, period in ((("month", "age_band"), "all"), (("age_band",), "2024-03"))
    )
    assert [row[1:] for row in rows if row[0] == "2024-03"] == list(month)


@pytest.mark.parametrize("others", [(), ("theme",), ("msoa",)])
@pytest.mark.parametrize("period", ["2026-03", "2026-Q1"])
def test_services_used_and_services_at_once_never_differ_by_a_few(
    desk: Desk, others: tuple[str, ...], period: str
) -> None:
    used, at_once = ("people", (*others, "services_used"), period), ("people", (*others, "services_at_once"), period)
    for inner, outer, value in ((used, at_once, "1"), (at_once, used, "4+")):
        around = {code: code if code[-1] == value else () for code in desk.true(*inner)}
        assert_apart(desk.differences(inner, outer, around.__getitem__))


def test_users_of_one_service_and_of_its_theme_alone_never_differ_by_a_few(desk: Desk) -> None:
    inner = desk.true("people", ("age_band", "services_used", "theme"), "all")
    outer = desk.true("combinations", ("age_band", "theme_set"), "all")
    shown = desk.published("combinations", ("age_band", "theme_set"), "all")
    assert_apart(
        [
            outer[band, str(desk.directory.theme_mask(theme))][0] - inner[band, used, theme][0]
            for band, used, theme in desk.published("people", ("age_band", "services_used", "theme"), "all")
            if used == "1" and (band, theme) in shown and theme not in ONLY_SERVICE
        ]
    )


def test_a_combination_and_the_pairs_in_it_never_differ_by_a_few(desk: Desk) -> None:
    masks = {theme.code: 1 << theme.index for theme in desk.directory.themes}
    sets, pairs = ("combinations", ("sex", "theme_set"), "2026-Q1"), ("people_using_both", PAIR, "2026-Q1")
    inner, outer, shown = desk.true(*sets), desk.true(*pairs), desk.published(*pairs)
    themes_of = {code: code[1].split("+") for code in desk.published(*sets) if code[1] != "other"}
    assert_apart(
        [
            outer[sex, *pair][0] - inner[sex, str(sum(masks[theme] for theme in themes))][0]
            for (sex, _set), themes in themes_of.items()
            for pair in permutations(themes, 2)
            if (sex, *pair) in shown
        ]
    )


@pytest.mark.parametrize(("others", "period"), [((), "2026-Q1"), (("msoa",), "Y2025")])
def test_moves_and_use_of_both_never_differ_by_a_few(desk: Desk, others: tuple[str, ...], period: str) -> None:
    inner = ("transitions", (*others, "from_theme", "to_theme"), period)
    assert_apart(desk.differences(inner, ("people_using_both", (*others, "theme_a", "theme_b"), period), same))


def test_arrivals_and_use_never_differ_by_a_few(desk: Desk) -> None:
    inner = ("transitions", ("msoa", "to_service"), "Y2025")
    assert_apart(desk.differences(inner, ("people", ("msoa", "service"), "Y2025"), same))


def test_first_steps_of_journeys_and_moves_never_differ_by_a_few(desk: Desk) -> None:
    inner = ("journey_steps", ("from_theme", "step", "to_theme"), "Y2023")
    outer = ("transitions", ("from_theme", "to_theme"), "Y2023")
    assert_apart(
        desk.differences(inner, outer, lambda c: (c[0], "END" if c[2] == "none" else c[2]) if c[1] == "1" else ())
    )


def test_a_band_that_is_its_whole_group_has_one_figure_at_both_levels(desk: Desk) -> None:
    bands, groups = (desk.published("people", (name, "service"), "Y2025") for name in ("age_band", "age_group"))
    for alone in ("0-15", "16-24"):
        assert {code: figure for code, figure in bands.items() if code[0] == alone} == {
            code: figure for code, figure in groups.items() if code[0] == alone
        }
    assert any(code[0] == "16-24" for code in bands)


class GuardedOnce:
    """Shows true counts, but finds one of them too close to one of the several cells around it."""

    def __init__(self, hidden: int) -> None:
        self._hidden = hidden

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:  # noqa: ARG002
        return None if counted[0] == self._hidden and len(list(complements)) > 1 else counted[0]


def test_a_value_hidden_alone_does_not_come_back_as_other(desk: Desk) -> None:
    true = desk.true("combinations", ("theme_set",), "all")
    counts = [count for count, _key in true.values()]
    once = next(count for count in sorted(counts, reverse=True) if counts.count(count) == 1)
    engine = Engine(desk.directory, POLICY, GuardedOnce(once))
    shown = engine.protect(desk.cursor, measure="combinations", attributes=("theme_set",), period=desk.period("all"))
    assert len(shown) == len(true) - 1
    assert ("other",) not in shown


class SensitiveHidden:
    """Hides every sensitive cell, and remembers the threshold that the pools of hidden ones are held to."""

    def __init__(self) -> None:
        self.pools: list[int] = []

    def publish(self, counted: Counted, complements: Iterable[Counted], threshold: int) -> int | None:
        if len(list(complements)) == 1:
            self.pools.append(threshold)
        return None if threshold == POLICY.sensitive_threshold else counted[0]


def test_other_is_held_to_the_threshold_of_the_most_sensitive_value_in_it(desk: Desk) -> None:
    protection = SensitiveHidden()
    engine = Engine(desk.directory, POLICY, protection)
    engine.protect(desk.cursor, measure="combinations", attributes=("theme_set",), period=desk.period("all"))
    assert protection.pools == [POLICY.sensitive_threshold]


def test_a_window_of_one_reporting_year_is_not_hidden_by_itself(desk: Desk) -> None:
    year, whole, quarter = (desk.period(code) for code in ("Y2025", "all", "2025-Q4"))
    directory = desk.directory
    assert directory.wider_period(year) == whole
    assert directory.wider_period(desk.period("2025-11")) == quarter
    one_year = Directory(
        directory.services, directory.themes, directory.areas, directory.periods, observed_months=year.month_mask
    )
    assert one_year.wider_period(year) is None
    first = desk.period("2025-10")
    one_month = Directory(
        directory.services, directory.themes, directory.areas, directory.periods,
        observed_months=desk.period("Y2024").month_mask | first.month_mask,
    )  # fmt: skip
    assert one_month.wider_period(first) == whole


def test_the_first_year_of_a_service_is_not_hidden_for_want_of_years_before_it(desk: Desk) -> None:
    year = desk.period("Y2025")
    tables = serving_tables(people=3_000, seed=7)
    uses = tables["srv_person_service"]
    large = uses.filter(pl.col("service_id").is_in(sorted(desk.directory.sensitive_services)).not_())
    code = large.group_by("service_id").len().sort("len").row(-1)[0]
    began = pl.col("service_id") == code
    in_year = uses.with_columns(
        month_mask=pl.when(began).then(pl.col("month_mask") & year.month_mask).otherwise("month_mask")
    )
    with duckdb.connect() as connection:
        connection.execute("create schema serving")
        for name, frame in (tables | {"srv_person_service": in_year.filter(pl.col("month_mask") > 0)}).items():
            connection.register("frame", frame)
            connection.execute(f"create table serving.{name} as from frame")
        engine = Engine(read_directory(connection), POLICY, desk.engine._protection)
        published = engine.protect(connection, measure="people", attributes=("service",), period=year)
        by_age = engine.protect(connection, measure="people", attributes=("age_group", "service"), period=year)
    assert (code,) in published
    assert not [cell for cell in by_age if code in cell], "ages of a year and of the whole window are of two dates"


@pytest.mark.parametrize("by", [("month",), ("services_used",), ("services_at_once",), ("age_band", "sex")])
def test_what_pages_show_first_is_not_hidden_by_its_guards(gate: Gate, by: tuple[str, ...]) -> None:
    table = gate.answer(Request("people", by, {}, "all"))
    assert table.hidden_cells <= len(table.rows) / 2


@pytest.mark.parametrize("other", ["services_at_once", "month"])
def test_services_used_is_answered_or_refused_beside_what_combinations_do_not_have(gate: Gate, other: str) -> None:
    for use in ("service", "theme"):
        try:
            table = gate.answer(Request("people", (use, "services_used", other), {}, "Y2025"))
        except Refused as refusal:
            assert refusal.coarser is not None
        else:
            assert table.rows
