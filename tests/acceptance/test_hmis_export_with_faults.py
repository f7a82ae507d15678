"""The same export with the faults that other exports have: every row is accepted, refused or passed over, and told.

The faults are planted in a copy: rows deleted at the source, an exit before its entry, a repeated enrolment, a project
that nobody knows, a code that is in no list, a date that is none, blanks where a reference is required.
"""

from pathlib import Path

import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.feeds.ingest import ingest_feed
from orchestration.feeds.receipts import Receipt
from orchestration.settings import Settings
from tests.support.acceptance import acceptance_data
from tests.support.hmis import DELIVERY, HmisExport

pytestmark = pytest.mark.acceptance

PACK = Path(__file__).parent / "hmis_area"
FEED = "hmis_organization_a"


def deliver(tmp_path: Path, **changed: pl.DataFrame) -> tuple[Receipt, pl.DataFrame]:
    """Return the receipt of organisation A's enrolments, and its accepted episodes, with some files changed."""
    settings = Settings(area_dir=PACK, home=tmp_path / "var")
    settings.make_folders()
    export().land(settings.landing)
    for name, frame in changed.items():
        frame.write_csv(settings.landing / "hmis_export" / DELIVERY / f"{name}.csv")
    area = load_area(PACK)
    contract = area.contracts[FEED]
    agreement = area.agreements[contract.agreement]
    (receipt,) = ingest_feed(contract, agreement=agreement, settings=settings, today=area.today).receipts
    path = settings.accepted / "deliveries" / FEED / receipt.delivery_id / "episode-*.parquet"
    return receipt, pl.read_parquet(path)


def export() -> HmisExport:
    return HmisExport(acceptance_data("hmis_export"))


def change(frame: pl.DataFrame, column: str, key: str, values: dict[str, str | None]) -> pl.DataFrame:
    new = pl.col(key).replace_strict(values, default=pl.col(column), return_dtype=pl.String)
    return frame.with_columns(new.alias(column))


@pytest.fixture
def of_a() -> pl.DataFrame:
    return export().enrolments.filter(pl.col("OrganizationID") == "4")


def test_enrolments_deleted_at_the_source_are_passed_over(tmp_path: Path, of_a: pl.DataFrame) -> None:
    deleted = of_a["EnrollmentID"].head(3).to_list()
    enrolments = change(
        export().table("Enrollment"), "DateDeleted", "EnrollmentID", dict.fromkeys(deleted, "2022-10-01")
    )
    receipt, episodes = deliver(tmp_path, Enrollment=enrolments)
    assert episodes.height == of_a.height - 3
    assert not set(episodes["episode_ref"]) & set(deleted)
    assert receipt.entities["episode"].not_selected == export().enrolments.height - of_a.height + 3


def test_an_enrolment_whose_exit_was_deleted_is_open(tmp_path: Path, of_a: pl.DataFrame) -> None:
    ended = of_a.filter(pl.col("ExitDate").is_not_null())["EnrollmentID"].head(2).to_list()
    exits = change(export().table("Exit"), "DateDeleted", "EnrollmentID", dict.fromkeys(ended, "2022-10-01"))
    _, episodes = deliver(tmp_path, Exit=exits)
    found = episodes.filter(pl.col("episode_ref").is_in(ended))
    assert found["end_date"].to_list() == [None, None]
    assert episodes["end_date"].null_count() == of_a["ExitDate"].null_count() + 2


def test_an_exit_before_its_entry_is_quarantined_with_its_reason(tmp_path: Path, of_a: pl.DataFrame) -> None:
    one = of_a.filter(pl.col("ExitDate").is_not_null())["EnrollmentID"][0]
    receipt, episodes = deliver(
        tmp_path, Exit=change(export().table("Exit"), "ExitDate", "EnrollmentID", {one: "1999-12-31"})
    )
    counts = receipt.entities["episode"]
    assert (counts.delivered, counts.accepted, counts.quarantined) == (of_a.height, of_a.height - 1, 1)
    assert [check.count for check in receipt.checks if check.id == "end_before_start"] == [1]
    assert one not in set(episodes["episode_ref"])


def test_a_repeated_enrolment_counts_once_and_the_last_row_stands(tmp_path: Path, of_a: pl.DataFrame) -> None:
    table = export().table("Enrollment")
    one = of_a["EnrollmentID"][0]
    again = change(table.filter(pl.col("EnrollmentID") == one), "EntryDate", "EnrollmentID", {one: "2019-10-09"})
    exits = export().table("Exit").filter(pl.col("EnrollmentID") != one)
    receipt, episodes = deliver(tmp_path, Enrollment=pl.concat([table, again]), Exit=exits)
    counts = receipt.entities["episode"]
    assert (counts.delivered, counts.accepted, counts.superseded) == (of_a.height + 1, of_a.height, 1)
    assert str(episodes.filter(pl.col("episode_ref") == one)["start_date"].item()) == "2019-10-09"
    assert "reference_repeated" in {check.id for check in receipt.checks}


def test_a_project_that_no_code_list_knows_is_quarantined(tmp_path: Path, of_a: pl.DataFrame) -> None:
    project = of_a["ProjectID"][0]
    renamed = {project: "424242"}
    receipt, episodes = deliver(
        tmp_path,
        Enrollment=change(export().table("Enrollment"), "ProjectID", "ProjectID", renamed),
        Project=change(export().table("Project"), "ProjectID", "ProjectID", renamed),
    )
    lost = of_a.filter(pl.col("ProjectID") == project).height
    assert receipt.entities["episode"].quarantined == lost
    assert episodes.height == of_a.height - lost
    assert [c.count for c in receipt.checks if c.id == "required_code_not_in_list"] == [lost]


def test_unreadable_dates_and_blank_references_cost_their_own_rows_only(tmp_path: Path, of_a: pl.DataFrame) -> None:
    first, second, third = of_a["EnrollmentID"].head(3).to_list()
    table = change(export().table("Enrollment"), "EntryDate", "EnrollmentID", {first: "soon", second: None})
    table = change(table, "PersonalID", "EnrollmentID", {third: None})
    receipt, episodes = deliver(tmp_path, Enrollment=table)
    assert episodes.height == of_a.height - 3
    refusing = [check for check in receipt.checks if check.entity == "episode" and check.severity == "refuse_row"]
    found = sorted((check.id, check.count) for check in refusing)
    assert found == [("date_unreadable", 1), ("required_missing", 1), ("required_missing", 1)]


def test_names_in_clear_refuse_the_whole_delivery(tmp_path: Path) -> None:
    clients = export().clients
    with_names = clients.with_columns(
        FirstName=pl.Series(["Olivia", "George", "Amelia", "Harry"] * clients.height).head(clients.height),
        LastName=pl.Series(["Smith", "Jones", "Taylor"] * clients.height).head(clients.height),
    )
    settings = Settings(area_dir=PACK, home=tmp_path / "var")
    settings.make_folders()
    export().land(settings.landing)
    with_names.write_csv(settings.landing / "hmis_export" / DELIVERY / "Client.csv")
    area = load_area(PACK)
    contract = area.contracts["hmis_clients"]
    agreement = area.agreements[contract.agreement]
    (receipt,) = ingest_feed(contract, agreement=agreement, settings=settings, today=area.today).receipts
    assert receipt.outcome == "refused"
    assert {c.id for c in receipt.checks if c.severity == "refuse_delivery"} == {"direct_identifiers"}
    assert not list((settings.accepted / "deliveries").rglob("*.parquet"))
