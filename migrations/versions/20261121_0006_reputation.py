"""reputation: how much of a connection's mail came back, and an index over the facts that say so"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BAD = sa.text("kind IN ('hard_bounce', 'block', 'complaint')")


def upgrade() -> None:
    op.create_table(
        "connection_reputations",
        sa.Column("connection_id", ID, nullable=False, autoincrement=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("bounced", sa.Integer(), nullable=False),
        sa.Column("complained", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count_from", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_connection_reputations_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_connection_reputations")),
    )
    op.create_index(
        "ix_delivery_facts_bad",
        "delivery_facts",
        ["recorded_at"],
        postgresql_where=BAD,
        sqlite_where=BAD,
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_facts_bad", table_name="delivery_facts")
    op.drop_table("connection_reputations")
