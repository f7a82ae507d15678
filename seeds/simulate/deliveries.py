"""Deliveries: which rows each partner sends for which period, and when they arrive.

What belongs here: the four modes of delivery, the calendar, and the mishaps. What does not: how a file is written
(`writing`) and what is true (`episodes`, `happenings`). A delivery shows what had happened by the end of its period.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from orchestration.area import Contract
from seeds.simulate.dirt import spoil
from seeds.simulate.episodes import NAMES
from seeds.simulate.habits import HABITS, MISHAPS, STOPS_BEFORE_END, WITHDRAWN_SHARE, Habits, Mishap
from seeds.simulate.writing import file_bytes, grain_of, partner_columns, partner_table

MONTHS_OF = {"monthly": 1, "quarterly": 3, "yearly": 12}


@dataclass(frozen=True)
class Holdings:
    """All that one partner holds. episodes: with episode_ref, end_reason, ...; people: versions with source_ref;
    contacts and needs may be empty.
    """

    contract: Contract
    episodes: pl.DataFrame
    people: pl.DataFrame
    contacts: pl.DataFrame
    needs: pl.DataFrame


@dataclass(frozen=True)
class Slot:
    """One reporting period of a feed in days of the window, and the day on which its delivery arrives."""

    code: str
    first_day: int
    last_day: int
    arrives: date
    is_first: bool
    months_before_end: int


def slots(
    random: np.random.Generator, contract: Contract, habits: Habits, *, start: date, months: int, today: date
) -> Iterator[Slot]:
    """Yield the periods that a feed delivers, in order; the newest has arrived by `today`."""
    step = MONTHS_OF[contract.delivery.cadence]
    stops = STOPS_BEFORE_END.get(contract.feed, 0)
    for index in range(0, months, step):
        first, last = _month(start, index), _month(start, index + step) - timedelta(days=1)
        left = months - index - step
        delay = int(random.integers(habits.delay_days[0], habits.delay_days[1] + 1))
        if left < stops:
            return
        code = f"{first:%Y-%m}" if step == 1 else f"{first.year}-Q{(first.month - 1) // 3 + 1}"
        if habits.period_form:
            code = first.strftime(habits.period_form)
        arrives = min(last + timedelta(days=delay), today)
        yield Slot(code, (first - start).days, (last - start).days, arrives, index == 0, left)


def write_deliveries(
    random: np.random.Generator, holdings: Holdings, *, landing: Path, start: date, months: int, today: date
) -> list[str]:
    """Write everything one partner sends in the window; return the names of the files in order of arrival."""
    contract = holdings.contract
    habits = HABITS[contract.feed]
    folder = landing / contract.folder
    folder.mkdir(parents=True, exist_ok=True)
    taken_back = pl.Series(random.random(holdings.episodes.height) < WITHDRAWN_SHARE)
    withdrawn = holdings.episodes.filter(taken_back)["episode_ref"]
    written: list[str] = []
    for slot in slots(random, contract, habits, start=start, months=months, today=today):
        tables = _tables(holdings, slot, withdrawn, start)
        if contract.delivery.mode == "append" and tables["main"].is_empty():
            continue  # who only sends what is new sends nothing when nothing is
        texts = {
            role: spoil(random, partner_table(contract, role, rows, habits), partner_columns(contract, role))
            for role, rows in tables.items()
        }
        mishap = next(
            (m for m in MISHAPS if (m.feed, m.months_before_end) == (contract.feed, slot.months_before_end)), None
        )
        for arrives, version in _arrivals(texts, slot.arrives, mishap):
            written += _write(folder, contract, version, period=slot.code, arrives=arrives)
    return written


def _arrivals(
    tables: dict[str, pl.DataFrame], day: date, mishap: Mishap | None
) -> Iterator[tuple[date, dict[str, pl.DataFrame]]]:
    """Yield what arrives when for one period: usually the delivery, once."""
    if mishap is None:
        yield day, tables
        return
    later = day + timedelta(days=mishap.days)
    if mishap.kind == "late":
        yield later, tables
        return
    first = tables
    if mishap.kind == "half":
        first = {**tables, "main": tables["main"].head(tables["main"].height // 2)}
    elif mishap.kind == "renamed":
        main = tables["main"]
        first = {**tables, "main": main.rename({main.columns[1]: f"{main.columns[1]}_new"})}
    yield day, first
    yield later, tables


def _tables(holdings: Holdings, slot: Slot, withdrawn: pl.Series, start: date) -> dict[str, pl.DataFrame]:
    """Return the canonical rows of each file of one delivery."""
    contract = holdings.contract
    episodes = _selected(contract, holdings.episodes, slot, withdrawn)
    shown = _as_of(episodes, slot.last_day, start)
    known = holdings.people.filter(pl.col("from_day") <= slot.last_day).unique(
        "registration", keep="last", maintain_order=True
    )
    people = known.with_columns(valid_from=_day(pl.col("valid_from_day"), start))
    refs = people.select("registration", "source_ref")
    present = people.join(shown.select("registration").unique(), on="registration", how="semi", maintain_order="left")
    grains: dict[str, pl.DataFrame] = {
        "episode": shown.join(people, on="registration", how="left", maintain_order="left"),
        "person": present,
    }
    if holdings.contacts.width:
        inside = pl.col("contact_day").is_between(
            slot.first_day if contract.delivery.mode != "snapshot" else 0, slot.last_day
        )
        contacts = holdings.contacts.filter(inside).join(
            shown.select("episode_ref"), on="episode_ref", how="semi", maintain_order="left"
        )
        if contract.delivery.mode == "append":
            contacts = holdings.contacts.filter(inside)
        grains["contact"] = contacts.join(refs, on="registration", how="left", maintain_order="left").with_columns(
            service_id=_service(), contact_date=_day(pl.col("contact_day"), start)
        )
    if holdings.needs.width:
        needs = holdings.needs.filter(pl.col("recorded_day") <= slot.last_day).join(
            shown.select("episode_ref"), on="episode_ref", how="semi", maintain_order="left"
        )
        grains["need"] = needs.join(refs, on="registration", how="left", maintain_order="left").with_columns(
            recorded_date=_day(pl.col("recorded_day"), start)
        )
    return {role: grains[grain_of(contract, role)] for role in contract.files}


def _selected(contract: Contract, episodes: pl.DataFrame, slot: Slot, withdrawn: pl.Series) -> pl.DataFrame:
    """Return the episodes that a delivery holds, by its mode; `is_deleted` where a record is taken back."""
    mode = contract.delivery.mode
    known = pl.col("referral_day") <= slot.last_day
    episodes = episodes.with_columns(is_deleted=pl.lit(False))
    if mode == "snapshot":
        return episodes.filter(known)
    if mode == "period":
        return episodes.filter(known & (pl.col("until_day") >= slot.first_day))
    moments = [pl.col(name) for name in ("referral_day", "start_day", "end_day", "decision_day")]
    happened = pl.any_horizontal(m.is_between(slot.first_day, slot.last_day) for m in moments)
    if slot.is_first:
        happened = happened | (known & (pl.col("until_day") >= slot.first_day))
    changed = episodes.filter(known & happened)
    if mode != "changes":
        return changed
    is_mistake = episodes["episode_ref"].is_in(withdrawn.implode())
    noticed = (pl.col("referral_day") + 75).is_between(slot.first_day, slot.last_day)
    back = episodes.filter(is_mistake & noticed).with_columns(is_deleted=pl.lit(True))
    gone = pl.col("episode_ref").is_in(withdrawn.implode()) & (pl.col("referral_day") + 75 <= slot.last_day)
    return pl.concat([changed.filter(~gone), back])


def _as_of(episodes: pl.DataFrame, day: int, start: date) -> pl.DataFrame:
    """Return what was known of episodes on a day: nothing that lay ahead."""
    started, ended = pl.col("start_day") <= day, (pl.col("end_day") <= day) & (pl.col("fate") == "served")
    decided = pl.col("decision_day") <= day
    status = (
        pl.when(decided & (pl.col("fate") != "served"))
        .then("fate")
        .when(~started)
        .then(pl.lit("waiting"))
        .when(~ended)
        .then(pl.lit("open"))
        .when("is_completed")
        .then(pl.lit("completed"))
        .otherwise(pl.lit("ended_early"))
    )
    over = ended | (decided & (pl.col("fate") != "served"))
    outcome = [
        pl.when(ended).then(name).alias(name)
        for name in ("outcome", "outcome_ref", "outcome_value")
        if name in episodes.columns
    ]
    return episodes.with_columns(
        *outcome,
        status=status,
        service_id=_service(),
        referral_date=_day(pl.col("referral_day"), start),
        start_date=pl.when(started).then(_day(pl.col("start_day").clip(None, day), start)),
        end_date=pl.when(ended).then(_day(pl.col("end_day").clip(None, day), start)),
        recorded_date=pl.when(ended).then(_day(pl.col("end_day").clip(None, day), start)),
        end_reason=pl.when(over).then("end_reason"),
    )


def _service() -> pl.Expr:
    return pl.col("service").replace_strict(dict(enumerate(NAMES)), return_dtype=pl.String)


def _day(number: pl.Expr, start: date) -> pl.Expr:
    return pl.lit(start).cast(pl.Date) + pl.duration(days=number)


def _month(start: date, index: int) -> date:
    number = start.year * 12 + start.month - 1 + index
    return date(number // 12, number % 12 + 1, 1)


def _write(
    folder: Path, contract: Contract, tables: dict[str, pl.DataFrame], *, period: str, arrives: date
) -> list[str]:
    """Write one delivery's files, stamped with the morning on which they arrive."""
    habits = HABITS[contract.feed]
    facts = {"period": period, "delivered": f"{arrives:%Y%m%d}"}
    by_name: dict[str, dict[str, pl.DataFrame]] = {}
    for role, table in tables.items():
        by_name.setdefault(habits.names[role].format(**facts), {})[role] = table
    moment = datetime(arrives.year, arrives.month, arrives.day, 9, tzinfo=UTC).timestamp()
    for name, parts in by_name.items():
        (folder / name).write_bytes(file_bytes(parts, contract, habits, facts))
        os.utime(folder / name, (moment, moment))
    return sorted(by_name)
