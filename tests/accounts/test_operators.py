"""Whose account speaks for the installation itself."""

import pytest

from mailrith.accounts import actions, queries, workspaces
from mailrith.accounts.models import AuditEntry
from mailrith.core.db import db
from mailrith.core.errors import Invalid, NotFound
from tests.support import factories


def test_the_owner_link_makes_an_operator(session):
    secret = actions.make_owner_link().rpartition("/")[2]
    user = actions.use_owner_link(
        secret,
        name="Hannah",
        email_key="hannah@allotmentpost.example",
        password_hash="-",
        time_zone="UTC",
    )
    particulars = workspaces.Particulars("The Allotment Post")
    workspace = actions.create_workspace(user, particulars)

    account = queries.account_of(user.id)
    assert account.operator
    assert workspace.account_id == account.id


def test_an_account_is_no_operator_by_itself(cast):
    assert not queries.account_of(cast.alice.id).operator


def test_the_command_line_makes_and_unmakes_one(cast):
    actions.set_operator(cast.carol.email.upper(), operator=True)
    actions.set_operator(cast.carol.email, operator=True)
    assert queries.account_of(cast.carol.id).operator

    actions.set_operator(cast.carol.email, operator=False)
    assert not queries.account_of(cast.carol.id).operator
    db.session.commit()
    noted = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert noted == ["account.operator_made", "account.operator_revoked"]


def test_somebody_without_a_workspace_can_be_one(session):
    newcomer = factories.make_user("Nora")

    actions.set_operator(newcomer.email, operator=True)

    assert queries.account_of(newcomer.id).operator


@pytest.mark.parametrize(
    ("email", "error"), [("nobody@people.example", NotFound), ("nonsense", Invalid)]
)
def test_nobody_is_said_so(session, email, error):
    with pytest.raises(error):
        actions.set_operator(email, operator=True)
