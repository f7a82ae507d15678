"""`joinedup check` tells a partner beforehand, from the same code, and stores nothing."""

import json
from pathlib import Path

import pytest
import yaml

from orchestration.errors import LandingError
from orchestration.feeds.check import run_check
from orchestration.feeds.receipt_page import receipt_page
from orchestration.feeds.receipts import Receipt
from orchestration.settings import Settings
from tests.support.deliveries import HEADER, as_csv, make_agreement, make_contract, row


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    area = tmp_path / "area"
    (area / "feeds").mkdir(parents=True)
    (area / "agreements").mkdir()
    (area / "area.yaml").write_text("name: Here\nreporting: {first_month: 2024-10, months: 24}\n")
    (area / "organizations.csv").write_text("id,name\nadvice_centre,Advice\ncouncil,Council\n")
    (area / "services.csv").write_text(
        "id,organization_id,name,status,theme,theme_name\ndebt_advice,advice_centre,Debt,active,money,Money\n"
    )
    contract = make_contract().model_dump(mode="json", by_alias=True, exclude_none=True)
    (area / "feeds" / "debt.yaml").write_text(yaml.safe_dump(contract))
    agreement = make_agreement().model_dump(mode="json", exclude_none=True)
    (area / "agreements" / "isa.yaml").write_text(yaml.safe_dump(agreement))
    return Settings(area_dir=area, home=tmp_path / "var")


def written(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "debt_2025-03_20250405.csv"
    path.write_text(content)
    return path


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (as_csv([row(1)]), 0),
        (as_csv([row(1), row(2, Start="")]), 1),
        (as_csv([row(1)], header=HEADER[1:]), 2),
        ("", 2),
    ],
)
def test_the_exit_code_tells_clean_from_refused_rows_from_a_refused_delivery(
    settings: Settings, tmp_path: Path, content: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_check(settings, [written(tmp_path, content)], "debt_advice") == code
    assert "Debt advice cases (debt_advice)" in capsys.readouterr().out
    assert not settings.home.exists()


def test_the_guidance_is_printed_and_json_is_the_receipt(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, as_csv([row(1), row(2, Start="")]))
    run_check(settings, [path], "debt_advice")
    assert "Fill the value in the source system" in capsys.readouterr().out
    run_check(settings, [path], "debt_advice", as_json=True)
    receipt = json.loads(capsys.readouterr().out)
    assert receipt["total"] == {"delivered": 4, "accepted": 3, "quarantined": 1, "superseded": 0}


def test_the_page_that_is_written_is_the_one_that_the_area_would_send(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, page = written(tmp_path, as_csv([row(1), row(2, Start="")])), tmp_path / "receipt.html"
    run_check(settings, [path], "debt_advice", html=page, as_json=True)
    receipt = Receipt.model_validate_json(capsys.readouterr().out)
    assert page.read_text(encoding="utf-8") == receipt_page(receipt)
    assert "Not sent yet: this is what the area would say" in page.read_text(encoding="utf-8")


def test_the_receipt_before_tells_what_has_changed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_check(settings, [written(tmp_path, as_csv([row(1), row(2, Start="")]))], "debt_advice", as_json=True)
    before = tmp_path / "last.json"
    before.write_text(capsys.readouterr().out)
    run_check(
        settings, [written(tmp_path, as_csv([row(1), row(2), row(3)]))], "debt_advice", since=before, as_json=True
    )
    changes = Receipt.model_validate_json(capsys.readouterr().out).changes
    assert changes is not None
    assert (changes.rows_before, changes.rows_now) == (2, 3)
    assert changes.checks_mended == ("required_missing:episode.start_date",)


@pytest.mark.parametrize("content", [None, "{}", "not json"])
def test_what_is_no_receipt_is_a_clear_mistake(settings: Settings, tmp_path: Path, content: str | None) -> None:
    before = tmp_path / "last.json"
    if content is not None:
        before.write_text(content)
    with pytest.raises(LandingError, match="is not a receipt of this version"):
        run_check(settings, [written(tmp_path, as_csv([row(1)]))], "debt_advice", since=before)


def test_an_unknown_feed_and_a_missing_file_are_clear_mistakes(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="No feed 'depts': this area has debt_advice"):
        run_check(settings, [], "depts")
    with pytest.raises(LandingError, match="There is no file"):
        run_check(settings, [tmp_path / "absent.csv"], "debt_advice")
