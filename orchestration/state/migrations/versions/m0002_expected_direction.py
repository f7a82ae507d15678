"""Which way a decision should move its measure, so that a review can say whether it did."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the direction; what was recorded before has none."""
    op.add_column("decision", sa.Column("expected_direction", sa.String(10)))


def downgrade() -> None:
    """Remove it."""
    op.drop_column("decision", "expected_direction")
