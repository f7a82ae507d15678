"""A comparison may name a persona of the pack as a cohort, and no other; what its rule asks for is no outcome of it."""

import shutil
from pathlib import Path

import pytest

from orchestration.area import load_area
from orchestration.area.personas import services_asked
from orchestration.errors import AreaPackError
from orchestration.settings import repository_root

HEADER = "comparison_id,comparison_name,focus_cohort,other_cohort,outcome,within_days\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(repository_root() / "seeds" / "demo_area", tmp_path / "pack"))


def _compare(pack: Path, row: str) -> None:
    (pack / "comparisons.csv").write_text(HEADER + row + "\n", encoding="utf-8")


def test_a_persona_is_compared_with_a_lens(pack: Path) -> None:
    _compare(pack, "a,A,persona:stop_start_worker,persona:youth_violence,service:talking_therapies,90")
    found = load_area(pack).directory.comparisons.row(0, named=True)
    assert (found["focus_cohort"], found["other_cohort"]) == ("persona:stop_start_worker", "persona:youth_violence")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (
            "a,A,persona:nobody,service:debt_advice,service:talking_therapies,90",
            "comparison 'a', column 'focus_cohort': 'persona:nobody' is the id of no file in personas/ or lenses/",
        ),
        (
            "a,A,service:talking_therapies,persona:stop_start_worker,service:debt_advice,90",
            "column 'outcome': 'service:debt_advice' is part of the rule of 'persona:stop_start_worker'",
        ),
        (
            "a,A,persona:families,service:debt_advice,service:family_support_plan,90",
            "column 'outcome': 'service:family_support_plan' is part of the rule of 'persona:families'",
        ),
        ("a,A,people:all,service:debt_advice,service:talking_therapies,90", "line 2: column 'focus_cohort': a cohort"),
    ],
)
def test_a_cohort_that_cannot_be_measured_is_refused(pack: Path, row: str, fault: str) -> None:
    _compare(pack, row)
    with pytest.raises(AreaPackError, match=r"comparisons\.csv") as refused:
        load_area(pack)
    assert fault in str(refused.value)


def test_the_services_of_a_rule_are_those_of_its_themes_and_choices() -> None:
    area = load_area(repository_root() / "seeds" / "demo_area")
    asked = services_asked(area.personas, area.directory)
    assert asked["stop_start_worker"] == {"universal_credit_searching", "debt_advice", "council_tax_support"}
    assert asked["families"] == set(area.directory.services.filter(theme="family")["id"])
