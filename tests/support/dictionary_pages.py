"""Write the data dictionary from what stands beside the models: python -m tests.support.dictionary_pages.

One page for people and one table for programs, both under docs/reference.
"""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

import yaml

from orchestration.settings import repository_root

MODELS = repository_root() / "dbt_project" / "models"
PAGE = repository_root() / "docs" / "reference" / "data-dictionary.md"
TABLE = PAGE.with_suffix(".csv")
LAYERS = {
    "staging": "Staging: what partners and the area gave, under one set of names",
    "intermediate": "Intermediate: the rules of the combined view, a step each",
    "marts": "Marts: dimensions, facts and measures",
    "serving": "Serving: all that a published snapshot holds",
}
TYPE_BY_ENGINE = re.compile(r"\{\{ '(?P<duckdb>\w+)' if target\.type == 'duckdb' else .+ \}\}")
OPENING = """# Data dictionary

Every table of the warehouse and every column that is described, written from the files beside the models
(`dbt_project/models/**/*.yml`); a test keeps it in step. [The same as a table](data-dictionary.csv) for programs:
layer, table, column, type, description, and for a table its grain. What the rules are is told in
[the warehouse](warehouse.md), what the measures mean in [statistics](statistics.md).

Only the serving layer is published, and only the release gate reads it.
"""


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each described model with its layer, in the order of the layers and then by name."""
    for layer in LAYERS:
        files = sorted((MODELS / layer).rglob("*.yml"))
        described = [
            model for file in files for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", ())
        ]
        yield from ((layer, model) for model in sorted(described, key=lambda model: str(model["name"])))


def page() -> str:
    """Return the page."""
    parts = [OPENING]
    shown = ""
    for layer, model in models():
        if layer != shown:
            parts.append(f"## {LAYERS[layer]}\n")
            shown = layer
        parts.append(f"### {model['name']}\n\n{model['description']}\n")
        if columns := model.get("columns"):
            rows = [f"| {c['name']} | {type_of(c)} | {c.get('description', '')} |" for c in columns]
            parts.append("\n".join(["| column | type | meaning |", "|---|---|---|", *rows, ""]))
    return "\n".join(parts)


def table() -> str:
    """Return the table: one row a model (its grain as description, no column) and one a column."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(["layer", "table", "column", "type", "description"])
    for layer, model in models():
        rows.writerow([layer, model["name"], "", "", model["description"]])
        for column in model.get("columns", ()):
            rows.writerow([layer, model["name"], column["name"], type_of(column), column.get("description", "")])
    return out.getvalue()


def type_of(column: dict[str, Any]) -> str:
    """Return a column's type as DuckDB has it; empty where the model declares none."""
    declared = str(column.get("data_type", ""))
    found = TYPE_BY_ENGINE.fullmatch(declared)
    return found["duckdb"] if found else declared


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    TABLE.write_text(table(), encoding="utf-8")
