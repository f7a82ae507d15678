"""Tokens: keyed pseudonyms of identifiers, made at the partner so that the area never receives a name.

What belongs here: which identifiers each token is made of, the phonetic code, the key's least strength, HMAC-SHA-256.
What does not: the standard forms of identifiers (`identifiers`), files and manifests (`pseudonymise`), linking.

A token is the first 128 bits of HMAC-SHA-256(key, prefix of the kind + parts) as 32 lowercase hexadecimal digits.
Apart from numbers that are unique to a person or a property, every token is made of at least two identifiers: a token
of a surname alone would fall to anyone who counts how often each occurs (docs/explanation/linkage.md).
The kinds, their parts and vectors by which another implementation is checked: docs/reference/tokens.md.
"""

import hashlib
import hmac

import jellyfish
import polars as pl

from orchestration.errors import LinkageError
from orchestration.feeds.identifiers import standardise

TOKEN_VERSION = "joinedup-1"  # noqa: S105 (a version, not a password)
"""Opens every message, so that a change of a rule can never be mistaken for a change of a person."""
TOKEN_HEX_DIGITS = 32
SEPARATOR = "\x1f"

KEY_LEAST_BYTES = 32
KEY_LEAST_DIFFERENT_BYTES = 12
"""32 random bytes hold about 30 different values; typed phrases and repeated patterns hold few."""

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


class WeakKeyError(LinkageError):
    """The key could be guessed, and with it every token."""


def make_tokens(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Return one row of tokens a row of `frame`, in its order: the columns of `TOKEN_PARTS`, all text or null.

    `frame` holds any of forename, surname, nhs_number, ni_number, postcode, uprn (text) and birth_date (date), in clear
    and as written. Raises WeakKeyError.
    """
    check_key(key)
    parts = _parts(standardise(frame))
    tokens = [_token(parts, kind, names, key) for kind, names in TOKEN_PARTS.items()]
    return pl.DataFrame(tokens)


def check_key(key: bytes) -> None:
    """Refuse a key that is short or patterned; it guards everyone's identity in every feed."""
    if len(key) < KEY_LEAST_BYTES:
        raise WeakKeyError(f"The linkage key has {len(key)} bytes: at least {KEY_LEAST_BYTES} random bytes are needed.")
    if len(set(key)) < KEY_LEAST_DIFFERENT_BYTES:
        raise WeakKeyError(
            f"The linkage key repeats {len(set(key))} different bytes: use random ones, "
            "for example from `openssl rand -hex 32`."
        )


def key_id(key: bytes) -> str:
    """Return the eight hexadecimal digits by which a key is told from another without revealing it."""
    return hmac.digest(key, f"{TOKEN_VERSION}{SEPARATOR}key_id".encode(), hashlib.sha256).hex()[:8]


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
    """Return the tokens of one kind, computed once a different message."""
    messages = parts.select(
        pl.concat_str(pl.lit(SEPARATOR.join((TOKEN_VERSION, kind))), *names, separator=SEPARATOR).alias(kind)
    )
    different = messages.unique().drop_nulls()
    digest, size = hmac.digest, TOKEN_HEX_DIGITS // 2
    values = [digest(key, message.encode(), "sha256")[:size].hex() for message in different[kind].to_list()]
    table = different.with_columns(pl.Series("token", values, dtype=pl.String))
    return messages.join(table, on=kind, how="left", maintain_order="left")["token"].alias(kind)
