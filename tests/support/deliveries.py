"""A small contract, an agreement and deliveries for tests of feeds and governance."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from orchestration.area import Agreement, Contract
from orchestration.feeds.ingest import FeedResult, check_delivery, ingest_feed
from orchestration.feeds.receipts import Receipt
from orchestration.feeds.standing import standing_rows
from orchestration.settings import Settings

TODAY = date(2026, 10, 20)
ITEMS = ["linkage_tokens", "birth_month", "sex", "ethnicity", "area", "service", "service_dates", "service_outcome"]
HEADER = ("Ref", "Token", "Sex", "Born", "Ethnic", "Case", "Start", "End")


def make_contract(mode: str = "period", **changes: Any) -> Contract:
    """Return the contract of a debt-advice feed: one file that fills person and episode."""
    values: dict[str, Any] = {
        "feed": "debt_advice",
        "title": "Debt advice cases",
        "partner": "advice_centre",
        "agreement": "isa_advice",
        "files": {"main": {"pattern": r"debt_(?P<period>\d{4}-\d{2})(?:_(?P<delivered>\d{8}))?(?:_\w+)?\.\w+"}},
        "delivery": {"mode": mode},
        "entities": {
            "person": {
                "columns": {
                    "source_ref": "Ref",
                    "tok_nhs": "Token",
                    "sex": {"from": "Sex", "type": "code", "codes": {"1": "M", "2": "F", "M": "M", "F": "F"}},
                    "birth_month": {"from": "Born", "type": "month", "formats": ["%m/%Y"]},
                    "ethnicity_code": {
                        "from": "Ethnic",
                        "type": "code",
                        "codes": {"A": "white_british", "Z": "refused"},
                    },
                }
            },
            "episode": {
                "columns": {
                    "episode_ref": "Case",
                    "source_ref": "Ref",
                    "service_id": {"value": "debt_advice"},
                    "start_date": {"from": "Start", "type": "date", "formats": ["%d/%m/%Y"], "required": True},
                    "end_date": {"from": "End", "type": "date", "formats": ["%d/%m/%Y"]},
                }
            },
        },
    }
    return Contract.model_validate(values | changes)


def make_agreement(**changes: Any) -> Agreement:
    """Return a signed agreement that covers the feed until the end of 2027."""
    values: dict[str, Any] = {
        "id": "isa_advice",
        "title": "Advice data",
        "status": "signed",
        "parties": [
            {"organization_id": "advice_centre", "role": "controller"},
            {"organization_id": "council", "role": "controller"},
        ],
        "purposes": ["service_design"],
        "lawful_basis": {
            "article_6": "6(1)(e) public task",
            "article_9": "9(2)(h) health or social care",
            "schedule_1": "paragraph 2, health or social care purposes",
        },
        "legal_power": "Localism Act 2011 s.1",
        "feeds": {"debt_advice": {"items": ITEMS}},
        "starts_on": date(2024, 1, 1),
        "expires_on": date(2027, 12, 31),
        "signatories": [
            {"organization_id": "advice_centre", "role": "Trustee", "signed_on": date(2023, 12, 1)},
            {"organization_id": "council", "role": "Information asset owner", "signed_on": date(2023, 12, 1)},
        ],
    }
    return Agreement.model_validate(values | changes)


def token(number: int) -> str:
    """Return something shaped like a linkage token."""
    return f"{number:032x}"


def row(number: int, *, start: str = "03/02/2025", end: str = "", **cells: str) -> dict[str, str]:
    """Return one good row of the feed; `cells` replace its columns by header."""
    good = {
        "Ref": f"P{number}",
        "Token": token(number + 1),
        "Sex": "1",
        "Born": "04/1980",
        "Ethnic": "A",
        "Case": f"C{number}",
        "Start": start,
        "End": end,
    }
    return good | cells


def as_csv(rows: list[dict[str, str]], *, delimiter: str = ",", header: tuple[str, ...] = HEADER) -> str:
    """Return rows as a plain delimited text."""
    lines = [delimiter.join(header), *(delimiter.join(r.get(name, "") for name in header) for r in rows)]
    return "\n".join(lines) + "\n"


def make_settings(tmp_path: Path) -> Settings:
    """Return settings with a home of their own."""
    settings = Settings(area_dir=tmp_path / "area", home=tmp_path / "var")
    settings.make_folders()
    return settings


def deliver(settings: Settings, name: str, content: str | bytes, *, folder: str = "debt_advice") -> Path:
    """Put one file into the landing folder."""
    path = settings.landing / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def ingest(settings: Settings, contract: Contract | None = None, agreement: Agreement | None = None) -> FeedResult:
    """Read what is new, under the usual contract and agreement."""
    return ingest_feed(
        contract or make_contract(), agreement=agreement or make_agreement(), settings=settings, today=TODAY
    )


def receive(settings: Settings, content: str | bytes, *, contract: Contract | None = None, **more: Any) -> Receipt:
    """Deliver one file and return its receipt."""
    deliver(settings, more.pop("name", "debt_2025-03_20250405.csv"), content)
    (receipt,) = ingest(settings, contract, **more).receipts
    return receipt


def check(tmp_path: Path, content: str | bytes, contract: Contract | None = None, **more: Any) -> Receipt:
    """Return the receipt that a file would get."""
    path = tmp_path / more.pop("name", "debt_2025-03_20250405.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return check_delivery(
        [path],
        contract or make_contract(),
        agreement=more.pop("agreement", None) or make_agreement(),
        settings=Settings(area_dir=tmp_path, home=tmp_path / "var"),
        today=TODAY,
    )


def found(receipt: Receipt) -> dict[str, int]:
    """Return the checks that found something, with their counts."""
    counts: dict[str, int] = {}
    for result in receipt.checks:
        counts[result.id] = counts.get(result.id, 0) + result.count
    return counts


def standing(settings: Settings, entity: str = "episode", contract: Contract | None = None) -> pl.DataFrame:
    """Return the rows of an entity that stand, by reference."""
    rows = {str(name): frame for name, frame in standing_rows(settings, contract or make_contract()).items()}
    return rows[entity].collect().sort(f"{entity}_ref" if entity != "person" else "source_ref", "source_row")
