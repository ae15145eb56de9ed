"""The stored secret stays with the server, the person and the protection that it was typed for."""

from dataclasses import replace

import pytest
from cryptography import x509

from mailrith.connections import actions, credentials, trials
from mailrith.connections.models import AuthMechanism, MinimumTls, Provider, SecureMode
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from tests.support import factories
from tests.support.certificates import ca_pem
from tests.support.factories_connections import typed_connection

SIGN_IN = {"username": "hannah", "password": "canary-password"}
TOKEN = {
    "username": "hannah@allotmentpost.example",
    "auth_mechanism": AuthMechanism.XOAUTH2,
    "oauth_client_id": "client-1",
    "oauth_secret": "canary-secret",
    "oauth_refresh": "canary-refresh",
    "oauth_token_url": "https://login.northpost.example/token",
    "oauth_scope": "mail.send",
}
EMPTY = {"password": "", "oauth_secret": "", "oauth_refresh": ""}


def make(cast, **typed):
    values = typed_connection(cast.workspace, **typed)
    connection = actions.create(cast.workspace.account_id, values, cast.alice)
    db.session.commit()
    return connection, replace(values, **EMPTY)


PLACES = {
    "host": {"host": "localhost"},
    "port": {"port": 1026},
    "security": {"secure_mode": SecureMode.STARTTLS},
    "weaker security": {"secure_mode": SecureMode.STARTTLS_IF_OFFERED},
    "unchecked certificate": {"verify_certificate": False},
    "older TLS": {"minimum_tls": MinimumTls.TLS_1_2},
    "username": {"username": "somebody-else"},
    "mechanism": {"auth_mechanism": AuthMechanism.PLAIN},
    "in clear": {"allow_clear_auth": True},
    "host and name": {"host": "localhost", "name": "Renamed"},
}


@pytest.mark.parametrize("change", PLACES.values(), ids=PLACES)
@pytest.mark.any_database
def test_another_place_needs_the_password_again(cast, change):
    connection, kept = make(cast, minimum_tls=MinimumTls.TLS_1_3, **SIGN_IN)
    before = connection.sealed_password, connection.credential_fingerprint

    with pytest.raises(Invalid, match="again") as raised:
        actions.edit(connection, replace(kept, **change), cast.alice)
    db.session.rollback()

    assert raised.value.field == "password"
    assert (connection.sealed_password, connection.credential_fingerprint) == before

    actions.edit(connection, replace(kept, **change, password="typed anew"), cast.alice)
    assert credentials.opened(connection, "password") == "typed anew"
    assert connection.credential_fingerprint != before[1]


def test_another_authority_needs_the_password_again(cast):
    connection, kept = make(cast, **SIGN_IN)

    with pytest.raises(Invalid) as raised:
        actions.edit(connection, replace(kept, ca_certificate=ca_pem()), cast.alice)
    assert raised.value.field == "password"


def test_an_authority_pasted_with_its_description_is_the_same_one(cast):
    pem = ca_pem()
    connection, kept = make(cast, ca_certificate=pem, **SIGN_IN)

    described = f"subject=CN = Northpost\r\n{pem}\r\n\r\n"
    actions.edit(connection, replace(kept, ca_certificate=described), cast.alice)

    assert x509.load_pem_x509_certificate(connection.ca_certificate.encode())
    assert credentials.opened(connection, "password") == "canary-password"


HARMLESS = {
    "name": {"name": "Renamed"},
    "sender": {"from_email": "news@allotmentpost.example"},
    "greeting": {"ehlo_name": "mail.allotmentpost.example"},
    "service": {"provider": Provider.POSTMARK},
    "options": {
        "provider": Provider.POSTMARK,
        "provider_options": {"message_stream": "outbound"},
    },
    "newer TLS": {"minimum_tls": MinimumTls.TLS_1_3},
    "spelling of the host": {"host": " 127.0.0.1. "},
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
@pytest.mark.any_database
def test_anything_else_keeps_it(cast, change):
    connection, kept = make(cast, **SIGN_IN)

    actions.edit(connection, replace(kept, **change), cast.alice)

    assert credentials.opened(connection, "password") == "canary-password"


TOKEN_PLACES = {
    "host": {"host": "localhost"},
    "token address": {"oauth_token_url": "https://elsewhere.example/token"},
    "client": {"oauth_client_id": "client-2"},
    "mailbox": {"username": "eve@allotmentpost.example"},
    "unchecked certificate": {"verify_certificate": False},
}


@pytest.mark.parametrize("change", TOKEN_PLACES.values(), ids=TOKEN_PLACES)
@pytest.mark.parametrize(
    ("typed", "field"),
    [({}, "oauth_refresh"), ({"oauth_refresh": "typed anew"}, "oauth_secret")],
    ids=["nothing typed", "only the token typed"],
)
@pytest.mark.any_database
def test_a_token_that_moves_needs_both_its_secrets_again(cast, change, typed, field):
    connection, kept = make(cast, **TOKEN)

    with pytest.raises(Invalid) as raised:
        actions.edit(connection, replace(kept, **change, **typed), cast.alice)

    assert raised.value.field == field
    assert credentials.opened(connection, "oauth_refresh") == "canary-refresh"


def test_a_token_stays_when_only_its_scope_changes(cast):
    connection, kept = make(cast, **TOKEN)
    actions.edit(connection, replace(kept, oauth_scope="mail.send offline"), cast.alice)

    assert credentials.opened(connection, "oauth_secret") == "canary-secret"
    assert credentials.opened(connection, "oauth_refresh") == "canary-refresh"
    assert connection.oauth_scope == "mail.send offline"


def test_an_app_without_a_secret_needs_none(cast):
    connection, kept = make(cast, **TOKEN | {"oauth_secret": ""})
    moved = replace(kept, oauth_client_id="client-2", oauth_refresh="typed anew")
    actions.edit(connection, moved, cast.alice)

    assert connection.sealed_oauth_secret is None
    assert credentials.opened(connection, "oauth_refresh") == "typed anew"


def test_another_way_to_sign_in_leaves_nothing_of_the_first(cast):
    connection, kept = make(cast, **TOKEN)
    credentials.seal(connection, "oauth_access", "canary-access")
    password = replace(kept, auth_mechanism=AuthMechanism.PLAIN, password="typed")
    actions.edit(connection, password, cast.alice)

    assert credentials.opened(connection, "password") == "typed"
    assert connection.sealed_oauth_secret is None
    assert connection.sealed_oauth_refresh is None
    assert connection.sealed_oauth_access is None
    assert (connection.oauth_client_id, connection.oauth_token_url) == ("", "")


@pytest.mark.parametrize(
    "change", [{"username": ""}, {"auth_mechanism": AuthMechanism.NONE}], ids=["nobody", "none"]
)
def test_no_sign_in_keeps_no_secret(cast, change):
    connection, kept = make(cast, **SIGN_IN)
    actions.edit(connection, replace(kept, **change), cast.alice)

    assert connection.sealed_username is None
    assert not connection.has_password


MISSING = {
    "password": ({"username": "hannah"}, "password"),
    "refresh token": (TOKEN | {"oauth_refresh": ""}, "oauth_refresh"),
    "client": (TOKEN | {"oauth_client_id": ""}, "oauth_client_id"),
    "mailbox": (TOKEN | {"username": ""}, "username"),
    "token address": (TOKEN | {"oauth_token_url": ""}, "oauth_token_url"),
}


@pytest.mark.parametrize(("typed", "field"), MISSING.values(), ids=MISSING)
@pytest.mark.any_database
def test_a_sign_in_is_complete_or_refused(cast, typed, field):
    with pytest.raises(Invalid) as raised:
        make(cast, **typed)

    assert raised.value.field == field


def test_a_stolen_edit_sends_no_password_to_the_thief(cast, smtpd, start_smtpd):
    theirs = start_smtpd(users={"hannah": "canary-password"})
    connection, kept = make(cast, **SIGN_IN, port=smtpd.port)

    with pytest.raises(Invalid):
        actions.edit(connection, replace(kept, port=theirs.port), cast.alice)
    db.session.rollback()
    trial = trials.prepare(connection, "ada@readers.example", cast.alice)
    db.session.commit()
    trials.send(trial)

    assert theirs.connections == 0
    assert smtpd.connections == 1


def test_a_change_that_was_tried_before_is_tried_again(cast):
    connection, kept = make(cast, **SIGN_IN)
    actions.pause_connection(connection.id, "auth_refused", "535 no")
    connection.verified_at = connection.paused_at
    connection.last_report = {"ok": True}
    actions.edit(connection, replace(kept, password="typed anew"), cast.alice)

    assert (connection.verified_at, connection.last_report, connection.last_error) == (None, {}, "")
    assert connection.probe_at is not None
    assert connection.probe_failures == 0


def test_a_new_sender_makes_what_is_known_of_the_old_one_worthless(cast):
    connection, kept = make(cast)
    connection.sender_report = {"spf": "found"}
    connection.sender_checked_at = connection.created_at
    actions.edit(connection, replace(kept, name="Renamed"), cast.alice)
    assert connection.sender_report == {"spf": "found"}

    actions.edit(connection, replace(kept, from_email="news@other.example"), cast.alice)
    assert (connection.sender_report, connection.sender_checked_at) == ({}, None)


def test_a_copy_has_everything_but_the_secrets(cast):
    connection, _ = make(
        cast,
        **SIGN_IN,
        ehlo_name="mail.allotmentpost.example",
        provider=Provider.POSTMARK,
        provider_options={"message_stream": "outbound"},
    )
    copy = actions.duplicate(connection, cast.alice)
    again = actions.duplicate(connection, cast.alice)
    db.session.commit()

    assert (copy.name, again.name) == ("Northpost SMTP (copy)", "Northpost SMTP (copy 2)")
    assert (copy.host, copy.port, copy.ehlo_name) == (connection.host, 1025, connection.ehlo_name)
    assert copy.provider_options == {"message_stream": "outbound"}
    assert credentials.opened(copy, "username") == "hannah"
    assert copy.sealed_password is None
    assert credentials.hook_secrets(copy) != credentials.hook_secrets(connection)
    assert copy.credential_fingerprint != connection.credential_fingerprint
    assert not copy.enabled


def test_a_copy_carries_mail_once_its_password_is_typed(cast):
    connection, kept = make(cast, **SIGN_IN)
    copy = actions.duplicate(connection, cast.alice)

    with pytest.raises(Conflict, match="password"):
        actions.enable(copy, cast.alice)
    with pytest.raises(Invalid) as raised:
        actions.edit(copy, replace(kept, name=copy.name), cast.alice)
    assert raised.value.field == "password"

    actions.edit(copy, replace(kept, name=copy.name, password="typed anew"), cast.alice)
    assert copy.enabled


def test_a_copy_that_needs_no_password_is_enabled_by_a_person(cast):
    connection, _ = make(cast)
    copy = actions.duplicate(connection, cast.alice)
    assert not copy.enabled

    actions.enable(copy, cast.alice)
    assert copy.enabled


def test_a_sealed_secret_of_another_row_does_not_open(cast):
    mine, _ = make(cast, **SIGN_IN)
    theirs = factories.make_connection(cast.elsewhere, name="Theirs")
    for column in ("host", "username", "password"):
        setattr(theirs, f"sealed_{column}", getattr(mine, f"sealed_{column}"))
    db.session.commit()

    for column in ("host", "username", "password"):
        with pytest.raises(credentials.CredentialsLost):
            credentials.opened(theirs, column)
    assert theirs.host == ""


def test_a_sealed_secret_of_another_column_does_not_open(cast):
    mine, _ = make(cast, **SIGN_IN)
    mine.sealed_username = mine.sealed_password

    with pytest.raises(credentials.CredentialsLost):
        credentials.opened(mine, "username")
