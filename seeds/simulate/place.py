"""The geography of Tidewell, the fictional place: hexagonal small areas, population, deprivation, boundaries.

What belongs here: the rules that made seeds/demo_area/geography, kept so that the files can be made again (a test holds
that they are equal). What does not: people (`people`). Codes look valid and are unassigned; the place is drawn in the
North Sea, so that no invented figure can fall on a real neighbourhood.
"""

import json
import math
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

LAD_CODE, LAD_NAME = "E06000999", "Tidewell"
RESIDENTS = 20_000
COLUMN_LENGTHS = (5, 7, 8, 9, 9, 9, 8, 7, 6, 4)
"""Hexagons in each column of the map, west to east; the east is the coast."""
WEST, SOUTH, HEX_RADIUS_KM = 2.20, 53.30, 0.62
KM_PER_DEGREE = 111.32
BANDS = (*((low, low + 4) for low in range(0, 90, 5)), (90, 105))
Point = tuple[float, float]
Edge = tuple[Point, Point]
YOUNG, EVEN, OLD = "young", "even", "old"

NEIGHBOURHOODS: tuple[tuple[str, int, str], ...] = (
    ("Orchard Vale", 9, EVEN),
    ("Upper Tide", 8, OLD),
    ("Millfields", 6, EVEN),
    ("Northgate", 4, EVEN),
    ("Gasworks Lane", 1, YOUNG),
    ("Old Market", 2, YOUNG),
    ("Castle Rise", 7, EVEN),
    ("Ferry Road", 3, EVEN),
    ("Marsh End", 2, EVEN),
    ("Saltings", 5, OLD),
    ("Harbour", 1, YOUNG),
    ("St Brannoc", 4, OLD),
    ("Whitesands", 6, OLD),
    ("Cliff Park", 10, OLD),
)
"""Middle-layer areas: name, deprivation decile (1 = most deprived) about which its small areas vary, age structure."""

AGE_WEIGHTS = {
    YOUNG: (6.5, 6.2, 5.8, 5.6, 7.6, 8.9, 8.6, 7.6, 6.6, 5.9, 5.8, 5.6, 5.0, 4.1, 3.6, 2.9, 1.9, 1.2, 0.6),
    EVEN: (5.3, 5.7, 5.9, 5.6, 5.4, 6.1, 6.6, 6.6, 6.3, 6.0, 6.8, 7.0, 6.3, 5.4, 5.0, 4.3, 2.7, 1.7, 0.9),
    OLD: (3.6, 4.1, 4.6, 4.6, 4.2, 4.4, 4.8, 5.0, 5.1, 5.3, 6.7, 7.7, 7.9, 7.4, 7.6, 6.9, 4.8, 3.3, 2.0),
}
"""Share of each five-year band; 'old' is the retired coast, 'young' the rented streets by the harbour and station."""


@dataclass(frozen=True)
class SmallArea:
    """One LSOA: its place on the hex grid (column, row), its middle-layer area and decile."""

    code: str
    name: str
    msoa_code: str
    msoa_name: str
    column: int
    row: int
    decile: int
    ages: str


def small_areas() -> list[SmallArea]:
    """Return Tidewell's LSOAs; each MSOA is five or six neighbouring hexagons."""
    random = np.random.default_rng(1906)
    cells = _walk()
    found = []
    for index, (column, row) in enumerate(cells):
        area = index * len(NEIGHBOURHOODS) // len(cells)
        first = math.ceil(area * len(cells) / len(NEIGHBOURHOODS))
        name, decile, ages = NEIGHBOURHOODS[area]
        found.append(
            SmallArea(
                code=f"E01999{index + 1:03d}",
                name=f"{LAD_NAME} {area + 1:03d}{'ABCDEF'[index - first]}",
                msoa_code=f"E02999{area + 1:03d}",
                msoa_name=name,
                column=column,
                row=row,
                decile=int(np.clip(decile + random.integers(-1, 2), 1, 10)),
                ages=ages,
            )
        )
    return found


def population() -> pl.DataFrame:
    """Return residents by LSOA, sex and five-year age band: exactly RESIDENTS people."""
    random = np.random.default_rng(1907)
    areas = small_areas()
    keys, weights = [], []
    for area in areas:
        size = random.uniform(0.75, 1.3) * (1.25 if area.ages == YOUNG else 1.0)
        for (low, high), weight in zip(BANDS, AGE_WEIGHTS[area.ages], strict=True):
            for sex in ("F", "M"):
                women = 1.0 + max(low - 60, 0) / 90
                keys.append((area.code, sex, low, high))
                weights.append(size * weight * (women if sex == "F" else 1.0) * random.uniform(0.9, 1.1))
    persons = largest_remainder(np.array(weights), RESIDENTS)
    return pl.DataFrame(keys, schema=["lsoa_code", "sex", "age_from", "age_to"], orient="row").with_columns(
        persons=pl.Series(persons)
    )


def largest_remainder(weights: np.ndarray, total: int) -> np.ndarray:
    """Share `total` whole units in proportion to `weights` (Hamilton's method)."""
    exact = weights / weights.sum() * total
    whole: np.ndarray = np.floor(exact).astype(np.int64)
    first = np.argsort(-(exact - whole), kind="stable")[: total - int(whole.sum())]
    whole[first] += 1
    return whole


def write_geography(folder: Path) -> None:
    """Write lookup.csv, imd2025.csv, population.csv, the two boundary files and the hex layout."""
    folder.mkdir(parents=True, exist_ok=True)
    areas = small_areas()
    lookup = pl.DataFrame(
        {
            "LSOA21CD": [a.code for a in areas],
            "LSOA21NM": [a.name for a in areas],
            "MSOA21CD": [a.msoa_code for a in areas],
            "MSOA21NM": [f"{LAD_NAME} {a.msoa_code[-3:]}" for a in areas],
            "MSOA21HCLNM": [a.msoa_name for a in areas],
            "LAD24CD": LAD_CODE,
            "LAD24NM": LAD_NAME,
        }
    )
    lookup.write_csv(folder / "lookup.csv")
    imd = pl.DataFrame({"LSOA21CD": [a.code for a in areas], "IMD_decile": [a.decile for a in areas]})
    imd.write_csv(folder / "imd2025.csv")
    population().rename({"lsoa_code": "LSOA21CD"}).write_csv(folder / "population.csv")
    cells = {a.code: (a.column, a.row) for a in areas}
    small = [_feature({"LSOA21CD": a.code, "LSOA21NM": a.name}, [_outline([cells[a.code]])]) for a in areas]
    _write_json(folder / "boundaries_lsoa21.geojson", _collection(small))
    groups: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for area in areas:
        groups[area.msoa_code, area.msoa_name].append((area.column, area.row))
    middle = [
        _feature({"MSOA21CD": code, "MSOA21NM": f"{LAD_NAME} {code[-3:]}", "MSOA21HCLNM": name}, [_outline(members)])
        for (code, name), members in groups.items()
    ]
    _write_json(folder / "boundaries_msoa21.geojson", _collection(middle))
    hexes = {a.code: {"n": a.name, "q": a.column, "r": a.row, "msoa": a.msoa_code} for a in areas}
    _write_json(folder / "hexes.hexjson", {"layout": "odd-q", "hexes": hexes})


def _walk() -> list[tuple[int, int]]:
    """Return the cells in a walk through pairs of columns, so that any few in a row lie together."""
    tallest = max(COLUMN_LENGTHS)
    cells = []
    for pair in range(0, len(COLUMN_LENGTHS), 2):
        both = [
            (column, row + (tallest - COLUMN_LENGTHS[column]) // 2)
            for column in (pair, pair + 1)
            for row in range(COLUMN_LENGTHS[column])
        ]
        southward = pair % 4 == 0
        cells += sorted(both, key=lambda cell: (cell[1] if southward else -cell[1], cell[0]))
    return cells


def _corners(cell: tuple[int, int]) -> list[Point]:
    """Return a hexagon's corners in degrees, counter-clockwise; odd columns sit half a hexagon higher."""
    column, row = cell
    height = math.sqrt(3) * HEX_RADIUS_KM
    x, y = column * 1.5 * HEX_RADIUS_KM, (row + (0.5 if column % 2 else 0.0)) * height
    narrow = math.cos(math.radians(SOUTH))
    turns = [math.radians(60 * corner) for corner in range(6)]
    return [
        (
            round(WEST + (x + HEX_RADIUS_KM * math.cos(t)) / (KM_PER_DEGREE * narrow), 5),
            round(SOUTH + (y + HEX_RADIUS_KM * math.sin(t)) / KM_PER_DEGREE, 5),
        )
        for t in turns
    ]


def _outline(cells: list[tuple[int, int]]) -> list[list[float]]:
    """Return the outer ring of joined hexagons: the edges that only one of them has, end to end."""
    edges: list[Edge] = []
    for cell in cells:
        corners = _corners(cell)
        edges += list(zip(corners, [*corners[1:], corners[0]], strict=True))
    outer = {start: end for start, end in edges if not _shared((start, end), edges)}
    ring = [next(iter(outer))]
    while (following := outer[ring[-1]]) != ring[0]:
        ring.append(following)
    return [list(point) for point in [*ring, ring[0]]]


def _shared(edge: Edge, edges: list[Edge]) -> bool:
    return (edge[1], edge[0]) in edges


def _feature(properties: dict[str, str], rings: list[list[list[float]]]) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": rings}}


def _collection(features: list[dict[str, object]]) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": features}


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")
