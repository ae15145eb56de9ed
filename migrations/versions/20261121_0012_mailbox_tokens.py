"""mailbox tokens: bounce mailboxes that are signed in to with OAuth"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bounce_mailboxes") as table:
        table.add_column(
            sa.Column("sign_in", sa.String(8), nullable=False, server_default="password")
        )
        table.add_column(
            sa.Column("oauth_client_id", sa.String(255), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column("oauth_token_url", sa.String(500), nullable=False, server_default="")
        )
        table.add_column(
            sa.Column("oauth_scope", sa.String(500), nullable=False, server_default="")
        )
        table.add_column(sa.Column("sealed_oauth_secret", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("sealed_oauth_refresh", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("sealed_oauth_access", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("oauth_access_until", sa.DateTime(timezone=True), nullable=True))
        table.add_column(
            sa.Column("credential_fingerprint", sa.String(32), nullable=False, server_default="")
        )


def downgrade() -> None:
    # Whoever signs in with a token has no password: such a mailbox cannot be read by the version before.
    op.execute(
        "DELETE FROM mailbox_mails WHERE mailbox_id IN (SELECT id FROM bounce_mailboxes WHERE sign_in <> 'password')"
    )
    op.execute("DELETE FROM bounce_mailboxes WHERE sign_in <> 'password'")
    with op.batch_alter_table("bounce_mailboxes") as table:
        for name in (
            "credential_fingerprint",
            "oauth_access_until",
            "sealed_oauth_access",
            "sealed_oauth_refresh",
            "sealed_oauth_secret",
            "oauth_scope",
            "oauth_token_url",
            "oauth_client_id",
            "sign_in",
        ):
            table.drop_column(name)
