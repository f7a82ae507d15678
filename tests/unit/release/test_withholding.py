"""A running gate serves a feed if and only if an agreement in force permits it, for this purpose, audience, policy."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from orchestration.area import load_area
from orchestration.area.permission import Use
from orchestration.area.services import services_of
from orchestration.publishing import publish
from orchestration.redteam.invented import serving_tables, write_warehouse
from orchestration.release import Gate, NotPermitted, ProtectedTable, Refused, Request
from orchestration.release.withholding import LiveRules
from orchestration.settings import Settings, repository_root

FEEDS = ("debt_advice", "council_tax_benefits")
AGREEMENT = "isa-05-debt-advice"
BY_SERVICE = Request("people", ("service",), {}, "Y2025")
BY_THEME = Request("people", ("theme",), {}, "Y2025")
OTHERS = Request("people", ("sex",), {"service": ("council_tax_support",)}, "Y2025")
OWN = Request("people", (), {"service": ("debt_advice",)}, "Y2025")
EVERYBODY = Request("people", (), {}, "Y2025")
OTHER_PARTIES = ("tidewell_police", "tidewell_college")
Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Publish an invented snapshot under the agreements of two feeds of the demo area."""
    folder = tmp_path_factory.mktemp("withheld")
    shutil.copytree(repository_root() / "seeds" / "demo_area", folder / "area")
    tables = serving_tables(people=2000, seed=5)
    named = tables["srv_feed"].head(2).with_columns(feed=pl.Series(FEEDS))
    tables["srv_feed"] = named.with_columns(agreement_id=pl.Series([AGREEMENT, "isa-02-revenues"]))
    settings = replace(write_warehouse(folder / "var", tables), area_dir=folder / "area")
    publish(settings, load_area(settings.area_dir))
    return settings


@pytest.fixture
def settings(built: Settings, tmp_path: Path) -> Settings:
    """Return the same snapshot under a copy of the pack that a test may change."""
    shutil.copytree(built.area_dir, tmp_path / "area")
    shutil.copytree(built.home, tmp_path / "var", symlinks=True)
    return replace(built, area_dir=tmp_path / "area", home=tmp_path / "var")


def edited(**changes: object) -> Change:
    """Return a change of keys of the agreement; its content counts as signed anew, so that only the key decides."""

    def change(path: Path) -> None:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump({**data, "history": [], **changes}), encoding="utf-8")

    return change


def unsigned(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("      - area\n", "      - area\n      - contacts\n"), encoding="utf-8")


NOT_PERMITTED: dict[str, tuple[Change, str]] = {
    "suspended": (edited(status="suspended"), "is suspended"),
    "suspended in the text alone": (
        lambda path: path.write_text(path.read_text().replace("status: signed", "status: suspended")) and None,
        "is suspended",
    ),
    "ended": (edited(status="ended"), "ended"),
    "expired yesterday": (edited(expires_on=date(2026, 10, 19)), "expired on 19 October 2026"),
    "begins tomorrow": (edited(starts_on=date(2026, 10, 21)), "starts on 21 October 2026"),
    "another purpose": (edited(purposes=["research"]), "is not for service design"),
    "another audience": (edited(audiences=["governance"]), "does not let a designer see"),
    "a stricter policy": (edited(release_policy="public"), "under the policy 'public' only"),
    "not this feed": (edited(feeds={"other": {"items": ["sex"]}}), "does not cover feed debt_advice"),
    "not this partner": (
        edited(parties=[{"organization_id": name, "role": "controller"} for name in OTHER_PARTIES]),
        "is not a party",
    ),
    "changed since it was signed": (unsigned, "has changed since it was signed"),
    "gone": (lambda path: path.unlink(), "not found"),
    "cannot be read": (lambda path: path.write_text("id: [", encoding="utf-8") and None, "cannot be read"),
}  # fmt: skip
PERMITTED: dict[str, Change] = {
    "as it was": lambda _path: None,
    "the last day": edited(expires_on=date(2026, 10, 20)),
    "the first day": edited(starts_on=date(2026, 10, 20)),
    "kept after its end": edited(expires_on=date(2026, 10, 19), on_expiry="keep"),
    "one purpose of two": edited(purposes=["research", "service_design"]),
    "one audience": edited(audiences=["designer"]),
}


def figures(table: ProtectedTable) -> dict[str, object]:
    return {str(row[0]): row[-1] for row in table.rows}


@pytest.mark.parametrize("name", NOT_PERMITTED)
def test_a_feed_that_is_not_permitted_any_more_is_withheld_by_the_running_gate(settings: Settings, name: str) -> None:
    change, reason = NOT_PERMITTED[name]
    gate = Gate(settings)
    before, others = figures(gate.answer(BY_SERVICE)), gate.answer(OTHERS)
    assert before["debt_advice"] is not None
    change(settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    table = gate.answer(BY_SERVICE)
    after = figures(table)
    assert (after["debt_advice"], table.total) == (None, None)
    assert after == {**before, "debt_advice": None}
    assert figures(gate.answer(BY_THEME))["debt"] is None
    assert gate.answer(OTHERS).rows == others.rows
    told = dict(table.certificate.lines())
    assert reason in told["Feeds missing"]
    assert AGREEMENT not in told["Agreements"]
    for request in (OWN, EVERYBODY):
        with pytest.raises(NotPermitted, match=reason.replace("(", r"\(")):
            gate.answer(request)
    assert reason in gate.withheld()["debt_advice"]
    assert set(gate.withheld()) == {"debt_advice"}
    assert [row["permitted"] for row in gate.feeds() if row["feed"] == "debt_advice"] == [False]


@pytest.mark.parametrize("name", PERMITTED)
def test_a_feed_that_is_permitted_is_served_in_full(settings: Settings, name: str) -> None:
    gate = Gate(settings)
    asked = (BY_SERVICE, BY_THEME, OWN, EVERYBODY)
    before = [gate.answer(request).rows for request in asked]
    PERMITTED[name](settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    assert [gate.answer(request).rows for request in asked] == before
    assert gate.withheld() == {}
    assert figures(gate.answer(BY_SERVICE))["debt_advice"] is not None


def test_a_suspension_that_is_lifted_gives_back_the_same_figures(settings: Settings) -> None:
    path, gate = settings.area_dir / "agreements" / f"{AGREEMENT}.yaml", Gate(settings)
    text, before = path.read_text(encoding="utf-8"), gate.answer(BY_SERVICE)
    path.write_text(text.replace("status: signed", "status: suspended"), encoding="utf-8")
    assert gate.answer(BY_SERVICE).rows != before.rows
    path.write_text(text, encoding="utf-8")
    assert gate.answer(BY_SERVICE).rows == before.rows
    assert gate.answer(BY_SERVICE).total == before.total


def test_the_same_gate_answers_one_audience_and_refuses_another(settings: Settings) -> None:
    edited(audiences=["governance"], purposes=["evaluation"])(settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    gate = Gate(settings)
    assert gate.answer(OWN, use=Use("evaluation", "governance")).total is not None
    for use in (Use("service_design", "governance"), Use("evaluation", "designer"), None):
        with pytest.raises(NotPermitted):
            gate.answer(OWN, use=use)
    assert Gate(replace(settings, purpose="evaluation", audience="governance")).answer(OWN).total is not None


@pytest.mark.parametrize(
    "request_",
    [
        Request("people", ("services_used",), {}, "Y2025"),
        Request("people", ("services_used",), {"service": ("council_tax_support",)}, "Y2025"),
        Request("combinations", ("theme_set",), {}, "Y2025"),
        Request("transitions", ("from_theme", "to_theme"), {}, "Y2025"),
        Request("entries", ("entry_service",), {}, "Y2025"),
        Request("people_using_both", ("theme_a", "theme_b"), {}, "Y2025"),
        Request("people", ("service",), {"theme": ("debt",)}, "Y2025"),
    ],
)
def test_what_rests_on_all_services_is_refused_meanwhile(settings: Settings, request_: Request) -> None:
    edited(status="suspended")(settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    with pytest.raises(NotPermitted, match="is suspended"):
        Gate(settings).answer(request_)


def test_a_gate_that_reads_agreements_only_once_would_still_serve(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveRules, "_look", lambda _self: ())
    gate = Gate(settings)
    before = gate.answer(OWN).total
    edited(status="suspended")(settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    assert gate.answer(OWN).total == before is not None


def test_a_change_that_keeps_size_and_second_is_noticed(settings: Settings) -> None:
    path, gate = settings.area_dir / "agreements" / f"{AGREEMENT}.yaml", Gate(settings)
    gate.answer(OWN)
    facts = path.stat()
    path.write_text(path.read_text(encoding="utf-8").replace("expires_on: 2028", "expires_on: 2026"), encoding="utf-8")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    assert path.stat().st_size == facts.st_size
    with pytest.raises(NotPermitted):
        gate.answer(OWN)


def test_a_feed_whose_contract_is_gone_withholds_all_that_cannot_be_told_apart(
    settings: Settings,
) -> None:
    gate = Gate(settings)
    (settings.area_dir / "feeds" / "debt_advice.yaml").unlink()
    for request in (OWN, OTHERS, BY_SERVICE):
        with pytest.raises(NotPermitted, match="no contract for feed debt_advice"):
            gate.answer(request)


def test_services_of_a_feed_are_those_that_its_contract_maps() -> None:
    contracts = load_area(repository_root() / "seeds" / "demo_area").contracts
    assert "debt_advice" in (services_of(contracts["debt_advice"]) or ())
    assert services_of(contracts["probation_supervision"]) == {"community_supervision"}
    assert all(services_of(contract) for contract in contracts.values())


def test_no_refusal_offers_what_is_withheld(settings: Settings) -> None:
    """A service of another partner, in the theme of the withheld one: the theme would be the next coarser view."""
    gate, asked = Gate(settings), Request("people", ("ethnic_group",), {"service": ("money_guidance",)}, "Y2025")
    with pytest.raises(Refused) as before:
        gate.answer(asked)
    assert before.value.coarser is not None
    assert before.value.coarser.where == {"theme": ("debt",)}
    edited(status="suspended")(settings.area_dir / "agreements" / f"{AGREEMENT}.yaml")
    with pytest.raises(Refused) as after:
        gate.answer(asked)
    assert after.value.coarser is None
