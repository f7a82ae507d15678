"""Workbooks whose bytes depend on nothing but their content: fixed times, fixed order, plain cells.

What belongs here: writing .xlsx. Text cells are inline strings; dates are true date cells (days since 1899-12-30).
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

import polars as pl

FIXED_TIME = (2026, 1, 1, 0, 0, 0)
FIRST_DAY = -25_569
"""Day 0 of the spreadsheet calendar, counted from 1970-01-01."""
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)

Sheet = tuple[Sequence[Sequence[str]], pl.DataFrame, Sequence[Sequence[str]]]
"""Rows above the header, the table, rows below it."""


def workbook_bytes(sheets: Mapping[str, Sheet]) -> bytes:
    """Return the bytes of a workbook with these sheets; columns of type Date become date cells, all others text."""
    names = list(sheets)
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    related = "".join(
        f'<Relationship Id="rId{i}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    typed = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for i in range(1, len(names) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{typed}</Types>',
        "_rels/.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId0" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": STYLES,
    }
    for index, name in enumerate(names, 1):
        parts[f"xl/worksheets/sheet{index}.xml"] = _sheet(*sheets[name])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path, text in parts.items():
            archive.writestr(zipfile.ZipInfo(path, FIXED_TIME), text.encode(), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _sheet(above: Sequence[Sequence[str]], table: pl.DataFrame, below: Sequence[Sequence[str]]) -> str:
    rows = [_text_row(cells) for cells in above]
    rows.append(_text_row(table.columns))
    if table.height:
        cells = [_cells(table, name, position) for position, name in enumerate(table.columns)]
        rows += table.select(pl.concat_str(pl.lit("<row>"), *cells, pl.lit("</row>"))).to_series().to_list()
    rows += [_text_row(cells) for cells in below]
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _text_row(cells: Sequence[str]) -> str:
    return "<row>" + "".join(f'<c t="inlineStr"><is><t>{escape(c)}</t></is></c>' for c in cells) + "</row>"


def _cells(table: pl.DataFrame, name: str, position: int) -> pl.Expr:
    column = pl.col(name)
    if table.schema[name] == pl.Date:
        serial = (column.cast(pl.Int32) - FIRST_DAY).cast(pl.String)
        return (pl.lit('<c s="1"><v>') + serial + pl.lit("</v></c>")).fill_null("<c/>").alias(f"c{position}")
    safe = (
        column.cast(pl.String)
        .str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
    )
    return (pl.lit('<c t="inlineStr"><is><t>') + safe + pl.lit("</t></is></c>")).fill_null("<c/>").alias(f"c{position}")
