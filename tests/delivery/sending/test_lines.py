"""Sessions that stay open belong to a workspace, a connection and a password, and to nobody after that."""

import pytest

from mailrith.accounts.models import Workspace
from mailrith.connections import credentials
from mailrith.connections.models import Connection, ConnectionWorkspace
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.sending import engine
from tests.support import factories
from tests.support import factories_delivery as make


def test_a_new_password_signs_in_anew_and_the_old_session_is_closed(
    session, server, signed_run, in_background, until, run_jobs
):
    run, people = signed_run(20)
    join = in_background(run)
    until(lambda: len(server.messages) > 2)

    server.users["ada"] = "second"
    sign_in_as(session.get(Connection, run.connection_id), "second")
    join()
    run_jobs()

    assert server.logins == [("ada", "first"), ("ada", "second")]
    assert server.commands.count("QUIT") == 1
    assert sorted(server.recipients) == sorted(person.email for person in people)
    assert {message.session for message in server.messages} == {1, 2}


def test_a_workspace_that_loses_the_connection_keeps_no_session(
    session, server, signed_run, in_background, until
):
    run, _ = signed_run(20)
    join = in_background(run)
    until(lambda: len(server.messages) > 2)

    session.execute(
        ConnectionWorkspace.__table__.delete().where(
            ConnectionWorkspace.connection_id == run.connection_id
        )
    )
    session.commit()
    join()

    assert (server.logins, server.commands.count("QUIT")) == ([("ada", "first")], 1)
    assert len(server.messages) < 20
    assert engine.current().lines.open_count == 0


def test_two_workspaces_never_share_a_session(session, server, signed_run):
    run, _ = signed_run(3)
    jobs.send_slice(run.id)
    connection = session.get(Connection, run.connection_id)
    other = factories.make_workspace()
    factories.save(ConnectionWorkspace(workspace_id=other.id, connection_id=connection.id))
    factories.make_subscriber(other)
    second = make.make_run(other, connection)
    jobs.freeze(second.id)

    jobs.send_slice(second.id)

    assert make.states(second) == {"sent": 1}
    assert server.logins == [("ada", "first")] * 2


def test_a_session_of_a_former_password_is_closed_when_the_next_run_begins(
    session, server, signed_run
):
    run, _ = signed_run(3)
    jobs.send_slice(run.id)
    connection = session.get(Connection, run.connection_id)
    server.users["ada"] = "second"
    sign_in_as(connection, "second")
    again = make.make_run(session.get(Workspace, run.workspace_id), connection)
    jobs.freeze(again.id)

    jobs.send_slice(again.id)

    assert server.logins == [("ada", "first"), ("ada", "second")]
    assert engine.current().lines.open_count == 1


@pytest.fixture
def server(start_smtpd):
    return start_smtpd(users={"ada": "first"})


@pytest.fixture
def signed_run(session, server):
    """A run through a connection that signs in, one session at ten messages a second."""

    def make_one(people):
        run, persons = make.make_sending_run(server, people, max_sessions=1, per_second=10)
        sign_in_as(session.get(Connection, run.connection_id), "first")
        return run, persons

    return make_one


def sign_in_as(connection, password):
    credentials.seal(connection, "username", "ada")
    credentials.seal(connection, "password", password)
    credentials.renew_fingerprint(connection)
    db.session.commit()
