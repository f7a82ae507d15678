"""`joinedup check` tells a partner beforehand, from the same code, and stores nothing."""

import json
from pathlib import Path

import pytest
import yaml

from orchestration.errors import LandingError
from orchestration.feeds.check import run_check
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


def test_an_unknown_feed_and_a_missing_file_are_clear_mistakes(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(LandingError, match="No feed 'depts': this area has debt_advice"):
        run_check(settings, [], "depts")
    with pytest.raises(LandingError, match="There is no file"):
        run_check(settings, [tmp_path / "absent.csv"], "debt_advice")
