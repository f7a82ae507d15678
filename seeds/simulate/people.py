"""The residents: who lives with whom, where, and by which identifiers they could be known.

What belongs here: true people, households and addresses, drawn from the area pack's population. What does not: what
happens to them (`needs`), and how partners write them down (`records`). Everything here is clear text in memory and
is never written to a file.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.simulate.names import draw_forenames, draw_surnames
from seeds.simulate.place import largest_remainder

MIDPOINT = np.datetime64("2025-03-31")
"""The day to which the pack's population and the ages drawn from it refer: the middle of the window."""
DAYS_PER_YEAR = 365.25
ADULT, LEAVES_HOME = 18, 25
COUPLE_SHARE = 0.62
CHILDREN_PER_FAMILY = 1.75
TWIN_SHARE = 0.03
MARRIAGE_SHARE = 0.03
"""Share of women of 20 to 44 who take another surname within the window."""
MONTHLY_MOVE = (0.016, 0.012, 0.008, 0.006, 0.005)
"""Chance that a household moves in a month, by deprivation quintile (most deprived first)."""
ADDRESSES_PER_POSTCODE = 14

ETHNICITIES = (
    ("white_british", 0.865, 0.66), ("white_irish", 0.007, 0.007), ("white_gypsy_traveller", 0.002, 0.003),
    ("white_roma", 0.001, 0.004), ("white_other", 0.038, 0.100), ("asian_indian", 0.012, 0.030),
    ("asian_pakistani", 0.006, 0.026), ("asian_bangladeshi", 0.005, 0.024), ("asian_chinese", 0.007, 0.011),
    ("asian_other", 0.008, 0.021), ("black_african", 0.009, 0.036), ("black_caribbean", 0.004, 0.014),
    ("black_other", 0.002, 0.006), ("mixed_white_asian", 0.007, 0.010), ("mixed_white_black_african", 0.004, 0.008),
    ("mixed_white_black_caribbean", 0.006, 0.012), ("mixed_other", 0.006, 0.009), ("other_arab", 0.003, 0.008),
    ("other_any", 0.008, 0.011),
)  # fmt: skip
"""Group, its share in most neighbourhoods, its share in the young, rented ones."""


@dataclass(frozen=True)
class Residents:
    """One entry per person in every array of `people`; households move at most twice.

    people: person, household, sex, birth_date (datetime64[D]), age (at MIDPOINT), ethnicity, culture, forename,
    surname, married_surname, married_on (NaT if never), nhs_number, ni_number, lsoa (index), quintile (1-5).
    homes: arrays of shape (households, 3): address number, LSOA index; `moved` (households, 2) days of the moves.
    """

    people: pl.DataFrame
    address: np.ndarray
    lsoa: np.ndarray
    moved: np.ndarray
    lsoa_codes: list[str]
    lsoa_msoa: np.ndarray
    msoa_codes: list[str]

    def home_at(self, household: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the address number and LSOA index of each household on a day."""
        spell = (self.moved[household] <= day[:, None]).sum(axis=1)
        return self.address[household, spell], self.lsoa[household, spell]


def draw_residents(
    random: np.random.Generator,
    *,
    people: int,
    areas: pl.DataFrame,
    population: pl.DataFrame,
    window: tuple[np.datetime64, np.datetime64],
) -> Residents:
    """Draw `people` residents with the age, sex and place of the pack's population.

    areas: lsoa_code, msoa_code, imd_quintile, is_young. population: lsoa_code, sex, age_from, age_to, persons.
    """
    lsoa_codes = areas["lsoa_code"].to_list()
    cells = population.filter(pl.col("lsoa_code").is_in(lsoa_codes))
    counts = largest_remainder(cells["persons"].to_numpy().astype(float), people)
    where = {code: index for index, code in enumerate(lsoa_codes)}
    repeat = np.repeat(np.arange(cells.height), counts)
    lsoa = np.array([where[code] for code in cells["lsoa_code"]])[repeat]
    sex = cells["sex"].to_numpy().astype(object)[repeat]
    low, high = cells["age_from"].to_numpy()[repeat], cells["age_to"].to_numpy()[repeat]
    age_exact = low + random.random(people) * (np.minimum(high, 99) + 1 - low)
    order = random.permutation(people)  # so that a person's number tells nothing
    lsoa, sex, age_exact = lsoa[order], sex[order], age_exact[order]
    age = np.floor(age_exact).astype(np.int64)

    household = _households(random, lsoa, sex, age_exact)
    quintile = areas["imd_quintile"].to_numpy()[lsoa]
    young = areas["is_young"].to_numpy()[lsoa]
    ethnicity = _ethnicity(random, household, young)
    culture = _culture(ethnicity)
    forename = draw_forenames(random, sex, culture)
    surname = _surnames(random, household, culture, age)
    birth = MIDPOINT - np.floor(age_exact * DAYS_PER_YEAR).astype("timedelta64[D]")
    _make_twins(random, household, age, birth)
    married = (sex == "F") & (age >= 20) & (age < 45) & (random.random(people) < MARRIAGE_SHARE)
    span = int((window[1] - window[0]).astype(int))
    married_on = np.where(married, window[0] + random.integers(0, span, people), np.datetime64("NaT"))
    new_surname = surname.copy()
    new_surname[married] = draw_surnames(random, culture[married])

    frame = pl.DataFrame(
        {
            "person": np.arange(people),
            "household": household,
            "sex": pl.Series(sex, dtype=pl.String),
            "birth_date": birth.astype("datetime64[D]"),
            "age": age,
            "ethnicity": pl.Series(ethnicity, dtype=pl.String),
            "culture": pl.Series(culture, dtype=pl.String),
            "forename": pl.Series(forename, dtype=pl.String),
            "surname": pl.Series(surname, dtype=pl.String),
            "married_surname": pl.Series(new_surname, dtype=pl.String),
            "married_on": married_on.astype("datetime64[D]"),
            "nhs_number": _nhs_numbers(random, people),
            "ni_number": _ni_numbers(random, people),
            "lsoa": lsoa,
            "quintile": quintile,
        }
    )
    address, home_lsoa, moved = _homes(random, household, lsoa=lsoa, quintile=quintile, areas=areas, window=window)
    msoa_codes = areas["msoa_code"].unique(maintain_order=True).to_list()
    lsoa_msoa = np.array([msoa_codes.index(code) for code in areas["msoa_code"]])
    return Residents(frame, address, home_lsoa, moved, lsoa_codes, lsoa_msoa, msoa_codes)


def _households(random: np.random.Generator, lsoa: np.ndarray, sex: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return a household number for each person: couples near in age, children with adults old enough to be parents."""
    at_home = (age >= ADULT) & (age < LEAVES_HOME) & (random.random(age.size) < 0.5)
    grown = (age >= ADULT) & ~at_home
    household = np.full(age.size, -1, dtype=np.int64)
    noisy = age + random.normal(0, 1.5, age.size)
    partners: dict[str, np.ndarray] = {}
    rank: dict[str, np.ndarray] = {}
    for letter in ("F", "M"):
        members = np.flatnonzero(grown & (sex == letter))
        members = members[np.lexsort((noisy[members], lsoa[members]))]
        partners[letter], rank[letter] = members, _rank_within(lsoa[members])
    women = pl.DataFrame({"woman": partners["F"], "lsoa": lsoa[partners["F"]], "rank": rank["F"]})
    men = pl.DataFrame({"man": partners["M"], "lsoa": lsoa[partners["M"]], "rank": rank["M"]})
    pairs = women.join(men, on=["lsoa", "rank"], how="inner", maintain_order="left")
    pairs = pairs.filter(random.random(pairs.height) < COUPLE_SHARE)
    woman, man = pairs["woman"].to_numpy(), pairs["man"].to_numpy()
    household[woman] = household[man] = np.arange(pairs.height)
    alone = np.flatnonzero(grown & (household < 0))
    household[alone] = pairs.height + np.arange(alone.size)
    heads = np.concatenate([woman, alone])
    _place_children(random, np.flatnonzero(~grown), heads=heads, household=household, lsoa=lsoa, age=age)
    return household


def _place_children(
    random: np.random.Generator,
    children: np.ndarray,
    *,
    heads: np.ndarray,
    household: np.ndarray,
    lsoa: np.ndarray,
    age: np.ndarray,
) -> None:
    """Put each child in a household of its small area whose head is about 18 to 45 years older; fill `household`."""
    likely = heads[(age[heads] >= 21) & (age[heads] < 62)]
    order = np.lexsort((age[likely] + random.normal(0, 3, likely.size), lsoa[likely]))
    likely = likely[order]
    children = children[np.lexsort((age[children] + random.normal(0, 4, children.size), lsoa[children]))]
    first = np.searchsorted(lsoa[likely], lsoa[children], side="left")
    last = np.searchsorted(lsoa[likely], lsoa[children], side="right")
    available = np.maximum(last - first, 1)
    place = _rank_within(lsoa[children])
    total = np.bincount(lsoa[children], minlength=int(lsoa.max()) + 1)[lsoa[children]]
    families = np.clip(np.ceil(total / CHILDREN_PER_FAMILY), 1, available)
    family = np.floor(place / total * families)
    stretched = np.floor(family / families * available).astype(np.int64)
    chosen = np.clip(first + stretched, 0, max(likely.size - 1, 0))
    household[children] = household[likely[chosen]] if likely.size else household[heads[0]]


def _rank_within(sorted_group: np.ndarray) -> np.ndarray:
    """Return 0, 1, 2 … within each run of equal values."""
    starts = np.searchsorted(sorted_group, sorted_group, side="left")
    return np.arange(sorted_group.size) - starts


def _ethnicity(random: np.random.Generator, household: np.ndarray, young: np.ndarray) -> np.ndarray:
    """Return an ethnic group for each person; nine in ten members of a household share one."""
    names = np.array([name for name, _, _ in ETHNICITIES], dtype=object)
    usual = np.cumsum([share for _, share, _ in ETHNICITIES])
    diverse = np.cumsum([share for _, _, share in ETHNICITIES])
    of_household = random.random(int(household.max()) + 1)
    draw = np.where(random.random(household.size) < 0.9, of_household[household], random.random(household.size))
    at = np.where(
        young,
        np.searchsorted(diverse, draw * diverse[-1], side="right"),
        np.searchsorted(usual, draw * usual[-1], side="right"),
    )
    groups: np.ndarray = names[np.clip(at, 0, names.size - 1)]
    return groups


def _culture(ethnicity: np.ndarray) -> np.ndarray:
    """Return the pool of names that an ethnic group mostly draws from."""
    pools = {name: name.split("_")[0] for name, _, _ in ETHNICITIES}
    usual = {name: pool if pool in ("asian", "black") else "" for name, pool in pools.items()}
    usual["white_other"] = usual["white_roma"] = "white_other"
    usual["other_arab"] = "asian"
    return np.array([usual[name] for name in ethnicity], dtype=object)


def _surnames(random: np.random.Generator, household: np.ndarray, culture: np.ndarray, age: np.ndarray) -> np.ndarray:
    """Return surnames: a household mostly shares one; a third of adults keep their own."""
    count = int(household.max()) + 1
    first = np.full(count, household.size, dtype=np.int64)
    np.minimum.at(first, household, np.arange(household.size))
    shared = draw_surnames(random, culture[first])
    own = (age >= ADULT) & (random.random(household.size) < 0.3)
    surnames: np.ndarray = shared[household]
    surnames[own] = draw_surnames(random, culture[own])
    return surnames


def _make_twins(random: np.random.Generator, household: np.ndarray, age: np.ndarray, birth: np.ndarray) -> None:
    """Give some pairs of children in a household one date of birth: the hardest pairs to tell apart."""
    children = np.flatnonzero(age < LEAVES_HOME)
    children = children[np.lexsort((birth[children], household[children]))]
    close = (household[children[1:]] == household[children[:-1]]) & (np.diff(age[children]) >= -2)
    chosen = np.flatnonzero(close & (random.random(close.size) < TWIN_SHARE * 4))
    birth[children[chosen + 1]] = birth[children[chosen]]


def _nhs_numbers(random: np.random.Generator, count: int) -> pl.Series:
    """Return ten-digit numbers whose check digit holds, from 9xx xxx xxxx, which the NHS does not issue."""
    stems = 900_000_000 + random.choice(99_000_000, size=int(count * 1.15) + 50, replace=False, shuffle=True)
    digits = (stems[:, None] // 10 ** np.arange(8, -1, -1)) % 10
    check = (11 - (digits * np.arange(10, 1, -1)).sum(axis=1) % 11) % 11
    valid = np.flatnonzero(check < 10)[:count]
    return pl.Series(stems[valid] * 10 + check[valid]).cast(pl.String)


def _ni_numbers(random: np.random.Generator, count: int) -> pl.Series:
    """Return numbers of the right form: two letters, six digits."""
    serial = random.permutation(count)
    prefixes = np.array([a + b for a in "ABCEHJKLMPRSTWXY" for b in "ABCEHJKLMPRSTWXY"], dtype=object)
    prefix = prefixes[(serial // 9_000 + random.integers(0, 3)) % prefixes.size]
    number = 100_000 + (serial % 9_000) * 97 % 900_000
    frame = pl.DataFrame({"prefix": pl.Series(prefix, dtype=pl.String), "number": number})
    return frame.select(pl.format("{}{}C", "prefix", "number")).to_series()


def _homes(
    random: np.random.Generator,
    household: np.ndarray,
    *,
    lsoa: np.ndarray,
    quintile: np.ndarray,
    areas: pl.DataFrame,
    window: tuple[np.datetime64, np.datetime64],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return up to three homes a household and the days of the moves; most moves are near (`_near`)."""
    count = int(household.max()) + 1
    first = np.zeros(count, dtype=np.int64)
    first[household] = np.arange(household.size)
    home, level = lsoa[first], quintile[first]
    months = (window[1] - window[0]).astype(int) / 30.4
    monthly = np.array(MONTHLY_MOVE)[level - 1]
    waits = random.exponential(1, (count, 2)) / monthly[:, None] * 30.4
    days = np.cumsum(waits + 60, axis=1)
    moved = np.where(
        days < months * 30.4, window[0] + days.astype("timedelta64[D]"), np.datetime64("2999-01-01")
    ).astype("datetime64[D]")
    lsoas = np.stack([home, _near(random, home, areas), _near(random, home, areas)], axis=1)
    addresses = np.arange(3 * count).reshape(count, 3)
    return addresses, lsoas, moved


def _near(random: np.random.Generator, home: np.ndarray, areas: pl.DataFrame) -> np.ndarray:
    """Return a small area for each move: six in ten within three places in the list, where neighbours are close."""
    count = areas.height
    close = np.clip(home + random.integers(-3, 4, home.size), 0, count - 1)
    return np.where(random.random(home.size) < 0.6, close, random.integers(0, count, home.size))


def postcode_of(address: pl.Expr, lsoa: pl.Expr) -> pl.Expr:
    """Return an invented postcode (no post town has the letters XT): about fourteen homes in a small area share one."""
    unit = address // 3 // ADDRESSES_PER_POSTCODE % 4_000
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    return pl.format(
        "XT{} {}{}{}",
        lsoa % 90 + 1,
        unit % 10,
        (unit // 10 % 20).replace_strict(dict(enumerate(letters)), return_dtype=pl.String),
        (unit // 200 % 20).replace_strict(dict(enumerate(letters)), return_dtype=pl.String),
    )


def uprn_of(address: pl.Expr) -> pl.Expr:
    """Return a property number of twelve digits; the range 9900… is not in use."""
    return pl.format("{}", 990_000_000_000 + address * 7 + 13)
