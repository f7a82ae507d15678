"""Loading a geography pack: one consistent place from the files that geography.yaml declares."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.area.geography.boundaries import read_boundaries, read_layout
from orchestration.area.geography.conversion import convert
from orchestration.area.geography.declaration import Declaration, Level, Place, read_declaration
from orchestration.area.geography.deprivation import read_deciles
from orchestration.area.geography.headers import Node
from orchestration.area.geography.lookups import Lookups, parents, read_lookups
from orchestration.area.geography.population import KEY, read_population

POPULATION = {"lsoa_code": pl.String, "sex": pl.String, "age_from": pl.Int64, "age_to": pl.Int64, "persons": pl.Float64}


@dataclass(frozen=True)
class Geography:
    """A place's areas, population and outlines, all on the codes of one census.

    areas: one row per LSOA: lsoa_code, lsoa_name, msoa_code, msoa_name (House of Commons Library name where a lookup
    gives it), lad_code, lad_name, imd_decile (1 = most deprived; null without an index), imd_quintile, imd_year.
    population: one row per LSOA, sex (F, M; U where the file does not tell sex) and ages age_from..age_to (null: and
    over): persons, fractional where a split area was shared out. wards: lsoa_code, ward_code, ward_name (best fit).
    boundaries: level ('lsoa', 'msoa', 'ward', 'lad') to GeoJSON in WGS84, feature id = code. layouts: level to HexJSON.
    attribution: lines to show under maps and rates. notes: what was computed rather than read.
    """

    census: int
    areas: pl.DataFrame
    population: pl.DataFrame
    boundaries: dict[str, Any]
    wards: pl.DataFrame
    layouts: dict[str, Any] = field(default_factory=dict)
    population_year: int | None = None
    attribution: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def load_geography(folder: Path) -> Geography:
    """Load a geography pack; raise AreaPackError naming file, line and key, and what to do."""
    declaration, place = read_declaration(folder)
    lookups = read_lookups(declaration, place)
    base = Node("lsoa", f"{declaration.census % 100:02d}")
    areas, lad = _areas(declaration, lookups, base, place)
    wards, ward = _wards(declaration, lookups, base, areas["lsoa_code"], place)
    population, notes = _population(declaration, lookups, base, areas["lsoa_code"], place)
    names: dict[Level, tuple[dict[str, str], str | None]] = {
        "lsoa": (_names(areas, "lsoa"), base.vintage),
        "msoa": (_names(areas, "msoa"), base.vintage),
        "lad": (_names(areas, "lad"), lad.vintage),
        "ward": (_names(wards, "ward"), ward.vintage if ward else None),
    }
    for section in ("boundaries", "layouts"):
        if "ward" in getattr(declaration, section) and ward is None:
            raise place.key(section, "ward").fault("no lookup leads from LSOA to ward; add one to `lookups`.")
    return Geography(
        census=declaration.census,
        areas=_with_deprivation(declaration, areas, place),
        population=population,
        boundaries={
            level: read_boundaries(
                source,
                level,
                names[level][0],
                # Codes of wards and local authorities last from year to year; coverage, not the year, is checked.
                vintage=names[level][1] if level in ("lsoa", "msoa") else None,
                place=place.key("boundaries", level),
            )
            for level, source in declaration.boundaries.items()
        },
        wards=wards,
        layouts={
            level: read_layout(source, level, names[level][0], place.key("layouts", level))
            for level, source in declaration.layouts.items()
        },
        population_year=declaration.population.year if declaration.population else None,
        attribution=list(declaration.attribution),
        notes=notes,
    )


def _areas(declaration: Declaration, lookups: Lookups, base: Node, place: Place) -> tuple[pl.DataFrame, Node]:
    if base not in lookups.codes:
        known = ", ".join(sorted(str(node) for node in lookups.codes))
        raise place.key("lookups").fault(
            f"no lookup holds {base} codes, which census: {declaration.census} asks for (found {known})."
        )
    lad = _reachable(declaration, lookups, base, "lad")
    if lad is None:
        raise place.key("lookups").fault(f"no chain of lookups leads from {base} to a local authority; add one.")
    codes = _codes_of_place(declaration, lookups, base, lad, place)
    here = place.key("lookups")
    lads = parents(lookups, codes, base, lad, here)
    msoas = parents(lookups, codes, base, Node("msoa", base.vintage), here)
    return (
        pl.DataFrame(
            {
                "lsoa_code": codes,
                "lsoa_name": _named(lookups, base, codes),
                "msoa_code": [msoas[code] for code in codes],
                "msoa_name": _named(lookups, Node("msoa", base.vintage), [msoas[code] for code in codes]),
                "lad_code": [lads[code] for code in codes],
                "lad_name": _named(lookups, lad, [lads[code] for code in codes]),
            }
        ),
        lad,
    )


def _codes_of_place(declaration: Declaration, lookups: Lookups, base: Node, lad: Node, place: Place) -> pl.Series:
    """Return the LSOA codes of the declared local authorities in order; without any, all of the lookups."""
    if not declaration.local_authorities:
        return pl.Series("lsoa_code", sorted(lookups.codes[base]))
    codes_of = {name: code for code, name in lookups.names.get((lad, "name"), {}).items()}
    wanted = [codes_of.get(given, given) for given in declaration.local_authorities]
    path = lookups.path(base, lad) or []
    pairs = lookups.chain(path)
    for position, (given, code) in enumerate(zip(declaration.local_authorities, wanted, strict=True)):
        if code not in set(pairs["b"]):
            raise place.key("local_authorities", position).fault(
                f"'{given}' is neither a code nor a name of a local authority in the lookups (they have "
                f"{', '.join(sorted({*codes_of, *pairs['b']})[:12])})."
            )
    return pairs.filter(pl.col("b").is_in(wanted))["a"].unique().sort().alias("lsoa_code")


def _reachable(declaration: Declaration, lookups: Lookups, base: Node, level: str) -> Node | None:
    """Return the declared vintage of a level, or the newest that a chain of lookups reaches."""
    year = declaration.vintages.get(level)  # type: ignore[call-overload]
    candidates = [Node(level, f"{year % 100:02d}")] if year else lookups.newest(level)
    return next((node for node in candidates if lookups.path(base, node)), None)


def _wards(
    declaration: Declaration, lookups: Lookups, base: Node, codes: pl.Series, place: Place
) -> tuple[pl.DataFrame, Node | None]:
    ward = _reachable(declaration, lookups, base, "ward")
    if ward is None:
        return pl.DataFrame(schema=dict.fromkeys(("lsoa_code", "ward_code", "ward_name"), pl.String)), None
    found = parents(lookups, codes, base, ward, place.key("lookups"))
    wards = [found[code] for code in codes]
    return pl.DataFrame({"lsoa_code": codes, "ward_code": wards, "ward_name": _named(lookups, ward, wards)}), ward


def _named(lookups: Lookups, node: Node, codes: pl.Series | list[str]) -> list[str]:
    """Return a name for each code: the House of Commons Library's, else the official one, else the code."""
    official = lookups.names.get((node, "name"), {})
    readable = lookups.names.get((node, "hcl_name"), {})
    return [readable.get(code) or official.get(code) or code for code in codes]


def _names(frame: pl.DataFrame, level: str) -> dict[str, str]:
    return dict(frame.select(f"{level}_code", f"{level}_name").unique().rows())


def _with_deprivation(declaration: Declaration, areas: pl.DataFrame, place: Place) -> pl.DataFrame:
    source = declaration.deprivation
    if source is None:
        nothing = pl.lit(None, pl.Int64)
        return areas.with_columns(imd_decile=nothing, imd_quintile=nothing, imd_year=nothing)
    deciles = read_deciles(source, areas["lsoa_code"], census=declaration.census, place=place.key("deprivation"))
    return areas.join(deciles, on="lsoa_code", how="left", maintain_order="left").with_columns(
        imd_quintile=(pl.col("imd_decile") + 1) // 2, imd_year=pl.lit(source.year, pl.Int64)
    )


def _population(
    declaration: Declaration, lookups: Lookups, base: Node, codes: pl.Series, place: Place
) -> tuple[pl.DataFrame, list[str]]:
    """Return the population on the pack's codes, and what was computed rather than read."""
    if declaration.population is None:
        return pl.DataFrame(schema=POPULATION), []
    here = place.key("population")
    conversion = declaration.population.convert
    expected = conversion.census if conversion else declaration.census
    parts, notes = [], []
    for position, source in enumerate(declaration.population.files):
        at = here.key("files", position)
        found, node = read_population(source, census=source.census or expected, place=at)
        if node.vintage != f"{expected % 100:02d}":
            raise at.key("census").fault(f"'{source.file}' is on {node} codes; {expected} is expected.")
        parts.append(found)
    population = pl.concat(parts).cast(POPULATION)  # type: ignore[arg-type]
    if conversion and conversion.census != declaration.census:
        old = Node("lsoa", f"{conversion.census % 100:02d}")
        population = convert(population, old, base, conversion=conversion, lookups=lookups, place=here.key("convert"))
        way = "equal parts" if conversion.split == "equal" else f"proportion to {conversion.split.file}"
        notes.append(
            f"Population on {conversion.census} areas was brought onto {declaration.census} areas by the best-fit "
            f"lookup; areas that were split are shared out in {way}."
        )
    population = population.filter(pl.col("lsoa_code").is_in(codes.implode())).sort(KEY)
    _check_population(population, codes, here)
    return population, notes


def _check_population(population: pl.DataFrame, codes: pl.Series, place: Place) -> None:
    missing = sorted(set(codes) - set(population["lsoa_code"]))
    if missing:
        raise place.key("files").fault(
            f"there is no population for {len(missing)} of {len(codes)} LSOAs of the place, for example "
            f"{', '.join(missing[:3])}; the file may be on the codes of another census (then `convert`), or of "
            "another area."
        )
    repeated = population.filter(pl.struct(KEY).is_duplicated())
    sexes = set(population["sex"])
    if repeated.height or ("U" in sexes and len(sexes) > 1):
        code = (repeated if repeated.height else population)["lsoa_code"][0]
        raise place.key("files").fault(
            f"the population files overlap: people of {code} are counted more than once; keep files that share no "
            "area, sex and age, and never one of persons beside one of each sex."
        )
