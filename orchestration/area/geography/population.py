"""Residents by LSOA, sex and age, from tables with ages across the page, in rows, or with totals only.

Rows: lsoa_code, sex (F, M; U where the file does not tell sex), age_from, age_to (null: and over), persons.
What belongs here: reading and checking. What does not: the step between censuses (conversion.py).
"""

import polars as pl

from orchestration.area.geography.declaration import Place, PopulationFile
from orchestration.area.geography.headers import (
    AgeBand,
    Node,
    is_total,
    plain,
    recognise_age,
    recognise_area,
    recognise_sex,
    split_sex,
)
from orchestration.area.geography.tables import ROW, find_column, headers, lsoa_column, numbers, read_source

SEX = r"sex(?:_\d+_categories)?|gender|c_sex_name"
AGE = r"age(?:_\d+_categories)?|single_year_of_age|c_age_name|age_groups?|age_bands?|ages?"
PERSONS = r"persons|observation|obs_value|count|value|population|residents|n"
SINGLE_YEARS_END = 80
"""A last single year of age at or above this is the open end: no population table stops counting there (ONS: F90)."""
ALL_AGES = AgeBand(0, None)
KEY = ["lsoa_code", "sex", "age_from", "age_to"]


def read_population(source: PopulationFile, *, census: int, place: Place) -> tuple[pl.DataFrame, Node]:
    """Return the rows of one file and the vintage of its codes; `census` is what the pack or conversion expects."""
    frame = read_source(source, place)
    header, node = lsoa_column(source, frame, place, census=census)
    frame = frame.filter(pl.col(header).is_not_null()).rename({header: "lsoa_code"})
    bands = _bands(frame, source)
    age = find_column(source, frame, "age", AGE)
    age_from = find_column(source, frame, "age_from", "age_from|from_age|min_age")
    if bands:
        found = _across(frame, bands, source, place)
    elif age or age_from:
        found = _in_rows(frame, age, age_from, source, place)
    else:
        found = _totals(frame, source, place)
    repeated = found.filter(pl.struct(KEY).is_duplicated())
    if repeated.height:
        code, sex, low, high = repeated.select(KEY).row(0)
        raise place.key("file").fault(
            f"'{source.file}' counts {code}, sex {sex}, ages {AgeBand(low, high)} more than once; keep one."
        )
    return found, node


def _bands(frame: pl.DataFrame, source: PopulationFile) -> dict[str, tuple[str | None, AgeBand]]:
    """Return the headers that name ages, with the sex each says; the oldest single year is the open end."""
    found: dict[str, tuple[str | None, AgeBand]] = {}
    for header in frame.columns:
        sex, rest = split_sex(header)
        band = recognise_age(rest)
        if band and header not in (ROW, "lsoa_code") and header not in source.columns.values():
            found[header] = (sex, band)
    oldest = max((band.start for _, band in found.values()), default=0)
    if oldest >= SINGLE_YEARS_END and not any(band.end is None for _, band in found.values()):
        found = {h: (s, AgeBand(b.start, None) if b.start == b.end == oldest else b) for h, (s, b) in found.items()}
    return found if len(found) > 1 else {}


def _across(
    frame: pl.DataFrame, bands: dict[str, tuple[str | None, AgeBand]], source: PopulationFile, place: Place
) -> pl.DataFrame:
    sexes = {sex for sex, _ in bands.values()}
    if sexes & {"F", "M"} and sexes & {"U", None}:
        bands = {header: (sex, band) for header, (sex, band) in bands.items() if sex in ("F", "M")}
    column = None if sexes & {"F", "M"} else find_column(source, frame, "sex", SEX)
    frame = _one_row_each(frame, column, source, place)
    values = frame.select("lsoa_code", ROW, "(sex)", *(numbers(frame, h, source, place).alias(h) for h in bands))
    total = _total_header(frame, source)
    if total:
        _check_total(values, frame.select(numbers(frame, total, source, place)).to_series(), source, place)
    meaning = pl.DataFrame(
        [(header, sex, band.start, band.end) for header, (sex, band) in bands.items()],
        schema={"header": pl.String, "said": pl.String, "age_from": pl.Int64, "age_to": pl.Int64},
        orient="row",
    )
    tall = values.unpivot(list(bands), index=["lsoa_code", "(sex)"], variable_name="header", value_name="persons")
    return tall.join(meaning, on="header").select(
        "lsoa_code", pl.coalesce("said", "(sex)").alias("sex"), "age_from", "age_to", "persons"
    )


def _one_row_each(frame: pl.DataFrame, column: str | None, source: PopulationFile, place: Place) -> pl.DataFrame:
    """Add '(sex)' from a column, or the file's constant; rows for both sexes give way to rows for each."""
    if column is None:
        return frame.with_columns(pl.lit(source.sex or "U").alias("(sex)"))
    meaning: dict[str, str | None] = {}
    for value in frame[column].drop_nulls().unique():
        meaning[value] = source.sexes.get(value) or recognise_sex(value)
        if meaning[value] is None:
            raise place.key("sexes").fault(
                f"'{source.file}', column '{column}': '{value}' is not known as a sex; say what the file's codes mean, "
                "for example sexes: {1: F, 2: M}."
            )
    frame = frame.with_columns(
        pl.col(column).replace_strict(meaning, default=None, return_dtype=pl.String).alias("(sex)")
    )
    if {"F", "M"} <= set(meaning.values()):
        frame = frame.filter(pl.col("(sex)") != "U")
    return frame


def _in_rows(
    frame: pl.DataFrame, age: str | None, age_from: str | None, source: PopulationFile, place: Place
) -> pl.DataFrame:
    frame = _one_row_each(frame, find_column(source, frame, "sex", SEX), source, place)
    persons = _persons_header(frame, source, place)
    if age_from:
        age_to = find_column(source, frame, "age_to", "age_to|to_age|max_age")
        low = numbers(frame, age_from, source, place).cast(pl.Int64)
        high = pl.col(age_to).cast(pl.Float64, strict=False).cast(pl.Int64) if age_to else low
        return frame.select(
            "lsoa_code",
            pl.col("(sex)").alias("sex"),
            age_from=low,
            age_to=high,
            persons=numbers(frame, persons, source, place),
        )
    meaning: dict[str, AgeBand] = {}
    for value in frame[str(age)].drop_nulls().unique():
        band = ALL_AGES if is_total(value) else recognise_age(value)
        if band is None:
            raise place.key("columns", "age").fault(
                f"'{source.file}', column '{age}': '{value}' is not understood as an age or a band of ages."
            )
        meaning[value] = band
    parts = {value: band for value, band in meaning.items() if band != ALL_AGES} or meaning
    table = pl.DataFrame(
        [(value, band.start, band.end) for value, band in parts.items()],
        schema={str(age): pl.String, "age_from": pl.Int64, "age_to": pl.Int64},
        orient="row",
    )
    frame = frame.join(table, on=str(age), maintain_order="left")
    return frame.select(
        "lsoa_code", pl.col("(sex)").alias("sex"), "age_from", "age_to", persons=numbers(frame, persons, source, place)
    )


def _totals(frame: pl.DataFrame, source: PopulationFile, place: Place) -> pl.DataFrame:
    total = _total_header(frame, source) or _persons_header(frame, source, place)
    frame = _one_row_each(frame, find_column(source, frame, "sex", SEX), source, place)
    found = frame.select(
        "lsoa_code",
        pl.col("(sex)").alias("sex"),
        age_from=pl.lit(0, pl.Int64),
        age_to=pl.lit(None, pl.Int64),
        persons=numbers(frame, total, source, place),
    )
    # A total that stands on every row of a longer table (residents beside each ethnic group, say) is read once.
    return found.unique(maintain_order=True)


def _total_header(frame: pl.DataFrame, source: PopulationFile) -> str | None:
    if "total" in source.columns:
        return source.columns["total"]
    named = [
        header
        for header in frame.columns
        if header not in source.columns.values()
        and recognise_area(header) is None
        and (is_total(header) or plain(header) in ("total_residents", "all_usual_residents"))
    ]
    return named[0] if len(named) == 1 else None


def _persons_header(frame: pl.DataFrame, source: PopulationFile, place: Place) -> str:
    found = find_column(source, frame, "persons", PERSONS)
    if found is None:
        raise place.key("columns").fault(
            f"no column of '{source.file}' is recognised as a number of people (found {headers(frame)}); say which: "
            "columns: {persons: HEADER}, or {total: HEADER} for a total."
        )
    return found


def _check_total(values: pl.DataFrame, total: pl.Series, source: PopulationFile, place: Place) -> None:
    added = values.select(pl.sum_horizontal(pl.exclude("lsoa_code", ROW, "(sex)"))).to_series()
    wrong = values.filter((added - total).abs() > 0.5)
    if wrong.height:
        raise place.key("file").fault(
            f"'{source.file}', row {wrong[ROW][0]}: the ages do not add up to the total; a column of ages is not "
            "recognised, or counted twice."
        )
