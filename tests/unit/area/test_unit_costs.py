"""Unit costs and comparisons of a pack: what is read, what is put into one price year, and what is refused where."""

from pathlib import Path

import polars as pl
import pytest

from orchestration.area.comparisons import SCHEMA as COMPARISONS
from orchestration.area.comparisons import read_comparisons
from orchestration.area.unit_costs import SCHEMA, read_unit_costs
from orchestration.errors import AreaPackError

SERVICES = ["debt_advice", "home_care"]
OLD = "service_id,unit,cost_gbp,price_year,borne_by,source\n"
FULL = "service_id,unit,per,cost_gbp,cost_low_gbp,cost_high_gbp,cost_type,price_year,borne_by,confidence,source\n"
COMPARED = ",".join(COMPARISONS) + "\n"


def costs(folder: Path, text: str, deflators: str | None = None) -> pl.DataFrame:
    (folder / "unit_costs.csv").write_text(text, encoding="utf-8")
    if deflators:
        (folder / "deflators.csv").write_text(deflators, encoding="utf-8")
    return read_unit_costs(folder, SERVICES)


def test_a_pack_may_have_no_unit_costs_and_no_comparisons(tmp_path: Path) -> None:
    assert read_unit_costs(tmp_path, SERVICES).schema == SCHEMA
    assert read_comparisons(tmp_path, SERVICES).schema == COMPARISONS


def test_the_unit_tells_what_is_counted_and_a_cost_without_a_range_has_none(tmp_path: Path) -> None:
    found = costs(
        tmp_path, OLD + "debt_advice,case,265,2024-25,charity,x\nhome_care,person and week,310,2024-25,nhs,x\n"
    )
    assert found.schema == SCHEMA
    assert found["per"].to_list() == ["episode", "week"]
    assert found["cost_type"].to_list() == ["fiscal", "fiscal"]
    assert found.select("cost_low_gbp", "cost_high_gbp").row(0) == (265.0, 265.0)


def test_costs_are_told_in_the_newest_price_year_by_the_packs_deflator(tmp_path: Path) -> None:
    text = OLD + "debt_advice,case,100,2022-23,charity,x\nhome_care,week,310,2024-25,nhs,x\n"
    found = costs(tmp_path, text, "price_year,index\n2022-23,80\n2024-25,100\n")
    assert found["told_price_year"].to_list() == ["2024-25", "2024-25"]
    assert found["deflator"].to_list() == [1.25, 1.0]


def test_two_price_years_without_a_deflator_are_refused(tmp_path: Path) -> None:
    text = OLD + "debt_advice,case,100,2022-23,charity,x\nhome_care,week,310,2024-25,nhs,x\n"
    with pytest.raises(AreaPackError, match=r"unit_costs\.csv, line 2: .*deflators\.csv"):
        costs(tmp_path, text)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("food_bank,case,episode,1,1,1,fiscal,2024-25,council,high,x", "'food_bank' is not one of"),
        ("debt_advice,case,fortnight,1,1,1,fiscal,2024-25,council,high,x", "column 'per'"),
        ("debt_advice,case,episode,1,1,1,moral,2024-25,council,high,x", "column 'cost_type'"),
        ("debt_advice,case,episode,dear,1,1,fiscal,2024-25,council,high,x", "'cost_gbp' must be pounds"),
        ("debt_advice,case,episode,3,4,5,fiscal,2024-25,council,high,x", "on either side"),
        ("debt_advice,case,episode,3,2,5,fiscal,2024-25,,high,x", "'borne_by'"),
        ("debt_advice,case,episode,3,2,5,fiscal,,council,high,x", "'price_year' is missing"),
        ("home_care,week,week,3,2,5,fiscal,2024-25,council,high,y", "given twice"),
    ],
)
def test_a_unit_cost_that_cannot_be_used_is_refused_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    good = "home_care,week,week,310,300,320,fiscal,2024-25,council,high,x\n"
    with pytest.raises(AreaPackError, match=r"unit_costs\.csv, line [23]: .*" + fault):
        costs(tmp_path, FULL + good + row + "\n")


def test_a_comparison_names_two_cohorts_an_outcome_and_its_days(tmp_path: Path) -> None:
    row = "a,A name,service:debt_advice,service:home_care,outcome:in_work,90\n"
    (tmp_path / "comparisons.csv").write_text(COMPARED + row, encoding="utf-8")
    found = read_comparisons(tmp_path, SERVICES)
    assert found.schema == COMPARISONS
    assert found.row(0) == ("a", "A name", "service:debt_advice", "service:home_care", "outcome:in_work", 90)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a,A,service:food_bank,service:home_care,outcome:x,90", "column 'focus_cohort'"),
        ("a,A,service:home_care,people:nobody,outcome:x,90", "column 'other_cohort'"),
        ("a,A,service:home_care,,outcome:x,90", "column 'other_cohort'"),
        ("a,A,service:home_care,service:debt_advice,in_work,90", "column 'outcome'"),
        ("a,A,service:home_care,service:home_care,outcome:x,90", "compared with itself"),
        ("a,A,service:home_care,service:debt_advice,service:home_care,90", "cannot be its outcome"),
        ("a,A,service:home_care,service:debt_advice,outcome:x,soon", "'within_days'"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_refused_with_its_line(tmp_path: Path, row: str, fault: str) -> None:
    (tmp_path / "comparisons.csv").write_text(COMPARED + row + "\n", encoding="utf-8")
    with pytest.raises(AreaPackError, match=r"comparisons\.csv, line 2: .*" + fault):
        read_comparisons(tmp_path, SERVICES)
