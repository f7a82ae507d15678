"""Where rows and receipts of deliveries are kept: rows by their content, a delivery committed by its receipt.

What belongs here: files and the order in which they are written, so that a process killed at any moment leaves the old
receipt with its rows or the new one with its own. What does not: deciding anything about a delivery.

Rows lie under accepted/deliveries/<feed>/<delivery_id>/<entity>-<digest>.parquet; the receipt says which digest is
current and which were so before. A file that no receipt names was left by a killed process and is swept away.
"""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from orchestration.area.contracts import Entity
from orchestration.feeds.atomic import (
    move_by_content,
    move_to,
    sweep,
    write_bytes,
    write_parquet,
    write_parquet_by_content,
    writing,
)
from orchestration.feeds.processing import Processed
from orchestration.feeds.receipt_index import INDEX, feed_index
from orchestration.feeds.receipt_page import receipt_page
from orchestration.feeds.receipts import Receipt, read_receipts, receipt_path
from orchestration.feeds.token_bridges import put_bridge
from orchestration.settings import Settings


class Store:
    """The accepted rows, quarantine and receipts of one installation."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def receipts(self, feed: str) -> list[Receipt]:
        """Return the committed receipts of a feed, oldest delivery first."""
        return read_receipts(self.settings, feed)

    def prepare(self, feed: str) -> list[Receipt]:
        """Return the receipts of a feed, after removing what a killed process left.

        That is files aside, and rows that their delivery's receipt does not name.
        """
        for folder in (self._deliveries(feed), self.settings.quarantine / feed, self.settings.receipts / feed):
            sweep(folder)
        receipts = self.receipts(feed)
        for receipt in receipts:
            if receipt.read_on is not None:
                self._drop_unnamed(receipt)
        return receipts

    def put(self, processed: Processed) -> dict[str, str]:
        """Store the rows of one delivery and return their digests by entity; they count once a receipt names them.

        The page goes first and is written again when the feed is settled: it says what the delivery replaced.
        """
        feed, delivery_id = processed.receipt.feed, processed.receipt.delivery_id
        page = self.page_path(processed.receipt)
        with writing(page):
            page.unlink(missing_ok=True)
        folder = self._deliveries(feed) / delivery_id
        stored: dict[str, str] = {}
        for entity, rows in processed.accepted.items():
            if rows.path is None:
                stored[entity] = write_parquet_by_content(folder, entity, rows.as_written())
            else:
                stored[entity] = move_by_content(folder, entity, rows.path)
        put_bridge(self.settings, feed, delivery_id, processed.bridge)
        quarantine = self.quarantine_path(feed, delivery_id)
        if processed.quarantined.path is not None:
            move_to(quarantine, processed.quarantined.path)
        elif processed.quarantined.height:
            write_parquet(quarantine, processed.quarantined.collect())
        else:
            quarantine.unlink(missing_ok=True)
        return stored

    def rows(self, receipt: Receipt, entity: Entity) -> pl.LazyFrame | None:
        """Return the accepted rows of one delivery; None where it has none or retention has removed them."""
        path = self.rows_path(receipt, entity)
        return pl.scan_parquet(path).cast({pl.Enum: pl.String}) if path and path.exists() else None

    def rows_path(self, receipt: Receipt, entity: str) -> Path | None:
        """Return where the accepted rows of one delivery lie; None when its receipt names none."""
        digest = receipt.stored.get(entity)
        return self._deliveries(receipt.feed) / receipt.delivery_id / f"{entity}-{digest}.parquet" if digest else None

    def quarantine_path(self, feed: str, delivery_id: str) -> Path:
        """Return where the quarantined rows of one delivery lie, if it has any."""
        return self.settings.quarantine / feed / f"{delivery_id}.parquet"

    def page_path(self, receipt: Receipt) -> Path:
        return receipt_path(self.settings, receipt.feed, receipt.delivery_id).with_suffix(".html")

    def commit(self, receipt: Receipt) -> None:
        """Write the receipt's JSON: from now on it says what the delivery came to."""
        path = receipt_path(self.settings, receipt.feed, receipt.delivery_id)
        write_bytes(path, receipt.model_dump_json(indent=1).encode())

    def write_receipt(self, receipt: Receipt) -> None:
        """Write a receipt's page and then its JSON."""
        self.write_page(receipt)
        self.commit(receipt)

    def write_page(self, receipt: Receipt) -> None:
        """Write the page that a partner reads."""
        write_bytes(self.page_path(receipt), receipt_page(receipt).encode())

    def write_index(self, feed: str, title: str, receipts: Sequence[Receipt]) -> None:
        """Write the page that lists a feed's deliveries."""
        write_bytes(self.index_path(feed), feed_index(title, receipts).encode())

    def index_path(self, feed: str) -> Path:
        return self.settings.receipts / feed / INDEX

    def has_index(self, feed: str) -> bool:
        return self.index_path(feed).exists()

    def has_page(self, receipt: Receipt) -> bool:
        return self.page_path(receipt).exists()

    def remove_rows(self, receipt: Receipt) -> None:
        """Remove the current rows of a delivery; its receipt goes on naming what they were."""
        for entity in receipt.stored:
            path = self.rows_path(receipt, entity)
            if path:
                path.unlink(missing_ok=True)

    def remove_quarantine(self, receipt: Receipt) -> bool:
        """Remove a delivery's quarantined rows; tell whether there were any."""
        path = self.quarantine_path(receipt.feed, receipt.delivery_id)
        had = path.exists()
        path.unlink(missing_ok=True)
        return had

    def mark_unsettled(self, feed: str) -> None:
        """Note that receipts of older deliveries do not say yet what a newer one replaced."""
        mark = self._mark(feed)
        with writing(mark):
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()

    def is_unsettled(self, feed: str) -> bool:
        return self._mark(feed).exists()

    def mark_settled(self, feed: str) -> None:
        self._mark(feed).unlink(missing_ok=True)

    def _mark(self, feed: str) -> Path:
        return self.settings.receipts / feed / ".unsettled"

    def _deliveries(self, feed: str) -> Path:
        return self.settings.accepted / "deliveries" / feed

    def _drop_unnamed(self, receipt: Receipt) -> None:
        folder = self._deliveries(receipt.feed) / receipt.delivery_id
        readings = [receipt.stored, *(reading.stored for reading in receipt.earlier)]
        named = {f"{entity}-{digest}.parquet" for stored in readings for entity, digest in stored.items()}
        for path in folder.glob("*.parquet") if folder.is_dir() else ():
            if path.name not in named:
                path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
