"""messages: single messages of programs, where their recipients stand, and their bytes until they are sent"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _belongs(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "messages",
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("run_id", ID, nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("stop_on_error", sa.Boolean(), nullable=False),
        sa.Column("from_email", sa.String(length=254), nullable=False),
        sa.Column("from_name", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=998), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("message_id", sa.String(length=320), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", ID, nullable=False),
        sa.Column("public_id", sa.Uuid(), nullable=False),
        _belongs("messages", "workspace_id", "workspaces"),
        _belongs("messages", "run_id", "runs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("public_id", name=op.f("uq_messages_public_id")),
        sa.UniqueConstraint("run_id", name=op.f("uq_messages_run_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_messages_call_id", "messages", ["call_id"])
    op.create_index("ix_messages_workspace_id_id", "messages", ["workspace_id", "id"])
    op.create_table(
        "message_recipients",
        sa.Column("delivery_id", ID, nullable=False, autoincrement=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("role", sa.String(length=4), nullable=False),
        _belongs("message_recipients", "delivery_id", "deliveries"),
        _belongs("message_recipients", "message_id", "messages"),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_message_recipients")),
    )
    op.create_index("ix_message_recipients_message_id", "message_recipients", ["message_id"])
    op.create_table(
        "message_contents",
        sa.Column("id", ID, nullable=False, autoincrement=False),
        sa.Column("sealed_content", sa.LargeBinary(), nullable=False),
        _belongs("message_contents", "id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_contents")),
    )


def downgrade() -> None:
    op.drop_table("message_contents")
    op.drop_table("message_recipients")
    op.drop_table("messages")
