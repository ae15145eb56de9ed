"""what events do: when soft bounces end an address, where complaints count, and a list that is read page by page"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "soft_bounce_policies",
        sa.Column("workspace_id", ID, nullable=False, autoincrement=False),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_soft_bounce_policies_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("workspace_id", name=op.f("pk_soft_bounce_policies")),
    )
    op.create_table(
        "complaint_policies",
        sa.Column("account_id", ID, nullable=False, autoincrement=False),
        sa.Column("everywhere", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_complaint_policies_account_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_complaint_policies")),
    )
    # Not in batch mode: SQLite would write the whole table anew, and it may be large.
    op.add_column(
        "subscribers",
        sa.Column("soft_bounced", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_suppressions_workspace_id_id", "suppressions", ["workspace_id", "id"])
    op.create_index(
        "ix_suppressions_workspace_id_reason_id", "suppressions", ["workspace_id", "reason", "id"]
    )


def downgrade() -> None:
    op.drop_index("ix_suppressions_workspace_id_reason_id", table_name="suppressions")
    op.drop_index("ix_suppressions_workspace_id_id", table_name="suppressions")
    op.drop_column("subscribers", "soft_bounced")
    op.drop_table("complaint_policies")
    op.drop_table("soft_bounce_policies")
