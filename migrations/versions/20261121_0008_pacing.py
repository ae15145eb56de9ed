"""pacing: limit groups, shares of workspaces, days of a time zone, warm-up, limits of receivers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("connections") as batch_op:
        batch_op.add_column(sa.Column("day_zone", sa.String(64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("ramp_start", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ramp_growth", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ramp_target", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("ramp_began_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("receiver_limits", sa.JSON(), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("login_mark", sa.String(32), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("secret_mark", sa.String(32), nullable=False, server_default=""))
        batch_op.create_index("ix_connections_login_mark", ["login_mark"])
    with op.batch_alter_table("connection_workspaces") as batch_op:
        batch_op.add_column(sa.Column("share", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("connection_workspaces") as batch_op:
        batch_op.drop_column("share")
    with op.batch_alter_table("connections") as batch_op:
        batch_op.drop_index("ix_connections_login_mark")
        for name in (
            "secret_mark",
            "login_mark",
            "receiver_limits",
            "ramp_began_at",
            "ramp_target",
            "ramp_growth",
            "ramp_start",
            "day_zone",
        ):
            batch_op.drop_column(name)
