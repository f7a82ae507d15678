"""The birth certificate that every answer carries: what is counted, from what, how well linked, what is hidden."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class FeedNote:
    """One feed behind a figure: its partner and the newest date in its data (ISO, None: no data)."""

    feed: str
    partner: str
    title: str
    newest: str | None


@dataclass(frozen=True, slots=True)
class MissingFeed:
    """One feed that is not in the figure, and why."""

    feed: str
    partner: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class BirthCertificate:
    """Where a figure comes from. Shares are whole per cent; dates are ISO texts; nothing here is a protected count."""

    measure: str
    label: str
    definition: str
    unit: str
    period: str
    period_label: str
    counted: str
    not_counted: str
    feeds: tuple[FeedNote, ...]
    missing_feeds: tuple[MissingFeed, ...]
    match_rate: int | None
    linkage_range: str
    suppression: str
    hidden_cells: int
    agreements: tuple[str, ...]
    notes: tuple[str, ...]
    policy: str
    snapshot_id: str
    built_at: str
    data_to: str
    run_id: str = ""

    def to_dict(self) -> dict[str, object]:
        """Return the certificate as plain values for JSON."""
        return asdict(self)

    def lines(self) -> list[tuple[str, str]]:
        """Return (heading, text) pairs in reading order, for a card, a sheet or the head of a file."""
        feeds = "; ".join(f"{feed.title} (to {feed.newest})" if feed.newest else feed.title for feed in self.feeds)
        missing = "; ".join(f"{feed.title}: {feed.reason}" for feed in self.missing_feeds)
        linked = (
            "not known"
            if self.match_rate is None
            else f"{self.match_rate} % of records were linked to a record of another feed"
        )
        pairs = [
            ("Measure", self.label),
            ("Definition", self.definition),
            ("Period", self.period_label),
            ("Counted", self.counted),
            ("Not counted", self.not_counted),
            ("Feeds", feeds or "none"),
            ("Feeds missing", missing or "none"),
            ("Linkage", f"{linked}. {self.linkage_range}".strip()),
            ("Protection", f"{self.suppression} Hidden figures in this table: {self.hidden_cells}."),
            ("Agreements", ", ".join(self.agreements) or "none"),
            ("Notes", " ".join(self.notes)),
            ("Snapshot", f"{self.snapshot_id}, built {self.built_at}, data to {self.data_to}"),
            ("Run", self.run_id),
        ]
        return [(heading, text) for heading, text in pairs if text]
