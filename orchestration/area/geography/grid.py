"""British National Grid to longitude and latitude, because many official outlines are downloaded in metres.

Method: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes B and C: inverse transverse Mercator
on Airy 1830, then the seven-parameter Helmert step from OSGB36 to WGS84. Good to about 5 metres, which is enough to
draw areas and not enough to survey them.
"""

import math
from collections.abc import Iterable
from typing import Any

GRID_NAMES = ("27700", "british national grid", "osgb")
AIRY = (6_377_563.396, 6_356_256.909)
WGS84 = (6_378_137.0, 6_356_752.314245)
SCALE, ORIGIN_LAT, ORIGIN_LON = 0.9996012717, math.radians(49), math.radians(-2)
FALSE_EAST, FALSE_NORTH = 400_000.0, -100_000.0
# OSGB36 to WGS84: metres, parts per million and arc seconds.
SHIFT = (446.448, -125.157, 542.060)
STRETCH = -20.4894e-6
TURN = tuple(math.radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))


def is_british_grid(crs: object, geometries: Iterable[dict[str, Any]]) -> bool:
    """Tell whether coordinates are metres on the British grid: the file says so, or they cannot be degrees."""
    if crs and any(name in str(crs).lower() for name in GRID_NAMES):
        return True
    for geometry in geometries:
        point = geometry["coordinates"]
        while isinstance(point[0], list):
            point = point[0]
        if abs(point[0]) > 180 or abs(point[1]) > 90:
            return True
    return False


def to_degrees(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return a geometry in longitude and latitude, to six decimals (a decimetre)."""
    return {**geometry, "coordinates": _walk(geometry["coordinates"])}


def _walk(part: list[Any]) -> list[Any]:
    if part and not isinstance(part[0], list):
        return [round(value, 6) for value in point_to_degrees(float(part[0]), float(part[1]))]
    return [_walk(item) for item in part]


def point_to_degrees(east: float, north: float) -> tuple[float, float]:
    """Return longitude and latitude (WGS84) of a point on the British National Grid."""
    lat, lon = _unproject(east, north)
    return _shift_datum(lat, lon)


def _arc(lat: float) -> float:
    """Return the developed meridian arc from the true origin (annex C, formula C3)."""
    a, b = AIRY
    n = (a - b) / (a + b)
    minus, plus = lat - ORIGIN_LAT, lat + ORIGIN_LAT
    return (
        b
        * SCALE
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * minus
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * math.sin(minus) * math.cos(plus)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * math.sin(2 * minus) * math.cos(2 * plus)
            - 35 / 24 * n**3 * math.sin(3 * minus) * math.cos(3 * plus)
        )
    )


def _unproject(east: float, north: float) -> tuple[float, float]:
    """Return latitude and longitude in radians on Airy 1830 (annex C.2)."""
    a, b = AIRY
    lat = (north - FALSE_NORTH) / (a * SCALE) + ORIGIN_LAT
    while abs(rest := north - FALSE_NORTH - _arc(lat)) >= 1e-5:
        lat += rest / (a * SCALE)
    e2 = 1 - (b / a) ** 2
    nu = a * SCALE / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    rho = a * SCALE * (1 - e2) / (1 - e2 * math.sin(lat) ** 2) ** 1.5
    eta2, t, sec = nu / rho - 1, math.tan(lat), 1 / math.cos(lat)
    d = east - FALSE_EAST
    lat_out = (
        lat
        - t / (2 * rho * nu) * d**2
        + t / (24 * rho * nu**3) * (5 + 3 * t**2 + eta2 - 9 * t**2 * eta2) * d**4
        - t / (720 * rho * nu**5) * (61 + 90 * t**2 + 45 * t**4) * d**6
    )
    lon_out = (
        ORIGIN_LON
        + sec / nu * d
        - sec / (6 * nu**3) * (nu / rho + 2 * t**2) * d**3
        + sec / (120 * nu**5) * (5 + 28 * t**2 + 24 * t**4) * d**5
        - sec / (5040 * nu**7) * (61 + 662 * t**2 + 1320 * t**4 + 720 * t**6) * d**7
    )
    return lat_out, lon_out


def _shift_datum(lat: float, lon: float) -> tuple[float, float]:
    """Return WGS84 longitude and latitude in degrees of OSGB36 latitude and longitude in radians (annex B)."""
    a, b = AIRY
    e2 = 1 - (b / a) ** 2
    nu = a / math.sqrt(1 - e2 * math.sin(lat) ** 2)
    x, y, z = nu * math.cos(lat) * math.cos(lon), nu * math.cos(lat) * math.sin(lon), (1 - e2) * nu * math.sin(lat)
    rx, ry, rz = TURN
    tx, ty, tz = SHIFT
    scale = 1 + STRETCH
    x2 = tx + scale * x - rz * y + ry * z
    y2 = ty + rz * x + scale * y - rx * z
    z2 = tz - ry * x + rx * y + scale * z
    a, b = WGS84
    e2 = 1 - (b / a) ** 2
    p = math.hypot(x2, y2)
    found = math.atan2(z2, p * (1 - e2))
    for _ in range(6):
        nu = a / math.sqrt(1 - e2 * math.sin(found) ** 2)
        found = math.atan2(z2 + e2 * nu * math.sin(found), p)
    return math.degrees(math.atan2(y2, x2)), math.degrees(found)
