"""The schema for editors: in step with the models, and of one mind with them about good and bad contracts."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from orchestration.area.reading import PlainLoader
from orchestration.area.schema import contract_schema, schema_text
from orchestration.feeds.canonical import FIELDS
from orchestration.feeds.checks import registry
from orchestration.settings import repository_root

PACK = repository_root() / "seeds" / "demo_area"
CONTRACTS = sorted((PACK / "feeds").glob("*.yaml"))
NAMES = {str(entity): list(fields) for entity, fields in FIELDS.items()}


@pytest.fixture(scope="module")
def validator() -> jsonschema.protocols.Validator:
    schema = contract_schema(NAMES, list(registry()))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def good() -> dict[str, Any]:
    """Return a contract with every short form."""
    found: dict[str, Any] = yaml.load(
        """
        feed: f
        title: t
        partner: p
        agreement: a
        files:
          main: {pattern: x, where: {Kind: [1, ~], Open: true}}
          more: {pattern: y, on: Ref}
        delivery: {mode: append}
        entities:
          person:
            columns:
              source_ref: Ref
              sex: {from: Sex, type: code, codes: {1: M, 2: 0}}
        """,
        Loader=PlainLoader,
    )
    return json.loads(json.dumps(found))


def test_the_pack_s_schema_is_in_step_with_the_models() -> None:
    """`joinedup contract schema --out seeds/demo_area/contract.schema.json` writes it anew."""
    assert (PACK / "contract.schema.json").read_text(encoding="utf-8") == schema_text(NAMES, list(registry()))


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_contract_of_the_demo_area_follows_the_schema(path: Path, validator: Any) -> None:
    data = json.loads(json.dumps(yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)))
    assert [error.message for error in validator.iter_errors(data)] == []


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.stem)
def test_every_contract_names_a_schema_that_is_there(path: Path) -> None:
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text(encoding="utf-8"))
    assert named
    assert (path.parent / named[1]).resolve() == PACK / "contract.schema.json"


def test_short_forms_are_good(validator: Any) -> None:
    assert [error.message for error in validator.iter_errors(good())] == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda c: c.pop("agreement"),
        lambda c: c.update(colour="blue"),
        lambda c: c["files"]["main"].pop("pattern"),
        lambda c: c["entities"]["person"]["columns"].update(sx="Sex"),
        lambda c: c["entities"]["person"]["columns"]["sex"].update(type="colour"),
        lambda c: c["entities"].update(persn={"columns": {}}),
        lambda c: c.update(checks={"no_such_check": "off"}),
        lambda c: c.update(effective_from="2025-04-01"),
    ],
)
def test_a_fault_is_seen_by_the_schema(spoil: Any, validator: Any) -> None:
    contract = good()
    spoil(contract)
    assert not validator.is_valid(contract)


def test_a_version_needs_nothing_and_may_take_keys_away(validator: Any) -> None:
    change = {"files": {"main": {"encoding": None}}, "entities": {"person": {"columns": {"sex": None, "gender": "G"}}}}
    assert [error.message for error in validator.iter_errors(change)] == []
    assert not validator.is_valid({"files": {"main": {"encodin": "utf-8"}}})
