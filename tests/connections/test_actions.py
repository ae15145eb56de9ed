import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions, queries, uses
from mailrith.connections.credentials import CredentialsLost, server_for
from mailrith.connections.form.values import Limits
from mailrith.connections.models import Connection, ConnectionState, SecureMode
from mailrith.core import config
from mailrith.core.db import db
from mailrith.core.errors import Forbidden, Invalid
from tests.support import factories
from tests.support.factories_connections import typed_connection

SIGN_IN = {"username": "hannah", "password": "canary-password"}


@pytest.fixture
def connection(cast):
    made = actions.create(
        cast.workspace.account_id, typed_connection(cast.workspace, **SIGN_IN), cast.alice
    )
    db.session.commit()
    return made


@pytest.fixture
def broadcast_uses_it(monkeypatch):
    monkeypatch.setattr(
        uses, "_sources", [lambda connection_id: [uses.Use("The hungry gap", "Sending")]]
    )


def test_a_connection_serves_the_workspaces_it_was_given(cast, connection):
    assert queries.usable_in(cast.workspace.id) == [connection]
    assert queries.get(cast.workspace.id, connection.public_id) == connection
    assert queries.usable_in(cast.elsewhere.id) == []
    assert queries.get(cast.elsewhere.id, connection.public_id) is None


def test_the_password_is_sealed_for_its_row(cast, connection):
    assert b"canary" not in connection.sealed_password
    assert server_for(connection).password == "canary-password"

    other = factories.make_connection(cast.workspace, name="Other")
    other.sealed_password = connection.sealed_password
    with pytest.raises(CredentialsLost):
        server_for(other)


def test_a_lost_key_is_a_sentence(connection, monkeypatch):
    other_key = config.Key("k9", b"9" * 32)
    monkeypatch.setattr(
        config, "_current", config.Settings(keys=(other_key,), database_url="", redis_url="")
    )

    with pytest.raises(CredentialsLost, match="key is gone"):
        server_for(connection)


@pytest.mark.parametrize(
    "change",
    [
        {"host": "localhost"},
        {"port": 1026},
        {"secure_mode": SecureMode.STARTTLS},
        {"username": "somebody-else"},
    ],
)
@pytest.mark.any_database
def test_moving_the_sign_in_needs_the_password_again(cast, connection, change):
    values = typed_connection(cast.workspace, **{"username": "hannah", **change})

    with pytest.raises(Invalid) as raised:
        actions.edit(connection, values, cast.alice)

    assert raised.value.field == "password"
    assert (connection.host, connection.port) == ("127.0.0.1", 1025)


def test_other_changes_keep_the_password(cast, connection):
    before = connection.credential_fingerprint
    values = typed_connection(cast.workspace, username="hannah", name="Renamed", from_name="H")
    actions.edit(connection, values, cast.alice)

    assert connection.name == "Renamed"
    assert server_for(connection).password == "canary-password"
    assert connection.credential_fingerprint == before


def test_a_new_password_closes_the_old_sessions(cast, connection):
    before = connection.credential_fingerprint
    actions.edit(
        connection, typed_connection(cast.workspace, username="hannah", password="new"), cast.alice
    )

    assert server_for(connection).password == "new"
    assert connection.credential_fingerprint != before


def test_taking_the_username_away_takes_the_password_away(cast, connection):
    actions.edit(connection, typed_connection(cast.workspace), cast.alice)

    assert not connection.has_password
    assert server_for(connection).username == ""


def test_a_username_needs_a_password(cast):
    with pytest.raises(Invalid) as raised:
        actions.create(cast.workspace.account_id, typed_connection(username="x"), cast.alice)

    assert raised.value.field == "password"


@pytest.mark.parametrize(
    ("host", "limits"), [("smtp.northpost.example", (2, 5, 300)), ("127.0.0.1", (20, None, None))]
)
def test_a_new_connection_starts_carefully_unless_it_is_on_this_machine(cast, host, limits):
    made = actions.create(
        cast.workspace.account_id, typed_connection(host=host, port=587), cast.alice
    )

    assert (made.max_sessions, made.per_second, made.per_day) == limits


def test_chosen_limits_are_kept(cast):
    values = typed_connection(host="smtp.northpost.example", port=587, limits=Limits(9, 14, 50_000))
    made = actions.create(cast.workspace.account_id, values, cast.alice)

    assert (made.max_sessions, made.per_second, made.per_day) == (9, 14, 50_000)


def test_a_connection_that_leaves_this_machine_gets_limits(cast, connection):
    values = typed_connection(
        cast.workspace, host="smtp.northpost.example", port=587, limits=Limits(2, None, None)
    )
    actions.edit(connection, values, cast.alice)

    assert (connection.per_second, connection.per_day) == (5, 300)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"from_name": "Ada\r\nBcc: eve@x.test"}, "from_name"),
        ({"from_name": "Ada\u2028"}, "from_name"),
        ({"from_email": "nonsense"}, "from_email"),
        ({"from_email": "jörg@example.com"}, "from_email"),
        ({"username": "a\x00b", "password": "x"}, "username"),
        ({"username": "a", "password": "x\r\ny"}, "password"),
    ],
)
@pytest.mark.any_database
def test_bad_values_name_their_field(cast, change, field):
    with pytest.raises(Invalid) as raised:
        actions.create(cast.workspace.account_id, typed_connection(**change), cast.alice)

    assert raised.value.field == field


def test_two_connections_of_an_account_have_two_names(cast, connection):
    with pytest.raises(Invalid):
        actions.create(
            cast.workspace.account_id, typed_connection(name="NORTHPOST smtp"), cast.alice
        )
    actions.create(cast.elsewhere.account_id, typed_connection(), cast.carol)


def test_a_connection_in_use_is_neither_disabled_nor_deleted(cast, connection, broadcast_uses_it):
    for action in (actions.disable, actions.delete):
        with pytest.raises(uses.InUse, match="The hungry gap") as raised:
            action(connection, cast.alice)
        assert raised.value.status == 409
    assert connection.enabled


def test_a_disabled_connection_is_not_offered(cast, connection):
    actions.disable(connection, cast.alice)

    assert queries.usable_in(cast.workspace.id) == []
    assert actions.sendable(connection).code == "disabled"
    actions.enable(connection, cast.alice)
    assert actions.sendable(connection) is None


def test_a_deleted_connection_leaves_its_row_without_secrets(cast, connection):
    actions.delete(connection, cast.alice)
    db.session.commit()

    stored = db.session.get(Connection, connection.id)
    assert stored.deleted_at is not None
    assert (stored.sealed_password, stored.sealed_username, stored.sealed_hook_path) == (None,) * 3
    assert queries.list_for_workspace(cast.workspace, whole_account=True) == []
    assert queries.find_for_hook(connection.public_id) is None
    assert actions.hook_secrets(stored).path_secret == ""


def test_mailrith_pauses_with_the_first_cause_and_a_person_resumes(cast, connection):
    actions.pause_connection(connection.id, "auth_refused", "535 no")
    actions.pause_connection(connection.id, "quota", "later")

    assert connection.state == ConnectionState.PAUSED
    assert (connection.pause_cause, connection.pause_words) == ("auth_refused", "535 no")
    assert "will not take this username" in actions.sendable(connection).sentence

    actions.resume_connection(connection, cast.alice)
    assert actions.sendable(connection) is None


def test_without_a_public_address_only_this_machine_sends(cast, connection):
    settings = config.current()
    remote = factories.make_connection(cast.workspace, name="Remote", host="smtp.northpost.example")

    assert actions.sendable(connection, settings) is None
    assert actions.sendable(remote, settings).code == "public_url"


def test_somebody_who_manages_one_of_its_workspaces_cannot_change_it_for_all(cast, connection):
    second = factories.make_workspace(cast.alice, name="Second")
    values = typed_connection(cast.workspace, second, username="hannah")
    actions.edit(connection, values, cast.alice)
    dora = factories.make_user("Dora")
    factories.make_member(cast.workspace, dora, connections="manage")
    db.session.commit()

    for change in (
        lambda: actions.edit(connection, values, dora),
        lambda: actions.delete(connection, dora),
        lambda: actions.disable(connection, dora),
        lambda: actions.replace_hook_secrets(connection, dora),
    ):
        with pytest.raises(Forbidden):
            change()


def test_a_connection_cannot_be_given_to_a_strangers_workspace(cast):
    made = actions.create(
        cast.workspace.account_id, typed_connection(cast.workspace, cast.elsewhere), cast.alice
    )

    assert queries.workspaces_of([made.id])[made.id] == [cast.workspace]


def test_webhook_secrets_are_long_and_replaceable(cast, connection):
    first = actions.hook_secrets(connection)
    actions.replace_hook_secrets(connection, cast.alice)
    second = actions.hook_secrets(connection)

    assert len(first.path_secret) >= 20
    assert first.signing_secret.startswith("whs_")
    assert first.path_secret != second.path_secret
    assert "whs_" not in repr(first)


def test_every_change_is_noted_without_secrets(cast, connection):
    actions.edit(
        connection,
        typed_connection(cast.workspace, username="canary-user", password="canary-2"),
        cast.alice,
    )
    actions.disable(connection, cast.alice)
    db.session.commit()
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()

    assert [e.action for e in entries] == [
        "connection.created",
        "connection.edited",
        "connection.disabled",
    ]
    assert all(e.user_id == cast.alice.id for e in entries)
    assert "canary" not in str([(e.details, e.subject) for e in entries])
