"""The index of multiple deprivation: a decile for every LSOA of the place, 1 the most deprived.

Source of the rules: English Indices of Deprivation, MHCLG; IoD 2015 and 2019 are on 2011 LSOAs, IoD 2025 on 2021 LSOAs,
and a decile is a tenth of all LSOAs of England in order of rank.
"""

import polars as pl

from orchestration.area.geography.declaration import Census, DeprivationFile, Place
from orchestration.area.geography.tables import ROW, find_column, headers, lsoa_column, numbers, read_source

CENSUS_OF: dict[int, Census] = {2004: 2001, 2007: 2001, 2010: 2001, 2015: 2011, 2019: 2011, 2025: 2021}
RANKED = {2010: 32_482, 2015: 32_844, 2019: 32_844, 2025: 33_755}
"""How many LSOAs of England the index ranks, from which a decile follows when a file holds only ranks."""

_PREFIX = r"(?:(?:\w+_)?index_of_multiple_deprivation_)?(?:w?imd_?(?:\d{2,4}_?)?)?(?:overall_)?"
DECILE = rf"(?!$){_PREFIX}dec(?:ile|il|\d|)(?:s)?(?:_.*)?"
RANKS = rf"(?!$){_PREFIX}rank(?:_.*)?"


def read_deciles(source: DeprivationFile, codes: pl.Series, *, census: Census, place: Place) -> pl.DataFrame:
    """Return lsoa_code and imd_decile, one row per LSOA of the place."""
    expected = source.census or CENSUS_OF.get(source.year)
    if expected is None:
        raise place.key("year").fault(
            f"the census that the index of {source.year} is on is not known to us (we know "
            f"{', '.join(map(str, CENSUS_OF))}); add census: 2011 or 2021."
        )
    if expected != census:
        raise place.key("year").fault(
            f"'{source.file}': the index of {source.year} is on {expected} LSOAs, but this pack is on {census} codes; "
            f"vintages never mix. Take the index that is on {census} codes, or set census: {expected} for the pack."
        )
    frame = read_source(source, place)
    header, _ = lsoa_column(source, frame, place, census=expected)
    frame = frame.filter(pl.col(header).is_in(codes.implode()))
    _check_codes(frame[header], codes, source, place)
    decile, rank = (find_column(source, frame, n, p) for n, p in (("decile", DECILE), ("rank", RANKS)))
    if decile is None and (rank is None or source.year not in RANKED):
        raise place.key("columns").fault(
            f"no column of '{source.file}' is recognised as the decile of the index (found {headers(frame)}); say "
            "which: columns: {decile: HEADER}."
        )
    if decile is None:
        value = (numbers(frame, str(rank), source, place) * 10 / RANKED[source.year]).ceil()
    else:
        value = numbers(frame, decile, source, place)
    found = frame.select(
        pl.col(header).alias("lsoa_code"),
        ROW,
        imd_decile=value.cast(pl.Int64),
        whole=value == value.round(),
        rank=numbers(frame, rank, source, place) if rank else pl.lit(None, pl.Float64),
    )
    _check_deciles(found, source, place)
    if source.most_deprived == 10:
        found = found.with_columns(imd_decile=11 - pl.col("imd_decile"))
    _check_order(found, source, place)
    return found.select("lsoa_code", "imd_decile")


def _check_codes(found: pl.Series, codes: pl.Series, source: DeprivationFile, place: Place) -> None:
    if found.is_duplicated().any():
        raise place.key("file").fault(
            f"'{source.file}': LSOA {found.filter(found.is_duplicated())[0]} has several rows; keep one with `where`."
        )
    missing = sorted(set(codes) - set(found))
    if missing:
        raise place.key("file").fault(
            f"'{source.file}' has no row for {len(missing)} of {len(codes)} LSOAs of the place, for example "
            f"{', '.join(missing[:3])}; it may be on the codes of another census, or of another area."
        )


def _check_deciles(found: pl.DataFrame, source: DeprivationFile, place: Place) -> None:
    wrong = found.filter(~pl.col("whole") | ~pl.col("imd_decile").is_between(1, 10))
    if wrong.height:
        raise place.key("file").fault(
            f"'{source.file}', row {wrong[ROW][0]}: the decile is {wrong['imd_decile'][0]}; expected 1 to 10."
        )


def _check_order(found: pl.DataFrame, source: DeprivationFile, place: Place) -> None:
    """Refuse deciles that run against the ranks: rank 1 is the most deprived in every English and Welsh index."""
    if found["rank"].null_count() == 0 and not found.sort("rank")["imd_decile"].is_sorted():
        raise place.key("most_deprived").fault(
            f"'{source.file}': deciles do not rise with the ranks, so decile 1 is not the most deprived; if the file "
            "counts the other way, set most_deprived: 10."
        )
