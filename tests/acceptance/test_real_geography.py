"""Bath and North East Somerset, and Swindon, load as geography packs from official files, by declaration alone.

Every figure is reconciled with the files read independently with the csv and json modules.
"""

import csv
import json
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from orchestration.area.geography import Geography, load_geography
from orchestration.errors import AreaPackError
from tests.support.acceptance import acceptance_data

pytestmark = pytest.mark.acceptance

PACKS = Path(__file__).parent / "geographies"
FOLDERS = ("reference_imd_lookups", "reference_population_census21", "boundaries_2021", "hexmap_wards22")


@dataclass(frozen=True)
class Case:
    """One place: its pack, its code, and the numbers of areas that ONS publishes for it."""

    name: str
    code: str
    lsoas: int
    msoas: int
    wards: int


CASES = (
    Case("bath_and_north_east_somerset", "E06000022", 118, 27, 33),
    Case("swindon", "E06000030", 140, 27, 20),
)


@pytest.fixture(params=CASES, ids=lambda case: case.name, scope="module")
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Geography]:
    case: Case = request.param
    return case, load_geography(assemble(case.name, tmp_path_factory.mktemp(case.name)))


def assemble(name: str, folder: Path) -> Path:
    """Put the downloads beside the committed declaration, as an area would."""
    shutil.copy(PACKS / name / "geography.yaml", folder)
    for source in FOLDERS:
        for path in acceptance_data(source).iterdir():
            shutil.copyfile(path, folder / path.name)
    return folder


def rows(folder: str, file: str) -> Iterator[dict[str, str]]:
    with acceptance_data(folder, file).open(encoding="utf-8-sig", newline="") as text:
        yield from csv.DictReader(text)


def lsoas_of(code: str) -> set[str]:
    lookup = rows("reference_imd_lookups", "lookup_lsoa21_ward24_ltla24.csv")
    return {row["lsoa21_code"] for row in lookup if row["ltla24_code"] == code}


def test_every_small_area_of_the_place_is_there_and_no_other(place: tuple[Case, Geography]) -> None:
    case, geography = place
    assert set(geography.areas["lsoa_code"]) == lsoas_of(case.code)
    assert geography.areas.height == case.lsoas
    assert geography.areas["msoa_code"].n_unique() == case.msoas
    assert geography.areas["lad_code"].unique().to_list() == [case.code]
    assert geography.wards["ward_code"].n_unique() == case.wards


def test_every_small_area_lies_in_the_middle_area_whose_name_it_carries(place: tuple[Case, Geography]) -> None:
    _, geography = place
    lookup = rows("reference_imd_lookups", "lookup_msoa11_msoa21_ltla22.csv")
    official = {row["msoa21_code"]: row["msoa21_name"] for row in lookup}
    for name, code in geography.areas.select("lsoa_name", "msoa_code").rows():
        assert name[:-1] == official[code]


def test_middle_areas_carry_their_house_of_commons_library_names(place: tuple[Case, Geography]) -> None:
    _, geography = place
    names = {r["MSOA21CD"]: r["MSOAHCLNM"] for r in rows("reference_imd_lookups", "msoa_names_hcl_drkane.csv")}
    found = dict(geography.areas.select("msoa_code", "msoa_name").unique().rows())
    assert found == {code: names[code] for code in found}


def test_deciles_equal_the_index_of_2025(place: tuple[Case, Geography]) -> None:
    _, geography = place
    index = rows("reference_imd_lookups", "imd2025_england_lsoa21.csv")
    deciles = {row["lsoa21_code"]: int(float(row["IMD_decile"])) for row in index}
    for code, decile, quintile, year in geography.areas.select(
        "lsoa_code", "imd_decile", "imd_quintile", "imd_year"
    ).rows():
        assert (decile, quintile, year) == (deciles[code], (deciles[code] + 1) // 2, 2025)


def test_population_reconciles_to_the_person_in_total_and_by_age(place: tuple[Case, Geography]) -> None:
    case, geography = place
    lookup = rows("reference_imd_lookups", "lookup_lsoa11_lsoa21_ltla22.csv")
    old = {row["lsoa11_code"] for row in lookup if row["ltla22_code"] == case.code}
    ages: dict[int, float] = defaultdict(float)
    total = 0.0
    for row in rows("reference_population_census21", "population20_lsoa11.csv"):
        if row["lsoa11_code"] in old:
            total += float(row["total_population"])
            for age in range(90):
                ages[age] += float(row[str(age)])
            ages[90] += float(row["90+"])
    found = dict(geography.population.group_by("age_from").agg(pl.col("persons").sum()).rows())
    assert found == pytest.approx(dict(ages))
    assert geography.population["persons"].sum() == pytest.approx(total)
    assert set(geography.population["sex"]) == {"U"}


def test_areas_that_did_not_change_keep_their_people_and_split_areas_share_theirs(
    place: tuple[Case, Geography],
) -> None:
    case, geography = place
    found = dict(geography.population.group_by("lsoa_code").agg(pl.col("persons").sum()).rows())
    totals = {
        row["lsoa11_code"]: float(row["total_population"])
        for row in rows("reference_population_census21", "population20_lsoa11.csv")
    }
    split: dict[str, float] = defaultdict(float)
    for row in rows("reference_imd_lookups", "lookup_lsoa11_lsoa21_ltla22.csv"):
        if row["ltla22_code"] == case.code and row["change_code"] == "U":
            assert found[row["lsoa21_code"]] == totals[row["lsoa11_code"]]
        elif row["ltla22_code"] == case.code:
            split[row["lsoa11_code"]] += found[row["lsoa21_code"]]
    assert dict(split) == pytest.approx({code: totals[code] for code in split})
    assert split


def test_outlines_cover_every_area_at_every_level(place: tuple[Case, Geography]) -> None:
    case, geography = place
    for level, file in (("lsoa", "lsoa21"), ("msoa", "msoa21"), ("ward", "wards22"), ("lad", "ltla24")):
        text = acceptance_data("boundaries_2021", f"boundaries_{file}_{case.code}.geojson").read_text(encoding="utf-8")
        delivered = {
            next(v for k, v in f["properties"].items() if k.endswith("_code")): f["geometry"]
            for f in json.loads(text)["features"]
        }
        drawn = {f["id"]: f["geometry"] for f in geography.boundaries[level]["features"]}
        assert drawn == delivered
    assert {f["id"] for f in geography.boundaries["lsoa"]["features"]} == set(geography.areas["lsoa_code"])


def test_the_hexagon_layout_of_wards_is_kept(place: tuple[Case, Geography]) -> None:
    case, geography = place
    delivered = json.loads(acceptance_data("hexmap_wards22", f"wards22_{case.code}.hexjson").read_text("utf-8"))
    found = geography.layouts["ward"]
    assert found["layout"] == delivered["layout"]
    assert {k: (h["q"], h["r"]) for k, h in found["hexes"].items()} == {
        k: (h["q"], h["r"]) for k, h in delivered["hexes"].items()
    }


def test_the_index_of_2019_is_refused_on_the_codes_of_2021(tmp_path: Path) -> None:
    folder = assemble("swindon", tmp_path)
    path = folder / "geography.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("imd2025_england_lsoa21", "imd2019_england_lsoa11"), encoding="utf-8")
    with pytest.raises(AreaPackError, match=r"key 'deprivation.file': 'imd2019_england_lsoa11.csv' is on 2011 codes"):
        load_geography(folder)
    path.write_text(text.replace("year: 2025", "year: 2019"), encoding="utf-8")
    with pytest.raises(AreaPackError, match=r"key 'deprivation.year': .*the index of 2019 is on 2011 LSOAs"):
        load_geography(folder)


def test_the_place_as_it_was_loads_on_the_codes_of_2011_with_the_index_of_2019(tmp_path: Path) -> None:
    folder = assemble("swindon", tmp_path)
    (folder / "geography.yaml").write_text(
        """
        census: 2011
        local_authorities: [Swindon]
        lookups:
          - {file: lookup_lsoa11_lsoa21_ltla22.csv}
          - {file: lookup_lsoa11_msoa11.csv}
        deprivation: {file: imd2019_england_lsoa11.csv, year: 2019}
        population: {year: 2020, files: [{file: population20_lsoa11.csv}]}
        """,
        encoding="utf-8",
    )
    geography = load_geography(folder)
    index = rows("reference_imd_lookups", "imd2019_england_lsoa11.csv")
    deciles = {row["lsoa11_code"]: int(float(row["IMD_decile"])) for row in index}
    found = dict(geography.areas.select("lsoa_code", "imd_decile").rows())
    assert found == {code: deciles[code] for code in found}
    assert len(found) == 132
    assert geography.areas["msoa_code"].n_unique() == 27
