"""The models' SQL as Spark would be given it, and what of it Spark does not know.

What belongs here: compiling with the `spark__` macros, and Spark's functions and types as far as the models use them.
What does not: running anything; there is no Spark here.
"""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from dbt.context.providers import BaseDatabaseWrapper
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from tests.support.warehouse_build import build_warehouse

FUNCTIONS = """
abs any_value array array_join array_sort avg bit_and bit_count bit_or bool_and bool_or cast ceil coalesce collect_list
concat concat_ws corr count date_add date_format date_trunc datediff dense_rank exp first_value floor greatest lag
last_day last_value lead least length ln lower lpad make_date max md5 median min mod month nth_value ntile nullif
percent_rank percentile_approx power quarter rank regexp_replace replace round row_number sequence sign split sqrt
stddev_pop stddev_samp struct substr sum to_date transform trim try_cast upper var_pop var_samp xxhash64 year
"""
"""Of Spark SQL 3.5's built-in functions (spark.apache.org/docs/3.5.0/api/sql), those that models may use."""
TYPES = frozenset(
    {"BIGINT", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "INT", "SMALLINT", "TEXT", "TIMESTAMPTZ", "INTERVAL"}
)
"""Types that both engines have, as the parser calls them: `string` is TEXT, and Spark's `timestamp` TIMESTAMPTZ, that
of the session's time zone, which is UTC.
"""
KEYWORDS = """
all and any as between by case decimal distinct else end except exists filter from having in intersect interval is join
limit not on or order over partition select some then union using values varchar when where with
"""
"""Words that may stand before a bracket and call nothing."""
MAY_STAND_BEFORE_A_BRACKET = frozenset((FUNCTIONS + KEYWORDS).split())
SOURCE = re.compile(r"read_parquet\('[^')]*/(\w+)(?:/\*)?\.parquet'[^)]*\)")
"""Where a source's files are is the profile's matter; Spark would have tables."""


def compile_models(home: Path, *, first: str) -> dict[str, str]:
    """Return each SQL model's text by name, with macros `<first>__…` before those of the engine that is installed."""
    prefixes = BaseDatabaseWrapper._get_adapter_macro_prefixes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseWrapper, "_get_adapter_macro_prefixes", lambda self: [first, *prefixes(self)])
        nodes = build_warehouse(home, command="compile", select="resource_type:model").manifest["nodes"].values()
    models = [node for node in nodes if node["resource_type"] == "model" and node["language"] == "sql"]
    named = {node["relation_name"]: f"{node['schema']}.{node['name']}" for node in nodes if node.get("relation_name")}
    return {node["name"]: _in_tables(str(node["compiled_code"]), named) for node in models}


def _in_tables(text: str, named: dict[str, str]) -> str:
    """Name tables without quotation marks, which to Spark are text."""
    text = SOURCE.sub(r"source_\1", text)
    return re.sub(r'"\w+"\."\w+"\."\w+"', lambda found: named[found[0]], text)


def unknown_to_spark(text: str) -> list[str]:
    """Return what Spark would refuse: grammar, functions, types, lists in brackets, quotation marks around names."""
    try:
        (tree,) = sqlglot.parse(text, read="spark")
    except (SqlglotError, ValueError) as wrong:
        return [f"grammar: {str(wrong).splitlines()[0]}"]
    if tree is None:
        return ["grammar: no query"]
    tokens = sqlglot.tokenize(text, read="spark")
    found = {f"function {name}" for name in _called(tokens) if name not in MAY_STAND_BEFORE_A_BRACKET}
    found |= {"quotation marks around a name"} if '"' in text else set()
    found |= {"a list in brackets" for token in tokens if token.token_type == TokenType.L_BRACKET}
    found |= {f"type {kind}" for kind in _types(tree) if kind not in TYPES}
    return sorted(found)


def _called(tokens: list[Token]) -> Iterator[str]:
    for token, following in itertools.pairwise(tokens):
        if following.token_type == TokenType.L_PAREN and token.text.isidentifier():
            yield token.text.lower()


def _types(tree: exp.Expression) -> Iterator[str]:
    for kind in tree.find_all(exp.DataType):
        yield kind.this.name if isinstance(kind.this, exp.DataType.Type) else kind.sql("spark")
