"""Recognising the headers of official files: area codes with their vintage, sexes, ages and totals.

Headers differ by publisher (`LSOA21CD`, `lsoa21_code`, `LSOA code (2021)`, `LSOA 2021 Code`, `Lower layer Super Output
Areas Code`); what they say is the same. What belongs here: text to meaning. What does not: files and frames.
"""

import re
from dataclasses import dataclass

LEVELS = {
    "oa": r"oa|output_areas?",
    "lsoa": r"lsoa|lower_layer_super_output_areas?",
    "msoa": r"msoa|middle_layer_super_output_areas?",
    "ward": r"wd|wards?|electoral_wards?(?:_and_divisions)?",
    "lad": r"lad|lau?a|ltla|local_authority(?:_districts?)?|local_authorities|lower_tier_local_authorit(?:y|ies)",
}
CENSUS_LEVELS = ("oa", "lsoa", "msoa")
AREA_CODE = re.compile(r"[A-Z]\d{8}|9\d{5,7}[A-Z]?\d?|N\d{2}[A-Z0-9]{4,7}")
_AREA = re.compile(
    rf"(?:{'|'.join(f'(?P<{level}>{words})' for level, words in LEVELS.items())})"
    r"_?(?P<before>\d{4}|\d{2})?_?(?P<kind>codes?|cd|names?|nm|hclnm|hcl_names?)?_?(?P<after>\d{4}|\d{2})?"
)
_KINDS = {"cd": "code", "nm": "name", "hclnm": "hcl_name"}
CHANGE = re.compile(r"(?:chg|change)_?(?:ind|code|indicator)?")
_NAMED = re.compile(r"(?P<level>[a-z]+?)(?P<vintage>\d{2})?_(?P<kind>code|name|hcl_name)")
_SEX = re.compile(r"(?P<word>females?|males?|persons?|f|m|p)(?![a-z])_*")
_SEXES = {"f": "F", "m": "M", "p": "U"}
TOTAL = re.compile(r"(?:total|all_?ages?|all)(?:_.*)?|.*_total")


@dataclass(frozen=True, order=True)
class AreaColumn:
    """What an area header says: the level, the two-digit year of its codes (None: not said), and code or name."""

    level: str
    vintage: str | None
    kind: str

    @property
    def node(self) -> "Node":
        return Node(self.level, self.vintage)


@dataclass(frozen=True)
class Node:
    """A level of areas in one vintage, for example LSOA of 2021."""

    level: str
    vintage: str | None

    def __str__(self) -> str:
        return f"{self.level}{self.vintage or ''}"


def plain(header: str) -> str:
    """Return a header in lower case with single underscores: 'LSOA code (2021)' is 'lsoa_code_2021'."""
    return re.sub(r"[^a-z0-9+]+", "_", header.lower()).strip("_")


def recognise_area(header: str) -> AreaColumn | None:
    """Return what an area header says, or None when it is no area header; kind is '' when it does not tell."""
    found = _AREA.fullmatch(plain(header))
    if not found:
        return None
    level = next(name for name in LEVELS if found.group(name))
    kind = (found["kind"] or "").removesuffix("s")
    vintage = found["before"] or found["after"]
    return AreaColumn(level, vintage[-2:] if vintage else None, _KINDS.get(kind, kind))


def parse_name(name: str) -> AreaColumn | None:
    """Return the meaning of a name of ours in `columns:`, such as `lsoa21_code`, or None."""
    found = _NAMED.fullmatch(name)
    if not found or found["level"] not in LEVELS:
        return None
    return AreaColumn(found["level"], found["vintage"], found["kind"])


@dataclass(frozen=True, order=True)
class AgeBand:
    """Ages from..to inclusive; `to` None means and over. `is_open` tells whether the text itself said so."""

    start: int
    end: int | None

    def __str__(self) -> str:
        return f"{self.start}+" if self.end is None else f"{self.start}-{self.end}"


def split_sex(text: str) -> tuple[str | None, str]:
    """Return the sex a header begins or ends with, if any, and the plain rest: 'F65 and over' is F, '65_and_over'."""
    words = plain(text)
    found = _SEX.match(words)
    if found:
        return _SEXES[found["word"][0]], words[found.end() :]
    head, _, tail = words.rpartition("_")
    if head and re.fullmatch(r"females?|males?|persons?", tail):
        return _SEXES[tail[0]], head
    return None, words


def recognise_sex(value: str) -> str | None:
    """Return F, M or U (persons) for a word of sex; numbers differ by publisher and are never guessed."""
    words = plain(value)
    if re.fullmatch(r"all.*|total.*|both.*|persons?|p|t", words):
        return "U"
    found = re.fullmatch(r"(f|m)(?:emales?|ales?)?", words)
    return found[1].upper() if found else None


def recognise_age(text: str) -> AgeBand | None:
    """Return the ages that a header or value names ('7', '90+', 'Aged 5 to 9 years', 'Under 1'), or None."""
    words = re.sub(r"^(?:age_)?(?:aged?_?)?(?=\d|under)|_?years?(?:_old)?|_(?=\+)", "", plain(text))
    words = words.strip("_")
    if found := re.fullmatch(r"(\d{1,3})", words):
        return AgeBand(int(found[1]), int(found[1]))
    if found := re.fullmatch(r"(\d{1,3})_?(?:to_?|_)_?(\d{1,3})", words):
        return AgeBand(int(found[1]), int(found[2])) if int(found[1]) <= int(found[2]) else None
    if found := re.fullmatch(r"(\d{1,3})_?(?:\+|plus|and_over|over|and_above|or_over|and_older)", words):
        return AgeBand(int(found[1]), None)
    if found := re.fullmatch(r"under_(\d{1,3})|(\d{1,3})_and_under", words):
        return AgeBand(0, int(found[1]) - 1 if found[1] else int(found[2]))
    return None


def is_total(text: str) -> bool:
    """Tell whether a header or value of age means all ages."""
    return bool(TOTAL.fullmatch(plain(text)))
