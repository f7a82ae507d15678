"""Outlines and hexagon layouts: any property names, the areas of the place and no others, degrees even from metres."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.area.geography import load_geography
from orchestration.area.geography.grid import point_to_degrees
from orchestration.errors import AreaPackError

LOOKUP = (
    "LSOA21CD,MSOA21CD,LAD24CD\nE01900001,E02900001,E06900001\nE01900002,E02900001,E06900001\n"
    "E01900009,E02900009,E06900009\n"
)


def square(code: str, name: str = "CODE", at: float = -2.0, **more: object) -> dict[str, Any]:
    ring = [[at, 51.0], [at + 0.1, 51.0], [at + 0.1, 51.1], [at, 51.0]]
    properties = {"OBJECTID": 1, name: code, "long": -2.0, **more}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def load(folder: Path, content: object, *, section: str = "boundaries", **more: object) -> Any:
    (folder / "lookup.csv").write_text(LOOKUP, encoding="utf-8")
    (folder / "map.json").write_text(json.dumps(content), encoding="utf-8")
    declaration = {
        "local_authorities": ["E06900001"],
        "lookups": [{"file": "lookup.csv"}],
        section: {"lsoa": {"file": "map.json", **more}},
    }
    (folder / "geography.yaml").write_text(yaml.safe_dump(declaration, sort_keys=False), encoding="utf-8")
    return getattr(load_geography(folder), section)["lsoa"]


def collection(*features: dict[str, Any], **more: object) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


@pytest.mark.parametrize("name", ["LSOA21CD", "lsoa21_code", "areaCode", "LSOA Code"])
def test_the_code_is_found_under_any_property_name(tmp_path: Path, name: str) -> None:
    found = load(tmp_path, collection(*(square(code, name) for code in ("E01900002", "E01900001", "E01900009"))))
    assert [feature["id"] for feature in found["features"]] == ["E01900001", "E01900002"]
    assert set(found["features"][0]["properties"]) == {"code", "name"}


def test_the_declared_property_is_taken(tmp_path: Path) -> None:
    features = [square(code, "x", other="E01900001") for code in ("E01900001", "E01900002")]
    assert len(load(tmp_path, collection(*features), code="x")["features"]) == 2


def test_metres_on_the_british_grid_become_degrees(tmp_path: Path) -> None:
    features = [square("E01900001"), square("E01900002")]
    for feature in features:
        feature["geometry"]["coordinates"] = [[[375350, 164482], [375450, 164482], [375450, 164582], [375350, 164482]]]
    found = load(tmp_path, collection(*features))
    east, north = found["features"][0]["geometry"]["coordinates"][0][0]
    assert (east, north) == (pytest.approx(-2.3556, abs=2e-3), pytest.approx(51.3789, abs=2e-3))


def test_the_worked_example_of_the_ordnance_survey_is_met_within_ten_metres() -> None:
    # OS guide, annex C: TG 51409 13177 is 52°39'27.2531"N 1°43'4.5177"E on OSGB36, 52°39'28.82"N 1°42'57.8"E on WGS84.
    east, north = point_to_degrees(651409.903, 313177.270)
    assert north == pytest.approx(52 + 39 / 60 + 28.82 / 3600, abs=1e-4)
    assert east == pytest.approx(1 + 42 / 60 + 57.8 / 3600, abs=1.5e-4)


@pytest.mark.parametrize(
    ("content", "more", "message"),
    [
        (collection(square("E01900001")), {}, r"does not draw 1 of 2 lsoa areas of the place, for example E01900002"),
        (collection(square("E01900001"), square("E01900001")), {}, r"draws E01900001 twice"),
        (collection(square("E01900001", "LSOA11CD")), {}, r"draws 2011 areas \(property 'LSOA11CD'\)"),
        (collection(square("S01000001")), {}, r"no property of 'map.json' holds the lsoa codes.*OBJECTID, CODE"),
        (collection(square("E01900001")), {"code": "gone"}, r"key 'boundaries.lsoa.code': 'map.json' has no property"),
        ({"type": "Topology"}, {}, r"not a GeoJSON FeatureCollection"),
        (collection({**square("E01900001"), "geometry": None}), {}, r"E01900001 has no polygon"),
    ],
)
def test_outlines_that_cannot_be_used_are_refused(
    tmp_path: Path, content: object, more: dict[str, object], message: str
) -> None:
    with pytest.raises(AreaPackError, match=message):
        load(tmp_path, content, **more)


def test_a_layout_holds_the_areas_of_the_place(tmp_path: Path) -> None:
    hexes = {
        code: {"n": "x", "q": i, "r": -i, "colour": "#000"} for i, code in enumerate(["E01900001", "E01900002", "E09"])
    }
    found = load(tmp_path, {"layout": "odd-r", "hexes": hexes}, section="layouts")
    assert found["layout"] == "odd-r"
    assert found["hexes"]["E01900002"] == {"n": "E01900002", "q": 1, "r": -1}
    assert len(found["hexes"]) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"layout": "squares", "hexes": {}}, "is not HexJSON"),
        ({"layout": "odd-r", "hexes": {"E01900001": {"q": 1, "r": None}}}, "E01900001 has no whole numbers q and r"),
        ({"layout": "odd-r", "hexes": {"E01900001": {"q": 1, "r": 1}}}, "does not draw 1 of 2"),
    ],
)
def test_a_layout_that_cannot_be_used_is_refused(tmp_path: Path, content: object, message: str) -> None:
    with pytest.raises(AreaPackError, match=message):
        load(tmp_path, content, section="layouts")
