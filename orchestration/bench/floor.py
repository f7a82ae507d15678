"""The floor under the benchmark: DuckDB reads the same deliveries and counts monthly people by service by hand.

No checks, no receipts, no history, no disclosure control: what a good engineer would write in an afternoon for one
answer. It takes the finished links, since a floor that guessed identities would answer another question.
"""

import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from orchestration.area import Area, Contract, load_area
from orchestration.area.contracts import DeliveryFile, EntityMapping
from orchestration.settings import Settings

QUERY = Path(__file__).with_name("floor.sql")
TABLE = (
    "create table used (feed text, reference text, sequence integer, source_ref text, service text, "
    "first_day date, last_day date)"
)
FIRST_DATES = ("start_date", "contact_date")


@dataclass(frozen=True)
class Floor:
    """Wall seconds, rows read, and the answer (service, month_start, people)."""

    seconds: float
    rows: int
    answer: list[tuple[object, ...]]


def measure_floor(settings: Settings) -> Floor:
    """Read every delivery in the landing folder and answer one question, timing the whole."""
    area = load_area(settings.area_dir, today=settings.today)
    start = time.perf_counter()
    database = duckdb.connect()
    database.execute(TABLE)
    with tempfile.TemporaryDirectory(prefix="joinedup-floor-") as folder:
        rows = sum(_read(database, settings, area, contract, Path(folder)) for contract in area.contracts.values())
    database.read_parquet(str(settings.linkage / "person_links.parquet")).create_view("links")
    window = area.periods()[-1]
    answer = database.execute(
        QUERY.read_text(encoding="utf-8"), {"first_day": window.start, "last_day": window.end}
    ).fetchall()
    return Floor(time.perf_counter() - start, rows, answer)


def _read(database: duckdb.DuckDBPyConnection, settings: Settings, area: Area, contract: Contract, aside: Path) -> int:
    rows = 0
    for entity in ("episode", "contact"):
        mapping = contract.entities.get(entity)
        if mapping is None:
            continue
        for sequence, path in enumerate(_paths(settings, contract, mapping)):
            table = _table(database, path, contract.files[mapping.file], mapping, aside)
            rows += table.count("*").fetchall()[0][0]
            columns = _columns(contract, entity, mapping, table.columns, area, sequence)
            table.select(*columns).insert_into("used")
    return rows


def _paths(settings: Settings, contract: Contract, mapping: EntityMapping) -> list[Path]:
    pattern = re.compile(contract.files[mapping.file].pattern)
    folder = settings.landing / contract.folder
    return sorted(path for path in folder.rglob("*") if path.is_file() and pattern.fullmatch(path.name))


def _table(
    database: duckdb.DuckDBPyConnection, path: Path, file: DeliveryFile, mapping: EntityMapping, aside: Path
) -> duckdb.DuckDBPyRelation:
    match file.format:
        case "parquet":
            return database.read_parquet(str(path))
        case "jsonl":
            return database.read_json(str(path))
        case "xlsx":
            return database.from_arrow(pl.read_excel(path, sheet_name=file.sheet, infer_schema_length=0).to_arrow())
    content = path.read_bytes()
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:  # DuckDB reads UTF-8 without an extension, and nothing else
        lines = content.decode("cp1252").splitlines()
        path = aside / f"{len(list(aside.iterdir()))}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
    wanted = next(column.source for column in mapping.columns.values() if column.source)
    header = next((number for number, line in enumerate(lines) if wanted in line), 0)
    return database.read_csv(
        str(path),
        sep=max(",;\t|", key=lines[header].count) if lines else ",",
        skiprows=header,
        header=True,
        all_varchar=True,
        null_padding=True,
        ignore_errors=True,
        strict_mode=False,
    )


def _columns(  # noqa: PLR0917 - private, and read in one place
    contract: Contract, entity: str, mapping: EntityMapping, present: list[str], area: Area, sequence: int
) -> list[duckdb.Expression]:
    """Return the columns of TABLE as expressions; an open end lasts to the window's end."""
    last = duckdb.ConstantExpression(area.periods()[-1].end)
    first_field = next((field for field in FIRST_DATES if field in mapping.columns), "recorded_date")
    first = _date(mapping, first_field, present)
    end = _date(mapping, "end_date", present) if "end_date" in mapping.columns else first
    closed = duckdb.CoalesceOperator(end, last) if "end_date" in mapping.columns else end
    return [
        duckdb.ConstantExpression(contract.feed).alias("feed"),
        _text(mapping, f"{entity}_ref", present).alias("reference"),
        duckdb.ConstantExpression(sequence).alias("sequence"),
        _text(mapping, "source_ref", present).alias("source_ref"),
        _text(mapping, "service_id", present).alias("service"),
        first.alias("first_day"),
        closed.alias("last_day"),
    ]


def _text(mapping: EntityMapping, field: str, present: list[str]) -> duckdb.Expression:
    column = mapping.columns.get(field)
    if column is None or (column.source is not None and column.source not in present):
        return duckdb.ConstantExpression(None).cast("varchar")
    if column.source is None:
        return duckdb.ConstantExpression(column.value)
    return duckdb.FunctionExpression("trim", duckdb.ColumnExpression(f'"{column.source}"').cast("varchar"))


def _date(mapping: EntityMapping, field: str, present: list[str]) -> duckdb.Expression:
    column = mapping.columns.get(field)
    formats = duckdb.ConstantExpression((column.formats if column else None) or ["%Y-%m-%d"])
    return duckdb.FunctionExpression("try_strptime", _text(mapping, field, present), formats).cast("date")
