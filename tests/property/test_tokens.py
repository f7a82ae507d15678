"""Properties of tokens: their shape, and that neither order nor company changes one."""

import datetime as dt
import hashlib
import re

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.feeds.tokens import make_tokens

KEY = hashlib.sha256(b"properties of tokens").digest()
TEXT = st.none() | st.text(max_size=12)
PERSON = st.fixed_dictionaries(
    {
        "forename": TEXT | st.sampled_from(["Anna", "BILL", "Zoë"]),
        "surname": TEXT | st.sampled_from(["Smith", "O'Neill"]),
        "birth_date": st.none() | st.dates(dt.date(1890, 1, 1), dt.date(2030, 1, 1)),
        "nhs_number": TEXT | st.just("9434765919"),
        "ni_number": TEXT | st.just("AB123456C"),
        "postcode": TEXT | st.just("BA1 1AA"),
        "uprn": TEXT | st.just("100"),
    }
)
SCHEMA = {
    name: pl.Date if name == "birth_date" else pl.String
    for name in ("forename", "surname", "birth_date", "nhs_number", "ni_number", "postcode", "uprn")
}


@settings(deadline=None, max_examples=40)
@given(st.lists(PERSON, max_size=6))
def test_every_token_is_32_hexadecimal_digits_or_null(people: list[dict[str, object]]) -> None:
    made = make_tokens(pl.DataFrame(people, schema=SCHEMA), KEY)
    assert made.height == len(people)
    for column in made:
        assert all(token is None or re.fullmatch("[0-9a-f]{32}", token) for token in column)


@settings(deadline=None, max_examples=40)
@given(st.lists(PERSON, min_size=1, max_size=6), st.randoms())
def test_a_persons_tokens_do_not_depend_on_the_others_in_the_file(people: list[dict[str, object]], random) -> None:
    alone = [make_tokens(pl.DataFrame([person], schema=SCHEMA), KEY).row(0) for person in people]
    order = list(range(len(people)))
    random.shuffle(order)
    together = make_tokens(pl.DataFrame([people[i] for i in order], schema=SCHEMA), KEY).rows()
    assert together == [alone[i] for i in order]
