"""The area pack of Tidewell is complete, holds together, and is as varied as real partners are."""

import json
import re
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.area import Area, load_area
from orchestration.feeds.canonical import ITEMS
from orchestration.feeds.crosswalks import codes_of, crosswalk_folders
from orchestration.feeds.mapping import check_mapping
from orchestration.feeds.permission import permits
from orchestration.settings import repository_root
from seeds.simulate.habits import HABITS, MISHAPS, STOPS_BEFORE_END
from seeds.simulate.pathways import ENTRY, NEED_FOLLOWS, NEEDS, ONWARD, SERVICES
from seeds.simulate.place import small_areas, write_geography

PACK = repository_root() / "seeds" / "demo_area"
REFERENCE = repository_root() / "seeds" / "reference"


@pytest.fixture(scope="module")
def area() -> Area:
    return load_area(PACK)


def test_the_pack_has_twelve_sending_partners_and_forty_services_each_with_theme_and_sensitivity(area: Area) -> None:
    services = area.directory.services
    assert len({contract.partner for feed, contract in area.contracts.items() if feed in HABITS}) >= 12
    assert services.height >= 40
    assert services.select("theme", "theme_name", "sensitivity").null_count().sum_horizontal().item() == 0
    assert set(services["sensitivity"]) == {"standard", "sensitive"}


def test_every_contract_maps_known_fields(area: Area) -> None:
    for contract in area.contracts.values():
        check_mapping(contract)


def test_every_service_that_people_use_is_in_the_directory_and_in_its_feeds_contract(area: Area) -> None:
    directory = set(area.directory.services["id"])
    assert set(SERVICES) <= directory
    for name, path in SERVICES.items():
        contract = area.contracts[path.feed]
        assert name in contract.entities["episode"].columns["service_id"].codes.values(), name


def test_needs_lead_to_services_that_exist_and_their_shares_add_up() -> None:
    assert set(ENTRY) == set(NEEDS)
    for doors in ENTRY.values():
        assert set(doors) <= set(SERVICES)
        assert sum(doors.values()) == pytest.approx(1)
    for origin, targets in ONWARD.items():
        assert origin in SERVICES
        assert set(targets) <= set(SERVICES)
        assert sum(targets.values()) < 1
    for cause, effects in NEED_FOLLOWS.items():
        assert {cause, *effects} <= set(NEEDS)


def test_codes_of_every_contract_are_canonical(area: Area) -> None:
    lists = {
        "ethnicity_code": set(pl.read_csv(REFERENCE / "ethnicity.csv")["ethnicity_code"]),
        "sex": set(pl.read_csv(REFERENCE / "sex.csv")["sex"]),
        "referral_source": set(pl.read_csv(REFERENCE / "referral_source.csv")["referral_source"]),
        "status": set(pl.read_csv(REFERENCE / "episode_status.csv")["status"]),
        "end_reason": set(pl.read_csv(REFERENCE / "end_reason.csv")["end_reason"]),
        "need_code": set(pl.read_csv(REFERENCE / "supporting_families.csv")["outcome_code"]),
        "service_id": set(area.directory.services["id"]),
    }
    for contract in area.contracts.values():
        for mapping in contract.entities.values():
            for field, column in mapping.columns.items():
                if field in lists and column.type == "code":
                    strange = set(codes_of(column, crosswalk_folders(PACK)).values()) - lists[field]
                    assert not strange, (contract.feed, field)


@pytest.mark.parametrize("name", ["nhs", "dfe", "police", "census", "census_code"])
def test_each_ethnicity_list_keeps_reasons_apart_from_groups(name: str) -> None:
    groups = pl.read_csv(REFERENCE / "ethnicity.csv")
    reasons = set(groups.filter("is_reason")["ethnicity_code"])
    crosswalk = pl.read_csv(REFERENCE / "crosswalks.csv").filter(pl.col("list") == f"ethnicity_{name}")
    assert crosswalk["source_code"].is_unique().all()
    assert "not_obtained" in set(crosswalk["code"])
    assert reasons == {"refused", "not_obtained", "not_in_list"}
    assert not crosswalk.filter(pl.col("code").is_in(["refused", "not_obtained"]))["source_code"].is_duplicated().any()


def test_dialects_differ_in_format_mode_encoding_dates_and_code_lists(area: Area) -> None:
    contracts = [area.contracts[feed] for feed in HABITS]
    columns = [c for k in contracts for m in k.entities.values() for c in m.columns.values()]
    assert {f.format for k in contracts for f in k.files.values()} == {"csv", "xlsx", "jsonl", "parquet"}
    assert {k.delivery.mode for k in contracts} == {"snapshot", "period", "append", "changes"}
    assert {h.encoding for h in HABITS.values()} == {"utf-8", "cp1252"}
    assert {h.delimiter for h in HABITS.values()} == {",", ";", "|", "\t"}
    dates = {form for column in columns for form in column.formats if "%d" in form}
    assert {"%d/%m/%Y", "%Y-%m-%d", "%d-%b-%Y", "%Y%m%d"} <= dates
    lists = {column.crosswalk for column in columns if column.crosswalk and column.crosswalk.startswith("ethnicity")}
    assert lists == {f"ethnicity_{name}" for name in ("census", "census_code", "nhs", "dfe", "police")}
    assert any(len(k.files) > 1 for k in contracts)


def test_file_names_of_every_partner_match_its_contract(area: Area) -> None:
    for feed, habits in HABITS.items():
        contract = area.contracts[feed]
        assert set(habits.names) == set(contract.files)
        period = "2025-Q1" if contract.delivery.cadence == "quarterly" else "2025-03"
        period = "202503" if habits.period_form else period
        for role, name in habits.names.items():
            match = re.fullmatch(contract.files[role].pattern, name.format(period=period, delivered="20250407"))
            assert match, (feed, role)
            assert match["period"] == period


def test_mishaps_and_stops_name_feeds_that_exist(area: Area) -> None:
    assert {m.feed for m in MISHAPS} | set(STOPS_BEFORE_END) <= set(area.contracts)
    assert {m.kind for m in MISHAPS} == {"late", "again", "half", "renamed"}


def test_exactly_one_agreement_expires_within_ninety_days_and_one_is_a_draft(area: Area) -> None:
    soon = area.today + timedelta(days=90)
    in_force = [a for a in area.agreements.values() if a.status == "signed"]
    assert [a.id for a in in_force if area.today <= a.expires_on <= soon] == ["isa-09-drug-alcohol"]
    assert [a.id for a in area.agreements.values() if a.status == "draft"] == ["isa-13-probation"]
    assert not area.missing_agreements


def test_only_the_draft_feed_is_not_permitted(area: Area) -> None:
    refused = [
        feed
        for feed, contract in area.contracts.items()
        if not permits(area.agreements[contract.agreement], feed, today=area.today).allowed
    ]
    assert refused == ["probation_supervision"]


def test_agreements_name_items_that_exist_and_parties_of_the_directory(area: Area) -> None:
    organizations = set(area.directory.organizations["id"])
    for agreement in area.agreements.values():
        assert {party.organization_id for party in agreement.parties} <= organizations
        for feed, permission in agreement.feeds.items():
            assert feed in area.contracts
            assert set(permission.items) <= set(ITEMS.values())


def test_at_least_one_feed_sends_an_item_that_was_not_agreed(area: Area) -> None:
    items = area.agreements["isa-08-jobcentre"].feeds["jobcentre_claims"].items
    assert "ethnicity_code" in area.contracts["jobcentre_claims"].entities["person"].columns
    assert "ethnicity" not in items


def test_the_population_is_the_default_number_of_people_and_every_quintile_has_some(area: Area) -> None:
    assert area.geography is not None
    assert area.geography.population["persons"].sum() == 20_000
    assert set(area.geography.areas["imd_quintile"]) == {1, 2, 3, 4, 5}
    assert 60 <= area.geography.areas.height <= 90
    assert 12 <= area.geography.areas["msoa_code"].n_unique() <= 15


def test_codes_look_valid_and_each_middle_layer_area_is_one_piece(area: Area) -> None:
    areas = small_areas()
    assert all(re.fullmatch(r"E01999\d{3}", a.code) and re.fullmatch(r"E02999\d{3}", a.msoa_code) for a in areas)
    outlines = json.loads((PACK / "geography" / "boundaries_msoa21.geojson").read_text(encoding="utf-8"))
    for feature in outlines["features"]:
        ring = feature["geometry"]["coordinates"][0]
        cells = [a for a in areas if a.msoa_code == feature["properties"]["MSOA21CD"]]
        touching = sum(_touch(a.column, a.row, b.column, b.row) for i, a in enumerate(cells) for b in cells[:i])
        assert len(ring) - 1 == 6 * len(cells) - 2 * touching, (
            "edges that are missing from the ring enclose another piece"
        )


def test_the_geography_files_are_those_that_the_place_makes(tmp_path: Path) -> None:
    write_geography(tmp_path)
    for made in sorted(tmp_path.iterdir()):
        assert made.read_bytes() == (PACK / "geography" / made.name).read_bytes(), made.name


def test_personas_and_tables_name_services_and_organisations_that_exist(area: Area) -> None:
    services, organizations = set(area.directory.services["id"]), set(area.directory.organizations["id"])
    kinds = [kind for kind, _ in area.personas.values()]
    assert (kinds.count("persona"), kinds.count("lens")) == (3, 4)
    for kind, persona in area.personas.values():
        assert persona.not_known
        assert set(persona.services) <= services
        assert bool(persona.services) == (kind == "persona")
    assert set(area.directory.unit_costs["service_id"]) <= services
    assert set(area.directory.needs["service_theme"]) <= set(area.directory.services["theme"])
    barriers = pl.read_csv(PACK / "barriers.csv")
    assert set(barriers["from_organization_id"]) | set(barriers["to_organization_id"]) <= organizations
    assert set(barriers["kind"]) == {"legal", "technical", "cultural", "organisational", "resources"}


def _touch(column: int, row: int, other_column: int, other_row: int) -> bool:
    """Tell whether two cells of the odd-q grid share an edge (odd columns sit half a hexagon towards higher rows)."""
    if column == other_column:
        return abs(row - other_row) == 1
    if abs(column - other_column) != 1:
        return False
    even_row, odd_row = (row, other_row) if column % 2 == 0 else (other_row, row)
    return even_row - odd_row in (0, 1)
