"""Checks that need the accepted rows of a delivery beside each other, or beside the area's own lists.

A check is one function here under the name that it has in checks.yaml; it yields the rows that fail. What does not
belong here: rules of one row (checks.yaml), and comparisons with earlier periods (orchestration.feeds.comparisons).
Rows are lazy frames of the canonical fields with source_file and source_row, so that a delivery of any size may be
scanned from where it is stored.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from orchestration.area import Area
from orchestration.area.contracts import Column, Contract, Entity
from orchestration.feeds.alike import ALIKE, PLACE, alike_fields, repeats
from orchestration.feeds.cadence import cadence_days
from orchestration.feeds.canonical import PERSONAL_TOKENS, RECORD_REFERENCE
from orchestration.feeds.checks import EXAMPLES, Findings, registry
from orchestration.feeds.hashing import hashes
from orchestration.feeds.rowrules import Days, period_start

LAST_DAY = 2**22
GROUP_WIDTH = 2**23
"""Days since 1970 as numbers: later than any date, and wide enough that groups of numbers never meet."""
MOST_REFERENCES = 20  # one person may have several, and a name and postcode several people
EVENT: dict[Entity, pl.Expr] = {
    "episode": pl.coalesce("start_date", "referral_date"),
    "contact": pl.col("contact_date"),
    "need": pl.col("recorded_date"),
    "outcome": pl.col("recorded_date"),
}
"""When the thing that a row records happened."""
OUTLIER_QUANTILE = 0.98
OUTLIER_FENCES = 3.0
LEAST_DURATIONS = 100
"""HUD Eva lists the longest 1 and 2 per cent of stays; of these only those beyond Tukey's outer fence (upper quartile +
3 interquartile ranges; Exploratory Data Analysis, 1977) are far out, and fewer than 100 stays have no tail."""


@dataclass(frozen=True)
class KnownCodes:
    """The area's own lists: services of its directory and small areas of its geography; empty when it has none."""

    services: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()

    @classmethod
    def of(cls, area: Area) -> "KnownCodes":
        """Return the lists of an area."""
        areas = area.geography.areas["lsoa_code"] if area.geography else ()
        return cls(frozenset(area.directory.services["id"]), frozenset(areas))


NOTHING_KNOWN = KnownCodes()


@dataclass(frozen=True)
class Delivered:
    """The accepted rows of one delivery, deletions left out, the agreed fields, and what they are held against."""

    contract: Contract
    fields: Mapping[Entity, Mapping[str, Column]]
    rows: Mapping[Entity, pl.LazyFrame]
    days: Days
    known: KnownCodes = NOTHING_KNOWN
    unlike: frozenset[Entity] = frozenset()
    """Entities of which it is known already that no two records are alike but for the reference."""

    def of(self, entity: Entity, *fields: str) -> pl.LazyFrame | None:
        """Return an entity's rows when the contract fills all these fields of it."""
        if entity not in self.rows or not set(fields) <= set(self.fields[entity]):
            return None
        return self.rows[entity]

    def events(self) -> Iterator[tuple[Entity, pl.LazyFrame]]:
        """Yield the entities that record an event, with its day as `event`."""
        for entity, day in EVENT.items():
            if entity in self.rows:
                yield entity, self.rows[entity].with_columns(event=day).filter(pl.col("event").is_not_null())


@dataclass(frozen=True)
class Failing:
    """The rows of an entity that fail a check, and the field at fault ('' for the record as a whole)."""

    entity: Entity
    field: str
    rows: pl.LazyFrame


Finder = Callable[[Delivered], Iterator[Failing]]
FINDERS: dict[str, Finder] = {}


def finds(finder: Finder) -> Finder:
    """Register a function as the check of its name."""
    FINDERS[finder.__name__] = finder
    return finder


def find_implausible(delivered: Delivered, findings: Findings) -> dict[Entity, pl.DataFrame]:
    """Run every check of rows beside each other; return the rows that a severity refuses.

    One row per refused row and check: source_file, source_row, check (`id:field`, as in the quarantine).
    """
    refused: dict[Entity, list[pl.DataFrame]] = {}
    for check_id, finder in FINDERS.items():
        severity = findings.severity(check_id)
        if severity is None:
            continue
        is_refusing = severity in ("refuse_row", "refuse_delivery")
        for failing in finder(delivered):
            count, examples = _counted(failing.rows)
            column = delivered.fields[failing.entity].get(failing.field)
            detail = f"column '{column.source}' ({failing.field})" if column and column.source else failing.field
            findings.add(check_id, count, entity=failing.entity, field=failing.field, detail=detail, rows=examples)
            if is_refusing and count:
                mark = f"{check_id}:{failing.field}" if failing.field else check_id
                found = failing.rows.select(*PLACE).sort(*PLACE).collect(engine="streaming")
                refused.setdefault(failing.entity, []).append(found.with_columns(check=pl.lit(mark)))
    return {entity: pl.concat(frames) for entity, frames in refused.items()}


def _counted(rows: pl.LazyFrame) -> tuple[int, list[int]]:
    """Return how many rows there are, and the first of their row numbers."""
    places = rows.select(*PLACE)
    count = int(places.select(pl.len()).collect(engine="streaming").item())
    if not count:
        return 0, []
    first = places.bottom_k(EXAMPLES, by=PLACE).sort(*PLACE).select("source_row").collect(engine="streaming")
    return count, first.to_series().to_list()


@finds
def person_unknown(delivered: Delivered) -> Iterator[Failing]:
    """Find records without a person record; only where every delivery is whole, since else it may have come before."""
    yield from _orphans(delivered, "person", "source_ref")


@finds
def episode_unknown(delivered: Delivered) -> Iterator[Failing]:
    """Find records of an episode that a whole delivery does not hold."""
    yield from _orphans(delivered, "episode", "episode_ref")


@finds
def before_birth(delivered: Delivered) -> Iterator[Failing]:
    """Find events before the first of the month in which the person was born."""
    people = delivered.of("person", "birth_month")
    if people is None:
        return
    born = people.group_by("source_ref").agg(pl.col("birth_month").min()).drop_nulls()
    for entity, events in delivered.events():
        yield Failing(entity, "", events.join(born, on="source_ref").filter(pl.col("event") < pl.col("birth_month")))
    if (moved := delivered.of("person", "birth_month", "valid_from")) is not None:
        yield Failing("person", "valid_from", moved.filter(pl.col("valid_from") < pl.col("birth_month")))


@finds
def outside_episode(delivered: Delivered) -> Iterator[Failing]:
    """Find contacts outside the time from referral to end, and outcomes before the start, of the episode they name."""
    episodes = delivered.of("episode")
    if episodes is None:
        return
    stay = episodes.group_by("episode_ref").agg(
        begins=pl.min_horizontal("referral_date", "start_date").min(),
        starts=pl.col("start_date").min(),
        ends=pl.when(pl.col("end_date").is_not_null().all()).then(pl.col("end_date").max()),
    )
    if (contacts := delivered.of("contact", "episode_ref", "contact_date")) is not None:
        day = pl.col("contact_date")
        outside = (day < pl.col("begins")) | (day > pl.col("ends"))
        yield Failing("contact", "contact_date", contacts.join(stay, on="episode_ref").filter(outside))
    if (outcomes := delivered.of("outcome", "episode_ref", "recorded_date")) is not None:
        early = pl.col("recorded_date") < pl.col("starts")
        yield Failing("outcome", "recorded_date", outcomes.join(stay, on="episode_ref").filter(early))


@finds
def episodes_overlap(delivered: Delivered) -> Iterator[Failing]:
    """Find episodes that start within an earlier one of the same person and service; the same start is a duplicate."""
    episodes = delivered.of("episode", "service_id", "start_date")
    if episodes is None:
        return
    group = pl.struct("source_ref", "service_id").hash()
    start = pl.col("start_date").cast(pl.Int64)
    end = pl.col("end_date").cast(pl.Int64).fill_null(LAST_DAY)
    stays = (
        episodes.filter(pl.col("start_date").is_not_null())
        .select(*PLACE, "source_ref", "service_id", start=start, end=end, group=group)
        .filter(pl.col("group").is_duplicated())
        .sort("source_ref", "service_id", "start", "end", *PLACE)
        .with_columns(number=pl.struct("source_ref", "service_id").rle_id().cast(pl.Int64))
        # the latest end so far within a group: groups are numbered upwards, so that one running maximum serves them all
        .with_columns(latest=(pl.col("number") * GROUP_WIDTH + pl.col("end")).cum_max().shift(1))
    )
    within = (pl.col("start") < pl.col("latest") - pl.col("number") * GROUP_WIDTH) & (
        pl.col("start") > pl.col("start").shift(1)
    )
    yield Failing("episode", "start_date", stays.filter(within & (pl.col("number") == pl.col("number").shift(1))))


@finds
def near_duplicate(delivered: Delivered) -> Iterator[Failing]:
    """Find records that differ in nothing but the reference, and episodes of one person, service and start."""
    for entity, mapped in delivered.fields.items():
        reference, same = RECORD_REFERENCE[entity], alike_fields(entity, mapped)
        rows = delivered.of(entity, reference)
        if rows is None or not same or entity in delivered.unlike:
            continue
        whole = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in ALIKE.get(entity, [reference])))
        yield Failing(entity, "", repeats(whole.select(*PLACE, *hashes(same, "alike"))))


@finds
def person_repeated(delivered: Delivered) -> Iterator[Failing]:
    """Find people under two references by the tokens that one person alone has; names and birth may be shared."""
    if not delivered.contract.one_person_per_reference:
        return
    for name in ("tok_nhs", "trusted_ref"):
        people = delivered.of("person", name)
        if people is not None:
            several = pl.col("source_ref").n_unique().over(name) > 1
            yield Failing("person", name, people.filter(pl.col(name).is_not_null()).filter(several))


@finds
def token_shared(delivered: Delivered) -> Iterator[Failing]:
    """Find people under a token that too many share to be one person; only told here, linking leaves it out."""
    for name in PERSONAL_TOKENS:
        people = delivered.of("person", name)
        if people is not None:
            common = people.group_by(name).agg(many=pl.n_unique("source_ref") > MOST_REFERENCES).filter("many")
            yield Failing("person", name, people.join(common, on=name, how="semi"))


@finds
def service_unknown(delivered: Delivered) -> Iterator[Failing]:
    """Find rows of services that the directory does not hold."""
    for entity in ("episode", "contact"):
        rows = delivered.of(entity, "service_id")
        if rows is not None and delivered.known.services:
            yield Failing(entity, "service_id", rows.filter(_is_strange("service_id", delivered.known.services)))


@finds
def out_of_area(delivered: Delivered) -> Iterator[Failing]:
    """Find people whose small area is not of this geography."""
    people = delivered.of("person", "lsoa_code")
    if people is not None and delivered.known.areas:
        yield Failing("person", "lsoa_code", people.filter(_is_strange("lsoa_code", delivered.known.areas)))


@finds
def duration_outlier(delivered: Delivered) -> Iterator[Failing]:
    """Find the far-out among the longest episodes of each service; open ones last until the day of delivery."""
    episodes = delivered.of("episode", "service_id", "start_date")
    if episodes is None:
        return
    today = pl.lit(delivered.days.delivered_on)
    days = (pl.coalesce("end_date", today) - pl.col("start_date")).dt.total_days()
    known = episodes.with_columns(days=days).filter(pl.col("days") >= 0)
    length = pl.col("days")
    quartiles = [length.quantile(share).over("service_id") for share in (0.25, 0.75)]
    far = length > quartiles[1] + OUTLIER_FENCES * (quartiles[1] - quartiles[0])
    top = length > length.quantile(OUTLIER_QUANTILE).over("service_id")
    yield Failing("episode", "end_date", known.filter((pl.len().over("service_id") >= LEAST_DURATIONS) & far & top))


@finds
def recorded_late(delivered: Delivered) -> Iterator[Failing]:
    """Find events of the delivery's own period that came later than the cadence and the days of grace allow."""
    terms = delivered.contract.delivery
    latest = delivered.days.delivered_on - timedelta(days=cadence_days(terms.cadence) + terms.late_after_days)
    if delivered.days.period is None or terms.cadence == "once":
        return
    begins = pl.lit(period_start(delivered.days.period))
    for entity, events in delivered.events():
        yield Failing(entity, "", events.filter((pl.col("event") >= begins) & (pl.col("event") < pl.lit(latest))))


def _orphans(delivered: Delivered, parent: Entity, reference: str) -> Iterator[Failing]:
    if delivered.contract.delivery.mode not in ("snapshot", "period") or parent not in delivered.rows:
        return
    known = delivered.rows[parent].select(reference)
    for entity, rows in delivered.rows.items():
        if entity not in (parent, "person"):
            strange = rows.filter(pl.col(reference).is_not_null()).join(known, on=reference, how="anti")
            yield Failing(entity, "" if reference == "source_ref" else reference, strange)


def _is_strange(name: str, known: frozenset[str]) -> pl.Expr:
    return pl.col(name).is_not_null() & ~pl.col(name).is_in(sorted(known))


def unfound() -> set[str]:
    """Return the checks of rows in the registry that no function here finds, and functions that the registry lacks."""
    return {check.id for check in registry().values() if check.judges == "rows"} ^ {*FINDERS, "reference_repeated"}
