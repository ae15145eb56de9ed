"""Which workspaces a connection serves, and what a stranger may do to it: nothing."""

import pytest

from mailrith.accounts.models import MemberRole
from mailrith.connections import actions, assigning, queries, trials, uses
from mailrith.connections.models import ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Forbidden
from tests.support import factories, factories_broadcasts
from tests.support.factories_connections import typed_connection


@pytest.fixture
def connection(cast):
    made = actions.create(cast.workspace.account_id, typed_connection(cast.workspace), cast.alice)
    db.session.commit()
    return made


@pytest.fixture
def second(cast):
    return factories.make_workspace(cast.alice, name="Second")


def position(workspace, connection):
    return db.session.get_one(ConnectionWorkspace, (workspace.id, connection.id)).position


def _manager_elsewhere(cast):
    other = factories.make_workspace(cast.alice, name="Other")
    user = factories.make_user("Erin")
    factories.make_member(other, user, connections="manage")
    return user


STRANGERS = {
    "of another account": lambda cast: cast.carol,
    "who may only look": lambda cast: cast.bob,
    "of another workspace of the account": _manager_elsewhere,
    "who was a member": lambda cast: factories.make_user("Dora"),
}
EVERYTHING = {
    "edit": lambda it, cast, user: actions.edit(it, typed_connection(cast.workspace), user),
    "enable": lambda it, cast, user: actions.enable(it, user),
    "disable": lambda it, cast, user: actions.disable(it, user),
    "delete": lambda it, cast, user: actions.delete(it, user),
    "duplicate": lambda it, cast, user: actions.duplicate(it, user),
    "webhook": lambda it, cast, user: actions.replace_hook_secrets(it, user),
    "test": lambda it, cast, user: trials.prepare(it, "ada@readers.example", user),
    "create": lambda it, cast, user: actions.create(
        it.account_id, typed_connection(cast.workspace, name="Theirs"), user
    ),
}


@pytest.mark.parametrize("stranger", STRANGERS.values(), ids=STRANGERS)
@pytest.mark.parametrize("what", EVERYTHING, ids=EVERYTHING)
@pytest.mark.any_database
def test_a_stranger_can_do_nothing(cast, connection, stranger, what):
    user = stranger(cast)
    if what == "create" and user.display_name == "Erin":
        made = EVERYTHING[what](connection, cast, user)
        assert assigning.assigned(made) == set()  # not for a workspace that is not hers
        return

    with pytest.raises(Forbidden):
        EVERYTHING[what](connection, cast, user)


@pytest.mark.parametrize("what", EVERYTHING, ids=EVERYTHING)
def test_a_member_who_manages_connections_can_do_all_of_it(cast, connection, what):
    user = factories.make_user("Frank")
    factories.make_member(cast.workspace, user, connections="manage")

    EVERYTHING[what](connection, cast, user)


@pytest.mark.parametrize("what", ["edit", "enable", "delete", "duplicate", "test"])
def test_a_connection_of_no_workspace_is_the_owners(cast, connection, what):
    actions.edit(connection, typed_connection(), cast.alice)
    frank = factories.make_user("Frank")
    factories.make_member(cast.workspace, frank, connections="manage")

    with pytest.raises(Forbidden):
        EVERYTHING[what](connection, cast, frank)
    EVERYTHING[what](connection, cast, cast.alice)


def test_only_the_owner_leaves_a_certificate_unchecked(cast):
    frank = factories.make_user("Frank")
    factories.make_member(cast.workspace, frank, connections="manage")
    owning = factories.make_user("Gina")
    member = factories.make_member(cast.workspace, owning)
    member.role = MemberRole.OWNER  # of the workspace; the account is Alice's
    unchecked = typed_connection(cast.workspace, host="localhost", verify_certificate=False)

    for user in (frank, owning):
        with pytest.raises(actions.Invalid) as raised:
            actions.create(cast.workspace.account_id, unchecked, user)
        assert raised.value.field == "verify_certificate"
    made = actions.create(cast.workspace.account_id, unchecked, cast.alice)
    db.session.commit()

    # What the owner accepted for one server is not accepted for another.
    renamed = typed_connection(
        cast.workspace, host="localhost", verify_certificate=False, name="Renamed"
    )
    actions.edit(made, renamed, frank)
    moved = typed_connection(cast.workspace, verify_certificate=False)
    with pytest.raises(actions.Invalid):
        actions.edit(made, moved, frank)


def test_a_workspace_that_is_sending_keeps_its_connection(cast, connection, second):
    actions.edit(connection, typed_connection(cast.workspace, second), cast.alice)
    factories_broadcasts.make_broadcast(
        cast.workspace, connection_id=connection.id, status="scheduled", scheduled_at=now()
    )

    with pytest.raises(uses.InUse, match="The hungry gap"):
        actions.edit(connection, typed_connection(second), cast.alice)
    db.session.rollback()
    assert assigning.assigned(connection) == {cast.workspace.id, second.id}

    actions.edit(connection, typed_connection(cast.workspace), cast.alice)
    assert assigning.assigned(connection) == {cast.workspace.id}


def test_a_connection_stays_with_workspaces_that_the_person_does_not_manage(cast, connection):
    other = factories.make_workspace(cast.alice, name="Other")
    actions.edit(connection, typed_connection(cast.workspace, other), cast.alice)
    frank = factories.make_user("Frank")
    factories.make_member(cast.workspace, frank, connections="manage")

    assigning.assign(connection, frozenset(), frank)

    assert assigning.assigned(connection) == {other.id}


def test_a_new_connection_does_not_become_the_default(cast, connection):
    later = actions.create(
        cast.workspace.account_id, typed_connection(cast.workspace, name="Later"), cast.alice
    )
    db.session.flush()

    assert position(cast.workspace, connection) < position(cast.workspace, later)


def test_the_same_connection_may_be_first_here_and_last_there(cast, connection, second):
    typed = typed_connection(second, name="There")
    there = actions.create(cast.workspace.account_id, typed, cast.alice)
    actions.edit(connection, typed_connection(cast.workspace, second), cast.alice)

    assert position(cast.workspace, connection) == 0
    assert position(second, there) < position(second, connection)
    assert {w.id for w in queries.workspaces_of([connection.id])[connection.id]} == {
        cast.workspace.id,
        second.id,
    }
