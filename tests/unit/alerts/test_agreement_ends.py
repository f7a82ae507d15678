"""Warnings come 90, 30 and 7 days before an agreement ends, each once; a renewal ends them all."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from orchestration.alerts import alert
from orchestration.alerts.agreement_ends import agreement_causes
from orchestration.area import Area, load_area
from orchestration.settings import Settings
from tests.support.deliveries import make_agreement

END = date(2027, 12, 31)


@pytest.fixture
def area(settings: Settings) -> Area:
    known = load_area(settings.area_dir, today="2025-06-01")
    agreement = make_agreement(id=next(iter(known.contracts.values())).agreement)
    return replace(known, agreements={agreement.id: agreement})


@pytest.mark.parametrize(
    ("left", "subjects"),
    [
        (91, []),
        (90, ["90_days"]),
        (31, ["90_days"]),
        (30, ["90_days", "30_days"]),
        (8, ["90_days", "30_days"]),
        (7, ["90_days", "30_days", "7_days"]),
        (0, ["90_days", "30_days", "7_days"]),
        (-1, ["ended"]),
    ],
)
def test_a_warning_begins_on_its_day_and_not_before(area: Area, left: int, subjects: list[str]) -> None:
    today = replace(area, today=END - timedelta(days=left))
    assert [cause.subject for cause in agreement_causes(today)] == subjects


def test_each_warning_is_sent_once_and_a_renewal_ends_them(settings: Settings, area: Area) -> None:
    told = []
    for left in (95, 90, 60, 30, 29, 7, 1):
        done = alert(settings, replace(area, today=END - timedelta(days=left)))
        told.append([cause.subject for cause in done.begun if cause.kind == "agreement"])
    assert told == [[], ["90_days"], [], ["30_days"], [], ["7_days"], []]
    renewed = make_agreement(id=next(iter(area.agreements)), expires_on=date(2029, 12, 31))
    done = alert(settings, replace(area, today=END, agreements={renewed.id: renewed}))
    assert {cause.subject for cause in done.over if cause.kind == "agreement"} == {"90_days", "30_days", "7_days"}


@pytest.mark.parametrize("status", ["draft", "suspended", "ended"])
def test_an_agreement_that_is_not_in_force_is_not_warned_of(area: Area, status: str) -> None:
    stopped = {name: one.model_copy(update={"status": status}) for name, one in area.agreements.items()}
    assert not list(agreement_causes(replace(area, today=END, agreements=stopped)))


def test_a_changed_agreement_is_told(area: Area) -> None:
    changed = make_agreement(
        id=next(iter(area.agreements)),
        history=[{"day": date(2023, 12, 1), "to": "signed", "digest": "0" * 16}],
    )
    assert [c.subject for c in agreement_causes(replace(area, agreements={changed.id: changed}))] == ["changed"]
