"""Answers as text for the command line."""

import json

import pytest

from orchestration.release import Gate, Refused
from orchestration.release.query import run_query


def test_a_query_prints_labels_figures_and_the_certificate(gate: Gate) -> None:
    text = run_query(gate, measure="people", by=["theme"], period="Y2025")
    assert text.startswith("Theme")
    assert "Debt and money" in text
    assert "Definition: " in text


def test_a_hidden_figure_says_so(gate: Gate) -> None:
    assert "hidden" in run_query(gate, measure="people", by=["sex"], period="2026-03")


def test_json_can_be_read_back(gate: Gate) -> None:
    answer = json.loads(
        run_query(gate, measure="people", by=["sex"], where=["theme=debt"], period="all", output="json")
    )
    assert answer["request"]["where"] == {"theme": ["debt"]}
    assert {row["sex"] for row in answer["rows"]} == {"F", "M", "U"}
    assert answer["certificate"]["snapshot_id"].startswith("snapshot-")


def test_csv_has_codes_labels_and_figures(gate: Gate) -> None:
    lines = run_query(gate, measure="people", by=["sex"], period="all", output="csv").splitlines()
    assert lines[0] == "sex,sex_label,value"
    assert lines[1].startswith("F,Female,")


def test_an_unknown_format_is_refused_with_the_known_ones(gate: Gate) -> None:
    with pytest.raises(Refused, match="table, json, csv"):
        run_query(gate, measure="people", output="xml")
