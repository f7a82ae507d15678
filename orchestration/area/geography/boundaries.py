"""Outlines (GeoJSON) and hexagon layouts (HexJSON) of the areas of the place.

What belongs here: choosing the property that holds the code, keeping the areas of the place, checking that every one is
drawn, and degrees for metres (grid.py). What does not: drawing.
"""

import json
from typing import Any

from orchestration.area.geography.declaration import Level, MapFile, Place
from orchestration.area.geography.grid import is_british_grid, to_degrees
from orchestration.area.geography.headers import recognise_area

LAYOUTS = ("odd-r", "even-r", "odd-q", "even-q")


def read_boundaries(
    source: MapFile, level: Level, names: dict[str, str], *, vintage: str | None, place: Place
) -> dict[str, Any]:
    """Return a FeatureCollection in WGS84 with exactly the areas in `names`: id and properties `code`, `name`.

    Geometry is kept as delivered (rings are not re-wound, nothing is simplified).
    """
    content = _read_json(source, place)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        raise place.key("file").fault(f"'{source.file}' is not a GeoJSON FeatureCollection with features.")
    rows = [feature.get("properties") or {} for feature in features]
    key = _code_property(source, level, rows, names, vintage=vintage, place=place)
    chosen: dict[str, dict[str, Any]] = {}
    for feature, properties in zip(features, rows, strict=True):
        code = str(properties.get(key))
        if code not in names:
            continue
        geometry = feature.get("geometry") or {}
        if geometry.get("type") not in ("Polygon", "MultiPolygon") or not geometry.get("coordinates"):
            raise place.key("file").fault(f"'{source.file}': {code} has no polygon.")
        if code in chosen:
            raise place.key("file").fault(f"'{source.file}' draws {code} twice.")
        chosen[code] = geometry
    _check_drawn(source, level, set(names), set(chosen), place)
    if is_british_grid(content.get("crs"), chosen.values()):
        chosen = {code: to_degrees(geometry) for code, geometry in chosen.items()}
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "id": code, "properties": {"code": code, "name": names[code]}, "geometry": geometry}
            for code, geometry in sorted(chosen.items())
        ],
    }


def read_layout(source: MapFile, level: Level, names: dict[str, str], place: Place) -> dict[str, Any]:
    """Return a HexJSON layout with exactly the areas in `names`: `layout` and `hexes` of n, q and r."""
    content = _read_json(source, place)
    hexes = content.get("hexes") if isinstance(content, dict) else None
    if not isinstance(hexes, dict) or content.get("layout") not in LAYOUTS:
        raise place.key("file").fault(
            f"'{source.file}' is not HexJSON: expected `layout` ({', '.join(LAYOUTS)}) and `hexes`."
        )
    found: dict[str, dict[str, Any]] = {}
    for identifier, cell in hexes.items():
        code = str(cell.get(source.code)) if source.code else identifier
        if code in names:
            if not isinstance(cell.get("q"), int) or not isinstance(cell.get("r"), int):
                raise place.key("file").fault(f"'{source.file}': {code} has no whole numbers q and r.")
            found[code] = {"n": names[code], "q": cell["q"], "r": cell["r"]}
    _check_drawn(source, level, set(names), set(found), place)
    return {"layout": content["layout"], "hexes": dict(sorted(found.items()))}


def _read_json(source: MapFile, place: Place) -> Any:
    path = place.find(source.file)
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise place.key("file").fault(f"'{source.file}' is not JSON ({error}).") from None


def _code_property(
    source: MapFile,
    level: Level,
    rows: list[dict[str, Any]],
    names: dict[str, str],
    *,
    vintage: str | None,
    place: Place,
) -> str:
    """Return the property that holds codes: declared, or the one whose values are most of the place's codes."""
    properties = list(dict.fromkeys(name for row in rows for name in row))
    if source.code:
        if source.code not in properties:
            raise place.key("code").fault(
                f"'{source.file}' has no property '{source.code}' (found {', '.join(properties[:12])})."
            )
        key = source.code
    else:
        hits = {name: len({str(row.get(name)) for row in rows} & set(names)) for name in properties}
        key = max(hits, key=lambda name: hits[name], default="")
        if not hits.get(key):
            raise place.key("file").fault(
                f"no property of '{source.file}' holds the {level} codes of the place (found "
                f"{', '.join(properties[:12])}); say which with code: PROPERTY, or take the file for this area."
            )
    said = recognise_area(key)
    if said and vintage and said.vintage and said.level == level and said.vintage != vintage:
        raise place.key("file").fault(
            f"'{source.file}' draws 20{said.vintage} areas (property '{key}'), but the pack's {level} codes are of "
            f"20{vintage}; vintages never mix."
        )
    return key


def _check_drawn(source: MapFile, level: Level, wanted: set[str], found: set[str], place: Place) -> None:
    missing = sorted(wanted - found)
    if missing:
        raise place.key("file").fault(
            f"'{source.file}' does not draw {len(missing)} of {len(wanted)} {level} areas of the place, for example "
            f"{', '.join(missing[:3])}; it may be of another year or another area."
        )
