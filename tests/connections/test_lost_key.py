"""Keys while mail is sent: a new one changes nothing for anybody, a lost one stops with a sentence and is mended by typing."""

import threading
from dataclasses import replace

import pytest

from mailrith.accounts.models import User
from mailrith.connections import actions, credentials
from mailrith.connections.models import Connection, ConnectionState
from mailrith.core import config, rotation
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import RunPhase
from mailrith.delivery.sending import engine
from tests.support import factories_delivery as make
from tests.support.cast import sign_in as sign_in_browser
from tests.support.factories_connections import typed_connection

NEW = config.Key("k2", b"n" * 32)


@pytest.fixture(autouse=True)
def _fresh_engine():
    yield
    engine.current().discard()


@pytest.fixture
def server(start_smtpd):
    return start_smtpd(users={"hannah": "canary-password"})


@pytest.fixture
def run(session, server):
    """A run of three people through a server that wants a password."""
    run, _ = make.make_sending_run(server, 3)
    sign_in(run)
    return run


def sign_in(run):
    connection = db.session.get_one(Connection, run.connection_id)
    credentials.seal(connection, "username", "hannah")
    credentials.seal(connection, "password", "canary-password")
    db.session.commit()
    return connection


def with_keys(*keys):
    config.install(replace(config.current(), keys=keys))


def test_a_lost_key_pauses_with_a_sentence_and_no_crash(run, server):
    with_keys(NEW)

    jobs.send_slice(run.id)
    jobs.send_slice(run.id)  # nor does a second try crash

    db.session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "credentials_lost")
    assert "Type the username and password again" in run.pause_words
    assert "canary" not in run.pause_words
    assert make.states(run) == {"queued": 3}
    assert server.connections == 0


def test_typing_the_password_again_sends_the_rest(run, server):
    with_keys(NEW)
    jobs.send_slice(run.id)
    connection = db.session.get_one(Connection, run.connection_id)
    owner = db.session.query(User).one()
    values = typed_connection(port=server.port, username="hannah", password="canary-password")
    actions.edit(connection, replace(values, workspace_ids=frozenset({run.workspace_id})), owner)
    if connection.state == ConnectionState.PAUSED:
        actions.resume_connection(connection, owner)
    db.session.commit()

    _go_on(run)

    assert make.states(run) == {"sent": 3}
    assert {login[0] for login in server.logins} == {"hannah"}


def test_the_key_brought_back_sends_the_rest(run, server):
    old = config.current().keys
    with_keys(NEW)
    jobs.send_slice(run.id)
    with_keys(NEW, *old)
    connection = db.session.get_one(Connection, run.connection_id)
    actions.resume_connection(connection, db.session.query(User).one())
    db.session.commit()

    _go_on(run)

    assert make.states(run) == {"sent": 3}


def test_a_new_key_in_the_middle_of_a_send_stops_nothing(app, session, server):
    run, _ = make.make_sending_run(server, 8, per_second=4, max_sessions=1)
    connection = sign_in(run)
    before = connection.credential_fingerprint, connection.sealed_password
    run_id = run.id
    db.session.commit()  # an open transaction would keep SQLite's one write lock from the slice
    slice_ended = _slice_beside(app, run_id)

    server.wait_for("DATA", seconds=10)
    with_keys(NEW, *config.current().keys)
    assert rotation.rotate().resealed == 3  # host, username and password
    slice_ended()

    db.session.refresh(connection)
    assert make.states(run) == {"sent": 8}
    assert connection.credential_fingerprint == before[0]
    assert connection.sealed_password != before[1]
    assert len(server.logins) == 1  # the session that was open went on


def _slice_beside(app, run_id):
    """Run a slice in a thread, as a worker would; the answer waits for its end."""
    failures = []

    def work():
        with app.app_context():
            try:
                jobs.send_slice(run_id)
            except BaseException as error:
                failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()

    def ended():
        thread.join(30)
        assert not thread.is_alive()
        assert failures == []

    return ended


def _go_on(run):
    """What was queued when it came back, without the queue."""
    db.session.refresh(run)
    assert run.phase == RunPhase.SENDING
    db.session.commit()
    jobs.send_slice(run.id)


def test_every_page_of_such_a_connection_still_opens(cast, client, server):
    values = typed_connection(cast.workspace, username="hannah", password="canary-password")
    connection = actions.create(cast.workspace.account_id, values, cast.alice)
    public_id = connection.public_id
    db.session.commit()
    with_keys(NEW)
    sign_in_browser(client, cast.alice)

    home = f"/w/{cast.workspace.slug}/connections"
    for more in ("", "/history", "/verification", "/test", "/sender", "/delete"):
        assert client.get(f"{home}/{public_id}{more}").status_code == 200, more
    assert client.get(home).status_code == 200
    for path in (f"{home}/{public_id}/webhooks", f"{home}/order"):
        assert client.get(path).status_code in {200, 409}, path
