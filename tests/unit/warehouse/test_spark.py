"""Every model, written out with Spark's macros, is SQL that Spark's grammar and functions hold. None is run on it."""

from pathlib import Path

import pytest

from orchestration.bench.warehouse_inputs import write_inputs
from tests.support.spark_sql import compile_models, unknown_to_spark
from tests.support.warehouse_build import PROJECT


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("spark")
    write_inputs(folder)
    return folder


@pytest.fixture(scope="module")
def texts(home: Path) -> dict[str, str]:
    return compile_models(home, first="spark")


def test_every_model_is_written_out(texts: dict[str, str]) -> None:
    assert set(texts) == {path.stem for path in (PROJECT / "models").rglob("*.sql")}
    assert all(len(text) > 40 for text in texts.values())


def test_spark_knows_all_that_a_model_says(texts: dict[str, str]) -> None:
    assert {name: found for name, text in texts.items() if (found := unknown_to_spark(text))} == {}


def test_the_macros_for_spark_are_those_that_make_it_so(home: Path) -> None:
    """Written out for DuckDB, the same models say what Spark does not know: the check can fail."""
    found = {what for text in compile_models(home, first="none").values() for what in unknown_to_spark(text)}
    assert {"function date_diff", "function string_agg"} <= found
    assert any(what.startswith("grammar") for what in found)  # a cast to ubigint


@pytest.mark.parametrize(
    ("planted", "found"),
    [
        ("list_aggregate(collect_list(a), 'sum')", ["function list_aggregate"]),
        ("strftime(day, '%Y')", ["function strftime"]),
        ("epoch_ms(day)", ["function epoch_ms"]),
        ("cast(a as hugeint)", ["type INT128"]),
        ('"a"', ["quotation marks around a name"]),
        ("[x for x in a]", ["a list in brackets"]),
        ("try(a", ["grammar: Expecting )."]),
    ],
)
def test_what_only_duckdb_says_is_found_in_a_model(
    texts: dict[str, str], planted: str, found: list[str] | None
) -> None:
    text = texts["stg_feeds"].replace("from source_feeds", f", {planted} as planted from source_feeds", 1)
    assert text != texts["stg_feeds"]
    assert [told.partition(" Line")[0] for told in unknown_to_spark(text)] == found
