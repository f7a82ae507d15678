"""A geography pack loads from official files in other styles of header, and names mistakes in file, line and key."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml
from openpyxl import Workbook

from orchestration.area.geography import Geography, load_geography
from orchestration.errors import AreaPackError

LOOKUP = """LSOA21CD,LSOA21NM,MSOA21CD,MSOA21NM,LAD24CD,LAD24NM
E01900001,Testham 001A,E02900001,Testham 001,E06900001,Testham
E01900002,Testham 001B,E02900001,Testham 001,E06900001,Testham
E01900003,Testham 002A,E02900002,Testham 002,E06900001,Testham
E01900009,Otherby 001A,E02900009,Otherby 001,E06900009,Otherby
"""
IMD = "LSOA21CD,IMD_decile\nE01900001,1\nE01900002,4\nE01900003,10\nE01900009,5\n"
CODES = ["E01900001", "E01900002", "E01900003"]
MINIMAL: dict[str, Any] = {
    "local_authorities": ["E06900001"],
    "lookups": [{"file": "lookup.csv"}],
    "deprivation": {"file": "imd.csv", "year": 2025},
}
Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """Return a function that writes a pack: geography.yaml and files by name (text, bytes, or JSON)."""

    def write(declaration: dict[str, Any], **files: object) -> Path:
        contents = {"lookup.csv": LOOKUP, "imd.csv": IMD, **{k.replace("__", "."): v for k, v in files.items()}}
        for name, content in contents.items():
            if isinstance(content, bytes):
                (tmp_path / name).write_bytes(content)
            else:
                text = content if isinstance(content, str) else json.dumps(content)
                (tmp_path / name).write_text(text, encoding="utf-8")
        (tmp_path / "geography.yaml").write_text(yaml.safe_dump(declaration, sort_keys=False), encoding="utf-8")
        return tmp_path

    return write


def with_population(*files: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**MINIMAL, "population": {"files": list(files), **more}}


def rows(geography: Geography, code: str) -> list[tuple[object, ...]]:
    found = geography.population.filter(pl.col("lsoa_code") == code)
    return found.select("sex", "age_from", "age_to", "persons").rows()


def test_areas_of_the_declared_local_authority_come_with_parents_names_and_deciles(pack: Pack) -> None:
    geography = load_geography(pack(MINIMAL))
    assert geography.areas.rows() == [
        ("E01900001", "Testham 001A", "E02900001", "Testham 001", "E06900001", "Testham", 1, 1, 2025),
        ("E01900002", "Testham 001B", "E02900001", "Testham 001", "E06900001", "Testham", 4, 2, 2025),
        ("E01900003", "Testham 002A", "E02900002", "Testham 002", "E06900001", "Testham", 10, 5, 2025),
    ]
    assert geography.population.is_empty()


def test_a_local_authority_may_be_named(pack: Pack) -> None:
    assert load_geography(pack({**MINIMAL, "local_authorities": ["Testham"]})).areas["lsoa_code"].to_list() == CODES


def test_without_local_authorities_the_place_is_everything_in_the_lookups(pack: Pack) -> None:
    declaration = {key: value for key, value in MINIMAL.items() if key != "local_authorities"}
    assert load_geography(pack(declaration)).areas.height == 4


def test_headers_with_the_year_in_brackets_are_recognised(pack: Pack) -> None:
    lookup = LOOKUP.replace(
        "LSOA21CD,LSOA21NM,MSOA21CD,MSOA21NM,LAD24CD,LAD24NM",
        "LSOA code (2021),LSOA name (2021),MSOA code (2021),MSOA name (2021),"
        "Local Authority District code (2024),Local Authority District name (2024)",
    )
    imd = IMD.replace(
        "LSOA21CD,IMD_decile",
        "LSOA code (2021),Index of Multiple Deprivation (IMD) Decile (where 1 is most deprived 10% of LSOAs)",
    )
    geography = load_geography(pack(MINIMAL, lookup__csv=lookup, imd__csv=imd))
    assert geography.areas["imd_decile"].to_list() == [1, 4, 10]
    assert geography.areas["msoa_name"].to_list() == ["Testham 001", "Testham 001", "Testham 002"]


def test_headers_of_any_other_kind_are_mapped_by_the_declaration(pack: Pack) -> None:
    lookup = LOOKUP.replace("LSOA21CD,LSOA21NM,MSOA21CD,MSOA21NM,LAD24CD,LAD24NM", "a,b,c,d,e,f")
    columns = dict(
        zip(
            ("lsoa21_code", "lsoa21_name", "msoa21_code", "msoa21_name", "lad24_code", "lad24_name"),
            "abcdef",
            strict=True,
        )
    )
    declaration = {**MINIMAL, "lookups": [{"file": "lookup.csv", "columns": columns}]}
    assert load_geography(pack(declaration, lookup__csv=lookup)).areas["lad_name"].unique().to_list() == ["Testham"]


def test_lookups_chain_over_an_older_census_and_wards(pack: Pack) -> None:
    files = {
        "a__csv": "LSOA11CD,CHGIND,LSOA21CD\nE01800001,S,E01900001\nE01800001,S,E01900002\nE01800003,U,E01900003\n",
        "b__csv": "LSOA11CD,MSOA11CD\nE01800001,E02800001\nE01800003,E02800002\n",
        "c__csv": "MSOA11CD,MSOA21CD,MSOA21NM\nE02800001,E02900001,Testham 001\nE02800002,E02900002,Testham 002\n",
        "lookup__csv": (
            "LSOA21CD,LSOA21NM,WD24CD,WD24NM\nE01900001,Testham 001A,E05900001,North\n"
            "E01900002,Testham 001B,E05900001,North\nE01900003,Testham 002A,E05900002,South\n"
        ),
        "d__csv": "WD24CD,LAD24CD,LAD24NM\nE05900001,E06900001,Testham\nE05900002,E06900001,Testham\n",
    }
    lookups = [{"file": name} for name in ("lookup.csv", "a.csv", "b.csv", "c.csv", "d.csv")]
    geography = load_geography(pack({**MINIMAL, "lookups": lookups}, **files))
    assert geography.areas["msoa_code"].to_list() == ["E02900001", "E02900001", "E02900002"]
    assert geography.wards["ward_name"].to_list() == ["North", "North", "South"]


def test_where_a_chain_leaves_several_parents_the_official_name_decides(pack: Pack) -> None:
    files = {
        "a__csv": "LSOA11CD,LSOA21CD\nE01800001,E01900001\nE01800001,E01900002\nE01800003,E01900003\n",
        "b__csv": "LSOA11CD,MSOA11CD\nE01800001,E02800001\nE01800003,E02800001\n",
        "c__csv": "MSOA11CD,MSOA21CD,MSOA21NM\nE02800001,E02900001,Testham 001\nE02800001,E02900002,Testham 002\n",
        "lookup__csv": "\n".join(",".join(line.split(",")[:2] + line.split(",")[4:]) for line in LOOKUP.splitlines()),
    }
    declaration = {**MINIMAL, "lookups": [{"file": f} for f in ("lookup.csv", "a.csv", "b.csv", "c.csv")]}
    geography = load_geography(pack(declaration, **files))
    assert geography.areas["msoa_code"].to_list() == ["E02900001", "E02900001", "E02900002"]


def test_house_of_commons_library_names_win(pack: Pack) -> None:
    names = "MSOA21CD,MSOA21HCLNM\nE02900001,Mill Lane\nE02900002,The Brewery & Quay\n"
    declaration = {**MINIMAL, "lookups": [{"file": "lookup.csv"}, {"file": "names.csv"}]}
    geography = load_geography(pack(declaration, names__csv=names))
    assert geography.areas["msoa_name"].unique().sort().to_list() == ["Mill Lane", "The Brewery & Quay"]


def test_deciles_follow_from_ranks_where_a_file_holds_only_ranks(pack: Pack) -> None:
    imd = "lsoa21cd,IMDRank\nE01900001,3375\nE01900002,3376\nE01900003,33755\n"
    assert load_geography(pack(MINIMAL, imd__csv=imd)).areas["imd_decile"].to_list() == [1, 2, 10]


def test_an_index_that_counts_the_other_way_is_turned(pack: Pack) -> None:
    declaration = {**MINIMAL, "deprivation": {"file": "imd.csv", "year": 2025, "most_deprived": 10}}
    assert load_geography(pack(declaration)).areas["imd_decile"].to_list() == [10, 7, 1]


def test_deciles_against_the_ranks_are_refused(pack: Pack) -> None:
    imd = "lsoa21cd,imd_rank,imd_decile\nE01900001,100,10\nE01900002,9000,4\nE01900003,33000,1\n"
    with pytest.raises(AreaPackError, match=r"line 8, key 'deprivation.most_deprived'.*most_deprived: 10"):
        load_geography(
            pack({**MINIMAL, "deprivation": {"file": "imd.csv", "year": 2025, "most_deprived": 1}}, imd__csv=imd)
        )


@pytest.mark.parametrize(
    ("year", "census", "header", "message"),
    [
        (2019, 2021, "LSOA11CD", r"key 'deprivation.year': 'imd.csv': the index of 2019 is on 2011 LSOAs"),
        (2025, 2021, "LSOA11CD", r"key 'deprivation.file': 'imd.csv' is on 2011 codes \(column 'LSOA11CD'\)"),
        (2031, 2021, "LSOA21CD", r"key 'deprivation.year': the census that the index of 2031 is on is not known"),
    ],
)
def test_vintages_never_mix(pack: Pack, year: int, census: int, header: str, message: str) -> None:
    declaration = {"census": census, **MINIMAL, "deprivation": {"file": "imd.csv", "year": year}}
    with pytest.raises(AreaPackError, match=message):
        load_geography(pack(declaration, imd__csv=IMD.replace("LSOA21CD", header)))


def test_the_index_of_2019_loads_on_the_codes_of_2011(pack: Pack) -> None:
    declaration = {"census": 2011, **MINIMAL, "deprivation": {"file": "imd.csv", "year": 2019}}
    geography = load_geography(
        pack(declaration, lookup__csv=LOOKUP.replace("21", "11"), imd__csv=IMD.replace("LSOA21CD", "LSOA code (2011)"))
    )
    assert geography.areas["imd_year"].to_list() == [2019] * 3


def test_an_area_without_a_decile_is_an_error_and_never_unknown(pack: Pack) -> None:
    with pytest.raises(
        AreaPackError, match=r"'imd.csv' has no row for 1 of 3 LSOAs of the place, for example E01900003"
    ):
        load_geography(pack(MINIMAL, imd__csv="\n".join(IMD.splitlines()[:3])))


WIDE = "LSOA21CD,Total,{}\n" + "".join(f"{code},{{total}},{{cells}}\n" for code in CODES)


@pytest.mark.parametrize(
    ("headers", "cells", "total", "expected"),
    [
        ("0,1,90+", "5,6,7", 18, [("U", 0, 0, 5.0), ("U", 1, 1, 6.0), ("U", 90, None, 7.0)]),
        (
            "F0,F90,M0,M90",
            "1,2,3,4",
            10,
            [("F", 0, 0, 1.0), ("F", 90, None, 2.0), ("M", 0, 0, 3.0), ("M", 90, None, 4.0)],
        ),
        (
            "F0 to 15,F16 and over,M0 to 15,M16 and over",
            "1,2,3,4",
            10,
            [("F", 0, 15, 1.0), ("F", 16, None, 2.0), ("M", 0, 15, 3.0), ("M", 16, None, 4.0)],
        ),
        (
            "Age: Aged 4 years and under,Age: Aged 5 to 9 years,Age: Aged 10 years and over",
            "1,2,3",
            6,
            [("U", 0, 4, 1.0), ("U", 5, 9, 2.0), ("U", 10, None, 3.0)],
        ),
        (
            "Persons 0-17,Persons 18+,Females 0-17,Females 18+,Males 0-17,Males 18+",
            "3,7,1,3,2,4",
            10,
            [("F", 0, 17, 1.0), ("F", 18, None, 3.0), ("M", 0, 17, 2.0), ("M", 18, None, 4.0)],
        ),
    ],
)
def test_ages_across_the_page_in_any_style(
    pack: Pack, headers: str, cells: str, total: int, expected: list[tuple[object, ...]]
) -> None:
    table = WIDE.format(headers, total=total, cells=cells)
    geography = load_geography(pack(with_population({"file": "p.csv"}), p__csv=table))
    assert rows(geography, CODES[1]) == expected


@pytest.mark.parametrize(
    ("table", "more", "expected"),
    [
        (
            "Lower layer Super Output Areas Code,Sex (2 categories) Code,Sex (2 categories),Age (3 categories) Code,"
            "Age (3 categories),Observation\n{c},1,Female,1,"
            "Aged 15 years and under,3\n{c},2,Male,2,Aged 16 years and over,4",
            {"census": 2021},
            [("F", 0, 15, 3.0), ("M", 16, None, 4.0)],
        ),
        (
            'LSOA21CD,sex,age_from,age_to,persons\n{c},F,0,4,"1,204"\n{c},M,85,,2',
            {},
            [("F", 0, 4, 1204.0), ("M", 85, None, 2.0)],
        ),
        (
            "LSOA21CD,gender,age,count\n{c},1,Total,9\n{c},1,Under 1,4\n{c},1,1 to 4,5\n{c},0,0,2",
            {"sexes": {0: "M", 1: "F"}},
            [("F", 0, 0, 4.0), ("F", 1, 4, 5.0), ("M", 0, 0, 2.0)],
        ),
        (
            "LSOA21CD,sex,persons\n{c},All persons,9\n{c},Female,4\n{c},Male,5",
            {},
            [("F", 0, None, 4.0), ("M", 0, None, 5.0)],
        ),
        ("LSOA21CD,All usual residents\n{c},9", {"columns": {"total": "All usual residents"}}, [("U", 0, None, 9.0)]),
        ("LSOA21CD,ethnic_group,total_residents,n\n{c},A,9,4\n{c},B,9,5", {}, [("U", 0, None, 9.0)]),
    ],
)
def test_population_in_rows_or_as_totals(
    pack: Pack, table: str, more: dict[str, Any], expected: list[tuple[object, ...]]
) -> None:
    header, *body = table.splitlines()
    lines = [header, *(line.format(c=code) for code in CODES for line in body)]
    geography = load_geography(pack(with_population({"file": "p.csv", **more}), p__csv="\n".join(lines)))
    assert rows(geography, CODES[2]) == expected


def test_one_workbook_sheet_for_each_sex_below_a_preamble(pack: Pack, tmp_path: Path) -> None:
    book = Workbook()
    for sheet, first in (("Females", 10), ("Males", 20)):
        page = book.create_sheet(sheet)
        for line in [["Estimates"], [None], ["LSOA 2021 Code", "LSOA 2021 Name", "Total", 0, "90+"]]:
            page.append(line)
        for code in CODES:
            page.append([code, "Somewhere", first + 1, first, 1])
    folder = pack(
        with_population(
            {"file": "p.xlsx", "sheet": "Females", "header_row": 3, "sex": "F"},
            {"file": "p.xlsx", "sheet": "Males", "header_row": 3, "sex": "M"},
        )
    )
    book.save(tmp_path / "p.xlsx")
    geography = load_geography(folder)
    assert rows(geography, CODES[0]) == [
        ("F", 0, 0, 10.0),
        ("F", 90, None, 1.0),
        ("M", 0, 0, 20.0),
        ("M", 90, None, 1.0),
    ]


def test_windows_encoding_semicolons_and_zipped_files_are_read(pack: Pack) -> None:
    import gzip

    lookup = LOOKUP.replace("Testham 002,", "Château 002,").replace(",", ";").encode("cp1252")
    declaration = {
        **MINIMAL,
        "lookups": [{"file": "lookup.csv", "delimiter": ";"}],
        "deprivation": {"file": "imd.csv.gz", "year": 2025},
    }
    geography = load_geography(pack(declaration, lookup__csv=lookup, imd__csv__gz=gzip.compress(IMD.encode())))
    assert "Château 002" in geography.areas["msoa_name"].to_list()


OLD = {
    "old__csv": (
        "LSOA11CD,CHGIND,LSOA21CD\nE01800001,S,E01900001\nE01800001,S,E01900002\n"
        "E01800003,M,E01900003\nE01800004,M,E01900003\nE01800009,U,E01900009\n"
    ),
    "p__csv": "LSOA11CD,0,90+\nE01800001,30,60\nE01800003,1,2\nE01800004,3,4\nE01800009,7,7\n",
    "w__csv": "LSOA21CD,households\nE01900001,100\nE01900002,200\nE01900003,1\nE01900009,1\n",
}


def converted(split: object) -> dict[str, Any]:
    declaration = with_population({"file": "p.csv"}, convert={"from": 2011, "split": split})
    return {**declaration, "lookups": [{"file": "lookup.csv"}, {"file": "old.csv"}]}


@pytest.mark.parametrize(
    ("split", "first", "second"),
    [
        ("equal", (15.0, 30.0), (15.0, 30.0)),
        ({"file": "w.csv", "columns": {"persons": "households"}}, (10.0, 20.0), (20.0, 40.0)),
    ],
)
def test_population_on_older_codes_keeps_adds_and_shares(
    pack: Pack, split: object, first: tuple[float, float], second: tuple[float, float]
) -> None:
    geography = load_geography(pack(converted(split), **OLD))
    assert [row[3] for row in rows(geography, CODES[0])] == pytest.approx(first)
    assert [row[3] for row in rows(geography, CODES[1])] == pytest.approx(second)
    assert [row[3] for row in rows(geography, CODES[2])] == [4.0, 6.0]
    assert geography.population["persons"].sum() == pytest.approx(100.0)
    assert "shared out" in geography.notes[0]


@pytest.mark.parametrize(
    ("declaration", "files", "message"),
    [
        (with_population({"file": "p.csv"}), OLD, r"'p.csv' is on 2011 codes .* 2021 codes are expected.*convert"),
        (converted("equal"), {**OLD, "old__csv": OLD["old__csv"].replace(",S,", ",U,")}, "marks lsoa11 E01800001 as U"),
        (
            with_population({"file": "p.csv"}),
            {"p__csv": "LSOA21CD,sex,persons\nE01900001,x,1"},
            r"line 10, key 'population.files.0.sexes': 'p.csv', column 'sex': 'x' is not known as a sex",
        ),
        (
            with_population({"file": "p.csv"}),
            {"p__csv": "LSOA21CD,Total,0,90+\nE01900001,9,3,5"},
            r"'p.csv', row 2: the ages do not add up to the total",
        ),
        (
            with_population({"file": "p.csv"}),
            {"p__csv": "LSOA21CD,0,90+\nE01900001,3,*"},
            r"'p.csv', row 2: column '90\+': expected a number, found '\*'",
        ),
        (
            with_population({"file": "p.csv"}),
            {"p__csv": "LSOA21CD,0,90+\nE01900001,3,4"},
            r"no population for 2 of 3 LSOAs of the place, for example E01900002, E01900003",
        ),
        (
            with_population({"file": "p.csv"}, {"file": "p.csv", "sex": "F"}),
            {"p__csv": "LSOA21CD,0,90+\n" + "".join(f"{code},3,4\n" for code in CODES)},
            "counted more than once",
        ),
        (
            {**MINIMAL, "lookups": [{"file": "gone.csv"}]},
            {},
            r"line 4, key 'lookups.0.file': 'gone.csv' does not exist",
        ),
        (
            {**MINIMAL, "lookups": [{"file": "lookup.csv", "columns": {"lsoa21_code": "LSOA"}}]},
            {},
            r"key 'lookups.0.columns.lsoa21_code': 'lookup.csv' has no column 'LSOA' \(found LSOA21CD",
        ),
        (
            {**MINIMAL, "lookups": [{"file": "lookup.csv", "columns": {"soa": "LSOA21CD"}}]},
            {},
            r"key 'lookups.0.columns.soa': not a name of ours",
        ),
        ({**MINIMAL, "census": 2011}, {}, r"no lookup holds lsoa11 codes"),
        ({**MINIMAL, "local_authorities": ["Bath"]}, {}, r"key 'local_authorities.0': 'Bath' is neither"),
        (
            {**MINIMAL, "boundaries": {"ward": {"file": "w"}}},
            {},
            r"key 'boundaries.ward': no lookup leads from LSOA to ward",
        ),
        ({**MINIMAL, "lookupz": []}, {}, r"key 'lookupz': this key is not known. Did you mean 'lookups'"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(
    pack: Pack, declaration: dict[str, Any], files: dict[str, object], message: str
) -> None:
    with pytest.raises(AreaPackError, match=message) as error:
        load_geography(pack(declaration, **files))
    assert "geography.yaml, line " in str(error.value)


def test_a_folder_without_a_declaration_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(AreaPackError, match=r"geography.yaml: the file does not exist"):
        load_geography(tmp_path)
