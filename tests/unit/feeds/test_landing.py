"""Half-written files wait; checksums and manifests are honoured; a file replaced under its name gives way."""

import hashlib
import json
import os
import time
from pathlib import Path

import pytest

from orchestration.feeds.deliveries import Delivery
from orchestration.feeds.ingest import Feed, FeedResult
from orchestration.feeds.landing import MISMATCH_WAIT_SECONDS, find_deliveries
from orchestration.feeds.permission import permits
from orchestration.feeds.processing import Processed, Rules, process_delivery
from orchestration.feeds.receipts import read_receipts
from orchestration.feeds.store import Store
from orchestration.settings import Settings
from tests.support.deliveries import (
    TODAY,
    as_csv,
    deliver,
    found,
    ingest,
    make_agreement,
    make_contract,
    make_settings,
    row,
    standing,
)

NAME = "debt_2025-03_20250405.csv"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def digest(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def age(path: Path, seconds: float = MISMATCH_WAIT_SECONDS + 60) -> None:
    old = time.time() - seconds
    os.utime(path, (old, old))


def outcomes(result: FeedResult) -> list[str]:
    return [receipt.outcome for receipt in result.receipts]


@pytest.mark.parametrize("suffix", [".part", ".tmp", ".filepart", ".PARTIAL", ".crdownload"])
def test_a_file_named_as_unfinished_waits(settings: Settings, suffix: str) -> None:
    deliver(settings, NAME + suffix, as_csv([row(1)]))
    assert ingest(settings).waiting == [NAME + suffix]


def test_a_file_that_will_be_old_enough_in_a_moment_is_waited_for(tmp_path: Path) -> None:
    base = make_settings(tmp_path)
    settings = Settings(area_dir=base.area_dir, home=base.home, stable_seconds=0.2)
    deliver(settings, NAME, as_csv([row(1)]))
    result = ingest(settings)
    assert (outcomes(result), result.waiting) == (["accepted"], [])


def test_a_file_that_changes_while_it_is_read_is_not_stored(settings: Settings) -> None:
    path = deliver(settings, NAME, as_csv([row(1)]))
    contract, agreement = make_contract(), make_agreement()
    decision = permits(agreement, "debt_advice", today=TODAY)
    rules = Rules(contract, decision.items, (), TODAY)

    def process_as_it_grows(delivery: Delivery, rules: Rules) -> Processed:
        done = process_delivery(delivery, rules)
        with path.open("a") as file:
            file.write(as_csv([row(2)]).splitlines()[1] + "\n")
        return done

    feed = Feed(contract, {contract.version: rules}, Store(settings), TODAY, process=process_as_it_grows)
    result = feed.read(find_deliveries(contract, landing=settings.landing), decision)
    assert (result.receipts, result.waiting) == ([], [NAME])
    assert read_receipts(settings, "debt_advice") == []
    assert outcomes(ingest(settings)) == ["accepted"]
    assert standing(settings)["episode_ref"].to_list() == ["C1", "C2"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (NAME + ".sha256", "{digest}  " + NAME + "\n"),
        (NAME + ".sha256", "{digest}\n"),
        ("SHA256SUMS", "{digest} *./" + NAME + "\n"),
        (NAME + ".manifest.json", '{{"feed": "debt_advice", "sha256": "{digest}"}}'),
        ("manifest.json", '{{"files": [{{"name": "' + NAME + '", "sha256": "{digest}"}}]}}'),
        ("manifest.json", '{{"files": {{"' + NAME + '": "{digest}"}}}}'),
    ],
)
def test_a_file_with_its_checksum_is_read_at_once_and_the_receipt_says_so(tmp_path: Path, name: str, text: str) -> None:
    base = make_settings(tmp_path)
    settings = Settings(area_dir=base.area_dir, home=base.home, stable_seconds=3600)
    content = as_csv([row(1)])
    deliver(settings, NAME, content)
    deliver(settings, name, text.format(digest=digest(content)))
    (receipt,) = ingest(settings).receipts
    assert receipt.files[0].verified_by == name


def test_a_file_that_is_not_what_its_checksum_says_waits_and_is_then_refused_with_the_reason(
    settings: Settings,
) -> None:
    content = as_csv([row(1), row(2)])
    path = deliver(settings, NAME, content[:-20])
    told = deliver(settings, f"{NAME}.sha256", digest(content))
    assert ingest(settings).waiting == [NAME]
    age(path)
    age(told)
    (receipt,) = ingest(settings).receipts
    assert found(receipt)["checksum_mismatch"] == 1
    assert f"'{NAME}' does not have the SHA-256 that '{NAME}.sha256' gives" in receipt.checks[0].detail
    path.write_text(content)
    assert outcomes(ingest(settings)) == ["accepted"]


def test_a_checksum_that_was_wrong_and_is_put_right_frees_the_file(settings: Settings) -> None:
    content = as_csv([row(1)])
    path, told = deliver(settings, NAME, content), deliver(settings, f"{NAME}.sha256", "0" * 64)
    age(path)
    age(told)
    assert outcomes(ingest(settings)) == ["refused"]
    told.write_text(digest(content))
    assert outcomes(ingest(settings)) == ["accepted"]
    assert len(read_receipts(settings, "debt_advice")) == 1


def test_a_checksum_file_without_a_checksum_is_no_proof(settings: Settings) -> None:
    path, told = deliver(settings, NAME, as_csv([row(1)])), deliver(settings, f"{NAME}.sha256", "none")
    age(path)
    age(told)
    (receipt,) = ingest(settings).receipts
    assert "holds no SHA-256" in receipt.checks[0].detail


def test_a_folder_waits_for_the_files_that_its_manifest_announces(settings: Settings) -> None:
    first, second = as_csv([row(1)]), as_csv([row(2)])
    names = {"debt_2025-03_20250405_a.csv": digest(first), "debt_2025-03_20250405_b.csv": digest(second)}
    a = deliver(settings, "sent/debt_2025-03_20250405_a.csv", first)
    manifest = deliver(settings, "sent/manifest.json", json.dumps({"files": names}))
    assert ingest(settings).waiting == ["sent"]
    age(a)
    age(manifest)
    (refused,) = ingest(settings).receipts
    assert "'debt_2025-03_20250405_b.csv', which 'manifest.json' announces, has not come" in refused.checks[0].detail
    deliver(settings, "sent/debt_2025-03_20250405_b.csv", second)
    assert outcomes(ingest(settings)) == ["accepted"]
    assert standing(settings)["episode_ref"].to_list() == ["C1", "C2"]


def test_a_file_announced_on_the_top_level_and_not_there_yet_is_named(settings: Settings) -> None:
    deliver(settings, f"{NAME}.sha256", "0" * 64)
    assert ingest(settings).waiting == [f"{NAME} (announced by {NAME}.sha256)"]


def test_a_half_written_file_that_was_read_gives_way_to_the_whole_one_of_the_same_name(settings: Settings) -> None:
    whole = as_csv([row(n) for n in range(1, 9)])
    for cut in range(60, 160, 20):  # whatever the digests are, the later content must win
        home = make_settings(settings.home / str(cut))
        deliver(home, NAME, whole[:-cut].rsplit("\n", 1)[0] + "\n")
        ingest(home)
        deliver(home, NAME, whole)
        ingest(home)
        assert standing(home).height == 8
        half, full = sorted(read_receipts(home, "debt_advice"), key=lambda r: r.total.delivered)
        assert (half.outcome, half.superseded_by) == ("superseded", (full.delivery_id,))
        assert ingest(home).receipts == []


def test_deliveries_of_one_day_follow_the_revision_in_their_names(settings: Settings) -> None:
    pattern = r"debt_(?P<period>\d{4}-\d{2})_(?P<delivered>\d{8})(?:_v(?P<revision>\d+))?\.csv"
    contract = make_contract(files={"main": {"pattern": pattern}})
    for number in (3, 10, 2):
        deliver(settings, f"debt_2025-03_20250405_v{number}.csv", as_csv([row(number)]))
        ingest(settings, contract)
    deliver(settings, "debt_2025-03_20250405.csv", as_csv([row(1)]))
    ingest(settings, contract)
    assert standing(settings, contract=contract)["episode_ref"].to_list() == ["C10"]


def test_the_wait_for_a_checksum_is_a_quarter_of_an_hour() -> None:
    assert MISMATCH_WAIT_SECONDS == 15 * 60
