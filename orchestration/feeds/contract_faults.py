"""Everything that is wrong with contracts, all at once, each fault with its file, line and key.

Loading a pack stops at the first fault; this goes on. What belongs here: what a contract's own keys and the rest of the
pack can tell. What does not: what a delivery tells (`joinedup check`, `joinedup contract diff`).
"""

import codecs
import difflib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Literal, TypeVar

import polars as pl

from orchestration.area import Agreement, load_area
from orchestration.area.contracts import Column, Contract, Entity
from orchestration.area.directory import Directory, read_directory
from orchestration.area.reading import Location, place, read_model
from orchestration.area.versions import ContractFile, contract_files, read_versions, version_day
from orchestration.errors import AreaPackError
from orchestration.feeds import values
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.canonical_codes import FIXED, canonical_codes
from orchestration.feeds.checks import registry
from orchestration.feeds.crosswalks import crosswalk_folders, crosswalk_lists
from orchestration.feeds.mapping import item_of
from orchestration.feeds.sources import expected_columns

Read = TypeVar("Read")
SAMPLE_DAY = date(2003, 11, 24)
"""A day that no format can read as another: neither day nor month nor short year fits in another's place."""
SHOWN = 20


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. An error stops the contract from being used; a note says what a person may have overlooked."""

    path: Path
    line: int
    severity: Literal["error", "note"]
    text: str


@dataclass(frozen=True)
class _Pack:
    """What contracts refer to, as far as it can be read."""

    path: Path
    directory: Directory | None
    agreements: dict[str, Agreement]


def pack_faults(pack: Path, *, today: str | None = None, only: Path | None = None) -> list[Fault]:
    """Return every fault of a pack's agreements and contracts, or of one contract and its versions.

    `only` may lie outside the pack: it is then judged as if it were one of its contracts.
    """
    found: list[Fault] = []
    known = _read_pack(pack, found if only is None else [])
    for base, later in _contracts(pack, only, found).items():
        versions, faults = _attempt(base, partial(read_versions, base, later))
        found += faults
        for version in versions or ():
            found += sorted(_contract_faults(version, known))
    if only is None and not any(fault.severity == "error" for fault in found):
        found += _attempt(pack, partial(load_area, pack, today=today))[1]
    return list(dict.fromkeys(found))


def _read_pack(pack: Path, found: list[Fault]) -> _Pack:
    directory, faults = _attempt(pack, partial(read_directory, pack))
    found += faults
    agreements: dict[str, Agreement] = {}
    for path in sorted((pack / "agreements").glob("*.yaml")):
        agreement, faults = _attempt(path, partial(read_model, Agreement, path))
        found += faults
        if agreement:
            agreements[agreement.id] = agreement
    return _Pack(pack, directory, agreements)


def _contracts(pack: Path, only: Path | None, found: list[Fault]) -> dict[Path, list[tuple[date, Path]]]:
    """Return the contracts to judge, each with its later versions."""
    if only is None:
        known, faults = _attempt(pack, partial(contract_files, pack / "feeds"))
        found += faults
        return known or {}
    name = only.stem.partition(".")[0]
    base = only.with_name(f"{name}.yaml")
    if not base.exists():
        return {only: []}
    later: list[tuple[date, Path]] = []
    for path in base.parent.glob(f"{name}.*.yaml"):
        day, faults = _attempt(path, partial(version_day, path))
        found += faults
        later += [(day, path)] if day else []
    return {base: sorted(later)}


def _attempt(path: Path, read: Callable[[], Read]) -> tuple[Read | None, list[Fault]]:
    """Return what was read, or its faults."""
    try:
        return read(), []
    except AreaPackError as error:
        return None, [Fault(path, 0, "error", line) for line in str(error).splitlines()]


@dataclass
class _Judge:
    """Collects the faults of one version of a contract."""

    version: ContractFile

    def error(self, location: Location, text: str) -> Fault:
        return self._say("error", location, text)

    def note(self, location: Location, text: str) -> Fault:
        return self._say("note", location, text)

    def _say(self, severity: Literal["error", "note"], location: Location, text: str) -> Fault:
        known = location
        while known and known not in self.version.origins:
            known = known[:-1]
        path, line = self.version.origins[known]
        return Fault(path, line, severity, f"{place(self.version.origins, location)}: {text}")


def _contract_faults(version: ContractFile, pack: _Pack) -> Iterator[Fault]:
    """Yield what is wrong with one version beyond its keys and types."""
    contract, judge = version.contract, _Judge(version)
    for location in contract.unfinished:
        yield judge.error(location, "still says FINISH: decide it; nothing is read by a draft.")
    yield from _files(contract, judge)
    for entity, mapping in contract.entities.items():
        at: Location = ("entities", entity, "columns")
        if "source_ref" not in mapping.columns:
            yield judge.error(at, "source_ref must be mapped: it says whose row it is.")
        for name, column in mapping.columns.items():
            if name not in FIELDS[entity]:
                yield judge.error((*at, name), f"not a field of {entity}.{_meant(name, FIELDS[entity])}")
            else:
                yield from _column(entity, name, column, judge, pack)
    for check in contract.checks:
        if check not in registry():
            yield judge.error(("checks", check), f"not a check (docs/reference/checks.md).{_meant(check, registry())}")
    yield from _joins(contract, judge)
    yield from _references(contract, judge, pack)


def _files(contract: Contract, judge: _Judge) -> Iterator[Fault]:
    fields = {entity: mapping.columns for entity, mapping in contract.entities.items()}
    for role, file in contract.files.items():
        if file.encoding:
            try:
                codecs.lookup(file.encoding)
            except LookupError:
                yield judge.error(("files", role, "encoding"), f"'{file.encoding}' is no encoding that Python knows.")
        used = {column.source for columns in fields.values() for column in columns.values() if column.file == role}
        for both in sorted(used & set(file.ignored) - {None}, key=str):
            yield judge.error(("files", role, "ignored"), f"column '{both}' is mapped, so it cannot be ignored.")
    if contract.delivery.mode == "period" and "(?P<period>" not in contract.files["main"].pattern:
        text = "mode: period needs a group (?P<period>...) that tells the reporting period from the file's name."
        yield judge.error(("files", "main", "pattern"), text)


def _joins(contract: Contract, judge: _Judge) -> Iterator[Fault]:
    try:
        expected_columns(contract, {entity: mapping.columns for entity, mapping in contract.entities.items()})
    except AreaPackError as error:
        yield judge.error(("files",), str(error))


def _column(entity: Entity, name: str, column: Column, judge: _Judge, pack: _Pack) -> Iterator[Fault]:
    at: Location = ("entities", entity, "columns", name)
    for position, form in enumerate(column.formats):
        if not _reads_its_own(form):
            yield judge.error((*at, "formats", position), f"'{form}' is no date format: it needs %Y, %m and mostly %d.")
    if column.crosswalk and column.crosswalk not in (lists := crosswalk_lists(crosswalk_folders(pack.path))):
        yield judge.error((*at, "crosswalk"), f"no list '{column.crosswalk}'.{_meant(column.crosswalk, lists)}")
    if pack.directory is None or name in FIXED or not (allowed := canonical_codes(name, pack.directory)):
        return
    told = {("value",): column.value} | {("codes", code): meaning for code, meaning in column.codes.items()}
    for where, meaning in told.items():
        if meaning is not None and meaning not in allowed and (*at, *where) not in judge.version.contract.unfinished:
            yield judge.error((*at, *where), f"'{meaning}' is no code of {name}.{_meant(meaning, allowed)}")


def _references(contract: Contract, judge: _Judge, pack: _Pack) -> Iterator[Fault]:
    """Judge what a contract says of the rest of the pack: partner, agreement, agreed items."""
    partners = pack.directory.organizations["id"].to_list() if pack.directory else [contract.partner]
    if contract.partner not in partners:
        yield judge.error(("partner",), f"not an id in organizations.csv.{_meant(contract.partner, partners)}")
    agreement = pack.agreements.get(contract.agreement)
    if agreement is None:
        meant = _meant(contract.agreement, pack.agreements)
        yield judge.note(("agreement",), f"no agreement '{contract.agreement}': the feed stays closed.{meant}")
    elif contract.feed not in agreement.feeds:
        yield judge.note(("agreement",), f"{agreement.id} does not list feed {contract.feed}: the feed stays closed.")
    else:
        agreed = set(agreement.feeds[contract.feed].items)
        for entity, mapping in contract.entities.items():
            for name, column in mapping.columns.items():
                item = item_of(name, column) if name in FIELDS[entity] else None
                if item and item not in agreed:
                    text = f"item '{item}' is not agreed in {agreement.id}: it is not stored."
                    yield judge.note(("entities", entity, "columns", name), text)


def _reads_its_own(form: str) -> bool:
    """Tell whether a format reads the dates that it writes."""
    if form in values.EXCEL_EPOCHS:
        return True
    try:
        frame = pl.DataFrame({"text": [SAMPLE_DAY.strftime(form)]})
        read = frame.select(values.date(pl.col("text"), form)).item()
    except (ValueError, pl.exceptions.PolarsError):
        return False
    return isinstance(read, date) and (read.year, read.month) == (SAMPLE_DAY.year, SAMPLE_DAY.month)


def _meant(word: str, known: Iterable[str]) -> str:
    names = list(known)
    if close := difflib.get_close_matches(word, names, n=1):
        return f" Did you mean '{close[0]}'?"
    return f" Known: {', '.join(names[:SHOWN])}{' and more' if len(names) > SHOWN else ''}." if names else ""
