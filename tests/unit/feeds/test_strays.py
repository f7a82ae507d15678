"""A file that nobody asked for is named."""

from pathlib import Path

from orchestration.area import Contract
from orchestration.feeds.strays import find_strays


def contract(feed: str, pattern: str, folder: str | None = None) -> Contract:
    return Contract.model_validate(
        {
            "feed": feed,
            "title": feed,
            "partner": "p",
            "agreement": "a",
            "files": {"main": {"pattern": pattern}},
            "delivery": {"mode": "append", "folder": folder},
            "entities": {"person": {"columns": {"source_ref": "Ref"}}},
        }
    )


def test_misspelt_names_and_unknown_folders_are_named_and_nothing_else(tmp_path: Path) -> None:
    for name in (
        "debt/debt_1.csv",
        "debt/dept_1.csv",
        "debt/debt_2.csv.part",
        "debt/.hidden",
        "debt/debt_1.csv.sha256",
        "shared/may/Exit.csv",
        "shared/may/Notes.csv",
        "unknown/x.csv",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="ascii")
    contracts = [
        contract("debt", r"debt_\d\.csv"),
        contract("one", r"Exit\.csv", "shared"),
        contract("two", "Y", "shared"),
    ]
    assert find_strays(tmp_path, contracts) == ["debt/dept_1.csv", "shared/may/Notes.csv", "unknown/x.csv"]
