"""The partner's side: a file with names in clear becomes the file that the contract asks for, with tokens instead.

What belongs here: making what goes out, portion by portion. What does not: the columns of the source (`incoming`), the
layout of what goes out (`outgoing`), the standard forms (`identifiers`), the tokens (`tokens`), keys (`keys`), what the
area does with the file (`acceptance`).

Runs where the names are, so it needs neither Dagster nor dbt nor the dashboards. The clear-text file is only read:
twice where it is large, once for its columns and how its dates are written, once for its rows.
"""

import datetime as dt
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Contract
from orchestration.errors import HomeError
from orchestration.feeds import identifiers
from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.birthdates import BIRTH_FORMATS, BirthDates, decide
from orchestration.feeds.blanks import count_blanked
from orchestration.feeds.canonical import TOKEN_FIELDS
from orchestration.feeds.deliveries import version_named
from orchestration.feeds.identifier_screen import find_clear_identifiers
from orchestration.feeds.incoming import HEADERS, SEX_HEADERS, TYPED, header_of, look_over
from orchestration.feeds.keys import WeakKeyError, check_key, key_id, read_key
from orchestration.feeds.manifests import Manifest, Tally
from orchestration.feeds.outgoing import (
    PREVIOUS,
    TOKENS,
    Plan,
    PseudonymiseError,
    plan_of_columns,
    plan_of_contract,
    text_of,
)
from orchestration.feeds.rawtables import FAULT, RawTable
from orchestration.feeds.small_areas import areas_of, read_lookup
from orchestration.feeds.tokens import TOKEN_VERSION, tokens_of

__all__ = ["BIRTH_FORMATS", "HEADERS", "Manifest", "PseudonymiseError", "pseudonymise_file", "read_key"]
ISO_DAY = r"^(\d{4}-\d\d-\d\d)(?:[T ]00:00:00(?:\.0+)?)?$"


@dataclass(frozen=True)
class Work:
    """What is needed to make one portion: the plan, the headers of identifiers, how dates are read, keys, lookup."""

    plan: Plan
    kept: tuple[str, ...]
    named: Mapping[str, str]
    births: BirthDates | None
    keys: Sequence[bytes]
    lookup: pl.DataFrame | None
    sex: str | None
    today: dt.date


def pseudonymise_file(
    source: Path,
    *,
    key: bytes,
    out: Path,
    contract: Contract | None = None,
    items: frozenset[str] | None = None,
    previous_key: bytes | None = None,
    today: dt.date | None = None,
    columns: Mapping[str, str] | None = None,
    keep: Sequence[str] = (),
    birth_formats: Sequence[str] = BIRTH_FORMATS,
    pivot: int | None = None,
    postcode_lookup: Path | None = None,
) -> Manifest:
    """Write `out` (text, as the contract lays it out) and its manifest (`out` + .manifest.json) from a clear-text file.

    `columns` names the source's column of an identifier (a key of `HEADERS`) where its header is not a usual one.
    `postcode_lookup` is a CSV of postcodes and LSOA codes the partner holds. Dates of birth after `today` (default:
    the clock) are read as a century earlier where their year has two digits, else not used; `pivot` is the first of the
    hundred years that such a year can mean. Written are the contract's columns and no others: tokens, month of birth,
    LSOA, and columns of agreed `items` as they are, in the version of the contract that is in force for the period that
    the name of `out` tells; without a contract, all tokens and what `keep` names. With `previous_key` each token is
    written a second time, made with that. Raises PseudonymiseError, UndecidedDatesError, AreaLookupError, WeakKeyError
    and UnreadableFileError; then nothing is written.
    """
    keys = _checked_keys(key, previous_key)
    if source.resolve() == out.resolve():
        raise PseudonymiseError(f"{out} is the clear-text file itself: give another name to write to.")
    plan = plan_of_contract(version_named(contract, out.name), items) if contract else plan_of_columns(keep)
    day = today or dt.date.today()
    looked = look_over(source, plan, columns or {})
    tables, present, named = looked.tables, looked.present, looked.named
    births = None
    if looked.births is not None:
        births = decide(
            looked.births, birth_formats, column=named["birth_date"], today=day, pivot=pivot, is_typed=tables.is_typed
        )
    lookup = read_lookup(postcode_lookup) if postcode_lookup else None
    sex = header_of(present, SEX_HEADERS) if plan.is_sex_standardised else None
    kept = _kept(plan, present, named, has_lookup=lookup is not None, sex=sex)
    work = Work(plan, kept, named, births, keys, lookup, sex, day)
    tally = Tally()
    sha256 = _write(out, (_portion(table, work, tally) for table in tables), plan)
    manifest = _manifest(work, tally, sha256, left_out=len(set(present) - set(kept)))
    write_bytes(out.with_name(out.name + ".manifest.json"), manifest.to_json().encode())
    return manifest


def _checked_keys(key: bytes, previous_key: bytes | None) -> tuple[bytes, ...]:
    keys = (key,) if previous_key is None else (key, previous_key)
    for each in keys:
        check_key(each)
    if len(set(keys)) < len(keys):
        raise WeakKeyError("The previous key is the key itself: give the one that was used before.")
    return keys


def _kept(
    plan: Plan, present: Sequence[str], named: Mapping[str, str], *, has_lookup: bool, sex: str | None
) -> tuple[str, ...]:
    """Return the headers that are written: those made, and those copied, which identify nobody."""
    copied = set(present) - set(named.values())
    wide = [name for name in present if plan.wide and plan.wide.fullmatch(name)]
    made = {header for name, header in plan.made.items() if name in TOKENS}
    if "birth_date" in named and "birth_month" in plan.made:
        made.add(plan.made["birth_month"])
    if has_lookup and "postcode" in named and "lsoa_code" in plan.made:
        made.add(plan.made["lsoa_code"])
    if sex and "sex" in plan.made:
        made.add(plan.made["sex"])
    return tuple(name for name in dict.fromkeys((*plan.wanted, *wide)) if name in made or name in copied)


def _portion(table: RawTable, work: Work, tally: Tally) -> pl.DataFrame:
    """Return the rows of one portion as they go out, and count them."""
    rows = table.frame.filter(pl.col(FAULT).is_null())
    tally.rows += rows.height
    tally.set_aside += table.frame.height - rows.height + sum(table.set_aside.values())
    clear = rows.select(
        (pl.col(header) if header in rows.columns else pl.lit(None, pl.String)).alias(name)
        for name, header in work.named.items()
    )
    text = clear
    if work.births:
        clear = clear.with_columns(work.births.read(pl.col("birth_date")).alias("birth_date"))
    read = clear["birth_date"] if work.births else None
    people = identifiers.standardise(
        clear.with_columns(pl.when(pl.col("birth_date") <= work.today).then("birth_date")) if work.births else clear
    )
    for name in work.named:
        tally.given[name] += len(text) - text[name].null_count()
        tally.usable[name] += len(people) - people[name].null_count()
        dates = read if name == "birth_date" else None
        why = count_blanked(text[name], people[name], name, read=dates, today=work.today)
        tally.blanked[name] = tally.blanked.get(name, Counter()) + why
    made = _made(rows, people, work, tally)
    copied = [name for name in work.kept if name not in made]
    typed = table.detected.get("format") in TYPED
    own = rows.select(_copied(name, rows, work.plan.dates.get(name) if typed else None) for name in copied)
    _refuse_clear_text(table, rows, own)
    headers = {header: kind for kind, header in work.plan.made.items()}
    second = [made[name + PREVIOUS] for name in work.kept if headers.get(name) in TOKENS] if work.keys[1:] else []
    return pl.DataFrame([*(made[name] if name in made else own[name] for name in work.kept), *second])


def _copied(name: str, rows: pl.DataFrame, form: str | None) -> pl.Expr:
    """Return a column as it is; of a workbook's dates, which are ISO here, in the way that the contract has them."""
    if name not in rows.columns:
        return pl.lit(None, pl.String).alias(name)
    if form is None:
        return pl.col(name)
    day = pl.col(name).str.extract(ISO_DAY).str.to_date("%Y-%m-%d", strict=False)
    return pl.coalesce(day.dt.strftime(form), pl.col(name)).alias(name)


def _made(rows: pl.DataFrame, people: pl.DataFrame, work: Work, tally: Tally) -> dict[str, pl.Series]:
    """Return the columns that are made and not copied, by the header that they go out under."""
    plan, kept = work.plan, set(work.kept)
    made: dict[str, pl.Series] = {}
    for number, key in enumerate(work.keys):
        tokens = tokens_of(people, key)
        if number == 0:
            tally.unlinkable += tokens.filter(pl.all_horizontal(pl.col(*TOKEN_FIELDS).is_null())).height
        for name in TOKENS:
            tally.tokens[name] += 0 if number else len(tokens) - tokens[name].null_count()
            if header := plan.made.get(name):
                named = header + PREVIOUS * number
                made[named] = tokens[name].alias(named)
    month = plan.made.get("birth_month")
    if month in kept and work.births:
        made[month] = people["birth_date"].dt.month_start().dt.strftime(plan.month_form).alias(month)
    area = plan.made.get("lsoa_code")
    if area in kept and work.lookup is not None and area not in rows.columns:
        found = areas_of(people["postcode"], work.lookup)
        tally.areas += Counter(postcodes=len(people) - people["postcode"].null_count(), found=len(found.drop_nulls()))
        made[area] = found.alias(area)
    if plan.is_sex_standardised and work.sex:
        made["sex"] = rows.select(identifiers.sex(pl.col(work.sex)).alias("sex")).to_series()
    return made


def _refuse_clear_text(table: RawTable, rows: pl.DataFrame, own: pl.DataFrame) -> None:
    """Refuse what ingestion would refuse: a column copied as it is that still holds names or numbers."""
    frame = rows.select(rows.columns[:2]).with_columns(own)
    found = find_clear_identifiers(RawTable(content=table.content, frame=frame))
    if found:
        told = "; ".join(f"column '{item.column}' holds {item.kind} ({item.count} rows)" for item in found)
        raise PseudonymiseError(f"Nothing was written, because it would still name people: {told}. Leave them out.")


def _write(out: Path, portions: Iterator[pl.DataFrame], plan: Plan) -> str:
    """Write the portions aside, swap the file in when all are there, and return its SHA-256."""
    aside = out.with_name(f".{out.name}.{os.getpid()}.aside")
    digest = hashlib.sha256()
    try:
        with aside.open("wb") as file:
            for number, portion in enumerate(portions):
                data = text_of(portion, plan.file, opens=number == 0)
                digest.update(data)
                file.write(data)
        aside.replace(out)
    except OSError as error:
        raise HomeError(
            f"Cannot write {out} ({error.strerror or error}): free some space or check its rights."
        ) from error
    finally:
        aside.unlink(missing_ok=True)
    return digest.hexdigest()


def _manifest(work: Work, tally: Tally, sha256: str, *, left_out: int) -> Manifest:
    plan, kept = work.plan, set(work.kept)
    second = [h + PREVIOUS for h in work.kept if {v: k for k, v in plan.made.items()}.get(h) in TOKENS]
    return Manifest(
        feed=plan.feed,
        file=plan.role,
        tool_version=_version(),
        token_version=TOKEN_VERSION,
        key_id=key_id(work.keys[0]),
        rows=tally.rows,
        rows_set_aside=tally.set_aside,
        identifiers={name: {"given": tally.given[name], "usable": tally.usable[name]} for name in work.named},
        tokens={name: tally.tokens[name] for name in TOKENS},
        columns=(*work.kept, *(second if work.keys[1:] else ())),
        left_out=left_out,
        sha256=sha256,
        previous_key_id=key_id(work.keys[1]) if work.keys[1:] else None,
        contract_version=plan.version,
        blanked={name: dict(sorted(why.items())) for name, why in tally.blanked.items() if why},
        birth_format=work.births.form if work.births else None,
        areas=dict(tally.areas),
        unlinkable=tally.unlinkable,
        not_made=tuple(name for name in plan.wanted if name not in kept) if plan.feed else (),
    )


def _version() -> str:
    try:
        return version("joinedup")
    except PackageNotFoundError:
        return "0"
