"""Claims of households over time."""

import datetime as dt

import polars as pl

from orchestration.linkage.households import SCHEMA, link_households

JAN, MAR, MAY = (dt.date(2025, month, 1) for month in (1, 3, 5))


def stays(*rows: tuple[str, str, dt.date | None]) -> list[tuple[str, str, dt.date | None, dt.date | None]]:
    residences = pl.DataFrame(
        rows,
        schema={"person_key": pl.String, "household_token": pl.String, "valid_from": pl.Date},
        orient="row",
    )
    found = link_households(residences)
    names: dict[str, str] = {}
    return [
        (person, names.setdefault(home, f"h{len(names) + 1}"), start, end) for person, home, start, end in found.rows()
    ]


def test_a_move_ends_one_stay_the_day_before_the_next_begins() -> None:
    assert stays(("p", "x", JAN), ("p", "y", MAR)) == [("p", "h1", JAN, dt.date(2025, 2, 28)), ("p", "h2", MAR, None)]


def test_records_that_repeat_an_address_are_one_stay() -> None:
    assert stays(("p", "x", JAN), ("p", "x", MAR), ("p", "x", MAY)) == [("p", "h1", JAN, None)]


def test_people_at_one_address_at_one_time_are_one_household() -> None:
    assert stays(("p", "x", JAN), ("q", "x", MAR)) == [("p", "h1", JAN, None), ("q", "h1", MAR, None)]


def test_who_moves_in_after_everybody_left_is_another_household() -> None:
    found = stays(("p", "x", JAN), ("p", "y", MAR), ("q", "x", MAY))
    assert found[0][1] != found[2][1]


def test_households_that_follow_each_other_at_one_address_are_all_different() -> None:
    later = [dt.date(2026, month, 1) for month in (1, 3, 5)]
    found = stays(
        ("p", "x", JAN), ("p", "y", MAR),
        ("q", "x", MAY), ("r", "x", later[0]), ("q", "z", later[1]), ("r", "z", later[1]),
        ("s", "x", later[2]),
    )  # fmt: skip
    at_x = {person: home for person, home, start, _end in found if start in (JAN, MAY, later[0], later[2])}
    assert at_x["q"] == at_x["r"]
    assert len({at_x["p"], at_x["q"], at_x["s"]}) == 3


def test_who_moves_in_while_somebody_still_lives_there_joins_them_whoever_has_left() -> None:
    found = stays(("p", "x", JAN), ("q", "x", MAR), ("q", "y", MAY), ("r", "x", dt.date(2025, 8, 1)))
    homes = {(person, start): home for person, home, start, _end in found}
    assert homes["r", dt.date(2025, 8, 1)] == homes["p", JAN] == homes["q", MAR]


def test_an_unknown_start_is_null_and_counts_as_earliest() -> None:
    assert stays(("p", "x", None), ("p", "y", MAR))[0] == ("p", "h1", None, dt.date(2025, 2, 28))


def test_the_address_that_most_records_of_a_day_name_counts() -> None:
    assert stays(("p", "x", JAN), ("p", "y", JAN), ("p", "y", JAN)) == [("p", "h1", JAN, None)]


def test_no_residences_give_a_typed_empty_table() -> None:
    empty = pl.DataFrame(schema={"person_key": pl.String, "household_token": pl.String, "valid_from": pl.Date})
    assert link_households(empty).schema == SCHEMA
