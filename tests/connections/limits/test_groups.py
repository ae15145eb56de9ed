"""Connections that a service counts as one share their limits; nobody joins the count of strangers by guessing."""

from dataclasses import replace

import pytest

from mailrith.connections import actions, queries
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.models import Provider, SecureMode
from mailrith.core import config
from mailrith.core.db import db
from tests.support import factories
from tests.support.factories_connections import typed_connection


@pytest.fixture
def connect(cast):
    """A connection of Alice's, or of somebody else."""
    numbers = iter(range(1, 100))

    def make(workspace=None, user=None, **changes):
        workspace, user = workspace or cast.workspace, user or cast.alice
        values = {
            "name": f"Northpost {next(numbers)}",
            "username": "hannah",
            "password": "canary-password",
            "allow_clear_auth": True,
        }
        made = actions.create(
            workspace.account_id, typed_connection(workspace, **values | changes), user
        )
        db.session.commit()
        return made

    return make


@pytest.fixture
def stranger():
    user = factories.make_user("Mallory")
    return {"workspace": factories.make_workspace(user), "user": user}


def test_one_user_at_one_server_is_one_account_there(connect):
    one, other = connect(), connect(port=2525, username="Hannah", password="another-password")
    elsewhere, somebody = connect(host="localhost"), connect(username="ruth")

    assert limit_groups.members(one) == limit_groups.members(other) == (one.id, other.id)
    assert limit_groups.members(elsewhere) == (elsewhere.id,)
    assert limit_groups.members(somebody) == (somebody.id,)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_server_that_asks_for_nobody_is_counted_for_each_connection(connect):
    one, other = (connect(username="", password="") for _ in range(2))

    assert limit_groups.members(one) == (one.id,)
    assert limit_groups.members(other) == (other.id,)


def test_across_accounts_only_the_same_secret_is_the_same_account(connect, stranger):
    mine, guessed = connect(), connect(**stranger, password="guessed")
    assert limit_groups.members(mine) == (mine.id,)
    assert limit_groups.members(guessed) == (guessed.id,)

    theirs = connect(**stranger)
    # Theirs belongs to the other one of that account too: one mailbox, two passwords.
    assert limit_groups.members(mine) == (mine.id, guessed.id, theirs.id)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_where_everybody_signs_in_with_one_word_the_key_decides(connect):
    ours = {
        "provider": Provider.SENDGRID, "host": "smtp.sendgrid.net", "port": 587, "username": "apikey",
        "secure_mode": SecureMode.STARTTLS, "from_email": "hannah@allotmentpost.example",
    }  # fmt: skip
    one, other, same = connect(**ours), connect(**ours, password="key-2"), connect(**ours)

    assert limit_groups.members(one) == (one.id, same.id)
    assert limit_groups.members(other) == (other.id,)


def test_another_password_leaves_the_group_of_another_account(connect, stranger, cast):
    mine, theirs = connect(), connect(**stranger)

    values = typed_connection(
        cast.workspace, name=mine.name, username="hannah", password="new", allow_clear_auth=True
    )
    actions.edit(mine, values, cast.alice)
    db.session.commit()

    assert limit_groups.members(mine) == (mine.id,)
    assert limit_groups.members(theirs) == (theirs.id,)


def test_a_deleted_one_counts_no_more_and_a_copy_does(connect, cast):
    one, gone = connect(), connect()
    copy = actions.duplicate(one, cast.alice)
    actions.delete(gone, cast.alice)
    db.session.commit()

    assert limit_groups.members(one) == (one.id, copy.id)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_only_what_somebody_may_see_is_named(connect, stranger, cast):
    mine, second, theirs = connect(), connect(), connect(**stranger)

    visible = queries.list_for_workspace(cast.workspace)

    assert limit_groups.shown(mine, visible) == ([second.name], True)
    assert limit_groups.shown(theirs, [theirs]) == ([], True)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_new_key_in_front_changes_nothing(connect):
    one = connect()
    settings = config.current()
    config.install(replace(settings, keys=(config.Key("k2", b"2" * 32), *settings.keys)))
    other = connect()

    assert limit_groups.members(one) == (one.id, other.id)


def test_what_is_from_before_is_marked_when_it_is_used(connect):
    one, other = connect(), connect()
    one.login_mark = one.secret_mark = ""
    db.session.commit()
    assert limit_groups.members(one) == (one.id,)

    assert limit_groups.refresh(one)

    assert limit_groups.members(one) == (one.id, other.id)
    assert not limit_groups.refresh(one)
