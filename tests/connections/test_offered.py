"""The operator's own server, offered to everybody under one sender address."""

from dataclasses import replace

import pytest

from mailrith.connections import actions, credentials, offered, trials
from mailrith.connections.form.sending_rules import sendable
from mailrith.connections.models import Provider
from mailrith.core import config
from mailrith.core.db import db
from mailrith.delivery import jobs
from tests.support import factories
from tests.support import factories_delivery as make
from tests.support.certificates import ca_pem, server_context
from tests.support.factories_connections import typed_connection

SENDER = "news@mailer.example"


@pytest.fixture
def server(start_smtpd):
    return start_smtpd(users={"operator": "s3:cret"})


@pytest.fixture
def offer(app, server):
    """The settings of an installation that offers the server."""
    settings = replace(
        config.current(),
        default_smtp_url=f"smtp://operator:s3%3Acret@127.0.0.1:{server.port}",
        default_from=SENDER,
        own_domains=("mailer.example",),
    )
    config.install(settings)
    return settings


@pytest.fixture
def connection(cast, offer):
    values = typed_connection(
        cast.workspace, provider=Provider.INSTALLATION, host="", port=0, from_email=""
    )
    made = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return made


def test_nothing_is_offered_unless_the_operator_says_so(cast):
    assert offered.offer() is None
    values = typed_connection(cast.workspace, provider=Provider.INSTALLATION)
    with pytest.raises(offered.NotOffered):
        actions.create(cast.workspace.account_id, values, cast.alice)


def test_the_row_holds_neither_host_nor_secret(connection):
    sealed = (connection.sealed_host, connection.sealed_username, connection.sealed_password)

    assert sealed == (None, None, None)
    assert (connection.from_email, connection.from_name) == (SENDER, connection.from_name)


def test_the_sender_address_is_the_operators_whatever_is_typed(cast, connection):
    values = typed_connection(
        cast.workspace,
        provider=Provider.INSTALLATION,
        from_email="ceo@bank.example",
        from_name="The Allotment Post",
        host="smtp.elsewhere.example",
        username="x",
        password="y",
    )
    actions.edit(connection, values, cast.alice)

    assert connection.from_email == SENDER
    assert connection.from_name == "The Allotment Post"
    assert connection.sealed_password is None


def test_mail_leaves_with_the_operators_sign_in(cast, connection, server):
    trial = trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()

    assert trials.send(trial).ok
    assert server.messages[0].mail_from == SENDER


def test_a_broadcast_leaves_through_it(cast, connection, server):
    factories.make_subscriber(cast.workspace)
    run = make.make_run(cast.workspace, connection)
    jobs.freeze(run.id)
    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 1}
    assert SENDER.encode() in server.messages[0].content


def test_two_workspaces_share_no_session_of_it(cast, connection):
    one = credentials.server_for(connection, workspace_id=1)
    other = credentials.server_for(connection, workspace_id=2)

    assert one.pool_key != other.pool_key
    assert "s3:cret" not in repr(one)


def test_an_offer_that_is_taken_back_holds_mail_with_a_sentence(connection, offer):
    assert sendable(connection) is None
    without = replace(offer, default_smtp_url=None, default_from=None)

    assert sendable(connection, without).code == "not_offered"
    config.install(without)
    with pytest.raises(offered.NotOffered):
        credentials.server_for(connection)


def test_another_sender_address_has_to_be_seen_first(cast, connection, offer):
    config.install(replace(offer, default_from="post@mailer.example"))
    assert sendable(connection).code == "offered_sender"

    values = typed_connection(cast.workspace, provider=Provider.INSTALLATION)
    actions.edit(connection, values, cast.alice)
    assert sendable(connection) is None


def test_leaving_the_offer_for_a_server_of_ones_own_needs_its_own_sign_in(cast, connection):
    values = typed_connection(cast.workspace, username="hannah", password="own")
    actions.edit(connection, values, cast.alice)

    assert credentials.server_for(connection).password == "own"
    assert connection.host == "127.0.0.1"


def test_a_password_of_ones_own_never_reaches_the_operators_server(cast, offer):
    values = typed_connection(cast.workspace, username="hannah", password="own")
    connection = actions.create(cast.workspace.account_id, values, cast.alice)
    actions.edit(connection, replace(values, provider=Provider.INSTALLATION), cast.alice)

    assert credentials.server_for(connection).username == "operator"
    assert connection.sealed_password is None


@pytest.mark.parametrize("own", ["", ca_pem()], ids=["without its own", "beside its own"])
def test_the_operators_authority_is_trusted_by_every_connection(cast, start_smtpd, own):
    server = start_smtpd(tls=server_context())
    config.install(replace(config.current(), ca=ca_pem()))
    values = typed_connection(
        cast.workspace, host="localhost", port=server.port, secure_mode="tls", ca_certificate=own
    )
    connection = actions.create(cast.workspace.account_id, values, cast.alice)
    trial = trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()

    assert trials.send(trial).ok


def test_without_that_authority_the_same_server_is_refused(cast, start_smtpd):
    server = start_smtpd(tls=server_context())
    values = typed_connection(cast.workspace, host="localhost", port=server.port, secure_mode="tls")
    connection = actions.create(cast.workspace.account_id, values, cast.alice)
    trial = trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()

    result = trials.send(trial)
    assert result.cause_key.startswith("certificate")
    assert server.messages == []
