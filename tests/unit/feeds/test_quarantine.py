"""Quarantined rows can be listed, exported for the data engineer alone, mended by a later delivery, and expire."""

import csv
import stat
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from orchestration.area.loader import load_area
from orchestration.area.profile import Retention
from orchestration.errors import HomeError, LandingError
from orchestration.feeds.expiry import Expired, expire
from orchestration.feeds.quarantine import (
    NOT_OF_ITS_TYPE,
    NOT_SHOWN,
    Quarantined,
    export_quarantine,
    list_quarantine,
    listed_codes,
    neutralised,
)
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.store import Store
from orchestration.settings import Settings, repository_root
from tests.support.deliveries import (
    TODAY,
    as_csv,
    deliver,
    ingest,
    make_contract,
    make_settings,
    row,
    standing,
    token,
)

KEPT = Retention(quarantine_days=30, history_days=90)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def listed(settings: Settings, mode: str = "period") -> list[Quarantined]:
    return list_quarantine(Store(settings), make_contract(mode), KEPT)


def exported(settings: Settings, out: Path, *, references: bool = False) -> list[dict[str, str]]:
    (receipt,) = read_receipts(settings, "debt_advice")
    export_quarantine(Store(settings), make_contract(), receipt.delivery_id[:6], out, references=references)
    with out.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_list_tells_how_many_rows_wait_by_which_checks_and_until_when(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start=""), row(3, Start="soon", Ref="")]))
    ingest(settings)
    (entry,) = listed(settings)
    assert (entry.rows, entry.mended, entry.waiting, entry.period) == (3, 0, 3, "2025-03")
    assert entry.checks == {"date_unreadable": 1, "required_missing": 3}
    assert entry.kept_until == TODAY + timedelta(days=30)


def test_a_row_mended_by_a_later_delivery_waits_no_more(settings: Settings) -> None:
    contract = make_contract("append")
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start=""), row(3, Start="")]))
    ingest(settings, contract)
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C1"]
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(2)]))
    ingest(settings, contract)
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C1", "C2"]
    (entry,) = listed(settings, "append")
    assert (entry.rows, entry.mended, entry.waiting) == (2, 1, 1)


def test_a_record_that_stands_from_an_earlier_delivery_is_not_mended_yet(settings: Settings) -> None:
    contract = make_contract("append")
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    deliver(settings, "debt_2025-04_20250505.csv", as_csv([row(1, End="soon")]))
    ingest(settings, contract)
    (entry,) = listed(settings, "append")
    assert (entry.mended, entry.waiting) == (0, 1)


def test_a_redelivery_of_the_period_mends_all_its_rows(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="")]))
    ingest(settings)
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1), row(2)]))
    ingest(settings)
    assert standing(settings)["episode_ref"].to_list() == ["C1", "C2"]
    (entry,) = listed(settings)
    assert (entry.replaced, entry.waiting) == (True, 0)
    changes = read_receipts(settings, "debt_advice")[1].changes
    assert changes is not None
    assert "required_missing:episode.start_date" in changes.checks_mended


def test_the_export_holds_the_agreed_cells_the_row_and_how_to_mend_it(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="99/03/2025", End="05/03/2025")]))
    ingest(settings)
    (found,) = exported(settings, tmp_path / "rows.csv")
    assert (found["entity"], found["source_row"], found["checks"]) == ("episode", "2", "date_unreadable:start_date")
    assert (found["start_date"], found["end_date"]) == ("99/03/2025", "05/03/2025")
    assert "Correct the date" in found["how_to_mend"]


def test_references_are_left_out_unless_they_are_asked_for_and_identifying_cells_always(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [row(7, Born="99/9999", Token=token(7)), row(8, Start="")]
    deliver(settings, "debt_2025-03_20250405.csv", as_csv(rows))
    ingest(settings)
    exported(settings, tmp_path / "plain.csv")
    exported(settings, tmp_path / "more.csv", references=True)
    plain, more = ((tmp_path / name).read_text() for name in ("plain.csv", "more.csv"))
    assert not any(word in plain for word in ("P7", "P8", "C8", token(7), token(9)))
    assert all(word in more for word in ("P7", "P8", "C8"))
    assert not any(word in more for word in (token(7), token(9)))


@pytest.mark.parametrize(
    "cell", ["=1+1", "+44", "-2+3", "@SUM(A1)", " =1+1", "\t=1", "\r=1", "＝1+1", '=HYPERLINK("a")']
)
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    (safe,) = pl.select(neutralised(pl.lit(cell))).row(0)
    assert safe == f"'{cell}"
    assert pl.select(neutralised(pl.lit("a=1"))).row(0) == ("a=1",)


def test_a_formula_in_a_quarantined_row_or_a_file_name_is_neutralised(settings: Settings, tmp_path: Path) -> None:
    contract = make_contract(files={"main": {"pattern": r"[=\w]*debt_(?P<period>\d{4}-\d{2})\.csv"}})
    deliver(settings, "=debt_2025-03.csv", as_csv([row(1, Start="=1+1"), row(2)]))
    ingest(settings, contract)
    (receipt,) = read_receipts(settings, "debt_advice")
    export_quarantine(Store(settings), contract, receipt.delivery_id, tmp_path / "rows.csv")
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig", newline="") as file:
        (found,) = csv.DictReader(file)
    assert found["start_date"] == "'=1+1"
    assert found["source_file"] == "'=debt_2025-03.csv"


def test_a_cell_that_looks_like_an_identifier_has_strayed_and_is_not_shown(settings: Settings, tmp_path: Path) -> None:
    contract = make_contract(checks={"direct_identifiers": "warning"})
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1, Start="ada@example.org"), row(2)]))
    ingest(settings, contract)
    (found,) = exported(settings, tmp_path / "rows.csv")
    assert found["start_date"] == NOT_SHOWN


def test_the_export_is_for_its_owner_alone_and_never_overwrites(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(2, Start="")]))
    ingest(settings)
    out = tmp_path / "rows.csv"
    exported(settings, out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with pytest.raises(HomeError, match="exists already"):
        exported(settings, out)


def test_an_export_of_nothing_says_why(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings)
    with pytest.raises(LandingError, match="has no row in quarantine"):
        exported(settings, tmp_path / "rows.csv")
    with pytest.raises(LandingError, match="No delivery of debt_advice begins with 'ffff'"):
        export_quarantine(Store(settings), make_contract(), "ffff", tmp_path / "rows.csv")


def expired(settings: Settings, day: date, mode: str = "period") -> Expired:
    return expire(Store(settings), make_contract(mode), today=day, retention=KEPT)


def test_quarantined_rows_go_after_their_days_and_the_receipt_stays(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2, Start="")]))
    ingest(settings)
    before = read_receipts(settings, "debt_advice")
    assert expired(settings, TODAY + timedelta(days=30)) == Expired()
    assert expired(settings, TODAY + timedelta(days=31)) == Expired(quarantines=1)
    assert (listed(settings), read_receipts(settings, "debt_advice")) == ([], before)
    assert standing(settings).height == 1


def test_replaced_rows_go_after_their_days_and_those_that_stand_never_do(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1)]))
    ingest(settings)
    assert expired(settings, TODAY + timedelta(days=90)) == Expired()
    assert expired(settings, TODAY + timedelta(days=91)) == Expired(deliveries=1)
    assert expired(settings, TODAY + timedelta(days=92)) == Expired()
    old, new = read_receipts(settings, "debt_advice")
    store = Store(settings)
    assert (store.rows(old, "episode"), old.rows_removed_on) == (None, TODAY + timedelta(days=91))
    assert standing(settings)["delivery_id"].to_list() == [new.delivery_id]
    assert old.total.superseded == 4


def test_in_append_mode_no_delivery_is_replaced_whole(settings: Settings) -> None:
    contract = make_contract("append")
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(1)]))
    ingest(settings, contract)
    assert expired(settings, TODAY + timedelta(days=9_999), "append") == Expired()


def test_rows_that_retention_removed_are_read_again_when_their_delivery_is_sent_again(settings: Settings) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1), row(2)]))
    deliver(settings, "debt_2025-03_20250410.csv", as_csv([row(3)]))
    ingest(settings)
    expired(settings, TODAY + timedelta(days=91))
    deliver(settings, "debt_2025-03_20250412.csv", as_csv([row(1), row(2)]))
    ingest(settings)
    assert standing(settings)["episode_ref"].to_list() == ["C1", "C2"]


@pytest.mark.parametrize(
    ("cell", "is_shown"),
    [
        ("Jane Doe", False),
        ("Postlethwaite", False),
        ("April", False),
        ("Mary 12", False),
        ("soon", False),
        ("31 Feb 2025", True),
        ("2025-13-01T10:00:00Z", True),
        ("Thursday 32nd September 2025", True),
        ("--/--", True),
    ],
)
def test_words_in_a_column_of_dates_are_not_shown_and_what_mends_a_date_is(
    settings: Settings, tmp_path: Path, cell: str, is_shown: bool
) -> None:
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1, Start=f"{cell} "), row(2)]))
    ingest(settings)
    rows = exported(settings, tmp_path / "rows.csv")
    assert rows[0]["start_date"] in ((cell, f"'{cell}") if is_shown else (NOT_OF_ITS_TYPE,))


def test_a_word_that_is_no_listed_code_is_not_shown_either(settings: Settings, tmp_path: Path) -> None:
    rows = [row(1, Start="", Sex="Postlethwaite", Ref=""), row(2, Start="", Sex="1", Ref="")]
    deliver(settings, "debt_2025-03_20250405.csv", as_csv(rows))
    ingest(settings)
    shown = [found["sex"] for found in exported(settings, tmp_path / "rows.csv") if found["entity"] == "person"]
    assert shown == [NOT_OF_ITS_TYPE, "1"]


def test_codes_that_a_crosswalk_lists_may_be_shown(tmp_path: Path) -> None:
    area = repository_root() / "seeds" / "demo_area"
    contract = load_area(area).contracts["adult_social_care"]
    listed = listed_codes(contract, Settings(area_dir=area, home=tmp_path))
    assert {"family, friend or carer", "hospital or a&e"} <= set(listed["referral_source"])
