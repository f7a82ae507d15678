"""What could already be shared: an item is shared, possible or blocked by what agreements and barriers say."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from orchestration.area import Area, load_area
from orchestration.area.barriers import read_barriers
from orchestration.area.items import DATA_ITEMS, item_of_field
from orchestration.area.readiness import profile
from orchestration.area.sharing import Item, explore, held_items, journey
from orchestration.errors import AreaPackError
from orchestration.feeds.canonical import FIELDS, ITEMS
from orchestration.settings import repository_root

PURPOSE = "service_design"
ADVICE, JOBCENTRE, PROBATION = "tidewell_citizens_advice", "tidewell_jobcentre", "tidewell_probation"
HOUSING = "tidewell_council_housing"


@pytest.fixture(scope="module")
def area() -> Area:
    return load_area(repository_root() / "seeds" / "demo_area")


def found(area: Area, partner: str, other: str = HOUSING, purpose: str = PURPOSE) -> dict[str, Item]:
    return {one.item: one for one in explore(area, (partner, other), purpose) if one.partner == partner}


def changed(area: Area, agreement_id: str, **changes: object) -> Area:
    agreement = area.agreements[agreement_id].model_copy(update={"history": [], **changes})
    return replace(area, agreements={**area.agreements, agreement_id: agreement})


def test_what_an_agreement_in_force_names_for_the_purpose_is_shared(area: Area) -> None:
    items = found(area, ADVICE)
    assert {one.state for one in items.values()} == {"shared"}
    assert set(items) >= set(area.agreements["isa-05-debt-advice"].feeds["debt_advice"].items)
    assert items["service"].under.startswith("isa-05-debt-advice: ")
    assert all(one.question and one.title for one in items.values())


def test_another_purpose_makes_the_same_items_possible_and_says_what_is_missing(area: Area) -> None:
    items = found(area, ADVICE, purpose="research")
    assert {one.state for one in items.values()} == {"possible"}
    assert items["service"].missing == ("the purpose research in isa-05-debt-advice",)


@pytest.mark.parametrize(
    "changes", [{"status": "suspended"}, {"status": "draft"}, {"expires_on": date(2026, 10, 19)}, {"feeds": {}}]
)
def test_nothing_is_shared_without_an_agreement_in_force(area: Area, changes: dict[str, object]) -> None:
    items = found(changed(area, "isa-05-debt-advice", **changes), ADVICE)
    assert {one.state for one in items.values()} == {"possible"}
    assert all(any("an agreement in force" in what for what in one.missing) for one in items.values())


def test_an_item_that_is_sent_and_not_agreed_is_blocked_by_the_barrier_that_names_it(area: Area) -> None:
    item = found(area, JOBCENTRE)["ethnicity"]
    assert (item.state, item.barrier and item.barrier.id) == ("blocked", "barrier-09")
    assert "the item in isa-08-jobcentre" in item.missing
    assert "a special-category condition (UK GDPR Article 9)" in item.missing
    assert item.barrier
    assert (item.barrier.kind, item.barrier.owner, item.barrier.due_on) == (
        "legal",
        "Jobcentre partnership manager",
        date(2026, 12, 31),
    )
    assert {one.state for name, one in found(area, JOBCENTRE).items() if name != "ethnicity"} == {"shared"}


def test_a_mitigated_barrier_stops_nothing(area: Area) -> None:
    mended = tuple(one.model_copy(update={"status": "mitigated"}) for one in area.barriers)
    assert found(replace(area, barriers=mended), JOBCENTRE)["ethnicity"].state == "possible"


def test_a_draft_blocks_every_item_of_the_partner_with_its_reason(area: Area) -> None:
    items = found(area, PROBATION)
    assert {(one.state, one.barrier.id if one.barrier else "") for one in items.values()} == {("blocked", "barrier-02")}
    assert "is not signed" in items["service"].missing[0]


def test_every_step_of_a_story_says_who_is_involved_and_whether_it_can_go_on(area: Area) -> None:
    for kind, persona in area.personas.values():
        if kind != "persona":
            continue
        steps = journey(area, persona, PURPOSE)
        assert [step.service for step in steps] == list(persona.services)
        assert [step.next_partner for step in steps[:-1]] == [step.partner for step in steps[1:]]
        assert (steps[-1].state, steps[-1].next_partner) == ("last", None)
        assert all(step.state == "shared" and 0 < step.shared <= step.of for step in steps[:-1])
    persona = area.personas["stop_start_worker"][1]
    stopped = changed(area, "isa-08-jobcentre", status="suspended")
    assert journey(stopped, persona, PURPOSE)[0].shared == 0
    assert journey(stopped, persona, PURPOSE)[0].state == "blocked"


def test_readiness_follows_agreements_receipts_and_barriers(area: Area) -> None:
    def parts(partner: str, where: Area = area, scores: tuple[int, ...] = ()) -> dict[str, tuple[str, str]]:
        feed = next(one.feed for one in where.contracts.values() if one.partner == partner)
        feeds = [{"feed": feed, "title": "T", "is_late": False, "deliveries": 36, "deliveries_refused": 0}]
        quality = [
            {"feed": feed, "dimension": "validity", "period_end_date": f"2026-0{month}-28", "score": score}
            for month, score in enumerate(scores, start=1)
        ]
        found = profile(where, partner, feeds=feeds, quality=quality)
        assert [one.name for one in found] == ["Governance", "Policy", "Skills", "Systems", "Data quality", "Culture"]
        assert all(one.evidence and one.next_step for one in found)
        return {one.name: (one.level, one.trend) for one in found}

    advice = parts(ADVICE, scores=(90, 97))
    assert advice["Governance"] == ("ready", "steady")
    assert advice["Systems"] == ("ready", "steady")
    assert advice["Data quality"] == ("ready", "better")
    assert advice["Culture"] == ("partly", "better")
    assert parts(ADVICE)["Data quality"] == ("not known", "not known")
    assert parts(ADVICE, scores=(97, 90))["Data quality"] == ("partly", "worse")
    assert parts(ADVICE, changed(area, "isa-05-debt-advice", status="suspended"))["Governance"][0] == "not yet"
    assert parts(PROBATION)["Governance"][0] == "not yet"
    assert parts(PROBATION)["Policy"] == ("not yet", "worse")
    stopped = changed(area, "isa-05-debt-advice", status="suspended")
    assert (advice["Policy"][0], parts(ADVICE, stopped)["Policy"][0]) == ("ready", "not known")
    assert advice["Skills"][0] == "ready"
    silent = {one.name: one.level for one in profile(area, ADVICE, feeds=[], quality=[])}
    assert (silent["Skills"], silent["Systems"], silent["Data quality"]) == ("not known", "not known", "not known")
    assert parts("wherry_homes")["Systems"][0] == "partly"
    assert parts("harbour_recovery")["Governance"][0] == "partly"
    assert parts("harbour_recovery")["Skills"][0] == "not yet"
    assert parts(JOBCENTRE)["Culture"] == ("not known", "not known")


def test_the_items_of_fields_are_one_list_for_agreements_and_for_reading(area: Area) -> None:
    for fields in FIELDS.values():
        for name in fields:
            assert item_of_field(name) == ITEMS.get(name)
    assert set(ITEMS.values()) == set(DATA_ITEMS)
    assert held_items(area.contracts["debt_advice"], None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("barrier-09,legal", "barrier-09,financial", "line 10: column 'kind'"),
        ("barrier-09,legal", "barrier-01,legal", "line 10: column 'id': 'barrier-01' stands twice"),
        (",2026-12-31,ethnicity", ",soon,ethnicity", "line 10: column 'due_on'"),
        (",2026-12-31,ethnicity", ",2026-12-31,etnicity", "etnicity: no such data item; allowed: area, birth_month"),
        ("tidewell_jobcentre,tidewell_council_children", "nobody,tidewell_council_children", "is not an organisation"),
    ],
)
def test_a_faulty_barrier_is_told_with_line_and_column(
    tmp_path: Path, area: Area, old: str, new: str, said: str
) -> None:
    text = (area.path / "barriers.csv").read_text(encoding="utf-8")
    (tmp_path / "barriers.csv").write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(AreaPackError, match=r"barriers\.csv") as caught:
        read_barriers(tmp_path, set(area.directory.organizations["id"]))
    assert said in str(caught.value)
