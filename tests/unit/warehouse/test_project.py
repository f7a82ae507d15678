"""The dbt project's own rules: layers, descriptions, keys, contracts and SQL that both engines speak."""

import re
from typing import Any

import pytest
import yaml

from orchestration.area.profile import Rules
from orchestration.serving_schema import SERVING
from orchestration.settings import repository_root
from tests.support.warehouse_build import PROJECT, Warehouse

LAYERS = ("staging", "intermediate", "marts", "serving")
NOT_PORTABLE = {
    "qualify": r"\bqualify\b",
    "a :: cast": r"::",
    "unnest": r"\bunnest\s*\(",
    "group by all": r"\bgroup by all\b",
    "distinct on": r"\bdistinct on\b",
    "read_parquet": r"\bread_parquet\b",
    "exclude or replace": r"\*\s*(exclude|replace)\b",
    "a shift": r"<<|>>",
    "integer division by //": r"//",
    "hugeint": r"\bhugeint\b",
    "asof": r"\basof\b",
    "a list literal": r"\[\s*\d",
}


def _models(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in warehouse.manifest["nodes"].values() if node["resource_type"] == "model"}


def test_layers_read_only_downwards(warehouse: Warehouse) -> None:
    upwards = []
    for name, node in _models(warehouse).items():
        own = LAYERS.index(node["fqn"][1])
        for parent in node["depends_on"]["nodes"]:
            if parent.startswith("source.") and own > 0:
                upwards.append(f"{name} reads a source past staging")
            if parent.startswith("model.") and LAYERS.index(warehouse.manifest["nodes"][parent]["fqn"][1]) > own:
                upwards.append(f"{name} reads {parent}")
    assert not upwards


def test_every_model_and_column_is_described(warehouse: Warehouse) -> None:
    built = warehouse.rows(
        "select table_name, column_name from information_schema.columns "
        "where table_schema in ('staging', 'intermediate', 'marts', 'serving') and table_name <> 'ethnicity'"
    )
    models = _models(warehouse)
    bare = [name for name, node in models.items() if not node["description"].startswith("One row")]
    bare += [
        f"{table}.{column}"
        for table, column in built
        if not models[table]["columns"].get(column, {}).get("description")
    ]
    assert not bare


def test_one_column_name_has_one_type_across_the_models_that_declare_it(warehouse: Warehouse) -> None:
    types: dict[str, set[str]] = {}
    for node in _models(warehouse).values():
        for column in node["columns"].values():
            if column["data_type"]:
                types.setdefault(column["name"], set()).add(column["data_type"])
    assert {name: found for name, found in types.items() if len(found) > 1} == {}


def test_every_model_has_a_key_and_an_identity_or_relationship(warehouse: Warehouse) -> None:
    tests: dict[str, set[str]] = {}
    for node in warehouse.manifest["nodes"].values():
        if node["resource_type"] == "test":
            tests.setdefault(node["attached_node"].split(".")[-1], set()).add(node["test_metadata"]["name"])
    lacking = [
        name
        for name in _models(warehouse)
        if "key" not in tests.get(name, set()) or not tests[name] & {"holds", "totals_agree", "refers_to"}
    ]
    assert not lacking


def test_marts_and_serving_have_enforced_contracts(warehouse: Warehouse) -> None:
    models = [node for node in _models(warehouse).values() if node["fqn"][1] in ("marts", "serving")]
    assert len(models) > 30
    assert [node["name"] for node in models if not node["contract"]["enforced"]] == []


def test_the_serving_layer_has_what_a_snapshot_must_have(warehouse: Warehouse) -> None:
    models = {name: node for name, node in _models(warehouse).items() if node["fqn"][1] == "serving"}
    assert set(models) == set(SERVING)
    assert {name: set(columns) - set(models[name]["columns"]) for name, columns in SERVING.items()} == {
        name: set() for name in SERVING
    }


def test_nothing_that_names_a_person_or_a_source_is_served(warehouse: Warehouse) -> None:
    named = re.compile(r"person_key|household_key|source_ref|tok_|birth|lsoa|trusted|_ref$")
    served = warehouse.rows(
        "select table_name, column_name from information_schema.columns where table_schema = 'serving'"
    )
    assert [(table, column) for table, column in served if named.search(column)] == []


@pytest.mark.parametrize("construct", NOT_PORTABLE)
def test_models_keep_to_what_both_engines_speak(construct: str) -> None:
    pattern = re.compile(NOT_PORTABLE[construct])
    found = [
        path.name
        for path in (PROJECT / "models").rglob("*.sql")
        if pattern.search(re.sub(r"--.*", "", path.read_text(encoding="utf-8")))
    ]
    assert not found


@pytest.mark.parametrize("layer", LAYERS)
def test_the_reference_page_lists_every_model_with_its_grain(layer: str) -> None:
    page = (repository_root() / "docs" / "reference" / "warehouse.md").read_text(encoding="utf-8")
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (PROJECT / "models" / layer).rglob("*.yml")]
    declared = [model for file in files for model in file.get("models", [])]
    lines = [f"| `{model['name']}` | {model['description']} |" for model in declared]
    assert [line for line in lines if line not in page] == []


def test_the_reference_page_gives_the_defaults_of_the_rules() -> None:
    page = (repository_root() / "docs" / "reference" / "warehouse.md").read_text(encoding="utf-8")
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    told = dict(re.findall(r"\(`(\w+)`: (\d+)\)", page))
    assert told == {name: str(variables[name]) for name in told}
    assert set(Rules.model_fields) - set(told) == {"exit_followup_months"}  # no model uses it yet
