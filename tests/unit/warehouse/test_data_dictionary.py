"""The data dictionary says what every table and column of the warehouse is, as the models' own files do."""

import csv
import io

from tests.support.dictionary_pages import PAGE, TABLE, page, table
from tests.support.warehouse_build import PROJECT, Warehouse


def test_the_dictionary_is_written_from_the_models() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()
    assert TABLE.read_text(encoding="utf-8") == table()


def test_every_model_and_every_column_that_is_built_is_in_the_dictionary(crowd: Warehouse) -> None:
    told = {(row["table"], row["column"]): row for row in csv.DictReader(io.StringIO(table()))}
    models = {path.stem for path in (PROJECT / "models").rglob("*") if path.suffix in (".sql", ".py")}
    assert {name for name, column in told if not column} == models
    built = crowd.rows(
        "select table_schema, table_name, column_name, lower(data_type) from information_schema.columns "
        "where table_schema in ('marts', 'serving')"
    )
    assert {(name, column) for _, name, column, _ in built} - set(told) == set()
    types = {"string": "varchar", "int": "integer", "decimal(18, 2)": "decimal(18,2)"}
    for _, name, column, found in built:
        declared = told[name, column]["type"]
        assert types.get(declared, declared) == found, (name, column)
    assert all(row["description"] for row in told.values())
