"""The JSON Schema of feed contracts, for editors: completion, hints and faults while a contract is being written.

Made from the pydantic models, and widened by what they accept before they validate: short forms, one or many, codes
without quotes. One schema serves both kinds of file: with a key `feed` it is a whole contract, without one it is a
version that says only what differs, in which nothing is required and null takes a key away.
"""

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.area.contracts import Contract

DRAFT = "https://json-schema.org/draft/2020-12/schema"
SCALAR = {"type": ["string", "number", "boolean"]}
SCALAR_OR_NULL = {"type": ["string", "number", "boolean", "null"]}
DIFFERS = "Differences"


def contract_schema(fields: Mapping[str, Sequence[str]], checks: Sequence[str] = ()) -> dict[str, Any]:
    """Return the schema. `fields` are the canonical fields of each entity, `checks` the ids of checks."""
    made = Contract.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = made.pop("$defs")
    made["properties"].pop("effective_from")
    definitions["Contract"] = made
    _accept_short_forms(definitions)
    _name_fields(definitions, fields)
    if checks:
        definitions["Contract"]["properties"]["checks"]["propertyNames"] = {"enum": list(checks)}
    differing = {f"{name}{DIFFERS}": _nothing_required(body) for name, body in definitions.items()}
    return {
        "$schema": DRAFT,
        "title": "Feed contract",
        "description": "<feed>.yaml, or <feed>.<YYYY-MM-DD>.yaml with what differs from that day on",
        "if": {"required": ["feed"]},
        "then": {"$ref": "#/$defs/Contract"},
        "else": {"$ref": f"#/$defs/Contract{DIFFERS}"},
        "$defs": dict(sorted((definitions | differing).items())),
    }


def schema_text(fields: Mapping[str, Sequence[str]], checks: Sequence[str] = ()) -> str:
    """Return the schema as the file that editors read."""
    return json.dumps(contract_schema(fields, checks), indent=1, ensure_ascii=False) + "\n"


def _accept_short_forms(definitions: dict[str, Any]) -> None:
    """Say what the models' validators accept before they look at types."""
    definitions["ColumnOrHeader"] = {
        "anyOf": [{"type": "string", "description": "short for {from: ...}"}, {"$ref": "#/$defs/Column"}]
    }
    definitions["EntityMapping"]["properties"]["columns"]["additionalProperties"] = {"$ref": "#/$defs/ColumnOrHeader"}
    one_or_many = {"anyOf": [SCALAR_OR_NULL, {"type": "array", "items": SCALAR_OR_NULL}]}
    for name in ("DeliveryFile", "EntityMapping"):
        definitions[name]["properties"]["where"]["additionalProperties"] = one_or_many
    many = definitions["DeliveryFile"]["properties"]["on"]
    definitions["DeliveryFile"]["properties"]["on"] = {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]
    } | {key: value for key, value in many.items() if key in ("default", "description")}
    for body in definitions.values():
        for name, value in body.get("properties", {}).items():
            if name in ("codes", "ticks"):
                value["additionalProperties"] = SCALAR


def _name_fields(definitions: dict[str, Any], fields: Mapping[str, Sequence[str]]) -> None:
    """Give each entity a mapping of its own, which knows the entity's fields."""
    entities = definitions["Contract"]["properties"]["entities"]
    mapping = definitions.pop("EntityMapping")
    properties = {}
    for entity, names in fields.items():
        own = copy.deepcopy(mapping)
        columns = own["properties"]["columns"]
        columns["properties"] = dict.fromkeys(names, columns["additionalProperties"])
        columns["additionalProperties"] = False
        definitions[f"{entity.capitalize()}Mapping"] = own
        properties[entity] = {"$ref": f"#/$defs/{entity.capitalize()}Mapping"}
    for key in ("additionalProperties", "propertyNames"):
        entities.pop(key, None)
    entities |= {"properties": properties, "additionalProperties": False}


def _nothing_required(body: Any) -> Any:
    """Return a definition for versions: nothing is required, null is allowed everywhere, references stay among them."""
    if isinstance(body, list):
        return [_nothing_required(item) for item in body]
    if not isinstance(body, dict):
        return body
    if "$ref" in body:
        return {**body, "$ref": body["$ref"] + DIFFERS}
    found = {key: _nothing_required(value) for key, value in body.items() if key not in ("required", "minProperties")}
    for key in ("properties", "additionalProperties"):
        if isinstance(found.get(key), dict):
            found[key] = _or_null(found[key], many=key == "properties")
    return found


def _or_null(body: dict[str, Any], *, many: bool) -> dict[str, Any]:
    if many:
        return {name: _or_null(value, many=False) if isinstance(value, dict) else value for name, value in body.items()}
    return {"anyOf": [body, {"type": "null"}]}
