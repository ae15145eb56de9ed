"""Another key in front of the ring: everything is sealed again, nothing else changes, and a second time nothing at all."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from mailrith.connections import actions, credentials
from mailrith.connections.models import Connection
from mailrith.core import config, rotation, secrets
from mailrith.core.db import db
from mailrith.core.rotation import Rotation
from mailrith.messages.models import MessageContent
from tests.support import factories_messages
from tests.support.factories_connections import typed_connection

OTHER = config.Key("k2", b"n" * 32)
SIGN_IN = {"username": "hannah", "password": "canary-password"}
SEALED = 5  # host, username, password and the two secrets of the webhook


@pytest.fixture
def connection(cast):
    values = typed_connection(cast.workspace, **SIGN_IN)
    made = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return made


def put_in_front(key):
    settings = config.current()
    config.install(replace(settings, keys=(key, *settings.keys)))


def sealed(connection):
    return [getattr(connection, f"sealed_{column}") for column in credentials.COLUMNS]


def test_everything_is_sealed_again_and_opens_without_the_old_key(connection):
    before = connection.credential_fingerprint, connection.updated_at, sealed(connection)
    put_in_front(OTHER)

    assert rotation.rotate() == Rotation(resealed=SEALED)

    config.install(replace(config.current(), keys=(OTHER,)))
    db.session.expire_all()
    server = credentials.server_for(connection)
    assert (server.host, server.username, server.password) == (
        "127.0.0.1",
        "hannah",
        "canary-password",
    )
    assert (connection.credential_fingerprint, connection.updated_at) == before[:2]
    assert not set(filter(None, before[2])) & set(sealed(connection))


def test_a_second_time_changes_nothing(connection):
    put_in_front(OTHER)
    rotation.rotate()
    db.session.expire_all()
    once = sealed(connection)

    assert rotation.rotate() == Rotation(current=SEALED)
    db.session.expire_all()
    assert sealed(connection) == once


def test_it_goes_on_after_every_batch(connection, cast, monkeypatch):
    for name in ("Second", "Third"):
        values = typed_connection(cast.workspace, name=name, **SIGN_IN)
        actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    monkeypatch.setattr(rotation, "BATCH", 1)
    put_in_front(OTHER)

    assert rotation.rotate() == Rotation(resealed=3 * SEALED)


def test_no_more_than_so_many_bytes_are_at_hand_at_once(session, smtpd, monkeypatch):
    sizes = [300, 400, 3000, 100, 100]
    workspace = factories_messages.sender_through(smtpd)
    drafts = [factories_messages.draft(text="x" * size) for size in sizes]
    ids = [message.id for message in factories_messages.accept(workspace, *drafts)]
    table = MessageContent.__table__
    column = table.c.sealed_content
    head = session.scalar(select(func.length(column)).where(table.c.id == ids[0])) - sizes[0]
    monkeypatch.setattr(rotation, "BATCH_BYTES", 2 * (head + 400))

    first = rotation.batch(table, column, 0)
    second = rotation.batch(table, column, first[-1])
    third = rotation.batch(table, column, second[-1])

    assert (first, second, third) == (ids[:2], ids[2:3], ids[3:])
    assert rotation.batch(table, column, ids[-1]) == []
    put_in_front(OTHER)
    assert rotation.rotate().resealed >= len(ids)
    session.expire_all()
    assert b"xxx" in session.get_one(MessageContent, ids[-1]).opened()


def test_a_password_that_is_typed_meanwhile_stays(connection, monkeypatch):
    place = f"connections:{connection.id}:password"
    put_in_front(OTHER)
    typed = secrets.seal("typed meanwhile", place=place)
    genuine = rotation.secrets.open_sealed

    def open_and_be_overtaken(stored, *, place):
        plain = genuine(stored, place=place)
        if plain == "canary-password":
            db.session.execute(update(Connection).values(sealed_password=typed))
        return plain

    monkeypatch.setattr(rotation.secrets, "open_sealed", open_and_be_overtaken)
    rotation.rotate()
    monkeypatch.undo()

    db.session.expire_all()
    assert connection.sealed_password == typed
    assert credentials.opened(connection, "password") == "typed meanwhile"


def test_what_no_key_opens_is_counted_and_left(connection):
    lost = sealed(connection)
    config.install(replace(config.current(), keys=(OTHER,)))

    assert rotation.rotate() == Rotation(unreadable=SEALED)
    db.session.expire_all()
    assert sealed(connection) == lost


def test_a_secret_of_another_row_is_not_given_a_new_home(connection, cast):
    values = typed_connection(cast.workspace, name="Other")
    other = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.flush()
    other.sealed_password = connection.sealed_password
    db.session.commit()
    put_in_front(OTHER)

    assert rotation.rotate().unreadable == 1


def test_every_sealed_column_of_every_table_is_known():
    found = {(table.name, column.name) for table, column in rotation.sealed_columns()}

    assert {("connections", f"sealed_{column}") for column in credentials.COLUMNS} <= found
