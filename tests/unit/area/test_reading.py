"""Faults of an area pack are told with file, line and key."""

from pathlib import Path

import pytest

from orchestration.area import Agreement, Contract
from orchestration.area.reading import read_model
from orchestration.errors import AreaPackError

CONTRACT = """\
feed: housing
title: Housing options
partner: council
agreement: housing-2025
files:
  main: {pattern: 'housing_.*\\.csv'}
delivery: {mode: append}
entities:
  person:
    columns:
      source_ref: {from: Ref, required: true}
      sex: Gender
"""


def contract_file(folder: Path, text: str) -> Path:
    path = folder / "housing.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sound_contract_is_read_with_its_short_forms(tmp_path: Path) -> None:
    contract = read_model(Contract, contract_file(tmp_path, CONTRACT))
    assert contract.entities["person"].columns["sex"].source == "Gender"
    assert contract.folder == "housing"


def test_an_unknown_key_is_told_with_line_and_the_key_that_was_meant(tmp_path: Path) -> None:
    path = contract_file(tmp_path, CONTRACT.replace("required: true", "requierd: true"))
    with pytest.raises(AreaPackError) as caught:
        read_model(Contract, path)
    message = str(caught.value)
    assert "housing.yaml, line 11" in message
    assert "entities.person.columns.source_ref.requierd" in message
    assert "Did you mean 'required'?" in message


def test_a_missing_key_is_told(tmp_path: Path) -> None:
    path = contract_file(tmp_path, CONTRACT.replace("agreement: housing-2025\n", ""))
    with pytest.raises(AreaPackError, match="key 'agreement': this key is required and missing"):
        read_model(Contract, path)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = CONTRACT.replace("mode: append", "mode: sometimes").replace("feed: housing", "feed: Housing!")
    with pytest.raises(AreaPackError) as caught:
        read_model(Contract, contract_file(tmp_path, text))
    assert len(str(caught.value).splitlines()) == 2


def test_a_column_needs_exactly_one_origin(tmp_path: Path) -> None:
    path = contract_file(tmp_path, CONTRACT.replace("sex: Gender", "sex: {from: Gender, value: F}"))
    with pytest.raises(AreaPackError, match="give one of `from`"):
        read_model(Contract, path)


def test_a_file_that_no_one_declared_is_told(tmp_path: Path) -> None:
    path = contract_file(tmp_path, CONTRACT.replace("sex: Gender", "sex: {from: Gender, file: people}"))
    with pytest.raises(AreaPackError, match="names file people, which `files` does not declare"):
        read_model(Contract, path)


def test_a_pattern_that_is_no_regular_expression_is_told(tmp_path: Path) -> None:
    path = contract_file(tmp_path, CONTRACT.replace("housing_.*", "housing_(.*"))
    with pytest.raises(AreaPackError, match="not a regular expression"):
        read_model(Contract, path)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1\n"])
def test_a_file_that_is_not_keys_and_values_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(AreaPackError, match=r"housing\.yaml"):
        read_model(Contract, contract_file(tmp_path, text))


def test_an_agreement_cannot_end_before_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    path.write_text(
        "id: a\ntitle: A\nstatus: signed\nparties: [{organization_id: x, role: controller}, "
        "{organization_id: y, role: recipient}]\npurposes: [service_design]\nlawful_basis: {article_6: 6(1)(e)}\n"
        "legal_power: Act\nfeeds: {f: {items: [sex]}}\nstarts_on: 2025-01-02\nexpires_on: 2025-01-01\n",
        encoding="utf-8",
    )
    with pytest.raises(AreaPackError, match="expires_on 2025-01-01 is before starts_on 2025-01-02"):
        read_model(Agreement, path)


def test_the_words_on_and_no_are_words_and_not_truth_values(tmp_path: Path) -> None:
    text = CONTRACT.replace("delivery:", "  people: {pattern: people, on: [Ref]}\ndelivery:").replace(
        "sex: Gender", "sex: {from: Gender, codes: {no: U, Y: F}}"
    )
    contract = read_model(Contract, contract_file(tmp_path, text))
    assert contract.files["people"].on == ["Ref"]
    assert contract.entities["person"].columns["sex"].codes == {"no": "U", "Y": "F"}
