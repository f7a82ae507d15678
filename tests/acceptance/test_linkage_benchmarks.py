"""Bars of linking from tokens only, on files that others made: FEBRL and the historical figures of Splink's authors.

Each file's layout is told by a mapping of a few lines; the next file needs no more than another one.
"""

import polars as pl
import pytest

from tests.support.acceptance import acceptance_data
from tests.support.benchmarks import clear_people, clear_text_f1, febrl, link_tokens, pair_scores

MOST_LOST = 0.005
LETTERS = dict(zip("0123456789", "ABDEFGHJLN", strict=True))
POSTCODE = pl.col("postcode").str.zfill(4)
FEBRL = {
    "forename": "given_name",
    "surname": "surname",
    "birth_date": "date_of_birth",
    # Four digits of an Australian postcode, one to one in the form of a British one.
    "postcode": pl.format(
        "QA{} {}{}A", POSTCODE.str.slice(0, 2), POSTCODE.str.slice(2, 1), POSTCODE.str.slice(3, 1).replace(LETTERS)
    ),
    # Street and number at a postcode stand for the property.
    "uprn": (pl.struct("street_number", "address_1", "postcode").hash(seed=0) % 900_000_000_000 + 1).cast(pl.String),
}
FEBRL_PERSON = pl.col("rec_id").str.extract(r"^rec-(\d+)-")


def _febrl(*names: str) -> pl.DataFrame:
    files = {name: febrl(name).filter(pl.col("rec_id").is_not_null()) for name in names}
    people = clear_people(files, FEBRL, person=FEBRL_PERSON, reference="rec_id")
    known = pl.concat([file.select("rec_id", "street_number", "address_1") for file in files.values()])
    homeless = known.filter(pl.any_horizontal(pl.col("street_number", "address_1").is_null()))["rec_id"]
    return people.with_columns(uprn=pl.when(~pl.col("source_ref").is_in(homeless.to_list())).then("uprn"))


def test_two_files_of_febrl_are_linked_from_tokens_as_well_as_from_clear_text() -> None:
    people = _febrl("dataset4a", "dataset4b")
    found = link_tokens(people)
    precision, _, tokens = pair_scores(found, people)
    clear = clear_text_f1(found, people, fields=["household_token"])
    print(f"FEBRL 4: tokens {tokens:.4f}, clear text {clear:.4f}")
    assert tokens >= clear - MOST_LOST
    assert precision >= 0.995


def test_repeats_in_one_file_of_febrl_are_found_from_tokens_as_well_as_from_clear_text() -> None:
    people = _febrl("dataset3")
    found = link_tokens(people, may_repeat=["dataset3"])
    precision, _, tokens = pair_scores(found, people)
    clear = clear_text_f1(found, people, fields=["household_token"])
    print(f"FEBRL 3: tokens {tokens:.4f}, clear text {clear:.4f}")
    assert tokens >= clear - MOST_LOST
    assert precision >= 0.995


def test_files_of_febrl_without_a_person_in_common_give_no_links() -> None:
    people = _febrl("dataset4a", "dataset4b").filter(
        (pl.col("person").cast(pl.Int64) < 2500) == (pl.col("feed") == "dataset4a")
    )
    found = link_tokens(people)
    assert found.records.nodes.height == 5000
    assert len(set(found.clusters.labels.tolist())) == 5000


def _historical() -> pl.DataFrame:
    """Dates are moved by whole centuries, so that persons of 1500 to 1899 were born in the range of living people."""
    file = pl.read_parquet(acceptance_data("linkage_historical_50k", "historical_figures_with_errors_50k.parquet"))
    year = pl.col("dob").str.slice(0, 4).cast(pl.Int64, strict=False)
    moved = pl.format("{}{}", (year % 200 + 1900).cast(pl.String), pl.col("dob").str.slice(4))
    columns = {
        "forename": "first_name",
        "surname": "surname",
        "birth_date": pl.when(year.is_between(1500, 1899) & pl.col("dob").str.contains(r"^\d{4}-\d\d-\d\d$")).then(
            moved
        ),
        "postcode": "postcode_fake",
        "sex": "gender",
    }
    return clear_people({"historical": file}, columns, person="cluster", reference="unique_id")


def test_historical_figures_are_linked_with_precision_where_much_is_missing() -> None:
    """A quarter has no date of birth and a quarter no postcode; what clear text gains here is told in the docs."""
    people = _historical()
    found = link_tokens(people, may_repeat=["historical"])
    precision, recall, tokens = pair_scores(found, people)
    clear = clear_text_f1(found, people)
    print(f"Historical: tokens {tokens:.4f} (precision {precision:.4f}, recall {recall:.4f}), clear text {clear:.4f}")
    assert precision >= 0.97
    assert tokens >= clear - 0.05


@pytest.mark.parametrize(("name", "most_lost"), [("dataset1", 0.03), ("dataset2", MOST_LOST)])
def test_the_other_files_of_febrl_are_linked_too(name: str, most_lost: float) -> None:
    """Dataset 1 has 1,000 records: too few to tell a mistaken date of birth from a father, so the rule stands."""
    people = _febrl(name)
    found = link_tokens(people, may_repeat=[name])
    precision, _, tokens = pair_scores(found, people)
    clear = clear_text_f1(found, people, fields=["household_token"])
    print(f"FEBRL {name}: tokens {tokens:.4f}, clear text {clear:.4f}")
    assert precision >= 0.99
    assert tokens >= clear - most_lost
