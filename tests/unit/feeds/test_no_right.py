"""What may not be read, leads out or lies too deep is told with what to do, and keeps nothing else from being read."""

from pathlib import Path

import pytest

from orchestration.settings import Settings
from tests.support.deliveries import as_csv, deliver, ingest, make_contract, make_settings, row
from tests.support.rights import file_modes_count

FIRST, SECOND = "debt_2025-03_20250405.csv", "debt_2025-04_20250505.csv"
NO_RIGHT = "(cannot be read: Permission denied; give the account that Joined Up runs under the right to read it)"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = make_settings(tmp_path)
    deliver(found, FIRST, as_csv([row(1)]))
    deliver(found, SECOND, as_csv([row(2)]))
    return found


def test_the_fixture_takes_the_right_away(tmp_path: Path) -> None:
    (tmp_path / "closed").touch(mode=0)
    with file_modes_count(), pytest.raises(PermissionError):
        (tmp_path / "closed").read_bytes()


def test_a_file_without_the_right_to_read_it_waits_with_the_reason_and_the_others_are_read(settings: Settings) -> None:
    closed = settings.landing / "debt_advice" / FIRST
    closed.chmod(0)
    with file_modes_count():
        found = ingest(settings)
        assert found.waiting == [f"{FIRST} {NO_RIGHT}"]
        assert [receipt.files[0].name for receipt in found.receipts] == [SECOND]
        closed.chmod(0o600)
        assert [receipt.files[0].name for receipt in ingest(settings).receipts] == [FIRST]


@pytest.mark.parametrize("mode", [0o000, 0o400])
@pytest.mark.parametrize("name", ["", "sub"])
def test_a_folder_without_the_right_to_look_into_it_is_told(settings: Settings, name: str, mode: int) -> None:
    deliver(settings, "sub/debt_2025-05_20250605.csv", as_csv([row(3)]))
    closed = settings.landing / "debt_advice" / name
    closed.chmod(mode)
    with file_modes_count():
        found = ingest(settings)
    closed.chmod(0o700)
    assert found.waiting
    assert all(NO_RIGHT in told for told in found.waiting)
    assert len(found.receipts) == (2 if name else 0)
    assert len(ingest(settings).receipts) == (1 if name else 3)


def test_a_file_whose_checksum_cannot_be_read_waits_with_it(settings: Settings) -> None:
    deliver(settings, f"{FIRST}.sha256", "0" * 64).chmod(0)
    with file_modes_count():
        found = ingest(settings)
    assert found.waiting == [f"{FIRST}.sha256 {NO_RIGHT}"]
    assert [receipt.files[0].name for receipt in found.receipts] == [SECOND]


def test_links_out_of_the_landing_folder_are_told_and_links_in_a_circle_are_passed_over(settings: Settings) -> None:
    folder = settings.landing / "debt_advice"
    (settings.home / "debt_2025-06_20250705.csv").write_text(as_csv([row(6)]))
    (folder / "debt_2025-06_20250705.csv").symlink_to(settings.home / "debt_2025-06_20250705.csv")
    (folder / "circle").symlink_to(folder / "circle")
    found = ingest(settings)
    assert len(found.receipts) == 2
    assert found.waiting == [
        "debt_2025-06_20250705.csv (a link out of the landing folder is never followed: put the file itself there)"
    ]


def test_a_folder_within_a_deliverys_folder_is_told(settings: Settings) -> None:
    deliver(settings, "2025/05/debt_2025-05_20250605.csv", as_csv([row(3)]))
    assert ingest(settings).waiting == [
        "2025/05 (a folder within a delivery's folder is not looked into: move its files one up)"
    ]


TWO_FILES = {
    "main": {"pattern": r"cases_(?P<period>\d{4}-\d{2})_(?P<delivered>\d{8})\.csv"},
    "people": {"pattern": r"people_(?P<period>\d{4}-\d{2})_(?P<delivered>\d{8})\.csv", "on": ["Ref"]},
}


@pytest.mark.parametrize("held", ["closed", "copying", "announced"])
def test_the_rest_of_a_delivery_waits_for_the_file_that_cannot_be_read_yet(tmp_path: Path, held: str) -> None:
    settings = make_settings(tmp_path)
    contract = make_contract(files=TWO_FILES)
    text = as_csv([row(1)])
    deliver(settings, "cases_2025-03_20250405.csv", text)
    deliver(settings, "cases_2025-04_20250505.csv", text)
    deliver(settings, "people_2025-04_20250505.csv", text)
    late = "people_2025-03_20250405.csv"
    if held == "closed":
        deliver(settings, late, text).chmod(0)
    elif held == "copying":
        deliver(settings, f"{late}.part", text)
    else:
        deliver(settings, f"{late}.sha256", "0" * 64)
    with file_modes_count():
        found = ingest(settings, contract)
    assert [receipt.period for receipt in found.receipts] == ["2025-04"]
    assert "cases_2025-03_20250405.csv (the rest of its delivery is not there yet)" in found.waiting
