"""lighter deliveries: no lookup of the person and of the workspace for each row of a freeze

The run says whose a delivery is and takes it along when it goes. A person's number is never given twice, so that of somebody
who was deleted means nobody.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTER = "UPDATE sqlite_sequence SET seq = max(seq, {}) WHERE name = 'deliveries'"
GONE = """UPDATE deliveries SET subscriber_id = NULL
WHERE subscriber_id IS NOT NULL AND subscriber_id NOT IN (SELECT id FROM subscribers)"""


def upgrade() -> None:
    last = _last_number()
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.drop_constraint("fk_deliveries_subscriber_id", type_="foreignkey")
        table.drop_constraint("fk_deliveries_workspace_id", type_="foreignkey")
    _go_on_from(last)


def downgrade() -> None:
    last = _last_number()
    op.execute(GONE)
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as table:
        table.create_foreign_key(
            "fk_deliveries_workspace_id", "workspaces", ["workspace_id"], ["id"], ondelete="CASCADE"
        )
        table.create_foreign_key(
            "fk_deliveries_subscriber_id",
            "subscribers",
            ["subscriber_id"],
            ["id"],
            ondelete="SET NULL",
        )
    _go_on_from(last)


def _last_number() -> int | None:
    """SQLite forgets the numbers of deleted rows when a table is rebuilt; None on PostgreSQL."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return None
    name = "SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'"
    return connection.execute(sa.text(name)).scalar() or 0


def _go_on_from(last: int | None) -> None:
    if last is not None:
        op.execute(COUNTER.format(int(last)))
