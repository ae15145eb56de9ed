"""A database that people used before: every step up keeps its rows, and what became a secret is sealed."""

from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from mailrith.accounts.models import Account
from mailrith.app import create_app
from mailrith.connections.credentials import server_for
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core import config, secrets
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, Run, RunRoute
from mailrith.structure import upgrade
from mailrith.subscribers.models import Subscriber
from tests.support import databases

FIRST = "0001"
MOMENT = datetime(2026, 4, 24, 6, 2, 14, tzinfo=UTC)
HOSTS = {1: "smtp.northpost.example", 2: "127.0.0.1"}
FILLINGS = {str: "", int: 0, bool: False, bytes: b"", dict: {}, datetime: MOMENT}


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request, make_settings):
    """The app on a database of the first version, with people, connections and mail in it."""
    maker = databases.postgresql if request.param == "postgresql" else databases.sqlite
    with maker() as url:
        settings = make_settings(database_url=url)
        config.install(settings)
        app = create_app(settings)
        with app.app_context():
            try:
                upgrade(revision=FIRST)
                with db.engine.begin() as connection:
                    _fill(connection)
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()


def test_rows_survive_and_hosts_are_sealed(old):
    upgrade()

    connections = db.session.query(Connection).order_by(Connection.id).all()
    assert [connection.host for connection in connections] == list(HOSTS.values())
    assert [connection.loopback for connection in connections] == [False, True]
    assert server_for(connections[0]).password == "canary-password"
    assert server_for(connections[0]).verify_certificate
    assert not any(
        host.encode() in connection.sealed_host
        for connection, host in zip(connections, HOSTS.values(), strict=True)
    )
    assert "host" not in {
        column["name"] for column in sa.inspect(db.session.connection()).get_columns("connections")
    }
    assert [person.email for person in db.session.query(Subscriber)] == ["ada@readers.example"]


def test_runs_go_on_where_they_were(old):
    upgrade()

    routes = {(route.run_id, route.connection_id) for route in db.session.query(RunRoute)}
    assert routes == {(1, 1), (2, 2)}
    assert db.session.get_one(Run, 1).phase == "sending"
    waiting, arrived = db.session.query(Delivery).order_by(Delivery.id)
    assert (waiting.state, waiting.connection_id) == ("queued", 1)
    assert (arrived.state, arrived.run_id) == ("sent", 2)


def test_no_number_of_a_delivery_is_given_twice(old):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("only SQLite rebuilds the table")
    with db.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM deliveries WHERE id = 2"))

    upgrade()

    new = Delivery(workspace_id=1, run_id=1, email="new@x.example", fingerprint=b"n" * 16)
    db.session.add(new)
    db.session.commit()
    assert new.id > 2


def test_the_first_account_is_the_operators_and_workspaces_keep_their_connections(old):
    upgrade()

    accounts = db.session.query(Account).order_by(Account.id)
    assert [account.operator for account in accounts] == [True, False]
    served = db.session.query(ConnectionWorkspace).order_by(ConnectionWorkspace.connection_id)
    assert [(one.workspace_id, one.connection_id, one.weight) for one in served] == [
        (1, 1, 1),
        (1, 2, 1),
    ]


def _fill(connection):
    with _tables(connection) as add:
        for number, email in enumerate(("hannah@x.example", "carol@x.example"), 1):
            add("users", id=number, email=email, fs_uniquifier=email)
            add("accounts", id=number, owner_id=number)
        add("workspaces", id=1, account_id=1, slug="post", name="The Allotment Post")
        for number, host in HOSTS.items():
            sealed = secrets.seal("canary-password", place=f"connections:{number}:password")
            add("connections", id=number, account_id=1, host=host, name=host, port=587,
                provider="custom-smtp", secure_mode="starttls", messages_per_session=1000, max_sessions=2, enabled=True,
                verify_certificate=True, sealed_password=sealed)  # fmt: skip
            add("connection_workspaces", workspace_id=1, connection_id=number)
        add("subscribers", id=1, workspace_id=1, email="ada@readers.example", status="Active",
            email_key="ada@readers.example", fingerprint=b"f" * 16)  # fmt: skip
        for number, (phase, state) in enumerate((("sending", "queued"), ("finished", "sent")), 1):
            add("runs", id=number, workspace_id=1, connection_id=number, phase=phase)
            add("deliveries", id=number, workspace_id=1, run_id=number, subscriber_id=1,
                email="ada@readers.example", fingerprint=b"f" * 16, state=state)  # fmt: skip


@contextmanager
def _tables(connection):
    """Insert into tables as they are now, with something plain in every column that must not be empty."""
    metadata = sa.MetaData()
    metadata.reflect(connection)

    def add(name, /, **values):
        table = metadata.tables[name]
        known = {key: value for key, value in values.items() if key in table.c}
        plain = {column.name: _plain(column) for column in table.c if not column.nullable}
        connection.execute(table.insert().values(plain | known))

    yield add


def _plain(column):
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {}
    if column.name.endswith("public_id"):
        return uuid4() if kind.python_type is UUID else uuid4().hex
    return FILLINGS.get(kind.python_type)
