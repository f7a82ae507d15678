"""Identifiers as people write them, brought to one form each, or to nothing where they identify nobody.

What belongs here: the standard form of a name, a date of birth, an NHS number, a National Insurance number, a postcode
and a UPRN, and the values that mean "not known". What does not: keys and tokens (`tokens`), files (`pseudonymise`).

Runs at the partner, on clear text. Every rule is part of the meaning of a token: changing one changes the tokens, so
`tokens.TOKEN_VERSION` changes with it and the golden vectors of tests/golden/tokens are written anew.

Sources: NHS Data Dictionary (NHS NUMBER, modulus 11), HMRC NIM39110 (form of a National Insurance number),
BS 7666 / Royal Mail (form of a postcode), NHS Postcode Directory (ZZ99 pseudo-postcodes).
"""

import csv
import datetime as dt
from collections.abc import Callable
from functools import cache

import polars as pl

from orchestration.errors import ConfigurationError
from orchestration.settings import repository_root

TEXT_COLUMNS = ("forename", "surname", "nhs_number", "ni_number", "postcode", "uprn")
DATE_COLUMN = "birth_date"
MOST_DIFFERENT = 0.5  # of values, for a rule to be applied to each different one alone

LETTERS_WITHOUT_DECOMPOSITION = {
    "ß": "SS", "ẞ": "SS", "Æ": "AE", "æ": "AE", "Ø": "O", "ø": "O", "Œ": "OE", "œ": "OE", "Ł": "L", "ł": "L",
    "Đ": "D", "đ": "D", "Ð": "D", "ð": "D", "Þ": "TH", "þ": "TH", "ı": "I",
}  # fmt: skip
"""Letters that Unicode does not take apart into a base letter and a mark."""

TITLES = ("MR", "MRS", "MS", "MISS", "MX", "DR", "MASTER", "REV", "PROF", "SIR", "DAME")

PLACEHOLDER_NAMES = """
UNKNOWN UNKNOW UNKOWN UNK NOTKNOWN NK NA NONE NULL NIL NAN MISSING ANON ANONYMOUS ANONYMISED REFUSED DECLINED WITHHELD
NOTSTATED NOTRECORDED NOTGIVEN NOTPROVIDED NOTAPPLICABLE NOTAVAILABLE NODATA TBC TBA TEST DUMMY X XX XXX XXXX XXXXX
ZZ ZZZ ZZZZ NONAME NOFORENAME NOSURNAME BABY BABE INFANT NEWBORN UNBORN FOETUS TWIN TWINONE TWINTWO MALE FEMALE CLIENT
PATIENT PERSON OCCUPIER THEOCCUPIER
"""
"""What systems and people write where no name is known, without spaces."""
PLACEHOLDER_OPENINGS = (
    r"^(?:BABY|INFANT|TWIN|UNBORN|NEWBORN|MALE|FEMALE) "
    r"(?:OF|GIRL|BOY|ONE|TWO|[0-9AB]|MALE|FEMALE|INFANT)\b.*$"
)
"""'Baby of Sarah', 'Twin 1': a child before it was named; the words would link every such child to every other."""

FEMALE = ("F", "FEMALE", "FEM", "W", "WOMAN", "WOMEN", "GIRL", "LADY", "2", "02", "F2", "2F", "2FEMALE", "FFEMALE")
MALE = ("M", "MALE", "MAN", "MEN", "BOY", "GENTLEMAN", "1", "01", "M1", "1M", "1MALE", "MMALE")

PLACEHOLDER_DATES = tuple(
    dt.date.fromisoformat(day) for day in ("1900-01-01", "1901-01-01", "1899-12-30", "1899-12-31", "1904-01-01")
)
"""Defaults of systems and the first days of spreadsheet calendars."""
EARLIEST_BIRTH = dt.date(1900, 1, 1)
LATEST_BIRTH = dt.date(2099, 12, 31)

NHS_DIGITS = 10
NHS_MODULUS = 11
REPEATED_DIGIT = 1_111_111_111
NI_FORM = r"^[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]?$"
NI_NEVER_ISSUED = ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ")
NI_STEM = 8
"""Two letters and six digits; the suffix letter is often left off and adds nothing to who it is."""
POSTCODE_FORM = r"^(?:[A-Z]{1,2}[0-9][A-Z0-9]?)[0-9][A-Z]{2}$"
INWARD = 3
NO_FIXED_ABODE = "ZZ99"
UPRN_FORM = r"^[1-9][0-9]{0,11}$"


@cache
def nicknames() -> dict[str, str]:
    """Return the forename that each short or variant forename stands for, from seeds/reference/nicknames.csv."""
    path = repository_root() / "seeds" / "reference" / "nicknames.csv"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = {row["forename"]: row["stands_for"] for row in csv.DictReader(file)}
    except (OSError, KeyError) as error:
        raise ConfigurationError(
            f"{path} cannot be read as a table of forename,stands_for: restore it ({error})."
        ) from error
    chained = sorted(set(table) & set(table.values()))
    if chained:
        raise ConfigurationError(
            f"{path}: {', '.join(chained)} both stands for a name and is stood for: keep one name a group."
        )
    return table


def standardise(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the identifiers in standard form, one row a row: the text columns and `birth_date`; null where unusable.

    A column that `frame` lacks is null throughout, so a partner who holds no NHS numbers simply leaves it out.
    """
    types = {**dict.fromkeys(TEXT_COLUMNS, pl.String()), DATE_COLUMN: pl.Date()}
    given = frame.with_columns(
        (pl.col(name).cast(kind) if name in frame.columns else pl.lit(None, dtype=kind)).alias(name)
        for name, kind in types.items()
    )
    return pl.DataFrame(
        [
            _once_each(given["forename"], forename),
            _once_each(given["surname"], surname),
            given.select(nhs_number(pl.col("nhs_number"))).to_series(),
            given.select(ni_number(pl.col("ni_number"))).to_series(),
            _once_each(given["postcode"], postcode),
            given.select(uprn(pl.col("uprn"))).to_series(),
            given.select(birth_date(pl.col(DATE_COLUMN))).to_series(),
        ]
    )


def _once_each(column: pl.Series, rule: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Apply a rule once to each different value: a million people have a few thousand forenames."""
    different = column.unique()
    if len(different) > MOST_DIFFERENT * len(column):
        return column.to_frame().select(rule(pl.col(column.name))).to_series()
    table = different.to_frame().with_columns(rule(pl.col(column.name)).alias("standard"))
    found = column.to_frame().join(table, on=column.name, how="left", nulls_equal=True, maintain_order="left")
    return found["standard"].alias(column.name)


def forename(column: pl.Expr) -> pl.Expr:
    """Return the first given name in capitals, nicknames resolved; null for initials and placeholders."""
    words = _words(column)
    placeholder = _is_placeholder(words)
    first = words.str.split(" ").list.first()
    resolved = first.replace(nicknames())
    return pl.when(~placeholder & (first.str.len_chars() > 1)).then(resolved).alias(_name(column))


def surname(column: pl.Expr) -> pl.Expr:
    """Return the surname in capitals without spaces: O'Neill, O Neill and ONEILL are one."""
    words = _words(column)
    return pl.when(~_is_placeholder(words)).then(words.str.replace_all(" ", "", literal=True)).alias(_name(column))


def birth_date(column: pl.Expr) -> pl.Expr:
    """Return the date of birth; null for the defaults of systems and for dates nobody living was born on."""
    usable = column.is_between(EARLIEST_BIRTH, LATEST_BIRTH) & ~column.is_in(PLACEHOLDER_DATES)
    return pl.when(usable).then(column).alias(_name(column))


def nhs_number(column: pl.Expr) -> pl.Expr:
    """Return ten digits whose check digit holds (modulus 11); null otherwise, and for one digit repeated."""
    text = column.str.replace_all(r"[\s\-.]", "")
    digits = pl.when(text.str.contains(r"^[0-9]{10}$")).then(text)
    number = digits.cast(pl.Int64)
    weighted = pl.sum_horizontal(
        number // 10 ** (NHS_DIGITS - 1 - place) % 10 * (NHS_DIGITS - place) for place in range(NHS_DIGITS - 1)
    )
    holds = (NHS_MODULUS - weighted % NHS_MODULUS) % NHS_MODULUS == number % 10
    repeated = number % REPEATED_DIGIT == 0
    return pl.when(holds & ~repeated).then(digits).alias(_name(column))


def ni_number(column: pl.Expr) -> pl.Expr:
    """Return the two letters and six digits of a National Insurance number; null where its form is impossible."""
    text = column.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    usable = text.str.contains(NI_FORM) & ~text.str.slice(0, 2).is_in(NI_NEVER_ISSUED)
    return pl.when(usable).then(text.str.slice(0, NI_STEM)).alias(_name(column))


def postcode(column: pl.Expr) -> pl.Expr:
    """Return the postcode in capitals, closed up; O for 0 mended in its inward part; null for ZZ99 (no abode)."""
    text = column.str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    outward = text.str.head(-INWARD)
    inward_digit = text.str.tail(INWARD).str.slice(0, 1).replace({"O": "0", "I": "1"})
    mended = pl.concat_str(outward, inward_digit, text.str.tail(2))
    usable = mended.str.contains(POSTCODE_FORM) & ~mended.str.starts_with(NO_FIXED_ABODE)
    return pl.when(usable).then(mended).alias(_name(column))


def uprn(column: pl.Expr) -> pl.Expr:
    """Return a UPRN of at most twelve digits without leading zeros; a spreadsheet's trailing .0 is dropped."""
    digits = column.str.strip_chars().str.replace(r"\.0+$", "").str.strip_chars_start("0")
    return pl.when(digits.str.contains(UPRN_FORM)).then(digits).alias(_name(column))


def says_nothing(column: pl.Expr) -> pl.Expr:
    """Tell whether a cell of any kind holds words for "not known"; nothing else about it is judged."""
    words = _words(column)
    closed = words.str.replace_all(" ", "", literal=True)
    return (closed.is_in(PLACEHOLDER_NAMES.split()) | words.str.contains(PLACEHOLDER_OPENINGS)).fill_null(False)


def sex(column: pl.Expr) -> pl.Expr:
    """Return F or M for the usual words, letters and NHS digits (1 male, 2 female); null for all else.

    Source: NHS Data Dictionary, PERSON STATED GENDER CODE.
    """
    said = column.str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    code = pl.when(said.is_in(FEMALE)).then(pl.lit("F")).when(said.is_in(MALE)).then(pl.lit("M"))
    return code.alias(_name(column))


def _name(column: pl.Expr) -> str:
    return column.meta.output_name()


def _words(column: pl.Expr) -> pl.Expr:
    """Fold to capitals A to Z and single spaces: accents dropped, apostrophes closed up, hyphens opened, titles off."""
    folded = column
    for letter, plain in LETTERS_WITHOUT_DECOMPOSITION.items():
        folded = folded.str.replace_all(letter, plain, literal=True)
    return (
        folded.str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_uppercase()
        .str.replace_all(r"['’‘`´ʼ.]", "")
        .str.replace_all(r"[^A-Z0-9]+", " ")
        .str.strip_chars()
        .str.replace(f"^(?:(?:{'|'.join(TITLES)}) )+", "")
    )


def _is_placeholder(words: pl.Expr) -> pl.Expr:
    """Tell whether folded words name nobody: blank, no letters, 'not known', 'baby of ...'."""
    closed = words.str.replace_all(" ", "", literal=True)
    return (
        closed.is_in(PLACEHOLDER_NAMES.split())
        | words.str.contains(PLACEHOLDER_OPENINGS)
        | ~closed.str.contains("[A-Z]")
        | words.is_null()
    )
