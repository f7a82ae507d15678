"""A real-format HMIS export goes from its files to a published snapshot by contracts alone, and reconciles to them.

One export plays seven feeds: a register of people, enrolments of three organisations, services, income, employment.
`PersonalID` is trusted between them, exits are joined to enrolments, and dates come in two styles.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.defs.refresh import refresh
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.release import Gate, Request
from orchestration.rights.periods import months_before
from orchestration.settings import Settings
from tests.support.acceptance import acceptance_data
from tests.support.hmis import HmisExport, counts

pytestmark = pytest.mark.acceptance

PACK = Path(__file__).parent / "hmis_area"
ORGANISATIONS = {"4": "hmis_organization_a", "6": "hmis_organization_b", "96": "hmis_organization_o"}


@dataclass(frozen=True)
class Flow:
    """The export, the home in which the whole flow has run over it, and the warehouse that came of it."""

    export: HmisExport
    settings: Settings
    warehouse: duckdb.DuckDBPyConnection

    def query(self, sql: str) -> pl.DataFrame:
        return self.warehouse.sql(sql).pl()

    def receipt(self, feed: str) -> Receipt:
        (receipt,) = read_receipts(self.settings, feed)
        return receipt


@pytest.fixture(scope="module")
def flow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flow]:
    export = HmisExport(acceptance_data("hmis_export"))
    settings = Settings(area_dir=PACK, home=tmp_path_factory.mktemp("hmis") / "var")
    export.land(settings.landing)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("JOINEDUP_AREA", "JOINEDUP_HOME", "DAGSTER_HOME"):
            patch.setenv(name, "")
        summary = refresh(settings)
    assert summary.failures == {}
    assert summary.published
    with duckdb.connect(str(settings.warehouse / "build.duckdb"), read_only=True) as warehouse:
        yield Flow(export, settings, warehouse)


@pytest.fixture(scope="module")
def projects() -> dict[str, str]:
    """Return the service that each project is, from the pack's own code list."""
    listed = pl.read_csv(PACK / "crosswalks.csv", infer_schema=False).filter(pl.col("list") == "hmis_project")
    return dict(listed.select("source_code", "code").rows())


def test_every_feed_is_accepted_without_a_row_refused(flow: Flow) -> None:
    for feed in load_area(PACK).contracts:
        receipt = flow.receipt(feed)
        assert receipt.outcome == "accepted", (feed, receipt.checks)
        assert receipt.total.delivered == receipt.total.accepted + receipt.total.superseded
        assert receipt.delivered_at.date().isoformat() == "2023-09-08"


def test_hashed_names_and_numbers_are_neither_refused_nor_stored(flow: Flow) -> None:
    client = flow.export.clients
    hashed = {value for name in ("FirstName", "LastName", "SSN") for value in client[name].drop_nulls().unique()}
    for path in flow.settings.accepted.rglob("*.parquet"):
        frame = pl.read_parquet(path)
        for column in frame.select(pl.col(pl.String)).columns:
            assert not set(frame[column].drop_nulls().unique()) & hashed, (path, column)


def test_clients_are_people(flow: Flow) -> None:
    expected = flow.export.clients["PersonalID"].n_unique()
    assert flow.query("select count(*) as n from marts.dim_person")["n"].item() == expected
    links = pl.read_parquet(flow.settings.linkage / "person_links.parquet")
    by_person = links.group_by("source_ref").agg(pl.col("person_key").n_unique())
    assert by_person["person_key"].to_list() == [1] * expected
    assert links["person_key"].n_unique() == expected
    assert set(links["link_method"]) == {"trusted"}


def test_enrolments_are_episodes_in_total_and_per_project(flow: Flow, projects: dict[str, str]) -> None:
    found = flow.query("select service_id from marts.fct_episode")
    expected = {projects[code]: rows for code, rows in counts(flow.export.enrolments, "ProjectID").items()}
    assert found.height == flow.export.table("Enrollment").height
    assert counts(found, "service_id") == expected


def test_enrolments_per_organisation_are_what_their_feeds_accepted(flow: Flow) -> None:
    for organisation, rows in counts(flow.export.enrolments, "OrganizationID").items():
        assert flow.receipt(ORGANISATIONS[organisation]).entities["episode"].accepted == rows


def test_exits_are_ends_and_enrolments_without_one_are_open(flow: Flow) -> None:
    enrolments = flow.export.enrolments
    found = flow.query("select end_date, end_reason, is_open from marts.fct_episode")
    exits = flow.export.table("Exit").height
    assert found["end_date"].drop_nulls().len() == exits
    assert found["end_date"].null_count() == enrolments.height - exits == enrolments["ExitDate"].null_count()
    assert found["end_reason"].drop_nulls().len() == exits
    still_open_at_the_end = enrolments.filter(pl.col("ExitDate").is_null() | (pl.col("ExitDate") > "2022-09-30"))
    assert int(found["is_open"].sum()) == still_open_at_the_end.height


def test_open_enrolments_reconcile_for_every_project(flow: Flow, projects: dict[str, str]) -> None:
    found = flow.query("select service_id from marts.fct_episode where end_date is null")
    still_open = flow.export.enrolments.filter(pl.col("ExitDate").is_null())
    assert counts(found, "service_id") == {projects[code]: n for code, n in counts(still_open, "ProjectID").items()}


def test_dates_of_every_enrolment_survive_to_the_day(flow: Flow) -> None:
    rows = pl.concat(
        pl.read_parquet(flow.settings.accepted / "in_force" / "episode" / f"{feed}.parquet")
        for feed in ORGANISATIONS.values()
    )
    found = rows.select("episode_ref", pl.col("start_date").cast(pl.String), pl.col("end_date").cast(pl.String)).sort(
        "episode_ref"
    )
    expected = flow.export.enrolments.select("EnrollmentID", "EntryDate", "ExitDate").sort("EnrollmentID")
    assert found.rows() == expected.rows()


def test_the_one_column_written_day_month_year_is_read_so(flow: Flow) -> None:
    rows = pl.read_parquet(flow.settings.accepted / "in_force" / "person" / "hmis_clients.parquet")
    expected = flow.export.clients.select(
        "PersonalID", day=pl.col("DateUpdated").str.replace(r"^(\d\d)-(\d\d)-(\d\d)$", "20$3-$2-$1")
    )
    found = rows.select("source_ref", pl.col("valid_from").cast(pl.String)).sort("source_ref")
    assert found.rows() == expected.sort("PersonalID").rows()


def test_people_keep_their_birth_month_and_sex(flow: Flow) -> None:
    links = pl.read_parquet(flow.settings.linkage / "person_links.parquet")
    keys = links.select("person_key", PersonalID="source_ref").unique()
    found = flow.query("select person_key, cast(birth_month as varchar) as born, sex from marts.dim_person")
    expected = flow.export.clients.select(
        "PersonalID",
        born=pl.col("DOB").str.replace(r"-\d\d$", "-01"),
        sex=pl.col("Sex").replace_strict({"0": "F", "1": "M"}, default="U"),
    )
    both = found.join(keys, on="person_key").join(expected, on="PersonalID", suffix="_in_file")
    assert both.height == expected.height
    assert both["born"].equals(both["born_in_file"], null_equal=True)
    assert both["sex"].to_list() == both["sex_in_file"].to_list()


def test_households_are_those_of_the_enrolments(flow: Flow) -> None:
    rows = pl.concat(
        pl.read_parquet(flow.settings.accepted / "in_force" / "person" / f"{feed}.parquet")
        for feed in ORGANISATIONS.values()
    )
    # One organisation knows one household of a person from one day on: of two entries on a day the later row stands.
    standing = flow.export.enrolments.unique(
        ["OrganizationID", "PersonalID", "EntryDate"], keep="last", maintain_order=True
    )
    assert set(rows["household_token"]) == set(standing["HouseholdID"])
    assert standing["HouseholdID"].n_unique() >= flow.export.enrolments["HouseholdID"].n_unique() - 7


def test_services_are_contacts_of_the_project_of_their_enrolment(flow: Flow, projects: dict[str, str]) -> None:
    services = flow.export.table("Services").join(
        flow.export.enrolments.select("EnrollmentID", "ProjectID"), on="EnrollmentID"
    )
    found = flow.query("select service_id from marts.fct_contact")
    assert found.height == flow.export.table("Services").height
    assert counts(found, "service_id") == {projects[code]: n for code, n in counts(services, "ProjectID").items()}


def test_income_and_employment_are_needs_and_outcomes(flow: Flow) -> None:
    is_kept = pl.col("InformationDate") >= f"{months_before(load_area(PACK).today, 72)}"  # as its agreement says
    income, work = (flow.export.table(name).filter(is_kept) for name in ("IncomeBenefits", "EmploymentEducation"))
    at_entry = pl.col("DataCollectionStage") == "1"
    needs = flow.query("select need_code from marts.fct_need")
    assert counts(needs, "need_code") == {
        "financial_stability": income.filter(at_entry & (pl.col("IncomeFromAnySource") == "0")).height,
        "finding_work": work.filter(at_entry & (pl.col("Employed") == "0")).height,
    }
    outcomes = flow.query("select outcome_code, outcome_value from marts.fct_outcome")
    amounts = income["TotalMonthlyIncome"].cast(pl.Float64)
    found = outcomes.filter(pl.col("outcome_code") == "monthly_income")["outcome_value"]
    assert found.len() == amounts.drop_nulls().len()
    assert found.sum() == pytest.approx(amounts.sum())
    in_work = outcomes.filter(pl.col("outcome_code") == "in_work")["outcome_value"]
    assert in_work.sum() == work.filter(pl.col("Employed") == "1").height


def test_the_gate_answers_about_the_snapshot_and_protects_it(flow: Flow, projects: dict[str, str]) -> None:
    gate = Gate(flow.settings)
    answer = gate.answer(Request(measure="people", by=("service",), period="all"))
    released = {row["service"]: row["value"] for row in answer.to_dicts()}
    inside = flow.export.enrolments.filter(
        (pl.col("EntryDate") <= "2022-09-30") & (pl.col("ExitDate").is_null() | (pl.col("ExitDate") >= "2019-10-01"))
    )
    people = inside.group_by("ProjectID").agg(pl.col("PersonalID").n_unique()).rows()
    for project, true in people:
        value = released.get(projects[project])
        if true < 5:
            assert value is None
        elif value is not None:
            assert value % 5 == 0
            assert abs(value - true) <= 8  # noise of at most 5, then rounded to the nearest 5
    assert sum(value is not None for value in released.values()) >= 15
