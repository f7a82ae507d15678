"""A contract drafted from a sample file: read with the product's own reader, and written for a person to finish.

What belongs here: what the draft proposes. What does not: how it is written down (draft_text), what columns look like
(profiles) and likely fill (likely_fields). A draft quotes codes and headers; never a value of any other column, and
nothing of a column that holds direct identifiers.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from orchestration.area import Area
from orchestration.area.contracts import UNFINISHED, DeliveryFile, Entity
from orchestration.errors import AreaPackError, LandingError
from orchestration.feeds.canonical import ALWAYS_KEPT, FIELDS, ITEMS, RECORD_REFERENCE
from orchestration.feeds.canonical_codes import canonical_codes
from orchestration.feeds.content import read_content
from orchestration.feeds.crosswalks import crosswalk_folders, crosswalk_lists
from orchestration.feeds.drift import FORMATS
from orchestration.feeds.likely_fields import (
    CODED,
    Likely,
    crosswalk_for,
    known_words,
    likely_code,
    likely_fields,
    opened,
    vocabulary,
)
from orchestration.feeds.profiles import SHORT_YEARS, Profile, may_be_quoted, profile_table, safe_headers
from orchestration.feeds.rawtables import FAULT, RawTable, read_table

DAY = r"20\d\d(?P<dash>-?)(?:0[1-9]|1[0-2])(?P=dash)(?:0[1-9]|[12]\d|3[01])"
PERIODS = {
    r"20\d\d-(?:0[1-9]|1[0-2])": (r"\d{4}-\d{2}", "monthly"),
    r"20\d\d(?:0[1-9]|1[0-2])": (r"\d{6}", "monthly"),
    r"20\d\d-?Q[1-4]": (r"\d{4}-?Q[1-4]", "quarterly"),
}
TOTALS = "(?i)^(grand |sub)?total"
BIRTH_PIVOT = 1930
PIVOT = 1950


@dataclass(frozen=True)
class DraftedColumn:
    """One canonical field of a draft: its settings as YAML will show them, and the remark beside it."""

    settings: dict[str, object]
    remark: str = ""
    codes: dict[str, str] = field(default_factory=dict)
    code_remark: str = ""


@dataclass(frozen=True)
class Draft:
    """What a sample says about its contract. `columns` by entity and field; `ignored` are the other columns."""

    feed: str
    partner: str
    agreement: str
    sample: str
    rows: int
    width: int
    layout: Mapping[str, object]
    detected: Mapping[str, object]
    mode: str
    cadence: str
    columns: dict[Entity, dict[str, DraftedColumn]]
    ignored: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]
    items: tuple[str, ...]


def draft_contract(sample: Path, *, feed: str, partner: str, agreement: str, area: Area) -> Draft:
    """Read a sample and return what its contract is likely to be.

    Raises AreaPackError when the feed exists or the partner is not in organizations.csv, and LandingError when the
    sample cannot be read.
    """
    _refuse_unusable(feed, partner, area)
    if not sample.is_file():
        raise LandingError(f"There is no file {sample}.")
    table, kind = read_sample(sample)
    if not table.columns or not table.frame.height:
        raise LandingError(f"'{sample.name}' has no rows to draft a contract from: ask for a sample with some.")
    shown = safe_headers(table, unknown=table.columns)
    profiles = {shown[name]: replace(found, name=shown[name]) for name, found in profile_table(table).items()}
    folders = crosswalk_folders(area.path)
    likely = likely_fields(profiles, folders)
    columns = {entity: _entity(entity, fields, profiles, area, partner) for entity, fields in likely.items()}
    _carry_person_reference(columns)
    used = {proposal.column for fields in likely.values() for proposal in fields.values()}
    identifiers = tuple((p.name, p.identifier) for p in profiles.values() if p.identifier)
    pattern, cadence = name_pattern(sample.name)
    return Draft(
        feed=feed,
        partner=partner,
        agreement=agreement,
        sample=sample.name,
        rows=table.frame.filter(pl.col(FAULT).is_null()).height,
        width=len(table.columns),
        layout={"pattern": pattern} | ({} if kind == "csv" else {"format": kind}) | _footer(table),
        detected={k: v for k, v in table.detected.items() if k != "is_recognised"},
        mode="period" if cadence else "snapshot",
        cadence=cadence or "monthly",
        columns=columns,
        ignored=tuple(p.name for p in profiles.values() if p.name not in used and not p.identifier),
        identifiers=identifiers,
        items=_items(columns),
    )


def read_sample(sample: Path) -> tuple[RawTable, str]:
    """Read a file of which nothing is known; return its table and the format that a contract would declare."""
    kind = FORMATS[read_content(sample).kind]
    declared = DeliveryFile.model_validate({"pattern": ".*", "format": kind})
    return read_table(sample, declared, []), kind


def _footer(table: RawTable) -> dict[str, str]:
    """Return a pattern for totals rows where the sample has some, so that they are counted apart and not refused."""
    return {"footer_pattern": TOTALS} if (table.frame[FAULT] == "totals_row").any() else {}


def name_pattern(name: str) -> tuple[str, str]:
    """Return a pattern for files named like this one, and the cadence that its period tells ('' if it has none)."""
    stem = name.removesuffix(".gz")
    marks: list[tuple[int, int, str]] = []
    cadence = ""
    for found in re.finditer(rf"(?<!\d){DAY}(?!\d)", stem):
        form = r"\d{4}-\d{2}-\d{2}" if found["dash"] else r"\d{8}"
        marks.append((*found.span(), f"(?P<delivered>{form})"))
    marks = marks[-1:]  # of several days the last is most likely that of the delivery
    for like, (form, told) in PERIODS.items():
        for found in re.finditer(rf"(?<!\d){like}(?!-?\d)", stem):
            is_apart = all(found.end() <= start or found.start() >= end for start, end, _ in marks)
            if is_apart and not cadence:
                marks.append((*found.span(), f"(?P<period>{form})"))
                cadence = told
    pattern, position = "", 0
    for start, end, group in sorted(marks):
        pattern += _literal(stem[position:start]) + group
        position = end
    return pattern + _literal(stem[position:]), cadence


def _literal(text: str) -> str:
    """Return a text as a pattern: only what means something in a pattern is escaped, so that it stays readable."""
    return re.sub(r"[.^$*+?{}\[\]\\|()]", r"\\\g<0>", text)


def _refuse_unusable(feed: str, partner: str, area: Area) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", feed):
        raise AreaPackError(f"'{feed}' cannot name a feed: use lower-case letters, digits and underscores.")
    if feed in area.contracts:
        raise AreaPackError(
            f"Feed '{feed}' has a contract already: `joinedup contract diff` compares it with a file, and a change "
            f"from a day on goes into {feed}.<YYYY-MM-DD>.yaml beside it."
        )
    known = area.directory.organizations["id"].to_list()
    if partner not in known:
        raise AreaPackError(
            f"'{partner}' is not an id in {area.path / 'organizations.csv'}: add the partner first (it has "
            f"{', '.join(sorted(known))})."
        )


def _entity(
    entity: Entity, fields: Mapping[str, Likely], profiles: Mapping[str, Profile], area: Area, partner: str
) -> dict[str, DraftedColumn]:
    """Return an entity's fields in canonical order, with what it cannot do without."""
    found = {name: _column(fields[name], profiles[fields[name].column], area, partner) for name in FIELDS[entity]
             if name in fields}  # fmt: skip
    if entity == "person" and "source_ref" not in found:
        remark = "which column is the partner's own number of the person?"
        found = {"source_ref": DraftedColumn({"from": UNFINISHED, "required": True}, remark)} | found
    if entity == "person" and (code := found.get("ethnicity_code")):
        listed = vocabulary()["ethnicity_lists"].get(str(code.settings.get("crosswalk")))
        found["ethnicity_list"] = DraftedColumn({"value": listed or UNFINISHED}, "" if listed else "whose list is it?")
    if entity == "episode" and "service_id" not in found:
        services = area.directory.services
        own = services.filter(services["organization_id"] == partner)["id"].to_list()
        remark = (
            "the partner's only service"
            if len(own) == 1
            else f"a service of services.csv: {', '.join(own) or 'add it'}"
        )
        found["service_id"] = DraftedColumn({"value": own[0] if len(own) == 1 else UNFINISHED}, remark)
    return {name: found[name] for name in FIELDS[entity] if name in found}


def _carry_person_reference(columns: dict[Entity, dict[str, DraftedColumn]]) -> None:
    """Every entity of the file belongs to the person of its row, by the same reference."""
    reference = columns["person"]["source_ref"]
    episode_ref = columns.get("episode", {}).get("episode_ref")
    for entity in [entity for entity in columns if entity != "person"]:
        fields = columns[entity] | {"source_ref": DraftedColumn(reference.settings)}
        if episode_ref and "episode_ref" not in fields:
            fields["episode_ref"] = DraftedColumn({"from": episode_ref.settings["from"]})
        columns[entity] = {name: fields[name] for name in FIELDS[entity] if name in fields}


def _column(likely: Likely, profile: Profile, area: Area, partner: str) -> DraftedColumn:
    """Return the settings of one field."""
    settings: dict[str, object] = {"from": likely.column}
    if likely.field in ("source_ref", RECORD_REFERENCE[likely.entity]):
        return DraftedColumn(settings | {"required": True}, f"LIKELY: {likely.why}")
    if profile.kind == "token":
        return DraftedColumn(settings | {"type": "token"})
    if profile.kind in ("date", "month"):
        return _dated(likely, profile)
    if likely.field in CODED:
        return _coded(likely, profile, area, partner)
    return DraftedColumn(settings, f"LIKELY: {likely.why}")


def _dated(likely: Likely, profile: Profile) -> DraftedColumn:
    """Return a date in the first format that reads the whole column; others that do are named, to be asked about."""
    kind = "month" if likely.field == "birth_month" else "date"
    settings: dict[str, object] = {"from": likely.column, "type": kind, "formats": [profile.formats[0]]}
    if profile.formats[0] in SHORT_YEARS:
        settings["pivot"] = BIRTH_PIVOT if likely.field == "birth_month" else PIVOT
    remark = f"LIKELY: {likely.why}"
    if len(profile.formats) > 1:
        remark = f"ASK THE PARTNER: every date also reads as {' or '.join(profile.formats[1:])}"
    elif kind == "month" and profile.kind == "date":
        remark = "LIKELY: only the month is kept; ask the partner to send no day of birth"
    return DraftedColumn(settings, remark)


def _coded(likely: Likely, profile: Profile, area: Area, partner: str) -> DraftedColumn:
    """Return a code list: a shared crosswalk where one holds the values, else each code with what it likely means."""
    settings: dict[str, object] = {"from": likely.column, "type": "code"}
    allowed = canonical_codes(likely.field, area.directory)
    values = [value for value, _ in profile.codes]
    if name := crosswalk_for(likely.field, profile, folders := crosswalk_folders(area.path)):
        settings["crosswalk"] = name
        listed = {code.strip().casefold() for code in crosswalk_lists(folders)[name]}
        values = [value for value in values if value.casefold() not in listed]
    if likely.field == "service_id":
        settings["required"] = True
        services = area.directory.services
        own = services.filter(services["organization_id"] == partner)
        allowed = dict(own.select("id", "name").iter_rows()) or allowed
    counts, known = dict(profile.codes), known_words(likely.field, allowed)
    quoted = [
        value
        for value in values
        if opened(value) in known or may_be_quoted(value, rows=counts[value], of=profile.present)
    ]
    codes = {value: likely_code(likely.field, value, allowed) or UNFINISHED for value in quoted}
    remark = f"one of {', '.join(allowed)}" if allowed else "codes of the area's own"
    if hidden := len(values) - len(quoted):
        remark += f"; values not shown, rare or like a person's: {hidden}"
        codes = codes or ({} if "crosswalk" in settings else {UNFINISHED: UNFINISHED})
    return DraftedColumn(settings, f"LIKELY: {likely.why}", codes, remark)


def _items(columns: Mapping[Entity, Mapping[str, DraftedColumn]]) -> tuple[str, ...]:
    """Return the data items that the agreement has to hold for the draft, in canonical order."""
    fields = {name for drafted in columns.values() for name in drafted if name not in ALWAYS_KEPT}
    return tuple(dict.fromkeys(item for name, item in ITEMS.items() if name in fields))
