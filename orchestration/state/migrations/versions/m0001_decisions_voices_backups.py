"""Decisions with their saved views, voices, and the register of backups."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(40), primary_key=True),
        sa.Column("decided_on", sa.Date, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("expected_change", sa.Text, nullable=False),
        sa.Column("review_on", sa.Date, nullable=False),
        sa.Column("reviewed_on", sa.Date),
        sa.Column("review_found", sa.Text),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "saved_view",
        sa.Column("view_id", sa.String(40), primary_key=True),
        sa.Column("decision_id", sa.String(40), sa.ForeignKey("decision.decision_id"), nullable=False),
        sa.Column("view_no", sa.Integer, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("snapshot_id", sa.String(80), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("figures", sa.Text, nullable=False),
        sa.Column("saved_at", sa.DateTime, nullable=False),
    )
    op.create_index("ix_saved_view_decision_id", "saved_view", ["decision_id"])
    op.create_table(
        "voice",
        sa.Column("voice_id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("consent_reference", sa.Text, nullable=False),
        sa.Column("step", sa.String(80), nullable=False),
        sa.Column("persona", sa.String(80)),
        sa.Column("source", sa.Text),
        sa.Column("heard_on", sa.Date, nullable=False),
        sa.Column("withdrawn_on", sa.Date),
    )
    op.create_table(
        "backup",
        sa.Column("backup_id", sa.String(40), primary_key=True),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("is_sealed", sa.Boolean, nullable=False),
        sa.Column("keep_until", sa.Date, nullable=False),
    )


def downgrade() -> None:
    """Remove them."""
    for name in ("backup", "voice", "saved_view", "decision"):
        op.drop_table(name)
