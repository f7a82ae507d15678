"""Objections: people whom the combined view leaves out, from the next refresh on, for as long as they object.

An objection names a purpose. Whichever it names, the person is left out of every figure: figures with and without
somebody, served side by side for two purposes, would tell of that one person by their difference
(docs/decisions/0019). Rows stay where they were delivered, since the service itself goes on.
"""

from collections.abc import Collection, Mapping
from datetime import date

import polars as pl

from orchestration.audit import audit_of
from orchestration.audit.log import account
from orchestration.feeds.atomic import write_parquet
from orchestration.feeds.canonical import PERSONAL_TOKENS
from orchestration.rights.bridges import follow_bridges
from orchestration.rights.marks import OBJECTIONS, add_to_list, read_list, take_from_list, token_marks
from orchestration.rights.pending import set_pending
from orchestration.rights.records import PAIR
from orchestration.rights.sharing import refuse_shared_tokens
from orchestration.settings import Settings


def object_to(settings: Settings, tokens: Collection[str], *, purpose: str, today: date) -> int:
    """Add objections to a purpose; return how many are new. They hold from the next refresh on.

    Raise GovernanceError, and add none, for a token that several people share: one of them did not object.
    """
    return import_objections(settings, {purpose: tokens}, today=today)


def import_objections(settings: Settings, listed: Mapping[str, Collection[str]], *, today: date) -> int:
    """Add the objections of a list, tokens by purpose, all or none; return how many are new. Raises as `object_to`."""
    refuse_shared_tokens(settings, [token for tokens in listed.values() for token in tokens])
    total = 0
    for purpose, tokens in listed.items():
        marks = token_marks(settings, pl.Series("token", list(tokens), dtype=pl.String)).to_list()
        new = add_to_list(settings, OBJECTIONS, tokens=marks, request="objection", since=today, purpose=purpose)
        if new:
            set_pending(settings)  # the snapshots of now count them: those go with the next one
        _record(settings, "added", purpose, new)
        total += new
    return total


def withdraw_objection(settings: Settings, tokens: Collection[str], *, purpose: str) -> int:
    """Take objections back; return how many there were."""
    marks = token_marks(settings, pl.Series("token", list(tokens), dtype=pl.String)).to_list()
    gone = take_from_list(settings, OBJECTIONS, marks, purpose=purpose)
    _record(settings, "withdrawn", purpose, gone)
    return gone


def objections_by_purpose(settings: Settings) -> dict[str, int]:
    """Return how many objections stand, by purpose. Nobody can be read from the list."""
    counted = read_list(settings, OBJECTIONS).group_by("purpose").len().sort("purpose")
    return {str(purpose): int(count) for purpose, count in counted.iter_rows()}


def leave_out(settings: Settings, *, today: date) -> int:
    """After linking: take everybody who objects out of the rows in force and the links; return how many records went.

    Linking sees them, so that a record without the token in question is found to be theirs. Making the rows in force
    anew undoes this, and every refresh does both.
    """
    follow_bridges(settings, OBJECTIONS, since=today)
    marks = list(read_list(settings, OBJECTIONS)["mark"])
    links_path = settings.linkage / "person_links.parquet"
    if not marks or not links_path.exists():
        return 0
    links = pl.read_parquet(links_path)
    pairs = _objecting(settings, marks)
    people = links.join(pairs, on=PAIR, how="semi").select("person_key").unique()
    gone = links.join(people, on="person_key", how="semi")
    out = pl.concat([gone.select(PAIR), pairs]).unique()
    if out.is_empty():
        return 0
    for path in sorted((settings.accepted / "in_force").glob("*/*.parquet")):
        own = out.filter(pl.col("feed") == path.stem)
        if own.height and not path.name.startswith("_"):
            rows = pl.read_parquet(path)
            write_parquet(path, rows.filter(~pl.col("source_ref").cast(pl.String).is_in(own["source_ref"].to_list())))
    keys = gone["person_key"].unique().to_list()
    for name, key in (("household_links", "person_key"), ("record_keys", "unit_key")):
        path = settings.linkage / f"{name}.parquet"
        rows = pl.read_parquet(path)
        write_parquet(path, rows.filter(~pl.col(key).is_in(keys)))
    write_parquet(links_path, links.join(gone, on=PAIR, how="anti"))
    return out.height


def _objecting(settings: Settings, marks: list[str]) -> pl.DataFrame:
    """Return the records in force that have a token on the list."""
    frames = [pl.DataFrame(schema=dict.fromkeys(PAIR, pl.String()))]
    for path in sorted((settings.accepted / "in_force" / "person").glob("*.parquet")):
        if path.name.startswith("_"):
            continue
        schema = pl.read_parquet_schema(path)
        names = [name for name in (*PERSONAL_TOKENS, "trusted_ref") if name in schema]
        rows = pl.read_parquet(path, columns=["source_ref", *names]).cast(pl.String)
        hit = pl.Series([False]).new_from_index(0, rows.height)
        for name in names:
            hit |= token_marks(settings, rows[name]).is_in(marks).fill_null(value=False)
        frames.append(rows.filter(hit).select(feed=pl.lit(path.stem), source_ref="source_ref"))
    return pl.concat(frames).unique()


def _record(settings: Settings, change: str, purpose: str, entries: int) -> None:
    audit_of(settings).record("objection", who=account(), purpose=purpose, change=change, entries=entries)
