"""Reading a table in the form in which it is downloaded, every cell as text.

What belongs here: files, encodings, workbooks and mapped headers. What does not: what the columns mean.
"""

import gzip
import io
import re
from pathlib import Path

import polars as pl

from orchestration.area.geography.declaration import Place, TableFile
from orchestration.area.geography.headers import AREA_CODE, AreaColumn, Node, plain, recognise_area

ROW = "(row)"


def read_source(source: TableFile, place: Place) -> pl.DataFrame:
    """Return the table of one declared file as text, blanks as null, with the rows that `where` keeps.

    The column `ROW` holds each row's number in the file, for messages.
    """
    path = place.find(source.file)
    frame = _workbook(source, path, place) if path.suffix.lower() == ".xlsx" else _csv(source, path, place)
    frame = frame.rename({header: header.strip().lstrip("\ufeff") for header in frame.columns})
    frame = frame.with_row_index(ROW, offset=source.header_row + 1)
    for name, header in source.columns.items():
        if header not in frame.columns:
            raise place.key("columns", name).fault(_no_column(source, header, frame))
    for header, values in source.where.items():
        if header not in frame.columns:
            raise place.key("where", header).fault(_no_column(source, header, frame))
        frame = frame.filter(pl.col(header).is_in(values))
    texts = pl.exclude(ROW).cast(pl.String).str.strip_chars()
    frame = frame.with_columns(pl.when(texts != "").then(texts).name.keep())
    frame = frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    if frame.is_empty():
        raise place.key("file").fault(f"'{source.file}' holds no rows{' that `where` keeps' if source.where else ''}.")
    return frame


def find_column(source: TableFile, frame: pl.DataFrame, name: str, pattern: str) -> str | None:
    """Return the header of a column of ours: the declared one, else the first whose plain form matches, else None."""
    if name in source.columns:
        return source.columns[name]
    found = [header for header in frame.columns if re.fullmatch(pattern, plain(header))]
    return found[0] if found else None


def area_columns(frame: pl.DataFrame) -> dict[str, AreaColumn]:
    """Return what each area header of a table says; a header that tells no kind is judged by its values."""
    found: dict[str, AreaColumn] = {}
    for header in frame.columns:
        meaning = recognise_area(header)
        if meaning and not meaning.kind:
            is_code = frame[header].drop_nulls().head(50).str.contains(f"^(?:{AREA_CODE.pattern})$").all()
            meaning = AreaColumn(meaning.level, meaning.vintage, "code" if is_code else "name")
        if meaning:
            found[header] = meaning
    return found


def lsoa_column(source: TableFile, frame: pl.DataFrame, place: Place, *, census: int | None) -> tuple[str, Node]:
    """Return the header that holds LSOA codes and the vintage it says; `census` is what the declaration says."""
    declared = source.columns.get("lsoa_code")
    meanings = area_columns(frame)
    candidates = [declared] if declared else [h for h, m in meanings.items() if (m.level, m.kind) == ("lsoa", "code")]
    if not candidates:
        raise place.key("columns").fault(
            f"no column of '{source.file}' is recognised as LSOA codes (found {headers(frame)}); "
            "say which: columns: {lsoa_code: HEADER}."
        )
    header = candidates[0]
    said = meanings[header].vintage if header in meanings else None
    if said and census and int(said) != census % 100:
        raise place.key("file").fault(
            f"'{source.file}' is on 20{said} codes (column '{header}'), but {census} codes are expected here; "
            "vintages never mix. Take the file for the right census, or convert it."
        )
    return header, Node("lsoa", said or (f"{census % 100:02d}" if census else None))


def numbers(frame: pl.DataFrame, header: str, source: TableFile, place: Place) -> pl.Expr:
    """Return a column as numbers (thousands separators allowed); raise for text such as '*', which is never zero."""
    value = pl.col(header).str.replace_all(",", "").cast(pl.Float64, strict=False)
    wrong = frame.filter(value.is_null() | value.is_nan() | (value < 0))
    if wrong.height:
        row, found = wrong.select(ROW, header).row(0)
        raise place.key("file").fault(
            f"'{source.file}', row {row}: column '{header}': expected a number, found {found!r}; a suppressed or "
            "missing figure cannot be read as zero."
        )
    return value


def headers(frame: pl.DataFrame) -> str:
    """Return the first headers of a table, for a message."""
    named = [header for header in frame.columns if header != ROW]
    return ", ".join(named[:12]) + (" ..." if len(named) > 12 else "")


def _csv(source: TableFile, path: Path, place: Place) -> pl.DataFrame:
    raw = path.read_bytes()
    if path.suffix.lower() == ".gz":
        raw = gzip.decompress(raw)
    try:
        text = raw.decode(source.encoding) if source.encoding else _decode(raw)
        return pl.read_csv(
            io.StringIO(text),
            separator=source.delimiter,
            skip_rows=source.header_row - 1,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError, LookupError) as error:
        raise place.key("file").fault(
            f"'{source.file}' cannot be read as a table ({error}); say its delimiter, encoding or header_row."
        ) from None


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252")


def _workbook(source: TableFile, path: Path, place: Place) -> pl.DataFrame:
    try:
        return pl.read_excel(
            path,
            sheet_name=source.sheet,
            engine="calamine",
            read_options={"header_row": source.header_row - 1, "dtypes": "string"},
        )
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise place.key("sheet").fault(f"'{source.file}' cannot be read as a workbook ({error}).") from None


def _no_column(source: TableFile, header: str, frame: pl.DataFrame) -> str:
    return (
        f"'{source.file}' has no column '{header}' (found {headers(frame)}; headers are read from row "
        f"{source.header_row})."
    )
