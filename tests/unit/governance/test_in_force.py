"""Rows in force are those that stand and that an agreement permits today; partners do not touch each other."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl

from orchestration.area import Agreement, Area, Contract
from orchestration.area.directory import Directory
from orchestration.area.profile import Profile
from orchestration.feeds.canonical import FIELDS, empty_entity
from orchestration.governance.in_force import InForceSummary, write_in_force
from orchestration.settings import Settings
from tests.support.deliveries import TODAY, as_csv, deliver, ingest, make_agreement, make_contract, make_settings, row


def directory() -> Directory:
    services = {"id": ["debt_advice"], "organization_id": ["advice_centre"], "name": ["Debt"], "status": ["active"]}
    services |= {"theme": ["money"], "theme_name": ["Money"], "sensitivity": ["standard"]}
    organizations = {
        "id": ["advice_centre", "council"],
        "name": ["Advice Centre", "Council"],
        "sector": ["vcs", "public"],
    }
    needs = pl.DataFrame(schema=dict.fromkeys(("need_code", "need_name", "service_theme"), pl.String))
    return Directory(pl.DataFrame(organizations), pl.DataFrame(services), needs, *[pl.DataFrame()] * 3)


def area(*contracts: Contract, agreements: tuple[Agreement, ...] = (), today: date = TODAY) -> Area:
    profile = Profile.model_validate({"name": "Here", "reporting": {"first_month": "2024-10", "months": 24}})
    return Area(
        path=Path("here"),
        profile=profile,
        agreements={a.id: a for a in agreements or (make_agreement(),)},
        contracts={c.feed: c for c in contracts or (make_contract(),)},
        directory=directory(),
        geography=None,
        today=today,
    )


def ready(tmp_path: Path) -> Settings:
    settings = make_settings(tmp_path)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2), row(3, Start="")]))
    ingest(settings)
    return settings


def in_force(settings: Settings, entity: str = "person") -> pl.DataFrame:
    return pl.read_parquet(settings.accepted / "in_force" / entity / "*.parquet")


def table(settings: Settings, name: str) -> pl.DataFrame:
    return pl.read_parquet(settings.accepted / "area" / f"{name}.parquet")


def test_standing_rows_under_an_agreement_in_force_are_written_with_their_schema(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    summary = write_in_force(settings, area())
    assert summary.rows == {"person": 3, "episode": 2, "contact": 0, "need": 0, "outcome": 0}
    for entity in FIELDS:
        assert in_force(settings, entity).schema == empty_entity(entity).schema


def test_an_agreement_that_expired_takes_its_rows_out_of_force_and_says_so(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    write_in_force(settings, area())
    summary = write_in_force(settings, area(today=date(2028, 1, 1)))
    assert in_force(settings).height == 0
    assert summary.decisions["debt_advice"].reason == "agreement isa_advice expired on 31 December 2027"
    assert table(settings, "feeds").select("permitted", "reason").row(0) == (
        False,
        "agreement isa_advice expired on 31 December 2027",
    )
    assert table(settings, "deliveries")["in_force"].to_list() == [False]


def test_rows_return_when_the_agreement_is_renewed(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    write_in_force(settings, area(today=date(2028, 1, 1)))
    renewed = make_agreement(expires_on=date(2030, 1, 1))
    assert write_in_force(settings, area(agreements=(renewed,), today=date(2028, 1, 1))).rows["person"] == 3


def test_an_agreement_may_keep_rows_after_its_end(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    kept = make_agreement(on_expiry="keep")
    assert write_in_force(settings, area(agreements=(kept,), today=date(2028, 1, 1))).rows["person"] == 3


def test_an_item_taken_out_of_the_agreement_leaves_the_rows_at_once(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    less = make_agreement(feeds={"debt_advice": {"items": ["service", "service_dates"]}})
    write_in_force(settings, area(agreements=(less,)))
    assert in_force(settings).select("tok_nhs", "sex", "birth_month").null_count().row(0) == (3, 3, 3)
    assert in_force(settings)["source_ref"].to_list() == ["P1", "P2", "P3"]


def two_feeds() -> tuple[Contract, Contract]:
    other = make_contract(
        feed="other_feed", agreement="isa_other", files={"main": {"pattern": r"(?P<period>\d{4}-\d{2}).*"}}
    )
    return make_contract(), other


def both(tmp_path: Path, *agreements: Agreement) -> tuple[Settings, InForceSummary]:
    settings = ready(tmp_path)
    _, other = two_feeds()
    deliver(settings, "2025-03.csv", as_csv([row(7)]), folder="other_feed")
    ingest(settings, other, make_agreement(id="isa_other", feeds={"other_feed": {"items": ["sex", "service_dates"]}}))
    return settings, write_in_force(settings, area(*two_feeds(), agreements=agreements))


def test_a_feed_whose_agreement_is_missing_stops_no_other(tmp_path: Path) -> None:
    settings, summary = both(tmp_path, make_agreement())
    assert summary.decisions["other_feed"].reason == "agreement isa_other not found in agreements/"
    assert set(in_force(settings)["feed"]) == {"debt_advice"}


def test_a_contract_that_cannot_be_used_stops_no_other(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    data = two_feeds()[1].model_dump(by_alias=True, exclude_none=True)
    data["entities"]["person"]["columns"]["sexx"] = {"from": "Sex"}
    summary = write_in_force(settings, area(make_contract(), Contract.model_validate(data)))
    assert "sexx is not a field of person" in summary.decisions["other_feed"].reason
    assert in_force(settings).height == 3


def test_a_partner_who_is_no_party_to_the_agreement_is_not_in_force(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    parties = [{"organization_id": name, "role": "controller"} for name in ("council", "police")]
    summary = write_in_force(settings, area(agreements=(make_agreement(parties=parties),)))
    assert summary.decisions["debt_advice"].reason == "advice_centre is not a party to agreement isa_advice"
    assert in_force(settings).height == 0


def test_a_feed_that_left_the_area_leaves_the_rows_in_force(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    write_in_force(settings, area())
    gone = replace(area(), contracts={})
    assert write_in_force(settings, gone).rows["person"] == 0
    assert in_force(settings).height == 0


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    write_in_force(settings, area())
    files = sorted((settings.accepted / "in_force").rglob("*.parquet")) + sorted((settings.accepted / "area").iterdir())
    before = [path.read_bytes() for path in files]
    write_in_force(settings, area())
    assert [path.read_bytes() for path in files] == before


def test_deliveries_and_checks_are_tables_that_balance(tmp_path: Path) -> None:
    settings = ready(tmp_path)
    write_in_force(settings, area())
    delivery = table(settings, "deliveries").row(0, named=True)
    assert delivery["delivered"] == delivery["accepted"] + delivery["quarantined"] + delivery["superseded"] == 6
    assert delivery["in_force"] is True
    assert table(settings, "checks").select("check_id", "rows").rows() == [("required_missing", 1)]


def test_every_table_is_there_and_typed_before_anything_was_delivered(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    write_in_force(settings, area())
    assert {p.stem for p in (settings.accepted / "area").iterdir()} == {
        "agreements",
        "areas",
        "checks",
        "comparisons",
        "deliveries",
        "external_totals",
        "feeds",
        "lags",
        "needs",
        "organizations",
        "periods",
        "persona_lacks",
        "persona_rules",
        "personas",
        "population",
        "quality",
        "services",
        "unit_costs",
    }
    assert table(settings, "deliveries").schema["delivered_at"] == pl.Datetime("us", "UTC")
    assert table(settings, "checks").height == 0


def test_lags_from_event_to_delivery_are_counted_in_every_bin_and_not_for_a_feed_that_is_not_permitted(
    tmp_path: Path,
) -> None:
    settings = make_settings(tmp_path)
    starts = ("31/03/2025", "28/03/2025", "27/03/2025", "26/03/2025", "03/03/2025")
    cells = [row(n, start=start) for n, start in enumerate(starts)]
    deliver(settings, "debt_2025-03_20250401.csv", as_csv(cells))
    ingest(settings)
    write_in_force(settings, area())
    assert table(settings, "lags").sort("lag_index").select("lag", "rows").rows() == [
        ("<0", 0),
        ("0", 0),
        ("1-3", 1),
        ("4-6", 3),
        ("7-10", 0),
        ("11+", 1),
    ]
    write_in_force(settings, area(agreements=(make_agreement(status="draft"),)))
    assert table(settings, "lags").height == 0


def test_a_feed_stops_on_the_day_after_its_last_and_other_partners_are_untouched(tmp_path: Path) -> None:
    ending = make_agreement(expires_on=date(2026, 12, 31))
    other = make_agreement(id="isa_other", feeds={"other_feed": {"items": ["sex", "service_dates"]}})
    settings, _ = both(tmp_path, ending, other)
    feeds = {}
    for today in (date(2026, 12, 31), date(2027, 1, 1)):
        write_in_force(settings, area(*two_feeds(), agreements=(ending, other), today=today))
        rows = in_force(settings)
        feeds[today] = set(rows["feed"])
        others = rows.filter(pl.col("feed") == "other_feed").drop("agreement_id")
        assert others.select("sex").null_count().item() == 0
        assert others.select("birth_month").null_count().item() == others.height
    assert feeds == {date(2026, 12, 31): {"debt_advice", "other_feed"}, date(2027, 1, 1): {"other_feed"}}
