"""webhooks of every service: who posts events, its keys, old secrets that hold on, what was refused, whose a request is"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hook_refusals",
        sa.Column("connection_id", ID, nullable=False, autoincrement=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_hook_refusals_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_hook_refusals")),
    )
    op.create_table(
        "hook_request_workspaces",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("request_id", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["hook_requests.id"],
            name=op.f("fk_hook_request_workspaces_request_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_hook_request_workspaces_workspace_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "workspace_id", "request_id", name=op.f("pk_hook_request_workspaces")
        ),
    )
    with op.batch_alter_table("hook_request_workspaces", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_hook_request_workspaces_request_id"), ["request_id"], unique=False
        )

    with op.batch_alter_table("hook_requests", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("source", sa.String(length=32), nullable=False, server_default="")
        )

    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed_hook_path_old", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("hook_path_until", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("sealed_hook_signing_old", sa.LargeBinary(), nullable=True))
        batch_op.add_column(
            sa.Column("hook_signing_until", sa.DateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("events_source", sa.String(length=32), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("sealed_events_keys", sa.LargeBinary(), nullable=True))
        batch_op.add_column(
            sa.Column("events_mapping", sa.JSON(), nullable=False, server_default="{}")
        )


def downgrade() -> None:
    with op.batch_alter_table("connections", schema=None) as batch_op:
        batch_op.drop_column("events_mapping")
        batch_op.drop_column("sealed_events_keys")
        batch_op.drop_column("events_source")
        batch_op.drop_column("hook_signing_until")
        batch_op.drop_column("sealed_hook_signing_old")
        batch_op.drop_column("hook_path_until")
        batch_op.drop_column("sealed_hook_path_old")

    with op.batch_alter_table("hook_requests", schema=None) as batch_op:
        batch_op.drop_column("source")

    with op.batch_alter_table("hook_request_workspaces", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_hook_request_workspaces_request_id"))

    op.drop_table("hook_request_workspaces")
    op.drop_table("hook_refusals")
