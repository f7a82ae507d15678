"""Every check of the registry as an asset check of every feed, with its figures.

Made from the registry alone: a check added there is here without another line. What does not belong here: deciding
whether something fails (orchestration.feeds).
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.area import Contract
from orchestration.feeds.checks import Check, CheckResult, registry
from orchestration.feeds.quality import agreed_places, assess
from orchestration.feeds.receipts import Receipt, read_receipts
from orchestration.settings import Settings

PERIODS_SHOWN = 12


def feed_checks(settings: Settings, contract: Contract, key: dg.AssetKey) -> dg.AssetChecksDefinition:
    """Return the asset checks of a feed: one for each check that the contract has not switched off.

    A step of its own that may run in part: Dagster writes several rows to its log for every result (some 30 ms on one
    machine), so a refresh runs the checks that have something to tell, and a run from the web interface all of them.
    """
    specs = [
        dg.AssetCheckSpec(
            check.id,
            asset=key,
            description=f"{check.what} {check.why} {check.mend}",
            metadata={"dimension": check.dimension, "severity": contract.checks.get(check.id, check.severity)},
        )
        for check in _checks(contract)
    ]

    @dg.multi_asset_check(name=f"{contract.feed}_checks", specs=specs, can_subset=True)
    def checks(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        wanted = {chosen.name for chosen in context.selected_asset_check_keys}
        receipts = read_receipts(settings, contract.feed)
        yield from (result for result in check_results(key, contract, receipts) if result.check_name in wanted)

    return checks


def check_results(key: dg.AssetKey, contract: Contract, receipts: Sequence[Receipt]) -> Iterator[dg.AssetCheckResult]:
    """Yield the result of every check over the deliveries that came last.

    A check that only informs passes whatever it finds. Figures: the rows that fail, of how many; the deliveries,
    columns and example rows; and the rows of the newest periods, oldest first.
    """
    last = max((receipt.received_on for receipt in receipts), default=None)
    judged = [receipt for receipt in receipts if receipt.received_on == last]
    recent = sorted(receipts, key=lambda receipt: receipt.order)[-PERIODS_SHOWN:]
    delivered = sum(receipt.total.delivered for receipt in judged)
    for check in _checks(contract):
        found = [(receipt, result) for receipt in judged for result in receipt.checks if result.id == check.id]
        grave = [result for _, result in found if result.severity != "information"]
        refusing = any(result.severity.startswith("refuse") for result in grave)
        yield dg.AssetCheckResult(
            asset_key=key,
            check_name=check.id,
            passed=not grave,
            severity=dg.AssetCheckSeverity.ERROR if refusing else dg.AssetCheckSeverity.WARN,
            metadata=_figures(found, delivered, {_name(receipt): _count(receipt, check.id) for receipt in recent}),
        )


def telling_checks(settings: Settings, contract: Contract, key: dg.AssetKey) -> set[dg.AssetCheckKey]:
    """Return the checks of a feed that found something in any of its deliveries."""
    found = {result.id for receipt in read_receipts(settings, contract.feed) for result in receipt.checks}
    return {dg.AssetCheckKey(key, check.id) for check in _checks(contract) if check.id in found}


def quality_metadata(contract: Contract, known: Sequence[Receipt], items: frozenset[str]) -> dict[str, str]:
    """Return the six dimensions of the newest delivery in words: mean, and the worst field with its own figure."""
    if not known:
        return {}
    newest = max(known, key=lambda receipt: receipt.order)
    return {
        f"quality/{found.dimension}": f"{found.score:.1%}"
        + (f"; worst {found.worst} {found.worst_score:.1%}" if found.worst_check else "")
        for found in assess(newest, agreed_places(contract, items))
    }


def _checks(contract: Contract) -> list[Check]:
    return [check for check in registry().values() if contract.checks.get(check.id) != "off"]


def _figures(
    found: list[tuple[Receipt, CheckResult]], delivered: int, by_period: dict[str, int]
) -> dict[str, int | float | str | dg.MetadataValue]:
    rows = sum(result.count for _, result in found)
    figures: dict[str, int | float | str | dg.MetadataValue] = {"rows": rows, "delivered": delivered}
    if any(by_period.values()):
        figures["by_period"] = dg.MetadataValue.json(by_period)
    if found:
        figures["deliveries"] = ", ".join(dict.fromkeys(receipt.delivery_id for receipt, _ in found))
        figures["where"] = "; ".join(dict.fromkeys(result.detail for _, result in found if result.detail))
        figures["example_rows"] = ", ".join(str(row) for _, result in found for row in result.example_rows)
    return figures


def _name(receipt: Receipt) -> str:
    return receipt.period or f"{receipt.delivered_at:%Y-%m-%d}"


def _count(receipt: Receipt, check_id: str) -> int:
    return sum(result.count for result in receipt.checks if result.id == check_id)
