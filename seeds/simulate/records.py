"""What partners hold about people: references, recorded identities and the tokens made of them.

What belongs here: registrations at each feed and their versions over time. What does not: services (`episodes`), files
(`deliveries`). Clear-text identity lives only inside `register` and never leaves it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from orchestration.area import Contract
from orchestration.feeds.tokens import make_tokens
from seeds.simulate.episodes import NAMES
from seeds.simulate.noise import record_addresses, record_identities
from seeds.simulate.pathways import SERVICES
from seeds.simulate.people import Residents, postcode_of, uprn_of

DEMO_KEY = hashlib.sha256(b"Joined Up, the key of the fictional place: published, and therefore no secret").digest()
"""The linkage key of the demo. A real area's key is held by the partners' key custodian and never by the area."""

SECOND_REFERENCE_SHARE = 0.12
"""Of people who come again to a partner that does not guarantee one reference a person, how many are entered anew."""
MOVE_LEARNT_SHARE = 0.75
REFERENCE_FORMS = {
    "housing_options": "HO{:07d}", "council_tax_benefits": "{:08d}P", "adult_social_care": "{:08d}",
    "early_help": "EH-{:06d}", "debt_advice": "CA/{:07d}", "community_mental_health": "RX{:08d}",
    "skills_employment": "{:012d}", "jobcentre_claims": "C{:09d}", "drug_alcohol": "HR{:06d}",
    "police_youth": "NOM{:08d}", "housing_association": "WH{:06d}", "social_prescribing": "sp-{:07d}",
}  # fmt: skip


@dataclass(frozen=True)
class Registers:
    """episodes: true episodes with feed and registration. registrations: registration, feed, person, source_ref,
    registered_day, household, address. versions: registration, from_day, tokens, birth_month, sex, ethnicity_code,
    lsoa_code, valid_from_day; sorted by registration and from_day.
    """

    episodes: pl.DataFrame
    registrations: pl.DataFrame
    versions: pl.DataFrame


def register(
    random: np.random.Generator,
    residents: Residents,
    episodes: pl.DataFrame,
    contracts: Mapping[str, Contract],
    *,
    start: np.datetime64,
) -> Registers:
    """Enter every user of a feed in that partner's register, with the partner's mistakes."""
    placed = _with_registration(random, episodes, contracts)
    keys = ["feed", "person", "entry"]
    last_day = pl.max_horizontal(
        pl.when(pl.col("fate") == "served").then("end_day").otherwise("decision_day"), "referral_day"
    )
    registrations = (
        placed.group_by(keys)
        .agg(registered_day=pl.col("referral_day").min(), last_day=last_day.max())
        .sort("feed", "registered_day", "person", "entry")
        .with_row_index("registration")
        .with_columns(pl.col("registration").cast(pl.Int64))
    )
    registrations = _with_references(random, registrations)
    placed = placed.join(registrations.select(*keys, "registration"), on=keys, how="left", maintain_order="left")
    people = residents.people
    registrations = registrations.join(
        people.select("person", "household"), on="person", how="left", maintain_order="left"
    )
    household = registrations["household"].to_numpy()
    day = start + registrations["registered_day"].to_numpy().astype("timedelta64[D]")
    address, _ = residents.home_at(household, day)
    registrations = registrations.with_columns(address=pl.Series(address))
    versions = _versions(random, residents, registrations, start)
    return Registers(placed.drop("entry"), registrations, versions)


def _with_registration(
    random: np.random.Generator, episodes: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Add feed, and `entry`: 0, or 1 for episodes under a second reference that was made by mistake."""
    feeds = [SERVICES[name].feed for name in NAMES]
    placed = episodes.with_columns(
        feed=pl.col("service").replace_strict(dict(enumerate(feeds)), return_dtype=pl.String)
    )
    careless = [feed for feed, contract in contracts.items() if not contract.one_person_per_reference]
    by_person = placed.select("feed", "person").unique(maintain_order=True)
    by_person = by_person.with_columns(again=pl.Series(random.random(by_person.height) < SECOND_REFERENCE_SHARE))
    placed = placed.join(by_person, on=["feed", "person"], how="left", maintain_order="left")
    visit = pl.int_range(pl.len()).over("feed", "person")
    entered_again = pl.col("feed").is_in(careless) & pl.col("again") & (visit > 0)
    return placed.with_columns(entry=entered_again.cast(pl.Int8)).drop("again")


def _with_references(random: np.random.Generator, registrations: pl.DataFrame) -> pl.DataFrame:
    """Add source_ref: a partner's own number, in no order that tells anything."""
    parts = []
    for (feed,), part in registrations.group_by("feed", maintain_order=True):
        numbers = random.permutation(part.height * 3)[: part.height] + 10_000
        form = REFERENCE_FORMS[str(feed)]
        parts.append(part.with_columns(source_ref=pl.Series([form.format(n) for n in numbers.tolist()])))
    return pl.concat(parts)


def _versions(
    random: np.random.Generator, residents: Residents, registrations: pl.DataFrame, start: np.datetime64
) -> pl.DataFrame:
    """Return what is recorded of each registration from which day: the first entry, and moves the partner learns of."""
    identity = _identities(random, residents, registrations, start)
    entered = registrations["registered_day"].to_numpy()
    household = registrations["household"].to_numpy()
    moved = (residents.moved[household] - start).astype(np.int64)
    rows, days, spells = [np.arange(entered.size)], [entered], [(moved <= entered[:, None]).sum(axis=1)]
    for move in range(moved.shape[1]):
        known = random.random(entered.size) < MOVE_LEARNT_SHARE
        during = (moved[:, move] > entered) & (moved[:, move] < registrations["last_day"].to_numpy()) & known
        rows.append(np.flatnonzero(during))
        days.append(moved[during, move] + random.integers(3, 40, int(during.sum())))
        spells.append(np.full(int(during.sum()), move + 1))
    row, day, spell = np.concatenate(rows), np.concatenate(days), np.concatenate(spells)
    home = _homes(random, residents, registrations["feed"].gather(row), household[row], spell)
    recorded = identity[row].with_columns(home)
    tokens = make_tokens(recorded, DEMO_KEY)
    began = np.where(spell > 0, moved[row, np.maximum(spell - 1, 0)], -720 - (row % 1500))
    return (
        tokens.with_columns(
            registration=registrations["registration"].gather(row),
            from_day=pl.Series(day),
            birth_month=recorded["birth_date"].dt.month_start(),
            sex=recorded["sex"],
            ethnicity_code=recorded["ethnicity"],
            lsoa_code=recorded["lsoa_code"],
            valid_from_day=pl.Series(np.minimum(began, day)),
        )
        .sort("registration", "from_day", maintain_order=True)
        .unique(["registration", "from_day"], keep="last", maintain_order=True)
    )


def _identities(
    random: np.random.Generator, residents: Residents, registrations: pl.DataFrame, start: np.datetime64
) -> pl.DataFrame:
    """Return identity as each partner wrote it; a new surname is given from some weeks after the wedding."""
    true = registrations.select("feed", "person", "registered_day").join(
        residents.people.drop("household", "age", "lsoa", "quintile"), on="person", how="left", maintain_order="left"
    )
    registered = pl.lit(start).cast(pl.Date) + pl.duration(days="registered_day")
    changed = pl.col("married_on").is_not_null() & (registered > pl.col("married_on") + pl.duration(days=45))
    told = pl.Series(random.random(true.height) < 0.85)
    true = true.with_columns(surname=pl.when(changed & told).then("married_surname").otherwise("surname"))
    return record_identities(random, true)


def _homes(
    random: np.random.Generator, residents: Residents, feed: pl.Series, household: np.ndarray, spell: np.ndarray
) -> pl.DataFrame:
    """Return postcode, uprn and lsoa_code as written down for a household's first, second or third home."""
    former = np.maximum(spell - 1, 0)
    codes = pl.Series(residents.lsoa_codes)
    frame = pl.DataFrame(
        {
            "feed": feed,
            "address": residents.address[household, spell],
            "lsoa": residents.lsoa[household, spell],
            "former_address": residents.address[household, former],
            "former": residents.lsoa[household, former],
            "has_former": spell > 0,
        }
    )
    homes = frame.select(
        "feed",
        postcode=postcode_of(pl.col("address"), pl.col("lsoa")),
        uprn=uprn_of(pl.col("address")),
        lsoa_code=codes.gather(frame["lsoa"]),
        former_postcode=pl.when("has_former").then(postcode_of(pl.col("former_address"), pl.col("former"))),
        former_uprn=pl.when("has_former").then(uprn_of(pl.col("former_address"))),
        former_lsoa=pl.when("has_former").then(codes.gather(frame["former"])),
    )
    return record_addresses(random, homes)
