"""Direct identifiers in clear: found by what cells look like, whatever the column is called, mapped or not.

A hashed value in a column called FirstName is fine; a surname in a column called Ref7 is not. What does not belong
here: making tokens of identifiers (orchestration.feeds.pseudonymise), looking through a file (identifier_screen).

Sources: NHS Data Dictionary (modulus 11 of the NHS number), HMRC NIM39110 (NI number), Royal Mail postcode format,
Ofcom numbering plan. Limits: a name inside a longer note is found only by its column's header.
"""

import re
from collections.abc import Collection, Sequence
from functools import cache
from importlib import resources
from itertools import pairwise

import polars as pl

EMAIL = r"(?i)\b[a-z0-9._%+'-]+@[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}\b"
NI_NUMBER = r"(?i)(?:^|[^a-z0-9])[a-ceghj-pr-tw-z][a-ceghj-npr-tw-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d](?:$|[^a-z0-9])"
POSTCODE = (
    r"(?i)^(?:gir ?0aa|[a-pr-uwyz](?:\d{1,2}|[a-hk-y]\d{1,2}|\d[a-hjkps-uw]|[a-hk-y]\d[abehmnprv-y])"
    r" ?\d[abd-hjlnp-uw-z]{2})$"
    r"|(?-i:\b[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPS-UW]|[A-HK-Y]\d[ABEHMNPRV-Y]) \d[ABD-HJLNP-UW-Z]{2}\b)"
)
PHONE = (
    r"^(?:\+44|0044)[\s(]*0?\)?\s?[1-9](?:[\s-]?\d){8,9}$"  # international
    r"|^\(?0[1237]\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{3,4}$|^\(?0[12378]\d\)?[\s-]\d{4}[\s-]\d{4}$"  # written in groups
    r"|^07\d{9}$|^0[12]\d{9}$"
)
NHS_SPACED = r"(?:^|\D)\d{3}[ -]\d{3}[ -]\d{4}(?:$|\D)"
NHS_PLAIN = r"^\d{10}$"
ANY = "|".join(f"(?:{pattern})" for pattern in (EMAIL, NI_NUMBER, POSTCODE, PHONE, NHS_SPACED, NHS_PLAIN))
NAME_HEADER = re.compile(
    r"(?i)^(?:.*[\W_])?(?:(?:fore|sur|first|given|christian|middle|last|family|maiden|full|preferred|known[ _]as"
    r"|client|customer|applicant|tenant|patient|person|resident|child|mother|father|carer|claimant|debtor|defendant"
    r"|victim|suspect|pupil|learner|member|user)s?'?s?[ _-]*names?|surname|forenames?|alias(?:es)?|aka)(?:[\W_].*)?$"
    r"|^names?$|^(?:first|last|sur|fore|given|family|full|middle|client|patient|tenant|customer|person)names?\d?$"
)
TELLING = (
    *(re.compile(pattern) for pattern in (EMAIL, NI_NUMBER, POSTCODE, PHONE, NHS_SPACED)),
    re.compile(r"(?i)\b[a-pr-uwyz][a-hk-y]?\d[\da-hjkps-uw]? ?\d[abd-hjlnp-uw-z]{2}\b"),  # a postcode, anywhere
    re.compile(r"\d(?:[ ().-]?\d){5,}"),  # a run of digits, in groups or not
    re.compile(r"(?i)\b\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}\b|\b\d{1,2}(?:st|nd|rd|th)?[ -][a-z]{3,9}[ -]\d{2,4}\b"),
    re.compile(r"(?i)\b(?=[a-f]*\d)[0-9a-f]{12,}\b"),  # a token
)
"""What a short text that may be shown never holds; dates included."""
HEADING_WORDS = frozenset(
    re.findall(
        r"[a-z]+",
        "name names forename forenames surname surnames first last middle full given family maiden preferred known as "
        "alias aka title client customer applicant tenant patient person resident child mother father carer user "
        "member pupil email mail e address line street town city county country postcode post code zip phone telephone "
        "tel mobile contact landline nhs no number num nino ni national insurance ssn id ids ref reference dob date of "
        "birth day born age sex gender note notes comment comments remark remarks description area district sector "
        "when outcome provider project column col group",
    )
)
"""Words that headings have and that are nobody's name: a heading of these alone is no person's value."""
LONGEST_TOLD = 200  # characters; no heading is longer, and a line without an end is not searched
NOT_SHOWN = "(not shown)"
NAME_SHAPE = r"^[\p{L}][\p{L}.'’\-]*(?:[ ,]+[\p{L}][\p{L}.'’\-]*){0,4}$"
_NAME = re.compile(NAME_SHAPE.replace(r"\p{L}", "A-Za-zÀ-ɏ"))
_CAPITALS = re.compile(r"^[^\W\d_a-z][\w'’\-]+(?:,? [^\W\d_a-z][\w'’\-]+)+$")
REFERENCES = 0.9  # of a column's distinct values with a digit, for it to be one of references
NOT_NAMES = (
    r"(?i)^(unknown|not known|none|yes|no|male|female|refused|declined|anonymous|redacted|withheld|removed|hashed"
    r"|null|n/a|[a-f]{8,})$"
)
_NO_NAME = re.compile(NOT_NAMES)
NHS_WEIGHTS = tuple(range(10, 1, -1))
LEAST_NHS_NUMBERS = (
    4  # one in eleven of any ten-digit numbers passes the check digit; half of four do so by chance 1 in 25
)
LEAST_NAMED = 0.3  # of a column's distinct values; over half of real names hold a common one, of organisations few


def shown_header(header: str) -> str:
    """Return a header fit for a receipt: one that itself looks like an identifier (no header row) is not shown."""
    return NOT_SHOWN if is_telling(header) and not _is_heading(header) else header


def shown_headers(columns: Sequence[str], *, unknown: Collection[str], is_trusted: bool) -> dict[str, str]:
    """Return every header as it may be shown. The contract's own are; `unknown` to it are the others.

    Where the header row is not to be trusted (most of it not recognised, or identifiers in the columns) a heading may
    be anybody's name: it is told by its place, unless every word of it is one that only headings have.
    """
    shown = {}
    for place, header in enumerate(columns, start=1):
        is_shown = header not in unknown or _is_heading(header) or (is_trusted and not is_telling(header))
        shown[header] = header if is_shown else f"no. {place} (name not shown)"
    return shown


def is_telling(text: str) -> bool:
    """Tell whether a short text may be somebody's: shaped like an identifier, a date or a token, or with a name in it.

    A heading that speaks of names (NAME_HEADER) is none.
    """
    if len(text) > LONGEST_TOLD or any(pattern.search(text.strip()) for pattern in TELLING):
        return True
    return bool(_words(text) & (_forenames() | _surnames())) and not NAME_HEADER.match(text)


def _is_heading(header: str) -> bool:
    if len(header) > LONGEST_TOLD:
        return False
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]", header)
    return bool(words) and all(word.lower() in HEADING_WORDS or (word.isdigit() and len(word) < 3) for word in words)


def identifiers_in_text(text: str) -> tuple[str, ...]:
    """Return the kinds of direct identifiers that a free text seems to hold, anywhere in it; empty if none is seen.

    Stricter than the screen of a delivery, because a person wrote this and can write it again: a common forename with
    a capital is taken for a person, and so is any word with a capital after a title (Mrs, Dr).
    """
    kinds = [kind for kind, pattern in _IN_TEXT if re.search(pattern, text)]
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text)
    owned = [re.sub(r"['’]s?$", "", word) for word in words]
    first = any(word[0].isupper() and word.upper() in _forenames() for word in owned)
    both = any(one.upper() in _forenames() and two.upper() in _surnames() for one, two in pairwise(owned))
    if first or both or _TITLED.search(text):
        kinds.append("a person's name")
    return tuple(kinds)


_IN_TEXT = (
    ("an e-mail address", EMAIL),
    ("a National Insurance number", NI_NUMBER),
    ("a full postcode", r"(?i)\b[a-pr-uwyz][a-hk-y]?\d[\da-hjkps-uw]? ?\d[abd-hjlnp-uw-z]{2}\b"),
    ("a number of six digits or more", r"\d(?:[ ().-]?\d){5,}"),
    ("a date", r"(?i)\b\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}(?:st|nd|rd|th)? (?:of )?"
     r"(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"),
    ("a token", r"(?i)\b(?=[a-f]*\d)[0-9a-f]{12,}\b"),
)  # fmt: skip
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Rev)\.? [^\W\d_a-z]")


SHAPES = (
    ("e-mail addresses", EMAIL),
    ("National Insurance numbers", NI_NUMBER),
    ("full postcodes", POSTCODE),
    ("telephone numbers", PHONE),
)


def nhs_numbers(cells: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the cells (column `cell`) that hold a valid NHS number in groups, those that are one plain, and the count
    of all that are ten digits."""
    spaced = cells.filter(pl.col("cell").str.contains(NHS_SPACED))
    spaced = spaced.filter(
        _passes_modulus_11(spaced["cell"].str.extract(r"(\d{3}[ -]\d{3}[ -]\d{4})").str.replace_all(r"\D", ""))
    )
    plain = cells.filter(pl.col("cell").str.contains(NHS_PLAIN))
    return spaced, plain.filter(_passes_modulus_11(plain["cell"])), plain.height


def _passes_modulus_11(digits: pl.Series) -> pl.Series:
    """Tell which ten-digit texts are valid NHS numbers."""
    frame = pl.DataFrame({"d": digits})
    total = pl.sum_horizontal(
        pl.col("d").str.slice(position, 1).cast(pl.Int32, strict=False) * weight
        for position, weight in enumerate(NHS_WEIGHTS)
    )
    check = (11 - total % 11) % 11
    is_valid = (check == pl.col("d").str.slice(9, 1).cast(pl.Int32, strict=False)) & (pl.col("d").n_unique() >= 1)
    return frame.select(is_valid.fill_null(False) & (pl.col("d") != "0000000000")).to_series()


def names_among(header: str, distinct: Collection[str]) -> set[str]:
    """Return those of a column's distinct values that are people's names, if it is a column of such.

    Told by its header and words in it, or by common British names in it.
    """
    worded = _worded(distinct)
    if not worded or NAME_HEADER.match(header.strip()):
        return worded
    part, full = _with_names(worded)
    share = len(part) / len(distinct)
    is_named = (full and (share >= 0.5 or (len(full) > 1 and share >= LEAST_NAMED))) or (
        len(part) > 2 and share >= LEAST_NAMED
    )
    return full | part if is_named else set()


def full_names(distinct: Collection[str]) -> set[str]:
    """Return the values that are a common forename and a common surname together, however few they are.

    Among references, nearly all of which have digits, any two capitalised words are taken for a name.
    """
    worded = _worded(distinct)
    if not worded:
        return set()
    numbered = sum(any(sign.isdigit() for sign in value) for value in distinct)
    capitals = (
        {value for value in worded if _CAPITALS.match(value)} if numbered >= REFERENCES * len(distinct) else set()
    )
    return _with_names(worded)[1] | capitals


def _worded(distinct: Collection[str]) -> set[str]:
    return {value for value in distinct if _NAME.match(value) and not _NO_NAME.match(value)}


def _with_names(worded: Collection[str]) -> tuple[set[str], set[str]]:
    """Return the short values with a common name in them, and those with a forename and a surname."""
    part, full = set(), set()
    for value in worded:
        words = _words(value)
        first, last = bool(words & _forenames()), bool(words & _surnames())
        if first and last and len(words) > 1:
            full.add(value)
        if (first or last) and len(words) <= 3:
            part.add(value)
    return part, full


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text.upper()))


@cache
def _forenames() -> frozenset[str]:
    return _list("forenames")


@cache
def _surnames() -> frozenset[str]:
    return _list("surnames")


def _list(kind: str) -> frozenset[str]:
    """Return common names of England and Wales, without those that are everyday words or colours (May, White)."""
    lines = (resources.files("orchestration.feeds") / "common_names.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines for k, name in [line.split(",")] if k == kind)
