"""The partner's side: a file with names in clear becomes the file that the contract asks for, with tokens instead.

What belongs here: finding the identifying columns, writing only what the contract names, the manifest. What does not:
the standard forms (`identifiers`), the tokens (`tokens`), what the area does with the file (`acceptance`).

Runs where the names are, so it needs neither Dagster nor dbt nor the dashboards. The clear-text file is only read.
"""

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Column, Contract
from orchestration.errors import ConfigurationError, LandingError
from orchestration.feeds import identifiers
from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.canonical import TOKEN_FIELDS
from orchestration.feeds.deliveries import version_named
from orchestration.feeds.dialect import normalise
from orchestration.feeds.identifier_screen import find_clear_identifiers
from orchestration.feeds.rawtables import FAULT, RawTable, read_table
from orchestration.feeds.sources import expected_columns
from orchestration.feeds.tokens import TOKEN_VERSION, check_key, key_id, make_tokens
from orchestration.feeds.unpivot import wide_headers
from orchestration.feeds.values import decide_dates

TOKENS = (*TOKEN_FIELDS, "household_token")
HEADERS: dict[str, tuple[str, ...]] = {
    "forename": ("forename", "forenames", "first name", "firstname", "given name", "given names", "christian name"),
    "surname": ("surname", "last name", "lastname", "family name"),
    "birth_date": ("date of birth", "dob", "birth date", "birthdate", "d.o.b.", "d.o.b"),
    "nhs_number": ("nhs number", "nhs no", "nhs no.", "nhsno", "nhsnumber"),
    "ni_number": ("ni number", "nino", "national insurance number", "ni no", "ni no.", "nat ins no"),
    "postcode": ("postcode", "post code", "home postcode", "pcd", "pcds"),
    "uprn": ("uprn", "unique property reference number"),
}
"""Usual headers of identifying columns, as `normalise` leaves them; `columns` names others."""
BIRTH_FORMATS = (
    "%Y-%m-%d",
    "%d/%m/%Y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y%m%d",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d/%m/%y",
)
LOOKUP_POSTCODE = ("pcds", "pcd", "pcd8", "pcd7", "postcode")
LOOKUP_LSOA = ("lsoa21cd", "lsoa21", "lsoa code", "lsoa11cd", "lsoa11", "lsoa")


class PseudonymiseError(LandingError):
    """The file cannot be made into what the contract asks for, or what was made still names people."""


@dataclass(frozen=True)
class Manifest:
    """What was done, in counts: nothing in it tells about a person.

    identifiers: for each kind found, how many rows have a value and how many a usable one. tokens: how many rows have
    each. columns: headers written; left_out: how many columns of the source were not. sha256: of the file written.
    """

    feed: str
    file: str
    tool_version: str
    token_version: str
    key_id: str
    rows: int
    rows_set_aside: int
    identifiers: dict[str, dict[str, int]]
    tokens: dict[str, int]
    columns: tuple[str, ...]
    left_out: int
    sha256: str

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


def read_key(path: Path | None) -> bytes:
    """Read the linkage key from a file, or from standard input when there is none; hexadecimal or raw bytes.

    It never comes from the command line, where other users of the machine and the shell's history would see it.
    """
    try:
        data = path.read_bytes() if path else sys.stdin.buffer.read()
    except OSError as error:
        raise ConfigurationError(
            f"The linkage key {path} cannot be read ({error.strerror}): ask the key custodian for it."
        ) from error
    text = data.strip()
    try:
        key = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        key = text
    check_key(key)
    return key


def pseudonymise_file(
    source: Path,
    *,
    contract: Contract,
    key: bytes,
    out: Path,
    today: dt.date | None = None,
    columns: Mapping[str, str] | None = None,
    birth_formats: Sequence[str] = BIRTH_FORMATS,
    postcode_lookup: Path | None = None,
) -> Manifest:
    """Write `out` (CSV, UTF-8) and its manifest (`out` + .manifest.json) from a clear-text file in any known format.

    `columns` names the source's column of an identifier (a key of `HEADERS`) where its header is not a usual one.
    `postcode_lookup` is a CSV of postcodes and LSOA codes the partner holds. Dates of birth after `today` (default:
    the clock) are read as a century earlier where their year has two digits, else not used. Written are the contract's
    columns and no others: tokens, month of birth, LSOA, and agreed columns as they are, in the version of the contract
    that is in force for the period that the name of `out` tells. Raises PseudonymiseError,
    WeakKeyError and UnreadableFileError; then nothing is written.
    """
    check_key(key)
    if source.resolve() == out.resolve():
        raise PseudonymiseError(f"{out} is the clear-text file itself: give another name to write to.")
    contract = version_named(contract, out.name)
    role = _role(contract)
    fields = {entity: mapping.columns for entity, mapping in contract.entities.items()}
    wanted = expected_columns(contract, fields)[role]
    wide = wide_headers(contract, fields).get(role)
    table = read_table(source, contract.files[role], [*HEADERS["forename"][:1], *wanted], wide)
    wanted += [name for name in table.columns if wide and wide.fullmatch(name) and name not in wanted]
    named = _named(table.columns, columns or {})
    rows = table.frame.filter(pl.col(FAULT).is_null())
    clear = _clear(rows, named, birth_formats, today or dt.date.today())
    tokens = make_tokens(clear, key)
    person = {name: column for name, column in contract.entities["person"].columns.items() if column.file == role}
    made = _made(rows, clear, tokens, person, postcode_lookup)
    identifying = set(named.values())
    kept = [name for name in wanted if name in made or (name in rows.columns and name not in identifying)]
    written = pl.DataFrame([(made[name] if name in made else rows[name]).alias(name) for name in kept])
    _refuse_clear_text(table, written)
    data = written.write_csv().encode()
    usable = identifiers.standardise(clear)
    manifest = Manifest(
        feed=contract.feed,
        file=role,
        tool_version=_version(),
        token_version=TOKEN_VERSION,
        key_id=key_id(key),
        rows=written.height,
        rows_set_aside=table.frame.height - rows.height + sum(table.set_aside.values()),
        identifiers={
            name: {"given": int(rows[column].is_not_null().sum()), "usable": int(usable[name].is_not_null().sum())}
            for name, column in named.items()
        },
        tokens={name: int(tokens[name].is_not_null().sum()) for name in TOKENS},
        columns=tuple(kept),
        left_out=len(set(table.columns) - set(kept)),
        sha256=hashlib.sha256(data).hexdigest(),
    )
    write_bytes(out, data)
    write_bytes(out.with_name(out.name + ".manifest.json"), manifest.to_json().encode())
    return manifest


def _role(contract: Contract) -> str:
    """Return the contract's file that carries the tokens."""
    person = contract.entities.get("person")
    roles = {column.file for name, column in person.columns.items() if name in TOKENS} if person else set()
    if len(roles) != 1:
        raise PseudonymiseError(
            f"feed {contract.feed}: the contract asks for tokens in {len(roles)} files; exactly one is needed to know "
            "which file to make."
        )
    return roles.pop()


def _named(present: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the source's column of each identifier that it has."""
    if unknown := sorted(set(given) - set(HEADERS)):
        raise PseudonymiseError(f"{', '.join(unknown)}: not an identifier. Expected some of {', '.join(HEADERS)}.")
    if missing := sorted(column for column in given.values() if column not in present):
        raise PseudonymiseError(f"The file has no column {', '.join(missing)}. Check the spelling of its header.")
    headers = {normalise(name): name for name in reversed(present)}
    named = dict(given)
    for identifier, usual in HEADERS.items():
        found = next((headers[header] for header in usual if header in headers), None)
        if identifier not in named and found:
            named[identifier] = found
    if not named:
        raise PseudonymiseError(
            f"No column of the file looks like an identifier: say which are ({', '.join(HEADERS)})."
        )
    return {identifier: named[identifier] for identifier in HEADERS if identifier in named}


def _clear(rows: pl.DataFrame, named: dict[str, str], formats: Sequence[str], today: dt.date) -> pl.DataFrame:
    """Return the identifiers under their own names, the date of birth read."""
    clear = rows.select(pl.col(column).alias(name) for name, column in named.items())
    if "birth_date" not in named:
        return clear
    read = decide_dates(clear["birth_date"], formats)
    if read.is_undecided:
        raise PseudonymiseError(
            f"Column '{named['birth_date']}': its dates can be read in more than one way, and differ. Say which format."
        )
    century = pl.col("birth_date").dt.offset_by("-100y") if read.chosen and "%y" in read.chosen else None
    late = pl.col("birth_date") > today
    return clear.with_columns(read.dates.alias("birth_date")).with_columns(
        pl.when(~late).then("birth_date").otherwise(century).alias("birth_date")
    )


def _made(
    rows: pl.DataFrame,
    clear: pl.DataFrame,
    tokens: pl.DataFrame,
    person: dict[str, Column],
    postcode_lookup: Path | None,
) -> dict[str, pl.Series]:
    """Return the columns that are made and not copied, by the header that the contract gives them."""
    made = {}
    for name, column in person.items():
        if not column.source:
            continue
        if name in TOKENS:
            made[column.source] = tokens[name]
        elif name == "birth_month" and "birth_date" in clear.columns:
            form = column.formats[0] if column.formats else "%Y-%m"
            made[column.source] = identifiers.standardise(clear)["birth_date"].dt.month_start().dt.strftime(form)
        elif (
            name == "lsoa_code"
            and column.source not in rows.columns
            and postcode_lookup
            and "postcode" in clear.columns
        ):
            made[column.source] = _small_area(clear, postcode_lookup)
    return made


def _small_area(clear: pl.DataFrame, path: Path) -> pl.Series:
    """Return the LSOA of each postcode by the partner's lookup (columns as ONS names them)."""
    try:
        lookup = pl.read_csv(path, infer_schema_length=0)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise PseudonymiseError(f"{path} cannot be read as a lookup of postcodes: {type(error).__name__}.") from error
    headers = {normalise(name): name for name in reversed(lookup.columns)}
    postcode = next((headers[name] for name in LOOKUP_POSTCODE if name in headers), None)
    area = next((headers[name] for name in LOOKUP_LSOA if name in headers), None)
    if postcode is None or area is None:
        raise PseudonymiseError(
            f"{path} has no column of postcodes ({', '.join(LOOKUP_POSTCODE)}) or of areas ({', '.join(LOOKUP_LSOA)})."
        )
    table = lookup.select(identifiers.postcode(pl.col(postcode)).alias("postcode"), pl.col(area).alias("area"))
    known = table.drop_nulls().unique("postcode", keep="first", maintain_order=True)
    homes = clear.select(identifiers.postcode(pl.col("postcode")))
    return homes.join(known, on="postcode", how="left", maintain_order="left")["area"]


def _refuse_clear_text(table: RawTable, written: pl.DataFrame) -> None:
    """Refuse what ingestion would refuse: a column copied as it is that still holds names or numbers."""
    frame = table.frame.filter(pl.col(FAULT).is_null()).select(table.frame.columns[:2]).with_columns(written)
    found = find_clear_identifiers(RawTable(content=table.content, frame=frame))
    if found:
        told = "; ".join(f"column '{item.column}' holds {item.kind} ({item.count} rows)" for item in found)
        raise PseudonymiseError(f"Nothing was written, because it would still name people: {told}. Leave them out.")


def _version() -> str:
    try:
        return version("joinedup")
    except PackageNotFoundError:
        return "0"
