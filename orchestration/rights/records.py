"""Whose records these are: from tokens to every record of the person, over keys, bridges and links.

What belongs here: finding. What does not: removing (`removal`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

from orchestration.feeds.canonical import PERSONAL_TOKENS
from orchestration.feeds.token_bridges import bridge_pairs
from orchestration.settings import Settings

IDENTITY = ("tok_nhs", "tok_ni", "trusted_ref")
"""What one person alone has. By these somebody who was forgotten is known again in a later delivery."""
PAIR = ("feed", "source_ref")
MOST_ROUNDS = 10


@dataclass(frozen=True)
class Found:
    """The records of a person: feed and source_ref, all their tokens, and those that are nobody else's.

    people: how many people these are, as linking has it. More than one where the given token is shared.
    unlinked: how many of the records are not linked yet and are known only by a token that others may have as well.
    """

    pairs: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=dict.fromkeys(PAIR, pl.String())))
    tokens: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    people: int = 1
    unlinked: int = 0


def find_records(settings: Settings, tokens: Collection[str], *, feed: str | None = None) -> Found:
    """Return every record that has one of these tokens, in any delivery that is kept, and what is linked with it.

    `feed`: the given texts may be references of this feed as well, and only its records are returned.
    """
    known = _with_bridged(settings, frozenset(tokens))
    pairs = _having(settings, known, references=frozenset(tokens) if feed else frozenset(), feed=feed)
    if feed is None:
        pairs = _linked(settings, pairs)
    held = _tokens(settings, pairs)
    own = held.filter(pl.col("kind").is_in(IDENTITY))["token"]
    everything = _with_bridged(settings, frozenset(held["token"]) | known)
    people, unlinked = _people(settings, pairs, _certain(settings, known, feed))
    return Found(pairs, everything, frozenset(own) | known, people, unlinked)


def person_files(settings: Settings, feed: str = "*") -> list[tuple[str, str]]:
    """Return the path and feed of every file of accepted person rows, former readings among them."""
    root = settings.accepted / "deliveries"
    return [(str(path), path.parents[1].name) for path in sorted(root.glob(f"{feed}/*/person-*.parquet"))]


def _having(
    settings: Settings,
    tokens: frozenset[str],
    *,
    references: frozenset[str],
    feed: str | None,
    names: Sequence[str] = (*PERSONAL_TOKENS, "trusted_ref"),
) -> pl.DataFrame:
    frames = []
    for path, of_feed in person_files(settings, feed or "*"):
        rows = pl.scan_parquet(path)
        columns = [name for name in names if name in rows.collect_schema()]
        has = pl.any_horizontal(
            pl.col("source_ref").cast(pl.String).is_in(list(references)),
            *(pl.col(name).cast(pl.String).is_in(list(tokens)) for name in columns),
        )
        found = rows.filter(has).select(feed=pl.lit(of_feed), source_ref=pl.col("source_ref").cast(pl.String))
        frames.append(found.unique().collect())
    return pl.concat([Found().pairs, *frames]).unique()


def _linked(settings: Settings, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return these records with all that linking holds for the same person."""
    path = settings.linkage / "key_registry.parquet"
    if not path.exists():
        return pairs
    registry = pl.read_parquet(path, columns=[*PAIR, "person_key"])
    people = registry.join(pairs, on=PAIR, how="semi").select("person_key").unique()
    return pl.concat([pairs, registry.join(people, on="person_key", how="semi").select(PAIR)]).unique()


def _certain(settings: Settings, tokens: frozenset[str], feed: str | None) -> pl.DataFrame:
    """Return the records that are theirs by what one person alone has; a feed's own references are such."""
    return _having(settings, tokens, references=tokens if feed else frozenset(), feed=feed, names=IDENTITY)


def _people(settings: Settings, pairs: pl.DataFrame, certain: pl.DataFrame) -> tuple[int, int]:
    """Return how many people linking knows these records to be, and how many records could be of yet others."""
    path = settings.linkage / "key_registry.parquet"
    uncertain = pairs.join(certain, on=PAIR, how="anti")
    if not path.exists():
        return 1, uncertain.height
    registry = pl.read_parquet(path)
    people = registry.join(pairs, on=PAIR, how="semi")["person_key"].n_unique()
    return people, uncertain.join(registry, on=PAIR, how="anti").height


def _tokens(settings: Settings, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return kind and text of every token on the rows of these records."""
    frames = [pl.DataFrame(schema={"kind": pl.String(), "token": pl.String()})]
    names = [*PERSONAL_TOKENS, "trusted_ref"]
    for (feed,), own in pairs.group_by("feed"):
        for path, _ in person_files(settings, str(feed)):
            rows = pl.scan_parquet(path).filter(pl.col("source_ref").cast(pl.String).is_in(own["source_ref"].to_list()))
            columns = [name for name in names if name in rows.collect_schema()]
            held = rows.select(pl.col(columns).cast(pl.String)).collect()
            frames.append(held.unpivot(variable_name="kind", value_name="token").drop_nulls().unique())
    return pl.concat(frames).unique()


def _with_bridged(settings: Settings, tokens: frozenset[str]) -> frozenset[str]:
    """Return tokens with those of former and newer keys that stand for the same."""
    pairs = bridge_pairs(settings)
    known = set(tokens)
    for _ in range(MOST_ROUNDS):
        has = pl.col("previous").is_in(list(known)) | pl.col("current").is_in(list(known))
        reached = pairs.filter(has)
        more = {*reached["previous"], *reached["current"]} - known
        if not more:
            break
        known |= more
    return frozenset(known)
