"""The engine in its sum-of-keys mode against the ONS package, on random tables of people and random noise."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.release.cells import count_cells, sum_mod
from orchestration.release.noise import PerturbationTable
from tests.support.serving import WHOLE_WINDOW, serve_people

pandas = pytest.importorskip("pandas", reason="the ONS package needs pandas, which is not installed")
create_perturbed_table = pytest.importorskip("cell_key_perturbation.create_perturbed_table").create_perturbed_table

MODULUS = 64
ROWS = 750  # the package reuses rows 501 to 750 for every larger count
changes = st.lists(st.integers(-5, 5), min_size=MODULUS, max_size=MODULUS)
person = st.tuples(st.integers(0, MODULUS - 1), st.sampled_from("FM"), st.sampled_from(("a", "b", "c")))
people = st.lists(person, min_size=1, max_size=60)


@settings(max_examples=12, deadline=None)
@given(people=people, changes=changes, copies=st.integers(1, 40))
def test_every_cell_equals_the_ons_package(people: list[tuple[int, str, str]], changes: list[int], copies: int) -> None:
    rows = people * copies
    frame = pl.DataFrame(rows, schema=["record_key", "sex", "ethnic_group"], orient="row")
    noise = [[change if count + change >= 0 else 0 for change in changes] for count in range(ROWS + 1)]
    ptable = pandas.DataFrame(
        {
            "pcv": [count for count in range(1, ROWS + 1) for _key in range(MODULUS)],
            "ckey": list(range(MODULUS)) * ROWS,
            "pvalue": [change for row in noise[1:] for change in row],
        }
    )
    expected = create_perturbed_table(
        data=pandas.DataFrame(frame.to_dict(as_series=False)),
        ptable=ptable,
        geog=[],
        tab_vars=["sex", "ethnic_group"],
        record_key="record_key",
        threshold=10,
    )
    ends = tuple(range(1, MODULUS + 1))
    table = PerturbationTable(((MODULUS,), *([ends] * ROWS)), ((0,), *map(tuple, noise[1:])), repeated=250)
    with serve_people(frame["record_key"], sex=frame["sex"], ethnic_group=frame["ethnic_group"]) as connection:
        dimensions = ("sex", "ethnic_group")
        keys = sum_mod(MODULUS)
        cells = count_cells(connection, measure="people", dimensions=dimensions, period=WHOLE_WINDOW, keys=keys)
    for row in expected.to_dict("records"):
        count, key = cells.get((row["sex"], row["ethnic_group"]), (0, 0))
        assert (count, key) == (row["pre_sdc_count"], row["ckey"])
        figure = count + table.change(count, key) if count else 0
        assert (figure if figure >= 10 else None) == (None if pandas.isna(row["count"]) else row["count"])
