"""bounce mailboxes: where mail of a connection comes back, and which of it is stored"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "bounce_mailboxes",
        sa.Column("id", ID, nullable=False),
        sa.Column("connection_id", ID, nullable=False),
        sa.Column("protocol", sa.String(length=8), nullable=False),
        sa.Column("sealed_host", sa.LargeBinary(), nullable=True),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("secure_mode", sa.String(length=24), nullable=False),
        sa.Column("ca_certificate", sa.Text(), nullable=False),
        sa.Column("sealed_username", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=True),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("afterwards", sa.String(length=8), nullable=False),
        sa.Column("move_to", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("tagged", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", ID, nullable=False),
        sa.Column("last_uid", ID, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.JSON(), nullable=False),
        sa.Column("trial", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name=op.f("fk_bounce_mailboxes_connection_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce_mailboxes")),
        sa.UniqueConstraint("connection_id", name=op.f("uq_bounce_mailboxes_connection_id")),
    )
    op.create_table(
        "mailbox_mails",
        sa.Column("mailbox_id", ID, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("uid", sa.String(length=70), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["bounce_mailboxes.id"],
            name=op.f("fk_mailbox_mails_mailbox_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "digest", name=op.f("pk_mailbox_mails")),
    )


def downgrade() -> None:
    op.drop_table("mailbox_mails")
    op.drop_table("bounce_mailboxes")
