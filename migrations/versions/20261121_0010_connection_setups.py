"""connection setups: a program asks, a person types the secrets on a page"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "connection_setups",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("asked_by", ID, nullable=True),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("connection_id", ID, nullable=True),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("from_name", sa.String(120), nullable=False),
        sa.Column("from_email", sa.String(254), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("completed_at", TIME, nullable=True),
        sa.Column("id", ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_connection_setups_workspace_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_connection_setups_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_setups")),
        sa.UniqueConstraint("public_id", name=op.f("uq_connection_setups_public_id")),
    )
    op.create_index("ix_connection_setups_workspace_id_id", "connection_setups", ["workspace_id", "id"])


def downgrade() -> None:
    op.drop_table("connection_setups")
