"""A council's environmental requests, with dates in British order, become contacts by a contract alone."""

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from orchestration.area import load_area
from orchestration.feeds.ingest import ingest_feed
from orchestration.feeds.receipts import Receipt
from orchestration.settings import Settings
from tests.support.acceptance import acceptance_data

pytestmark = pytest.mark.acceptance

PACK = Path(__file__).parent / "environment_area"
FEED = "environmental_requests"
SERVICES = {"Noise Request": "noise", "General Request": "general", "Pest Control Request": "pests"}


@dataclass(frozen=True)
class Ingested:
    """The file's rows as csv reads them, the receipt, and where rows were stored."""

    rows: list[dict[str, str]]
    receipt: Receipt
    folder: Path

    def entity(self, name: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / f"{name}-*.parquet")


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ingested]:
    source = next(acceptance_data("banes_environmental_requests").glob("*.csv"))
    settings = Settings(area_dir=PACK, home=tmp_path_factory.mktemp("environment") / "var")
    settings.make_folders()
    (settings.landing / FEED).mkdir()
    shutil.copyfile(source, settings.landing / FEED / source.name)
    area = load_area(PACK)
    contract = area.contracts[FEED]
    (receipt,) = ingest_feed(
        contract, agreement=area.agreements[contract.agreement], settings=settings, today=area.today
    ).receipts
    with source.open(encoding="utf-8", newline="") as text:
        rows = list(csv.DictReader(text))
    yield Ingested(rows, receipt, settings.accepted / "deliveries" / FEED / receipt.delivery_id)


def day(text: str) -> str:
    return datetime.strptime(text, "%d/%m/%Y %I:%M:%S %p").date().isoformat()


def test_every_request_is_a_contact_on_its_day_with_its_service(ingested: Ingested) -> None:
    found = ingested.entity("contact").select("contact_ref", "service_id", pl.col("contact_date").cast(pl.String))
    expected = [(row["Ref"], SERVICES[row["Kind"]], day(row["ReceivedDate"])) for row in ingested.rows]
    assert sorted(found.rows()) == sorted(expected)


def test_the_column_decides_between_british_and_american_dates(ingested: Ingested) -> None:
    could_be_american = [row for row in ingested.rows if int(row["ReceivedDate"][:2]) <= 12]
    assert could_be_american
    found = dict(ingested.entity("contact").select("contact_ref", pl.col("contact_date").dt.month()).rows())
    assert all(found[row["Ref"]] == int(row["ReceivedDate"][3:5]) for row in could_be_american)


def test_a_request_closed_before_it_came_is_quarantined_and_no_other(ingested: Ingested) -> None:
    wrong = [row for row in ingested.rows if row["ClosedDate"] and day(row["ClosedDate"]) < day(row["ReceivedDate"])]
    episodes = ingested.receipt.entities["episode"]
    assert (episodes.delivered, episodes.quarantined) == (len(ingested.rows), len(wrong))
    assert set(ingested.entity("episode")["episode_ref"]) == {r["Ref"] for r in ingested.rows} - {
        r["Ref"] for r in wrong
    }
    assert [check.count for check in ingested.receipt.checks if check.id == "end_before_start"] == [len(wrong)]


def test_requests_that_are_not_closed_are_open(ingested: Ingested) -> None:
    found = ingested.entity("episode")
    open_requests = Counter(row["ClosedDate"] == "" for row in ingested.rows)[True]
    assert found["end_date"].null_count() == open_requests


def test_columns_that_nobody_agreed_to_are_not_stored(ingested: Ingested) -> None:
    (unknown,) = (check for check in ingested.receipt.checks if check.id == "unknown_column")
    assert "Latitude" in unknown.detail
    latitudes = {row["Latitude"] for row in ingested.rows}
    for name in ("person", "episode", "contact"):
        texts = ingested.entity(name).select(pl.col(pl.String))
        assert not any(set(texts[column].drop_nulls().unique()) & latitudes for column in texts.columns)
