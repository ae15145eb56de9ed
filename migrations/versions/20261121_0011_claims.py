"""claims: whoever waits for a connection of a run, in the order in which they are claimed"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'queued'")


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_queued",
        "deliveries",
        ["run_id", "connection_id", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_queued", "deliveries")
