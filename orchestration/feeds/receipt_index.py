"""The lists of receipts: one page for a feed's deliveries, one for all feeds. Made of receipts alone, like their pages.

What belongs here: what the lists say. What does not: the receipt's own page (orchestration.feeds.receipt_page).
"""

from collections.abc import Mapping, Sequence
from html import escape

from orchestration.feeds.plain_page import html_page, table
from orchestration.feeds.receipt_page import OUTCOMES, when
from orchestration.feeds.receipts import Counts, Receipt

INDEX = "index.html"
COUNTS = ("delivered", "accepted", "quarantined", "superseded")
COUNT_WORDS = ("Delivered", "Accepted", "Set aside", "Super\u00adseded")  # broken where a screen is narrow


def feed_index(title: str, receipts: Sequence[Receipt]) -> str:
    """Return the page that lists a feed's deliveries, the newest first."""
    newest = sorted(receipts, key=lambda receipt: receipt.order, reverse=True)
    refused = sum(receipt.outcome == "refused" for receipt in receipts)
    rows = [
        [
            f'<a href="{escape(receipt.delivery_id)}.html">{escape(when(receipt))}</a><br>{_outcome(receipt)}',
            *(f"{getattr(receipt.total, name):,}" for name in COUNTS),
        ]
        for receipt in newest
    ]
    head = ("Delivery and outcome", *COUNT_WORDS)
    return html_page(
        f"Receipts: {title}",
        [
            f'<p class="kind"><a href="../{INDEX}">All feeds</a></p>',
            f"<h1>Receipts: {escape(title)}</h1>",
            f"<p>{_how_many(len(receipts), 'delivery', 'deliveries')}, of which {refused:,} refused. Counts are of "
            "records: delivered = accepted + set aside + superseded.</p>",
            table("Deliveries, the newest first", head, rows) if rows else "<p>Nothing has come yet.</p>",
        ],
    )


def area_index(feeds: Mapping[str, tuple[str, Sequence[Receipt]]]) -> str:
    """Return the page that lists the feeds. `feeds`: title and receipts of each, by the name of its folder."""
    rows = []
    for feed, (title, receipts) in sorted(feeds.items(), key=lambda item: item[1][0]):
        if not receipts:
            continue
        last = max(receipts, key=lambda receipt: receipt.order)
        total = sum((receipt.total for receipt in receipts), Counts())
        refused = sum(receipt.outcome == "refused" for receipt in receipts)
        rows.append(
            [
                f'<a href="{escape(feed)}/{INDEX}">{escape(title)}</a><br>{escape(when(last))}: {_outcome(last)}',
                *(f"{count:,}" for count in (len(receipts), refused, total.delivered, total.quarantined)),
            ]
        )
    head = ("Feed and its newest delivery", "Deliveries", "Refused", "Records", "Set aside")
    return html_page(
        "Receipts",
        [
            "<h1>Receipts</h1>",
            f"<p>{_how_many(len(rows), 'feed has', 'feeds have')} sent something. Records are counted over all "
            "deliveries of a feed, those of refused ones as set aside.</p>",
            table("Feeds", head, rows) if rows else "<p>Nothing has come yet.</p>",
        ],
    )


def _outcome(receipt: Receipt) -> str:
    return escape(OUTCOMES[receipt.outcome][1])


def _how_many(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
