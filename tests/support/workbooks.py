"""Small workbooks for tests, made by openpyxl or by hand where no program would write them."""

import io
import zipfile
from collections.abc import Callable, Iterable
from typing import Any

import openpyxl

ODS_NAMES = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


def workbook(
    rows: Iterable[Iterable[Any]], *, merged: Iterable[str] = (), start: str = "A1", **more: Iterable[Iterable[Any]]
) -> bytes:
    """Return an .xlsx whose first sheet holds the rows from `start` on; `more` are sheets by name."""
    book = openpyxl.Workbook()
    sheet = book.active
    first = sheet[start]
    for down, cells in enumerate(rows):
        for across, value in enumerate(cells):
            if value is not None:
                sheet.cell(first.row + down, first.column + across, value)
    for area in merged:
        sheet.merge_cells(area)
    for name, others in more.items():
        added = book.create_sheet(name)
        for cells in others:
            added.append(list(cells))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rewritten(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return a zip with one member changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return file.getvalue()


def open_document(*tables: str, manifest: str = "") -> bytes:
    """Return an .ods of these tables (XML of their rows)."""
    sheets = "".join(f'<table:table table:name="T{n}">{rows}</table:table>' for n, rows in enumerate(tables))
    content = (
        f"<office:document-content {ODS_NAMES}><office:body><office:spreadsheet>{sheets}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr("META-INF/manifest.xml", manifest or "<manifest/>")
    return file.getvalue()


def ods_row(*cells: str, **attributes: int) -> str:
    """Return one row; attributes are those of the row."""
    said = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f"<table:table-row{said}>{''.join(cells)}</table:table-row>"


def ods_cell(text: str = "", **attributes: int) -> str:
    """Return one cell; attributes are those of the cell."""
    said = "".join(f' table:{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    held = f' office:value-type="string"{said}><text:p>{text}</text:p>' if text else f"{said}>"
    return f"<table:table-cell{held}</table:table-cell>"


def zipped(**members: bytes | str) -> bytes:
    """Return a zip of members by name; `__` in a keyword stands for a dot."""
    return zip_of({name.replace("__", "."): data for name, data in members.items()})


def zip_of(members: dict[str, bytes | str]) -> bytes:
    """Return a zip of members by name."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return file.getvalue()
