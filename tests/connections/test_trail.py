"""The audit log says who did what and when, names every protection that was given up, and never a value."""

from dataclasses import replace

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions
from mailrith.connections.form_values import Limits
from mailrith.connections.models import MinimumTls, Provider, SecureMode
from mailrith.core.db import db
from tests.support import factories
from tests.support.factories_connections import typed_connection

REMOTE = {"host": "smtp.northpost.example", "port": 587, "secure_mode": SecureMode.STARTTLS}
SIGN_IN = {"username": "canary-user", "password": "canary-password"}


def make(cast, **typed):
    values = typed_connection(cast.workspace, **REMOTE | SIGN_IN | typed)
    return actions.create(cast.workspace.account_id, values, cast.alice), values


def noted():
    db.session.flush()
    return [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]


WEAKNESSES = {
    "unchecked certificate": ({"verify_certificate": False}, ["connection.unverified"]),
    "password in clear": ({"allow_clear_auth": True}, ["connection.clear_auth"]),
    "no encryption": ({"secure_mode": SecureMode.NONE}, ["connection.unencrypted"]),
    "encryption if offered": (
        {"secure_mode": SecureMode.STARTTLS_IF_OFFERED},
        ["connection.unencrypted"],
    ),
    "no encryption on this machine": ({"host": "127.0.0.1", "secure_mode": SecureMode.NONE}, []),
    "all of it": (
        {"verify_certificate": False, "allow_clear_auth": True, "secure_mode": SecureMode.NONE},
        ["connection.clear_auth", "connection.unencrypted", "connection.unverified"],
    ),
    "none": ({}, []),
}


@pytest.mark.parametrize(("typed", "expected"), WEAKNESSES.values(), ids=WEAKNESSES)
def test_a_protection_that_is_given_up_is_noted(cast, typed, expected):
    make(cast, **typed)

    assert noted() == ["connection.created", *expected]


@pytest.mark.parametrize(("typed", "expected"), WEAKNESSES.values(), ids=WEAKNESSES)
def test_so_is_one_that_is_given_up_later_and_only_once(cast, typed, expected):
    connection, values = make(cast)
    weak = replace(values, **typed)
    actions.edit(connection, weak, cast.alice)
    actions.edit(connection, replace(weak, name="Renamed"), cast.alice)

    assert noted() == [
        "connection.created",
        "connection.edited",
        *expected,
        "connection.edited",
    ]


CHANGES = {
    "name": ({"name": "Renamed"}, {"name"}),
    "host": ({"host": "smtp2.northpost.example"}, {"host", "sign-in"}),
    "password": ({"password": "canary-other"}, {"sign-in"}),
    "username": ({"username": "canary-other"}, {"sign-in"}),
    "limits": ({"limits": Limits(2, 5, 300, per_month=9000)}, {"per_month"}),
    "TLS": ({"minimum_tls": MinimumTls.TLS_1_3}, {"minimum_tls"}),
    "workspaces": ({"workspace_ids": frozenset()}, {"workspaces"}),
    "service": (
        {"provider": Provider.POSTMARK},
        {"provider", "provider_options"},
    ),
    "nothing": ({}, set()),
}


@pytest.mark.parametrize(("change", "names"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_noted_by_the_names_of_what_changed(cast, change, names):
    connection, values = make(cast)
    typed = change if {"password", "username", "host"} & set(change) else {"password": ""} | change
    actions.edit(connection, replace(values, **typed), cast.alice)
    db.session.flush()

    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.action, entry.user_id, entry.account_id) == (
        "connection.edited",
        cast.alice.id,
        cast.workspace.account_id,
    )
    assert set(entry.details["changed"]) == names
    assert entry.details["connection"] == str(connection.public_id)


def test_no_entry_holds_a_value(cast):
    connection, values = make(cast, host="canary-host.example")
    actions.edit(
        connection,
        replace(values, host="canary-other.example", username="canary-2", password="canary-3"),
        cast.alice,
    )
    actions.duplicate(connection, cast.alice)
    actions.disable(connection, cast.alice)
    actions.enable(connection, cast.alice)
    actions.pause_connection(connection.id, "auth_refused", "535 canary-2 at canary-other.example")
    actions.replace_hook_secrets(connection, cast.alice)
    actions.delete(connection, cast.alice)
    db.session.flush()

    entries = db.session.query(AuditEntry).all()
    assert len(entries) >= 8
    assert "canary" not in str([(entry.subject, entry.details) for entry in entries])


def test_whatever_mailrith_does_itself_has_nobodys_name(cast):
    connection = factories.make_connection(cast.workspace)
    actions.pause_connection(connection.id, "quota")
    db.session.flush()

    (entry,) = db.session.query(AuditEntry)
    assert (entry.action, entry.user_id) == ("connection.paused", None)
