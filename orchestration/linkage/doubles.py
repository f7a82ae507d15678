"""Two people who look like one: twins, and parents and children of one name at one address.

How often such pairs exist decides what the evidence for one person is worth, and weights that treat name, birth and
address as unrelated cannot know it. So they are counted: inside feeds that guarantee one person one reference a pair
with one surname and date of birth but two forenames is twins, and one full name at one postcode in two generations is
parent and child. Where little can be counted, the country's figures stand in.

Sources of the figures: ONS, Birth characteristics in England and Wales (about 15 multiple maternities in 1,000, so
3 people in 100 have a twin; of half of them the other is taken to be in the records too). One person in 100 sharing
full name and address with a parent or child is our assumption.

What belongs here: how likely a pair that looks so is one person. What does not: which pairs look so (judge.sql).
"""

from dataclasses import replace

import duckdb

from orchestration.linkage.chance import number, significant
from orchestration.linkage.model import GENERATION_MONTHS, Model

HAVE_A_TWIN = 0.015
HAVE_A_NAMESAKE_AT_HOME = 0.01
SURNAME_ONLY_PLACE, FULL_NAME_PLACES = 9, 6
SAME_BIRTH_PLACE, GENERATION_PLACE = 0, 5
ADDRESS_PLACES = 2
"""Places of the levels in `model.LEVELS`, from the strongest."""


def with_doubles(connection: duckdb.DuckDBPyConnection, model: Model) -> Model:
    """Return the model with the probabilities that what looks like twins, or parent and child, is one person.

    Reads table `people` (one row a record), which `chance` made.
    """
    people = max(number(connection, "select count(*) from people"), 2.0)
    pairs = number(
        connection,
        "select sum(n * (n - 1) / 2) from (select count(*) as n from people where guaranteed group by feed_no)",
    )
    twins = number(
        connection,
        "with known as (select * from people where guaranteed and tok_surname_dob is not null "
        "and tok_forename_dob is not null) select "
        "(select sum(n * (n - 1) / 2) from (select count(*) as n from known group by feed_no, tok_surname_dob)) - "
        "(select sum(n * (n - 1) / 2) from (select count(*) as n from known "
        "group by feed_no, tok_surname_dob, tok_forename_dob))",
    )
    namesakes = number(
        connection,
        "select count(*) from people l join people r on l.feed_no = r.feed_no and l.guaranteed "
        "and l.tok_forename_postcode = r.tok_forename_postcode and l.tok_surname_postcode = r.tok_surname_postcode "
        f"and r.birth_month - l.birth_month >= {GENERATION_MONTHS}",
    )
    name, birth, address = model.m["name"], model.m["birth"], model.m["address"]
    one_person = {
        "twins": name[SURNAME_ONLY_PLACE] * birth[SAME_BIRTH_PLACE],
        "generation": sum(name[:FULL_NAME_PLACES]) * birth[GENERATION_PLACE] * sum(address[:ADDRESS_PLACES]),
    }
    found = {"twins": (twins, HAVE_A_TWIN), "generation": (namesakes, HAVE_A_NAMESAKE_AT_HOME)}
    doubles = {}
    for kind, (counted, usual) in found.items():
        two_people = (counted + 1) / (pairs + people / usual)
        odds = model.prior / (1 - model.prior) * one_person[kind] / two_people
        doubles[kind] = significant(odds / (1 + odds))
    note = f"doubles: {twins:.0f} pairs of twins, {namesakes:.0f} of parent and child of one name, counted inside feeds"
    return replace(model, doubles=doubles, notes=(*model.notes, note))
