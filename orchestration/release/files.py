"""One answer as files: CSV with its CSVW metadata, JSON or Parquet. Nothing but a ProtectedTable is written.

The CSV is rows only, so that programs read it; what its columns mean, and the birth certificate, are in the metadata
beside it (W3C, Tabular Data on the Web: `NAME.csv-metadata.json`, where readers look for it). Parquet carries the same
certificate in its own metadata, and the labels in columns beside the codes.
"""

import io
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

from orchestration.release import words
from orchestration.release.grammar import Refused
from orchestration.release.table import ProtectedTable

METADATA_SUFFIX = "-metadata.json"
CERTIFICATE = "joinedup.certificate"
"""The key of the birth certificate, as JSON, in the metadata of a Parquet file."""
HIDDEN_MEANS = "Empty: hidden, because too few, none, or too close to everyone around it."


def write_table(table: ProtectedTable, path: Path) -> list[Path]:
    """Write an answer in the form that the name ends in, and return the files written. Folders are made."""
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        raise Refused(f"A file of figures cannot end in '{path.suffix}'.", allowed=tuple(WRITERS))
    path.parent.mkdir(parents=True, exist_ok=True)
    return writer(table, path)


def describe_csv(table: ProtectedTable, name: str) -> dict[str, object]:
    """Return the CSVW metadata of the CSV of an answer, whose file has this name."""
    columns: list[dict[str, object]] = []
    for dimension in table.columns[:-1]:
        about = words.DIMENSIONS[dimension]
        columns += [
            {"name": dimension, "titles": dimension, "dc:description": about.definition, "datatype": "string",
             "required": True},
            {"name": f"{dimension}_label", "titles": f"{dimension}_label", "dc:description": about.label,
             "datatype": "string"},
        ]  # fmt: skip
    measure = words.MEASURES[table.request.measure]
    columns.append(
        {"name": "value", "titles": "value", "dc:description": f"{measure.definition} {HIDDEN_MEANS}",
         "datatype": {"base": "integer", "minimum": 1}, "null": ""}
    )  # fmt: skip
    if table.at_least:
        columns.append(
            {"name": "at_least", "titles": "at_least", "dc:description": "Whether a part of the sum is hidden.",
             "datatype": {"base": "boolean", "format": "yes|no"}}
        )  # fmt: skip
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": name,
        "dc:title": f"{measure.label}, {table.certificate.period_label}",
        "dc:description": measure.definition,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "tableSchema": {"columns": columns, "primaryKey": list(table.columns[:-1])},
        "notes": [
            {"heading": "Total", "text": "hidden" if table.total is None else str(table.total)},
            *({"heading": heading, "text": text} for heading, text in table.certificate.lines()),
        ],
    }


def _write_csv(table: ProtectedTable, path: Path) -> list[Path]:
    path.write_text(table.to_csv(certificate=False), encoding="utf-8", newline="")
    beside = path.with_name(path.name + METADATA_SUFFIX)
    beside.write_text(json.dumps(describe_csv(table, path.name), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return [path, beside]


def _write_json(table: ProtectedTable, path: Path) -> list[Path]:
    path.write_text(table.to_json() + "\n", encoding="utf-8")
    return [path]


def as_parquet(table: ProtectedTable) -> bytes:
    """Return an answer as the bytes of a Parquet file."""
    frame = table.to_polars()
    for name in table.columns[:-1]:
        labels = [table.label(name, code) for code in frame[name]]
        frame = frame.insert_column(frame.get_column_index(name) + 1, pl.Series(f"{name}_label", labels, pl.String()))
    if table.at_least:
        frame = frame.with_columns(at_least=pl.Series(list(table.at_least), dtype=pl.Boolean()))
    certificate = json.dumps(table.certificate.to_dict(), ensure_ascii=False)
    metadata = {CERTIFICATE: certificate, "joinedup.request": table.request.canonical()}
    out = io.BytesIO()
    frame.write_parquet(out, statistics=False, metadata=metadata)
    return out.getvalue()


def _write_parquet(table: ProtectedTable, path: Path) -> list[Path]:
    path.write_bytes(as_parquet(table))
    return [path]


WRITERS: dict[str, Callable[[ProtectedTable, Path], list[Path]]] = {
    ".csv": _write_csv,
    ".json": _write_json,
    ".parquet": _write_parquet,
}
