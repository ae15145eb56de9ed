"""What the audit log keeps when somebody takes a protection away: who, when and which, once."""

from dataclasses import replace

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import actions
from mailrith.connections.models import SecureMode
from mailrith.core.db import db
from tests.support.factories_connections import typed_connection

REMOTE = "smtp.northpost.example"
WEAK = {
    "connection.unverified": {"verify_certificate": False},
    "connection.clear_auth": {
        "allow_clear_auth": True,
        "username": "hannah",
        "password": "canary-1",
    },
    "connection.unencrypted": {"secure_mode": SecureMode.NONE},
}
SAFE = {"host": REMOTE, "secure_mode": SecureMode.STARTTLS}


def noted(action):
    db.session.flush()
    return db.session.query(AuditEntry).filter_by(action=action).all()


@pytest.mark.parametrize("action", WEAK)
def test_a_protection_that_is_taken_away_is_noted_once(cast, action):
    safe = typed_connection(cast.workspace, **SAFE)
    weak = replace(safe, **WEAK[action])
    made = actions.create(cast.workspace.account_id, safe, cast.alice)
    assert noted(action) == []

    actions.edit(made, weak, cast.alice)
    actions.edit(made, replace(weak, name="Renamed"), cast.alice)

    (entry,) = noted(action)
    assert (entry.user_id, entry.subject) == (cast.alice.id, "Northpost SMTP")
    assert entry.details["connection"] == str(made.public_id)
    assert REMOTE not in str(entry.details)
    assert "canary" not in str(entry.details)


@pytest.mark.parametrize("action", WEAK)
def test_one_that_begins_without_it_is_noted_as_well_and_its_copy_too(cast, action):
    weak = typed_connection(cast.workspace, **SAFE | WEAK[action])
    made = actions.create(cast.workspace.account_id, weak, cast.alice)
    assert len(noted(action)) == 1

    actions.duplicate(made, cast.alice)
    assert len(noted(action)) == 2


def test_a_plain_line_to_this_machine_is_no_risk(cast):
    actions.create(cast.workspace.account_id, typed_connection(cast.workspace), cast.alice)

    assert noted("connection.unencrypted") == []
