"""Tokens: keyed pseudonyms of identifiers, made at the partner so that the area never receives a name.

What belongs here: which identifiers each token is made of, and the phonetic code. What does not: the standard forms of
identifiers (`identifiers`), keys (`keys`), the arithmetic (`token_hashing`), files and manifests (`pseudonymise`), or
linking.

A token is the first 128 bits of HMAC-SHA-256(key as hexadecimal text, prefix of the kind + parts), as 32 lowercase
hexadecimal digits.
Apart from numbers that are unique to a person or a property, every token is made of at least two identifiers: a token
of a surname alone would fall to anyone who counts how often each occurs (docs/explanation/linkage.md).
The kinds, their parts and vectors by which another implementation is checked: docs/reference/tokens.md.
"""

import jellyfish
import polars as pl

from orchestration.feeds.identifiers import standardise
from orchestration.feeds.keys import WeakKeyError, check_key, key_id, written
from orchestration.feeds.token_hashing import digests

__all__ = [
    "TOKEN_PARTS",
    "TOKEN_VERSION",
    "WeakKeyError",
    "check_key",
    "key_id",
    "make_tokens",
    "messages_of",
    "tokens_of",
]

TOKEN_VERSION = "joinedup-2"  # noqa: S105 (a version, not a password)
"""Opens every message, so that a change of a rule can never be mistaken for a change of a person."""
TOKEN_HEX_DIGITS = 32
SEPARATOR = "\x1f"

TOKEN_PARTS: dict[str, tuple[str, ...]] = {
    "tok_nhs": ("nhs_number",),
    "tok_ni": ("ni_number",),
    "tok_name_dob": ("forename", "surname", "birth_date"),
    "tok_phonetic_dob": ("sounds_unordered", "birth_date"),
    "tok_forename_dob": ("forename", "birth_date"),
    "tok_surname_dob": ("surname", "birth_date"),
    "tok_name_swapped_dob": ("names_unordered", "birth_date_unordered"),
    "tok_forename_postcode": ("forename", "postcode"),
    "tok_surname_postcode": ("surname", "postcode"),
    "tok_name": ("forename", "surname"),
    "tok_sounds": ("sounds_unordered",),
    "tok_forename_sound_dob": ("forename_sound", "birth_date"),
    "tok_surname_sound_dob": ("surname_sound", "birth_date"),
    "tok_dob_postcode": ("birth_date", "postcode"),
    "household_token": ("uprn",),
}
"""The standardised identifiers in each kind of token; the token is null where any of them is."""


def make_tokens(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Return one row of tokens a row of `frame`, in its order: the columns of `TOKEN_PARTS`, all text or null.

    `frame` holds any of forename, surname, nhs_number, ni_number, postcode, uprn (text) and birth_date (date), in clear
    and as written. Raises WeakKeyError.
    """
    return tokens_of(standardise(frame), key)


def tokens_of(people: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Return the tokens of identifiers that are in standard form already, as `make_tokens` does."""
    check_key(key)
    parts = _parts(people)
    return pl.DataFrame([_token(parts, kind, names, key) for kind, names in TOKEN_PARTS.items()])


def messages_of(people: pl.DataFrame) -> pl.DataFrame:
    """Return the messages that the tokens of standardised identifiers are digests of: clear text, never to be kept."""
    parts = _parts(people)
    made = {kind: _opening(kind) + _messages(parts, kind, names) for kind, names in TOKEN_PARTS.items()}
    return pl.DataFrame(made)


def _parts(people: pl.DataFrame) -> pl.DataFrame:
    """Add what is derived: sounds of names, names without their order, a date whose day and month have no order.

    Forename and surname are exchanged on forms about as often as day and month are.
    """
    born = pl.col("birth_date")
    day, month = born.dt.day(), born.dt.month()
    forename_sound, surname_sound = _sound(people["forename"]), _sound(people["surname"])
    return people.with_columns(
        forename_sound.alias("forename_sound"),
        surname_sound.alias("surname_sound"),
        _unordered(forename_sound, surname_sound).alias("sounds_unordered"),
        _unordered(people["forename"], people["surname"]).alias("names_unordered"),
        pl.format(
            "{}-{}-{}",
            born.dt.year(),
            pl.min_horizontal(day, month).cast(pl.String).str.zfill(2),
            pl.max_horizontal(day, month).cast(pl.String).str.zfill(2),
        ).alias("birth_date_unordered"),
        born.dt.strftime("%Y-%m-%d"),
    )


def _unordered(one: pl.Series, other: pl.Series) -> pl.Series:
    """Return both texts in alphabetical order; null where either is."""
    both = pl.DataFrame({"one": one, "other": other})
    lesser, greater = pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other")
    known = pl.col("one").is_not_null() & pl.col("other").is_not_null()
    return both.select(pl.when(known).then(pl.concat_str(lesser, greater, separator=SEPARATOR))).to_series()


def _sound(names: pl.Series) -> pl.Series:
    """Return the American Soundex of each name, computed once a name."""
    different = names.drop_nulls().unique()
    codes = [jellyfish.soundex(name) for name in different.to_list()]
    return names.replace_strict(different, pl.Series(codes, dtype=pl.String), default=None, return_dtype=pl.String)


def _token(parts: pl.DataFrame, kind: str, names: tuple[str, ...], key: bytes) -> pl.Series:
    return digests(_messages(parts, kind, names), written(key), opening=_opening(kind), digits=TOKEN_HEX_DIGITS)


def _messages(parts: pl.DataFrame, kind: str, names: tuple[str, ...]) -> pl.Series:
    return parts.select(pl.concat_str(*names, separator=SEPARATOR).alias(kind)).to_series()


def _opening(kind: str) -> str:
    return SEPARATOR.join((TOKEN_VERSION, kind, ""))
