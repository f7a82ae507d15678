"""Targeted area swapping: before anything is counted, some people stand in the neighbourhood of somebody like them.

The only protection that is in the data and not in the answers, and so the only one that no number of questions averages
out (DISCLOSURE rule 8). People equal on age band, sex and district exchange neighbourhood and deprivation; those who
are nearly alone in their neighbourhood, age, sex and ethnic group are chosen far more often than others. Figures
without neighbourhood or deprivation are not touched at all.

Who is chosen is a keyed draw that is the same at every publish, and whom they were paired with is kept, so that a pair
stays a pair: made anew, the exchanges of several snapshots would average out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl

from orchestration.area.policies import Swapping
from orchestration.errors import SnapshotError
from orchestration.publishing.lost_keys import SWAPS_CONTEXT
from orchestration.sealed_bytes import NoKeyFitsError, seal, unseal

DOMAIN = b"joinedup-swap-1"  # blake2b's `person`: no other use of the secret draws the same numbers
RANGE = 1 << 64
RARE = 2  # people in a neighbourhood, age band, sex and ethnic group, at most
PEOPLE = """
select person.record_key, year.msoa_code, year.lad_code, year.age_band, year.sex, year.ethnic_group
from snapshot.serving.srv_person as person
inner join snapshot.serving.srv_person_year as year on person.person_no = year.person_no and year.year_code = 'all'
where year.msoa_code <> 'unknown'
order by person.record_key
"""
PARTNERS = """
select own.person_no, other.person_no as partner_no
from pairs
inner join snapshot.serving.srv_person as own on pairs.own = own.record_key
inner join snapshot.serving.srv_person as other on pairs.other = other.record_key
"""
# Only in the years in which both are in the same district: figures of districts stay as they are.
EXCHANGE = """
update snapshot.serving.srv_person_year as own
set msoa_code = other.msoa_code, deprivation = other.deprivation
from (
    select partners.person_no, year.year_code, year.lad_code, year.msoa_code, year.deprivation
    from partners
    inner join snapshot.serving.srv_person_year as year on partners.partner_no = year.person_no
) as other
where own.person_no = other.person_no and own.year_code = other.year_code and own.lad_code = other.lad_code
"""
Person = tuple[int, str, str, str, str, str]
SCHEMA = {"one": pl.UInt64, "other": pl.UInt64}


def swap_areas(
    connection: duckdb.DuckDBPyConnection,
    kept: Path,
    *,
    secret: bytes,
    swapping: Swapping,
    keys: Sequence[str] = (),
) -> float:
    """Exchange areas in the attached database `snapshot`, keep the pairs in a file, return the share of people swapped.

    `kept` has one row per pair of record keys; a pair of which one is gone from the data is gone from it too. It is
    encrypted with the first of the keys. Raises SnapshotError when none of them opens what was kept.
    """
    people: list[Person] = connection.execute(PEOPLE).fetchall()
    present = {person[0] for person in people}
    before = _kept_before(kept, keys)
    pairs = [(one, other) for one, other in before if one in present and other in present]
    pairs += _new_pairs(people, taken={key for pair in pairs for key in pair}, secret=secret, swapping=swapping)
    _keep(kept, pairs, keys)
    both_ways = pl.DataFrame(
        [*pairs, *((other, one) for one, other in pairs)], schema={"own": pl.UInt64, "other": pl.UInt64}, orient="row"
    )
    connection.register("pairs", both_ways)
    connection.execute(f"create temporary table partners as {PARTNERS}")
    connection.unregister("pairs")
    connection.execute(EXCHANGE)
    connection.execute("drop table partners")
    return 2 * len(pairs) / len(people) if people else 0.0


def draw(secret: bytes, record_key: int) -> float:
    """Return the number in 0 to 1 that a person has for good."""
    digest = blake2b(record_key.to_bytes(8, "big"), digest_size=8, key=secret[:64], person=DOMAIN).digest()
    return int.from_bytes(digest, "big") / RANGE


def _new_pairs(
    people: list[Person], *, taken: set[int], secret: bytes, swapping: Swapping
) -> Iterator[tuple[int, int]]:
    """Yield pairs of those chosen who have none yet, each with somebody like them in another neighbourhood."""
    alike = Counter((msoa, age, sex, origin) for _key, msoa, _lad, age, sex, origin in people)
    groups: dict[tuple[str, str, str], list[tuple[bool, float, int, str]]] = defaultdict(list)
    for key, msoa, lad, age, sex, origin in people:
        if key in taken:
            continue
        own = draw(secret, key)
        share = swapping.rare if alike[msoa, age, sex, origin] <= RARE else swapping.others
        groups[lad, age, sex].append((own >= share, own, key, msoa))
    for group in groups.values():
        pool = sorted(group)  # the chosen first, so that they find each other before anybody else
        used: set[int] = set()
        for index, (not_chosen, _own, key, msoa) in enumerate(pool):
            if not_chosen:
                break
            if key in used:
                continue
            partner = next(
                (other for _n, _o, other, area in pool[index + 1 :] if area != msoa and other not in used), 0
            )
            if partner:
                used |= {key, partner}
                yield key, partner


def _kept_before(path: Path, keys: Sequence[str]) -> list[tuple[int, int]]:
    if not path.exists():
        return []
    try:
        held = unseal(path.read_bytes(), keys, context=SWAPS_CONTEXT)
    except NoKeyFitsError as error:
        raise SnapshotError(
            f"{path} says who exchanged areas with whom; it is encrypted, and no key of JOINEDUP_SNAPSHOT_KEY_FILE "
            "opens it: put the key that it was kept with below the current one. If it is lost for good, "
            "refresh with a new baseline, as a recorded decision. Nothing was published."
        ) from error
    return pl.read_parquet(BytesIO(held)).rows()


def _keep(path: Path, pairs: list[tuple[int, int]], keys: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = BytesIO()
    pl.DataFrame(pairs, schema=SCHEMA, orient="row").write_parquet(written)
    beside = path.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_bytes(seal(written.getvalue(), keys, context=SWAPS_CONTEXT))
    beside.replace(path)
