"""A simulation can be made again to the byte, its planted effects are in it, and no delivery tells who anybody is."""

import hashlib
import json
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from orchestration.area import Area, load_area
from orchestration.errors import AreaPackError, ConfigurationError
from orchestration.feeds.deliveries import period_end
from orchestration.feeds.landing import find_deliveries
from orchestration.feeds.rawtables import FAULT, ROW, read_table
from orchestration.settings import repository_root
from seeds.simulate import simulate
from seeds.simulate.habits import HABITS
from seeds.simulate.pathways import AT_ONCE_SHARE, WAIT_EXTRA_DAYS, WAIT_LONG_MSOA, WAIT_SERVICE
from seeds.simulate.writing import partner_columns

PEOPLE = 2_500


@pytest.fixture(scope="module")
def area() -> Area:
    return load_area(repository_root() / "seeds" / "demo_area")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, area: Area) -> Path:
    """Return a simulation of a small Tidewell over the whole window; tests only read it."""
    out = tmp_path_factory.mktemp("simulated")
    simulate(people=PEOPLE, months=36, seed=11, out=out, area=area)
    return out


@pytest.fixture(scope="module")
def planted(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((home / "truth" / "planted.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def spells(home: Path) -> pl.DataFrame:
    return pl.read_parquet(home / "truth" / "true_spells.parquet")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def cells(home: Path, area: Area) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Yield feed, role and the table of text of every file that was delivered."""
    for feed in sorted(HABITS):
        contract = area.contracts[feed]
        for delivery in find_deliveries(contract, landing=home / "landing").deliveries:
            for file in delivery.files:
                expected = list(partner_columns(contract, file.role))
                yield feed, file.role, read_table(file.path, contract.files[file.role], expected).frame


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path, area: Area) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        simulate(people=300, months=6, seed=seed, out=tmp_path / name, area=area)
    first, again, other = (digests(tmp_path / name) for name in ("first", "again", "other"))
    assert first == again
    assert len(first) > 40
    alike = set(first.values()) & set(other.values())
    assert len(alike) < 0.1 * len(first), "only files without rows may be alike"


def test_every_feed_delivers_and_every_delivery_fits_its_contract(home: Path, area: Area) -> None:
    for feed in HABITS:
        landing = find_deliveries(area.contracts[feed], landing=home / "landing")
        assert len(landing.deliveries) >= 10, feed
        assert not landing.unmatched, feed
        assert not any(delivery.missing or delivery.ambiguous for delivery in landing.deliveries), feed


def test_only_the_export_with_a_renamed_column_does_not_fit(home: Path, area: Area) -> None:
    lacking = defaultdict(int)
    for feed, role, table in cells(home, area):
        lacking[feed] += bool(set(partner_columns(area.contracts[feed], role)) - set(table.columns))
    assert {feed: count for feed, count in lacking.items() if count} == {"skills_employment": 1}


def test_exactly_the_planted_share_of_people_has_four_services_at_once(
    spells: pl.DataFrame, planted: dict[str, dict[str, float]]
) -> None:
    reached = 0
    started = spells.filter("is_in_window").with_columns(pl.col("start_date").clip(date(2023, 10, 1)))
    for (_,), mine in started.group_by("true_person_id"):
        rows = mine.select("service_id", "start_date", "end_date").rows()
        most = max(len({s for s, begin, end in rows if begin <= day <= end}) for _, day, _ in rows)
        reached += most >= 4
    assert reached == round(PEOPLE * AT_ONCE_SHARE)
    assert planted["at_once"]["people"] == reached


def test_planted_transition_probabilities_are_recovered(planted: dict[str, list[dict[str, float]]]) -> None:
    strong = [t for t in planted["transitions"] if t["episodes"] >= 25]
    weights = np.array([t["episodes"] for t in strong])
    expected = np.array([t["planted"] for t in strong])
    realised = np.array([t["realised_referral"] for t in strong])
    assert len(strong) >= 15
    error = np.sqrt(expected * (1 - expected) / weights)
    assert np.all(np.abs(realised - expected) < 4 * error + 0.12 * expected + 0.03)
    assert abs((weights * realised).sum() / (weights * expected).sum() - 1) < 0.15


def test_a_referral_chance_of_one_service_to_another_is_above_its_share_among_strangers(spells: pl.DataFrame) -> None:
    crisis = spells.filter(pl.col("came_from_service") == "homelessness_relief")
    everyone = spells.filter(pl.col("came_from_service").is_not_null())
    to_shelter = pl.col("service_id") == "temporary_accommodation"
    assert crisis.select(to_shelter.mean()).item() > 5 * everyone.select(to_shelter.mean()).item()


def test_the_planted_wait_is_recovered(spells: pl.DataFrame, area: Area) -> None:
    assert area.geography is not None
    areas = area.geography.areas.select("lsoa_code", "msoa_code")
    waits = (
        spells.filter((pl.col("service_id") == WAIT_SERVICE) & (pl.col("fate") == "served"))
        .join(areas, left_on="lsoa_code_at_referral", right_on="lsoa_code")
        .with_columns(days=(pl.col("start_date") - pl.col("referral_date")).dt.total_days())
    )
    long = waits.filter(pl.col("msoa_code") == WAIT_LONG_MSOA)["days"]
    usual = waits.filter(pl.col("msoa_code") != WAIT_LONG_MSOA)["days"]
    difference = float(long.median()) - float(usual.median())  # type: ignore[arg-type]
    assert len(long) >= 5
    assert abs(difference - WAIT_EXTRA_DAYS) < 15


def test_the_truth_knows_every_reference_that_was_delivered(home: Path, area: Area) -> None:
    records = pl.read_parquet(home / "truth" / "records.parquet")
    assert records.select("feed", "source_ref").is_unique().all()
    known = set(records.select("feed", "source_ref").rows())
    delivered = set()
    for feed, role, table in cells(home, area):
        for mapping in area.contracts[feed].entities.values():
            column = mapping.columns["source_ref"]
            if column.file == role and column.source in table.columns:
                good = table.filter(pl.col(FAULT).is_null())
                delivered |= {(feed, ref) for ref in good[column.source].drop_nulls().unique()}
    assert delivered <= known
    assert len(delivered) > 0.9 * len(known)


def test_partners_without_a_guarantee_have_entered_some_people_twice_and_the_others_none(
    home: Path, area: Area
) -> None:
    records = pl.read_parquet(home / "truth" / "records.parquet")
    twice = set(records.group_by("feed", "true_person_id").len().filter(pl.col("len") > 1)["feed"])
    careless = {feed for feed in HABITS if not area.contracts[feed].one_person_per_reference}
    assert twice <= careless
    assert twice


def test_a_delivery_tells_nothing_that_had_not_happened_by_the_end_of_its_period(home: Path, area: Area) -> None:
    contract = area.contracts["housing_options"]
    for delivery in find_deliveries(contract, landing=home / "landing").deliveries:
        assert delivery.period is not None
        end = period_end(delivery.period)
        assert delivery.delivered_at.date() > end
        file = next(f for f in delivery.files if f.role == "main")
        table = read_table(file.path, contract.files["main"], list(partner_columns(contract, "main"))).frame
        dates = table.select(
            pl.col("ApproachDate", "DutyStart", "DutyEnd").str.strptime(pl.Date, "%d/%m/%Y", strict=False)
        )
        newest = dates.max().max_horizontal().item()
        assert newest is None or newest <= end


def test_one_delivery_comes_twice_one_comes_late_and_one_feed_stops(home: Path, area: Area) -> None:
    def deliveries(feed: str) -> list[tuple[str, date, str]]:
        found = find_deliveries(area.contracts[feed], landing=home / "landing").deliveries
        return [(d.period or "", d.delivered_at.date(), d.delivery_id) for d in found]

    repeated = [identity for _, _, identity in deliveries("debt_advice")]
    assert len(repeated) == len(set(repeated)) + 1
    arrived = [day for _, day, _ in deliveries("police_youth")]
    assert any(later < earlier for earlier, later in pairwise(arrived)), "an older month arrives after a newer one"
    assert max(period for period, _, _ in deliveries("housing_association")) == "2026-Q1"
    assert all(max(day for _, day, _ in deliveries(feed)) <= area.today for feed in HABITS)


def test_no_clear_text_identifier_is_in_any_delivery(home: Path, area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    from seeds.simulate import records

    seen: dict[str, set[str]] = defaultdict(set)
    make_tokens = records.make_tokens

    def listening(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
        for name in ("forename", "surname", "nhs_number", "ni_number", "postcode", "uprn"):
            seen[name] |= set(frame[name].drop_nulls())
        seen["birth_date"] |= set(frame["birth_date"].dt.strftime("%Y-%m-%d").drop_nulls())
        return make_tokens(frame, key)

    monkeypatch.setattr(records, "make_tokens", listening)
    simulate(people=PEOPLE, months=36, seed=11, out=home.parent / "listening", area=area)
    assert digests(home) == digests(home.parent / "listening")
    codes = pl.read_csv(repository_root() / "seeds" / "reference" / "crosswalks.csv", infer_schema=False)["source_code"]
    names = {name.casefold() for name in seen["forename"] | seen["surname"]} - {code.casefold() for code in codes}
    numbers = seen["nhs_number"] | seen["ni_number"] | seen["postcode"] | seen["uprn"]
    assert len(names) > 100
    assert len(numbers) > 1_000
    for feed, role, table in cells(home, area):
        for column in table.columns:
            if column in (ROW, FAULT):
                continue
            values = set(table[column].drop_nulls().unique().to_list())
            assert not values & numbers, (feed, role, column)
            assert not {v.casefold() for v in values} & names, (feed, role, column)
    raw = b"".join(_raw(path) for path in sorted((home / "landing").rglob("*")) if path.is_file())
    assert not re.search(rb"XT\d{1,2} ?\d[A-Z]{2}\b", raw), "a postcode of the invented area"
    assert not re.search(rb"\b99000\d{7}\b", raw), "a property number"


def test_birth_is_told_by_year_and_month_only(home: Path, area: Area) -> None:
    for feed, role, table in cells(home, area):
        for mapping in area.contracts[feed].entities.values():
            column = mapping.columns.get("birth_month")
            if column and column.file == role and column.source in table.columns:
                longest = table[column.source].str.len_chars().max()
                assert isinstance(longest, int)
                assert longest <= len("September 2025"), feed
                assert not table[column.source].str.contains(r"^\d{1,4}[-/]\d\d[-/]\d").any(), feed


def test_older_areas_have_longer_lists_of_care_and_poor_ones_use_more(home: Path) -> None:
    people = pl.read_parquet(home / "truth" / "true_persons.parquet")
    use = people.group_by("quintile").agg(share=(pl.col("services_used") > 0).mean()).sort("quintile")["share"]
    assert use[0] > 1.5 * use[4]
    assert people.height == PEOPLE


@pytest.mark.parametrize(
    ("people", "months"), [(50, 36), (500, 5), (500, 48), (500, 0)], ids=["few", "not thirds", "too long", "none"]
)
def test_a_size_that_cannot_be_simulated_is_refused_with_what_to_give(
    people: int, months: int, tmp_path: Path, area: Area
) -> None:
    with pytest.raises(ConfigurationError, match="give"):
        simulate(people=people, months=months, out=tmp_path, area=area)
    assert not list(tmp_path.iterdir())


def test_a_real_place_is_not_simulated(tmp_path: Path, area: Area) -> None:
    from dataclasses import replace

    real = replace(area, profile=area.profile.model_copy(update={"fictional": False}))
    with pytest.raises(AreaPackError, match="fictional"):
        simulate(people=500, out=tmp_path, area=real)


def _raw(path: Path) -> bytes:
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
