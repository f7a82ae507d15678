"""Claims of tokens: golden vectors, what agrees, what must not, and keys that are refused."""

import datetime as dt
import hashlib
import hmac
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from orchestration.feeds.tokens import TOKEN_PARTS, WeakKeyError, key_id, make_tokens
from orchestration.settings import repository_root

GOLDEN_KEY = bytes(range(32))
GOLDEN = repository_root() / "tests" / "golden" / "tokens"
KEY = hashlib.sha256(b"test of tokens").digest()


def tokens_of(**identifiers: object) -> dict[str, str | None]:
    frame = pl.DataFrame(
        [{"birth_date": dt.date(1980, 3, 4), "forename": "Elizabeth", "surname": "Smith"} | identifiers]
    )
    return make_tokens(frame, KEY).row(0, named=True)


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema_length=0)


def test_golden_vectors_hold() -> None:
    given = _read(GOLDEN / "given.csv").with_columns(pl.col("birth_date").str.to_date())
    assert_frame_equal(make_tokens(given.drop("case"), GOLDEN_KEY), _read(GOLDEN / "expect.csv").drop("case"))


def test_a_token_can_be_made_by_hand_from_the_reference() -> None:
    message = "joinedup-2\x1ftok_name_dob\x1fELIZABETH\x1fSMITH\x1f1980-03-04"
    by_hand = hmac.new(GOLDEN_KEY.hex().encode(), message.encode(), hashlib.sha256).hexdigest()[:32]
    assert _read(GOLDEN / "expect.csv")["tok_name_dob"][0] == by_hand


@pytest.mark.parametrize(
    "written",
    [
        {"forename": "LIZ"},
        {"forename": " elizabeth  Mary"},
        {"forename": "Mrs. Elizabeth"},
        {"forename": "Élizabeth"},
        {"surname": "smith "},
        {"surname": "SM-ITH"},
        {"surname": "S'mith"},
    ],
)
def test_ways_of_writing_one_name_agree(written: dict[str, str]) -> None:
    assert tokens_of(**written)["tok_name_dob"] == tokens_of()["tok_name_dob"]


def test_day_and_month_exchanged_agree_in_their_own_token_only() -> None:
    exchanged = tokens_of(birth_date=dt.date(1980, 4, 3))
    assert exchanged["tok_name_swapped_dob"] == tokens_of()["tok_name_swapped_dob"]
    assert exchanged["tok_name_dob"] != tokens_of()["tok_name_dob"]


def test_forename_and_surname_exchanged_agree_by_sound_and_in_the_swapped_token() -> None:
    exchanged = tokens_of(forename="Smith", surname="Elizabeth")
    for kind in ("tok_name_swapped_dob", "tok_phonetic_dob"):
        assert exchanged[kind] == tokens_of()[kind]


def test_a_slip_that_sounds_alike_agrees_by_sound() -> None:
    assert tokens_of(surname="Smyth")["tok_phonetic_dob"] == tokens_of()["tok_phonetic_dob"]


@pytest.mark.parametrize(
    "name", ["UNKNOWN", "n/k", "Baby of Sarah", "Twin 1", "-", "12345", "", None, "Not Known", "XX"]
)
def test_a_placeholder_for_a_name_makes_no_token_of_it(name: str | None) -> None:
    made = tokens_of(forename=name, postcode="BA1 1AA")
    assert made["tok_name_dob"] is None
    assert made["tok_forename_postcode"] is None
    assert made["tok_surname_dob"] is not None


@pytest.mark.parametrize(
    "born", [dt.date(1900, 1, 1), dt.date(1901, 1, 1), dt.date(1850, 5, 5), dt.date(2999, 1, 1), None]
)
def test_a_placeholder_or_impossible_date_makes_no_token_of_it(born: dt.date | None) -> None:
    made = {kind for kind, token in tokens_of(birth_date=born).items() if token}
    assert made == {"tok_name", "tok_sounds"}


@pytest.mark.parametrize("number", ["9434765918", "0000000000", "943476591", "94347659190", "unknown", ""])
def test_an_nhs_number_that_fails_its_check_digit_makes_no_token(number: str) -> None:
    assert tokens_of(nhs_number=number)["tok_nhs"] is None


@pytest.mark.parametrize("number", ["943 476 5919", "943-476-5919", "9434765919"])
def test_an_nhs_number_is_one_however_it_is_spaced(number: str) -> None:
    assert tokens_of(nhs_number=number)["tok_nhs"] == tokens_of(nhs_number="9434765919")["tok_nhs"] is not None


@pytest.mark.parametrize("number", ["QQ123456C", "TN123456A", "AO123456A", "AB12345C", "AB123456E"])
def test_an_impossible_national_insurance_number_makes_no_token(number: str) -> None:
    assert tokens_of(ni_number=number)["tok_ni"] is None


def test_the_suffix_of_a_national_insurance_number_does_not_matter() -> None:
    assert tokens_of(ni_number="AB 12 34 56 C")["tok_ni"] == tokens_of(ni_number="ab123456")["tok_ni"] is not None


@pytest.mark.parametrize("postcode", ["ZZ99 3VZ", "nonsense", "BA1", "", None])
def test_a_postcode_of_nowhere_makes_no_token(postcode: str | None) -> None:
    assert tokens_of(postcode=postcode)["tok_surname_postcode"] is None


def test_the_household_is_the_property_with_or_without_leading_noughts() -> None:
    made = {tokens_of(uprn=uprn)["household_token"] for uprn in ("012345", "12345", "12345.0")}
    assert len(made) == 1 and None not in made


def test_the_same_value_makes_different_tokens_of_different_kinds() -> None:
    made = [token for token in tokens_of(nhs_number="9434765919", postcode="BA1 1AA", uprn="1").values() if token]
    assert len(set(made)) == len(made)


def test_another_key_makes_other_tokens() -> None:
    frame = pl.DataFrame({"nhs_number": ["9434765919"]})
    other = hashlib.sha256(b"another").digest()
    assert make_tokens(frame, KEY)["tok_nhs"][0] != make_tokens(frame, other)["tok_nhs"][0]
    assert key_id(KEY) != key_id(other)


@pytest.mark.parametrize("key", [b"", b"short", b"a" * 64, b"passwordpasswordpasswordpassword"])
def test_a_weak_key_is_refused(key: bytes) -> None:
    with pytest.raises(WeakKeyError):
        make_tokens(pl.DataFrame({"forename": ["A"]}), key)


def test_a_message_about_a_weak_key_does_not_show_it() -> None:
    with pytest.raises(WeakKeyError) as caught:
        make_tokens(pl.DataFrame({"forename": ["A"]}), b"secretsecret")
    assert "secret" not in str(caught.value)


def test_columns_that_a_partner_lacks_make_null_tokens_and_no_rows_are_fine() -> None:
    made = make_tokens(pl.DataFrame({"forename": ["Anna", "Bob"]}), KEY)
    assert made.columns == list(TOKEN_PARTS) and made.null_count().row(0) == (2,) * len(TOKEN_PARTS)
    assert make_tokens(pl.DataFrame({"forename": []}, schema={"forename": pl.String}), KEY).height == 0
