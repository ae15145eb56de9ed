"""Two people change one connection at the same moment: neither's secret goes where only the other wanted to go."""

import threading

import pytest

from mailrith.accounts.models import User
from mailrith.connections import actions, credentials
from mailrith.connections.models import Connection
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from tests.support.factories_connections import typed_connection

THIEF = "93.184.215.14"
OURS = "127.0.0.1"


@pytest.fixture
def connection(cast):
    """It leads to somebody else's server at the moment, with a sign-in that belongs there."""
    values = typed_connection(cast.workspace, host=THIEF, username="thief", password="theirs")
    made = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return made


def beside(app, connection_id, user_id, values):
    """The same edit by another process."""

    def work():
        with app.app_context():
            found = db.session.get_one(Connection, connection_id)
            actions.edit(found, values, db.session.get_one(User, user_id))
            db.session.commit()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


def test_a_page_that_was_read_before_keeps_no_secret_that_was_typed_since(app, cast, connection):
    """The thief's form says "nothing moves", as it was true when it was read; the password has come since."""
    ids = connection.id, cast.alice.id
    stale = typed_connection(cast.workspace, host=THIEF, username="thief")
    ours = typed_connection(cast.workspace, host=OURS, username="hannah", password="canary")
    if (
        db.engine.dialect.name == "sqlite"
    ):  # whoever writes has the database alone from the first look on
        db.session.commit()
    else:
        db.session.refresh(connection)
    beside(app, *ids, ours)

    with pytest.raises(Invalid) as refused:
        actions.edit(connection, stale, cast.alice)

    assert refused.value.field == "password"
    db.session.rollback()
    assert credentials.opened(connection, "host") == OURS
    assert credentials.opened(connection, "password") == "canary"
