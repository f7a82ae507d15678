"""The six dimensions of a delivery: what each measures, and that a mean never hides the field that is of no use."""

from pathlib import Path

from orchestration.feeds.checks import DIMENSIONS
from orchestration.feeds.quality import Quality, agreed_places, assess
from orchestration.feeds.receipts import Receipt
from tests.support.deliveries import ITEMS, as_csv, check, make_contract, row

PLACES = agreed_places(make_contract(), ITEMS)


def dimensions(receipt: Receipt) -> dict[str, Quality]:
    return {found.dimension: found for found in assess(receipt, PLACES)}


def test_a_delivery_without_fault_scores_full_in_all_six(tmp_path: Path) -> None:
    rows = [row(n, End="05/03/2025") for n in range(10)]
    found = dimensions(check(tmp_path, as_csv(rows)))
    assert tuple(found) == DIMENSIONS
    assert {(q.score, q.worst_score, q.worst_check) for q in found.values()} == {(1.0, 1.0, "")}


def test_the_field_that_is_of_no_use_is_named_beside_a_good_mean(tmp_path: Path) -> None:
    rows = [row(n, Token="" if n else "a" * 32, End="05/03/2025") for n in range(10)]
    found = dimensions(check(tmp_path, as_csv(rows)))["completeness"]
    assert round(found.score, 2) == 0.85
    assert (found.worst, round(found.worst_score, 2), found.worst_check) == ("person.tok_nhs", 0.1, "missing")
    assert (found.worst_rows, found.failing_rows) == (9, 9)


def test_each_fault_counts_in_the_dimension_of_its_check(tmp_path: Path) -> None:
    rows = [row(n, End="05/03/2025") for n in range(8)]
    rows += [row(8, Sex="x", End="05/03/2025"), row(9, start="10/03/2025", End="09/03/2025")]
    found = dimensions(check(tmp_path, as_csv(rows)))
    assert (found["validity"].worst, found["validity"].worst_check) == ("person.sex", "code_not_in_list")
    assert (found["consistency"].worst, round(found["consistency"].worst_score, 1)) == ("episode.end_date", 0.9)
    assert found["uniqueness"].score == found["accuracy"].score == found["timeliness"].score == 1


def test_what_refuses_a_delivery_makes_its_dimension_nothing(tmp_path: Path) -> None:
    header = ("Ref", "Token", "Sex", "Born", "Ethnic", "Case", "Start")
    found = dimensions(check(tmp_path, as_csv([row(1)], header=header)))
    assert (found["completeness"].score, found["completeness"].worst) == (0.0, "missing_column")


def test_a_delivery_of_nothing_is_not_assessed() -> None:
    empty = Receipt.model_validate(
        {
            "feed": "f",
            "title": "t",
            "partner": "p",
            "delivery_id": "d",
            "fingerprint": "x",
            "agreement_id": "a",
            "mode": "period",
            "period": None,
            "delivered_at": "2025-04-05T00:00:00Z",
            "outcome": "accepted",
            "files": [],
            "entities": {},
            "total": {},
            "checks": [],
        }
    )
    assert list(assess(empty, PLACES)) == []
