"""Marks: keyed digests of tokens and references, by which somebody is known again and from which nobody can be read.

A mark is HMAC-SHA-256 under a key of this home (`state/rights.key`, made when it is first needed). What belongs here:
making marks and keeping lists of them. What does not: deciding whom they are about.
"""

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.errors import HomeError
from orchestration.feeds.atomic import write_parquet
from orchestration.feeds.token_hashing import digests
from orchestration.settings import Settings, write_new_secret

FORGOTTEN, OBJECTIONS = "forgotten", "objections"
SCHEMA = {"mark": pl.String(), "kind": pl.String(), "purpose": pl.String(), "request": pl.String(), "since": pl.Date()}
"""kind: `record` (a reference of one feed) or `token`. purpose: of an objection, else empty."""


def rights_folder(settings: Settings) -> Path:
    return settings.state / "rights"


def rights_key(settings: Settings) -> str:
    """Return the key of this home's marks, made on first use; one that is lost is never replaced."""
    path = settings.state / "rights.key"
    if not path.exists():
        if any(rights_folder(settings).glob("*.parquet")):
            raise HomeError(
                f"{path} is missing, and without it nobody who was forgotten or who objected is known again. Put the "
                "key back from where keys are kept; nothing is read or published until then."
            )
        write_new_secret(path)
    return path.read_text(encoding="ascii").strip()


def record_marks(settings: Settings, feed: str, references: pl.Series) -> pl.Series:
    """Return the marks of references of one feed."""
    return digests(references.cast(pl.String), rights_key(settings), opening=f"record {feed} ")


def token_marks(settings: Settings, tokens: pl.Series) -> pl.Series:
    """Return the marks of tokens, whichever kind they are of."""
    return digests(tokens.cast(pl.String), rights_key(settings), opening="token ")


def read_list(settings: Settings, name: str) -> pl.DataFrame:
    """Return a list of marks; empty when nobody is on it."""
    path = rights_folder(settings) / f"{name}.parquet"
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    rights_key(settings)
    return pl.read_parquet(path)


def add_to_list(
    settings: Settings,
    name: str,
    *,
    records: Iterable[str] = (),
    tokens: Iterable[str] = (),
    request: str,
    since: date,
    purpose: str = "",
) -> int:
    """Add marks to a list; return how many are new. Adding the same again changes nothing."""
    known = read_list(settings, name)
    rows = [(mark, kind) for kind, marks in (("record", records), ("token", tokens)) for mark in marks]
    found = pl.DataFrame(rows, schema={"mark": pl.String, "kind": pl.String}, orient="row").unique()
    new = found.join(known.filter(pl.col("purpose") == purpose), on=["mark", "kind"], how="anti")
    if new.height:
        told = new.select(
            "mark", "kind", purpose=pl.lit(purpose), request=pl.lit(request), since=pl.lit(since, dtype=pl.Date)
        )
        write_parquet(rights_folder(settings) / f"{name}.parquet", pl.concat([known, told]).sort("kind", "mark"))
    return new.height


def merge_lists(newer: Path, older: Path) -> bool:
    """Add the lists of one folder to those of another; tell whether there were any. A restored home needs it: who was
    forgotten after the backup was made is on the newer list alone."""
    found = False
    for path in sorted(newer.glob("*.parquet")):
        known = [pl.read_parquet(one) for one in (older / path.name, path) if one.exists()]
        write_parquet(older / path.name, pl.concat(known).unique(["mark", "kind", "purpose"], maintain_order=True))
        found = True
    return found


def take_from_list(settings: Settings, name: str, marks: Collection[str], *, purpose: str) -> int:
    """Take marks off a list; return how many there were."""
    known = read_list(settings, name)
    kept = known.filter(~(pl.col("mark").is_in(list(marks)) & (pl.col("purpose") == purpose)))
    if kept.height < known.height:
        write_parquet(rights_folder(settings) / f"{name}.parquet", kept)
    return known.height - kept.height
