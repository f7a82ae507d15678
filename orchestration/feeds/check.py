"""`joinedup check`: the receipt a delivery would get, before it is sent."""

import sys
from pathlib import Path

from pydantic import ValidationError

from orchestration.area import load_area
from orchestration.errors import LandingError
from orchestration.feeds.atomic import write_bytes
from orchestration.feeds.changes import changes_between
from orchestration.feeds.ingest import check_delivery
from orchestration.feeds.plausibility import KnownCodes
from orchestration.feeds.receipt_page import receipt_page
from orchestration.feeds.receipts import Receipt
from orchestration.settings import Settings


def run_check(
    settings: Settings,
    files: list[Path],
    feed: str,
    *,
    as_json: bool = False,
    html: Path | None = None,
    since: Path | None = None,
) -> int:
    """Print the receipt and return the exit code: 0 clean, 1 rows would be refused, 2 all of it would be.

    `html` is written as the page that the area would send. `since` is the JSON of the receipt before, against which
    rows, columns, items and checks are compared; records cannot be, as only the area holds those.
    """
    area = load_area(settings.area_dir, today=settings.today)
    contract = area.contracts.get(feed)
    if contract is None:
        raise LandingError(f"No feed '{feed}': this area has {', '.join(sorted(area.contracts))}.")
    if absent := [str(path) for path in files if not path.is_file()]:
        raise LandingError(f"There is no file {', '.join(absent)}.")
    receipt = check_delivery(
        files,
        contract,
        agreement=area.agreements.get(contract.agreement),
        settings=settings,
        today=area.today,
        known=KnownCodes.of(area),
    )
    if since:
        receipt = receipt.model_copy(update={"changes": changes_between(_receipt_before(since, feed), receipt)})
    if html:
        write_bytes(html, receipt_page(receipt).encode())
    sys.stdout.write((receipt.model_dump_json(indent=1) if as_json else as_text(receipt)) + "\n")
    return receipt.exit_code


def _receipt_before(path: Path, feed: str) -> Receipt:
    try:
        before = Receipt.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise LandingError(
            f"{path} is not a receipt of this version: give the .json that came with the last receipt."
        ) from None
    if before.feed != feed:
        raise LandingError(f"{path} is a receipt of feed {before.feed}, not of {feed}.")
    return before


def as_text(receipt: Receipt) -> str:
    """Return a receipt for a terminal."""
    total = receipt.total
    lines = [
        f"{receipt.title} ({receipt.feed}): {receipt.outcome.replace('_', ' ')}",
        f"{total.delivered} records = {total.accepted} accepted + {total.quarantined} quarantined "
        f"+ {total.superseded} superseded",
    ]
    for check in receipt.checks:
        where = "; ".join(part for part in (check.entity, check.file, check.detail) if part)
        rows = f", rows {', '.join(map(str, check.example_rows))}" if check.example_rows else ""
        lines.append(f"\n[{check.severity.replace('_', ' ')}] {check.what} ({check.count}{rows})")
        lines += [f"    {where}"] if where else []
        lines.append(f"    {check.mend}")
    return "\n".join(lines)
