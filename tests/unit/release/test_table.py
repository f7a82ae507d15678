"""ProtectedTable: it refuses what the rules cannot have produced, and its files are safe to open."""

from dataclasses import FrozenInstanceError, fields, replace

import pytest

from orchestration.errors import ReleaseError
from orchestration.release import Gate, ProtectedTable, Request
from orchestration.release.table import neutralise


@pytest.fixture(scope="module")
def table(gate: Gate) -> ProtectedTable:
    return gate.answer(Request("people", ("theme",), {}, "Y2025"))


@pytest.mark.parametrize("figure", [1, 5, 9, 12, 0, -5, 10.0, "10", True])
def test_a_figure_that_is_small_or_not_rounded_is_refused(table: ProtectedTable, figure: object) -> None:
    with pytest.raises(ReleaseError):
        replace(table, rows=(("debt", figure),))  # type: ignore[arg-type]
    with pytest.raises(ReleaseError):
        replace(table, total=figure)  # type: ignore[arg-type]


def test_there_is_no_place_for_a_true_count_or_a_key(table: ProtectedTable) -> None:
    assert {field.name for field in fields(table)} == {
        "request",
        "columns",
        "rows",
        "labels",
        "total",
        "certificate",
        "at_least",
        "policy",
    }
    with pytest.raises(ReleaseError):
        replace(table, columns=("theme", "true", "value"), rows=(("debt", 3, 10),))


def test_it_cannot_be_changed(table: ProtectedTable) -> None:
    with pytest.raises(FrozenInstanceError):
        table.total = 5  # type: ignore[misc]
    with pytest.raises(TypeError):
        table.labels["theme"]["debt"] = "x"  # type: ignore[index]
    with pytest.raises((AttributeError, TypeError)):
        table.secret = 1  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "  =cmd|' /C calc'!A0"])
def test_formulas_are_neutralised_in_csv(table: ProtectedTable, text: str) -> None:
    assert neutralise(text).startswith("'")
    labelled = replace(table, labels={"theme": {"debt": text}}, rows=(("debt", 10),))
    assert f"'{text}" in labelled.to_csv(certificate=False)


def test_csv_and_json_carry_the_certificate(table: ProtectedTable) -> None:
    assert table.certificate.snapshot_id in table.to_csv()
    assert table.certificate.snapshot_id in table.to_json()


def test_the_frame_has_codes_and_figures_with_null_for_hidden(gate: Gate) -> None:
    frame = gate.answer(Request("people", ("sex",), {}, "2026-03")).to_polars()
    assert frame.columns == ["sex", "value"]
    assert frame["value"].null_count() == 1


def test_shares_come_from_published_figures_and_are_never_0_or_100(table: ProtectedTable) -> None:
    rows = (("debt", 10), ("housing", 4000), ("families", None))
    changed = replace(table, rows=rows, total=4000)
    assert [changed.share(index) for index in range(3)] == [1, 99, None]
