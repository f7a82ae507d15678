"""What a file has that its contract does not say, and the other way about: the drift of a partner's layout.

Compares one file with the version of the contract that is in force for it: dialect, columns, types, date formats,
codes. What belongs here: differences of layout, which ask for a new version of the contract or a word with the partner.
What does not: faults of single rows, which `joinedup check` tells.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Contract, DeliveryFile
from orchestration.feeds.column_drift import Difference, Use, column_differences, share_read
from orchestration.feeds.content import Content, UnreadableFileError, decode, read_content
from orchestration.feeds.deliveries import delivery_of
from orchestration.feeds.dialect import normalise
from orchestration.feeds.likely_fields import opened
from orchestration.feeds.profiles import Profile, present_values, profile_table, safe_headers
from orchestration.feeds.rawtables import FAULT, RawTable, read_table
from orchestration.feeds.sources import expected_columns
from orchestration.feeds.unpivot import wide_headers

PLACED = ("pattern", "format", "header", "header_rows", "sheet", "start_cell", "member", "footer_pattern")
"""What a file is found by: kept from the contract. The rest of the dialect is detected anew and compared."""
FORMATS = {"text": "csv", "json": "jsonl", "workbook": "xlsx", "parquet": "parquet"}
"""What a contract calls each kind of content."""
ALIKE_HEADERS = 0.6
UNFIT = 0.5
TELLING = 0.9  # of a new column's values that a missing one's mapping reads, for them alone to speak for it
TELLING_WEIGHT = 0.5


@dataclass(frozen=True)
class Drift:
    """Every difference between a file and the contract's version in force for it."""

    feed: str
    version: str
    role: str
    file: str
    differences: tuple[Difference, ...]

    def as_dict(self) -> dict[str, object]:
        """Return the whole for JSON."""
        return asdict(self) | {"is_same": not self.differences}


def find_drift(path: Path, contract: Contract, *, folders: Sequence[Path]) -> Drift:
    """Compare a file with a feed's contract. Raises UnreadableFileError when it cannot be read in any way."""
    delivery = delivery_of(contract, [path])
    version, role = delivery.contract, delivery.files[0].role
    fields = {entity: mapping.columns for entity, mapping in version.entities.items()}
    uses = tuple(
        Use(entity, name, column, tuple(folders))
        for entity, columns in fields.items()
        for name, column in columns.items()
        if column.file == role and column.origins
    )
    declared = version.files[role]
    table = _read(path, declared, expected_columns(version, fields)[role], wide_headers(version, fields).get(role))
    content = read_content(path, member=declared.member)
    comparison = _Comparison(table, content, declared, uses, profile_table(table))
    differences = [*comparison.dialect(), *comparison.headers(), *comparison.values()]
    return Drift(contract.feed, version.version, role, path.name, tuple(dict.fromkeys(differences)))


def drift_text(drift: Drift) -> str:
    """Return the comparison for a terminal."""
    title = f"{drift.file} and the contract of {drift.feed} ({drift.version} version, file '{drift.role}')"
    if not drift.differences:
        return f"{title}: the same."
    lines = [f"{title}: {len(drift.differences)} difference(s)."]
    for found in drift.differences:
        column = f" in column '{found.column}'" if found.column and found.sort not in ("missing", "renamed") else ""
        lines.append(f"\n[{found.sort.replace('_', ' ')}]{column} contract: {found.contract}; file: {found.file}")
        lines.append(f"    {found.mend}")
    return "\n".join(lines)


def _read(path: Path, declared: DeliveryFile, expected: Sequence[str], wide: re.Pattern[str] | None) -> RawTable:
    """Read a file as it is; one that is not of the declared format is read as what it is."""
    kept = {name: getattr(declared, name) for name in PLACED if name in declared.model_fields_set}
    try:
        return read_table(path, DeliveryFile.model_validate(kept), expected, wide)
    except UnreadableFileError:
        if declared.format == "csv":
            raise
        return read_table(path, DeliveryFile.model_validate(kept | {"format": "csv"}), expected, wide)


@dataclass(frozen=True)
class _Comparison:
    """One file, read without its contract's dialect, beside what the contract says of it."""

    table: RawTable
    content: Content
    declared: DeliveryFile
    uses: tuple[Use, ...]
    profiles: dict[str, Profile]

    def dialect(self) -> Iterator[Difference]:
        """Compare what the contract declares of the dialect with what was detected; undeclared, nothing can differ."""
        kind = FORMATS[self.content.kind]
        if kind != self.declared.format:
            mend = f"Declare `format: {kind}`, or ask the partner for {self.declared.format}."
            yield Difference("format", "", self.declared.format, kind, mend)
        if kind != "csv":
            return
        for key in ("delimiter", "quote", "header_row"):
            said, detected = getattr(self.declared, key), self.table.detected.get(key)
            if said is not None and detected is not None and said != detected:
                mend = f"Change `{key}`, or leave it out: it is detected."
                yield Difference("dialect", "", f"{key} {said!r}", f"{key} {detected!r}", mend)
        said = self.declared.encoding
        if said and not self._decodes_alike(said):
            detected = self.table.detected.get("encoding")
            mend = "Change `encoding`, or leave it out: it is detected."
            yield Difference("dialect", "", f"encoding {said}", f"encoding {detected}", mend)

    def headers(self) -> Iterator[Difference]:
        """Compare the columns: missing and new ones are paired where one is likely the other under a new name."""
        ignored = {normalise(name) for name in self.declared.ignored}
        identifying = [name for name in self.table.columns if self.profiles[name].identifier]
        trusted = self.table.is_recognised and not identifying
        shown = safe_headers(self.table, unknown=set(self.table.unknown), is_trusted=trusted)
        new = [n for n in self.table.unknown if normalise(n) not in ignored and n not in identifying]
        for name in self.table.missing:
            uses = [use for use in self.uses if name in use.column.origins]
            if renamed := self._renamed(name, new, uses):
                new.remove(renamed)
                mend = f"Ask the partner; then change {', '.join(use.key for use in uses) or 'it'}."
                yield Difference("renamed", name, f"'{name}'", f"likely '{shown[renamed]}'", mend)
            else:
                mend = "Ask the partner; if it is gone for good, unmap it."
                yield Difference("missing", name, f"'{name}'", "no such column", mend)
        for name in self.table.repeated:
            yield Difference("repeated", name, "once", "more than once", "Ask the partner which one is meant.")
        for name in identifying:
            mend = "A delivery with it is refused whole: the partner runs `joinedup pseudonymise` first."
            yield Difference("identifiers", shown[name], "none in clear", self.profiles[name].identifier, mend)
        for name in new:
            mend = "Map it if it is agreed and needed; else name it under `ignored`. It is never stored."
            yield Difference("new", shown[name], "no such column", self.profiles[name].kind, mend)

    def values(self) -> Iterator[Difference]:
        """Compare every mapped column that is there with its type, its date formats and its code list."""
        for use in self.uses:
            if use.column.source in self.table.columns:
                name = use.column.source
                yield from column_differences(use, self._present(name), self.profiles[name])

    def _renamed(self, missing: str, new: Sequence[str], uses: Sequence[Use]) -> str | None:
        """Return the new column that is most likely a missing one: alike by name or by what it holds, and fit."""
        best: tuple[float, str] | None = None
        for name in new:
            alike = difflib.SequenceMatcher(None, opened(missing), opened(name)).ratio()
            shares = [self._read_by(use, name) for use in uses]
            fit = min((share for share in shares if share is not None), default=None)
            is_telling = fit is not None and fit >= TELLING
            if (fit is not None and fit < UNFIT) or not (alike >= ALIKE_HEADERS or is_telling):
                continue
            best = max(best or (0.0, ""), (alike + TELLING_WEIGHT * is_telling, name))
        return best[1] if best else None

    def _read_by(self, use: Use, name: str) -> float | None:
        """Return how much of a new column a missing one's mapping would read, whatever way dates are written now."""
        profile = self.profiles[name]
        if use.kind in ("date", "month") and profile.kind in ("date", "month"):
            use = replace(use, column=use.column.model_copy(update={"formats": list(profile.formats)}))
        return share_read(use, self._present(name))

    def _present(self, name: str) -> pl.Series:
        return present_values(self.table.frame.filter(pl.col(FAULT).is_null())[name])

    def _decodes_alike(self, encoding: str) -> bool:
        """Tell whether the declared encoding reads the same text as the detected one: ASCII is every encoding's."""
        try:
            return decode(self.content, encoding)[0] == decode(self.content, None)[0]
        except UnreadableFileError:
            return False
