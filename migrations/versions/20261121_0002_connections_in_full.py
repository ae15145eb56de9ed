"""connections in full: sealed hosts, TLS and sign-in options, routes, checks, test mails

Mailrith has to be stopped for this one: the plain host names go.
"""

import sqlalchemy as sa
from alembic import op

from mailrith.core import secrets
from mailrith.core.network import is_loopback_host

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('connection_checks',
    sa.Column('connection_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('report', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_connection_checks_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection_checks')),
    sa.UniqueConstraint('public_id', name=op.f('uq_connection_checks_public_id'))
    )
    with op.batch_alter_table('connection_checks', schema=None) as batch_op:
        batch_op.create_index('ix_connection_checks_connection_id_id', ['connection_id', 'id'], unique=False)

    op.create_table('connection_trials',
    sa.Column('connection_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('user_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('recipient', sa.String(length=254), nullable=False),
    sa.Column('message_id', sa.String(length=255), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('duration_ms', sa.Integer(), nullable=True),
    sa.Column('cause', sa.String(length=64), nullable=False),
    sa.Column('words', sa.String(length=1024), nullable=False),
    sa.Column('proof', sa.JSON(), nullable=False),
    sa.Column('proved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('public_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_connection_trials_connection_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_connection_trials')),
    sa.UniqueConstraint('public_id', name=op.f('uq_connection_trials_public_id'))
    )
    with op.batch_alter_table('connection_trials', schema=None) as batch_op:
        batch_op.create_index('ix_connection_trials_connection_id_id', ['connection_id', 'id'], unique=False)
        batch_op.create_index('ix_connection_trials_user_id_at', ['user_id', 'at'], unique=False)

    op.create_table('sending_choices',
    sa.Column('workspace_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fall_back', sa.Boolean(), nullable=False),
    sa.Column('split', sa.Boolean(), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['workspace_id'], ['workspaces.id'], name=op.f('fk_sending_choices_workspace_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('workspace_id', name=op.f('pk_sending_choices'))
    )
    op.create_table('run_routes',
    sa.Column('run_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('connection_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=False),
    sa.Column('left_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('left_cause', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['connection_id'], ['connections.id'], name=op.f('fk_run_routes_connection_id')),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_run_routes_run_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('run_id', 'connection_id', name=op.f('pk_run_routes'))
    )
    with op.batch_alter_table('run_routes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_run_routes_connection_id'), ['connection_id'], unique=False)

    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.add_column(sa.Column('operator', sa.Boolean(), nullable=False, server_default=sa.false()))

    with op.batch_alter_table('connection_workspaces', schema=None) as batch_op:
        batch_op.add_column(sa.Column('position', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('weight', sa.Integer(), nullable=False, server_default='1'))

    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('sealed_host', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('loopback', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('minimum_tls', sa.String(length=8), nullable=False, server_default='1.2'))
        batch_op.add_column(sa.Column('verify_certificate', sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column('ca_certificate', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('ehlo_name', sa.String(length=253), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('auth_mechanism', sa.String(length=16), nullable=False, server_default='automatic'))
        batch_op.add_column(sa.Column('allow_clear_auth', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('provider_options', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('oauth_client_id', sa.String(length=255), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('oauth_token_url', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('oauth_scope', sa.String(length=500), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('sealed_oauth_secret', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('sealed_oauth_refresh', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('sealed_oauth_access', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('oauth_access_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('probe_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('probe_failures', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('per_minute', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('per_hour', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('per_month', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('last_error_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('sender_report', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('sender_checked_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('dkim_selectors', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.alter_column('secure_mode', existing_type=sa.String(length=16), type_=sa.String(length=24), existing_nullable=False)

    _seal_hosts()
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.drop_column('host')

    op.execute("INSERT INTO run_routes (run_id, connection_id, weight, left_cause) SELECT id, connection_id, 1, '' FROM runs")
    op.execute("UPDATE deliveries SET connection_id = (SELECT r.connection_id FROM runs r WHERE r.id = run_id) "
               "WHERE connection_id IS NULL AND run_id IN (SELECT id FROM runs WHERE phase <> 'finished')")
    op.execute("UPDATE accounts SET operator = (id = (SELECT min(id) FROM accounts))")


def _seal_hosts() -> None:
    rows = sa.table('connections', sa.column('id'), sa.column('host'), sa.column('sealed_host'), sa.column('loopback'))
    for id_, host in op.get_bind().execute(sa.select(rows.c.id, rows.c.host)).all():
        values = {'sealed_host': secrets.seal(host, place=f'connections:{id_}:host'), 'loopback': is_loopback_host(host)}
        op.execute(sa.update(rows).where(rows.c.id == id_).values(**values))


def downgrade() -> None:
    with op.batch_alter_table('connections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('host', sa.String(length=253), nullable=False, server_default=''))
        batch_op.drop_column('dkim_selectors')
        batch_op.drop_column('sender_checked_at')
        batch_op.drop_column('sender_report')
        batch_op.drop_column('last_error_at')
        batch_op.drop_column('per_month')
        batch_op.drop_column('per_hour')
        batch_op.drop_column('per_minute')
        batch_op.drop_column('probe_failures')
        batch_op.drop_column('probe_at')
        batch_op.drop_column('oauth_access_until')
        batch_op.drop_column('sealed_oauth_access')
        batch_op.drop_column('sealed_oauth_refresh')
        batch_op.drop_column('sealed_oauth_secret')
        batch_op.drop_column('oauth_scope')
        batch_op.drop_column('oauth_token_url')
        batch_op.drop_column('oauth_client_id')
        batch_op.drop_column('provider_options')
        batch_op.drop_column('allow_clear_auth')
        batch_op.drop_column('auth_mechanism')
        batch_op.drop_column('ehlo_name')
        batch_op.drop_column('ca_certificate')
        batch_op.drop_column('verify_certificate')
        batch_op.drop_column('minimum_tls')
        batch_op.drop_column('loopback')
        batch_op.drop_column('sealed_host')

    with op.batch_alter_table('connection_workspaces', schema=None) as batch_op:
        batch_op.drop_column('weight')
        batch_op.drop_column('position')

    with op.batch_alter_table('accounts', schema=None) as batch_op:
        batch_op.drop_column('operator')

    with op.batch_alter_table('run_routes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_run_routes_connection_id'))

    op.drop_table('run_routes')
    op.drop_table('sending_choices')
    with op.batch_alter_table('connection_trials', schema=None) as batch_op:
        batch_op.drop_index('ix_connection_trials_user_id_at')
        batch_op.drop_index('ix_connection_trials_connection_id_id')

    op.drop_table('connection_trials')
    with op.batch_alter_table('connection_checks', schema=None) as batch_op:
        batch_op.drop_index('ix_connection_checks_connection_id_id')

    op.drop_table('connection_checks')
