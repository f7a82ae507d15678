"""The tables of the state store. A change here needs a migration beside it; a test holds the two together."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Integer, MetaData, String, Table, Text

METADATA = MetaData()

decision = Table(
    "decision",
    METADATA,
    Column("decision_id", String(40), primary_key=True),
    Column("decided_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("expected_change", Text, nullable=False),
    Column("expected_direction", String(10)),
    Column("review_on", Date, nullable=False),
    Column("reviewed_on", Date),
    Column("review_found", Text),
    Column("recorded_at", DateTime, nullable=False),
)
"""One row per decision. `owner` is an organisation or a role, never a person's name."""

saved_view = Table(
    "saved_view",
    METADATA,
    Column("view_id", String(40), primary_key=True),
    Column("decision_id", String(40), ForeignKey("decision.decision_id"), nullable=False, index=True),
    Column("view_no", Integer, nullable=False),
    Column("address", Text, nullable=False),
    Column("snapshot_id", String(80), nullable=False),
    Column("asked", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("saved_at", DateTime, nullable=False),
)
"""One row per view that a decision rests on: its address, the snapshot, and the protected figures as shown then."""

voice = Table(
    "voice",
    METADATA,
    Column("voice_id", String(40), primary_key=True),
    Column("kind", String(12), nullable=False),
    Column("words", Text),
    Column("consent_reference", Text, nullable=False),
    Column("step", String(80), nullable=False),
    Column("persona", String(80)),
    Column("source", Text),
    Column("heard_on", Date, nullable=False),
    Column("withdrawn_on", Date),
)
"""One row per quote or observation. A withdrawn one has neither words nor source, and keeps its consent reference."""

backup = Table(
    "backup",
    METADATA,
    Column("backup_id", String(40), primary_key=True),
    Column("made_at", DateTime, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("is_sealed", Boolean, nullable=False),
    Column("keep_until", Date, nullable=False),
)
"""One row per backup that was made of this home: where it was written and until when it is to be kept."""
