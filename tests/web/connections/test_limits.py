"""The limits' section: what is typed is kept, what is wrong is named, and nobody learns of what they may not see."""

from datetime import timedelta

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import credentials
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.models import ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from tests.support import factories
from tests.support.cast import sign_in
from tests.web.connections.conftest import address

WARM = {"ramp_start": "50", "ramp_growth": "100", "ramp_target": "400"}


@pytest.fixture
def second(cast, connection):
    """Another workspace of Alice's that uses the connection."""
    workspace = factories.make_workspace(cast.alice, name="Hall noticeboard")
    factories.save(ConnectionWorkspace(connection_id=connection.id, workspace_id=workspace.id))
    return workspace


@pytest.fixture
def save(signed_in, home, connection, filled):
    return lambda **typed: signed_in.post(address(home, connection), data=filled(**typed))


def test_everything_is_kept_shown_and_noted(save, signed_in, home, connection, cast, second):
    share = {f"share_{cast.workspace.id}": "25", f"share_{second.id}": ""}
    both = [str(cast.workspace.id), str(second.id)]
    answer = save(
        per_day="5000", day_zone="America/Los_Angeles", to_gmail_com_per_second="20",
        to_gmail_com_sessions="5", to_1_domain="@Readers.example", to_1_sessions="1", workspaces=both,
        **WARM, **share,
    )  # fmt: skip
    db.session.expire_all()
    page = signed_in.get(address(home, connection)).text

    assert answer.status_code == 303
    assert (connection.day_zone, connection.ramp_start) == ("America/Los_Angeles", 50)
    assert (connection.ramp_growth, connection.ramp_target) == (100, 400)
    assert connection.receiver_limits == {
        "gmail.com": {"per_second": 20, "sessions": 5},
        "readers.example": {"per_second": None, "sessions": 1},
    }
    rows = db.session.query(ConnectionWorkspace).filter_by(connection_id=connection.id)
    assert {row.workspace_id: row.share for row in rows} == {cast.workspace.id: 25, second.id: None}
    for shown in ('value="readers.example"', "gmail.com, readers.example", "25 %", "lasts 3 days"):
        assert shown in page
    (entry,) = db.session.query(AuditEntry).filter_by(action="connection.edited")
    assert {"day_zone", "ramp_start", "receiver_limits", "shares"} <= set(entry.details["changed"])
    assert "readers.example" not in str(entry.details)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"ramp_start": "50"}, "ramp_target", "Say how many messages a day it is to reach."),
        ({"ramp_target": "50"}, "ramp_start", "Say with how many messages the first day begins."),
        ({**WARM, "ramp_start": "400"}, "ramp_start", "Begin with fewer messages"),
        ({**WARM, "ramp_growth": "901"}, "ramp_growth", "From 1 to 900."),
        ({"day_zone": "Mars/Olympus"}, "day_zone", "Not a valid choice"),
        ({"to_1_per_second": "5"}, "to_1_domain", "Name the domain"),
        ({"to_1_domain": "no domain", "to_1_sessions": "5"}, "to_1_domain", "such as gmail.com"),
        ({"to_yahoo_com_sessions": "many"}, "to_yahoo_com_sessions", "Type a whole number"),
    ],
)
def test_what_is_wrong_is_named(save, typed, field, sentence):
    answer = save(**typed)

    assert answer.status_code == 422
    assert f'id="{field}-error">' in answer.text
    assert sentence in answer.text.partition(f'id="{field}-error">')[2][:200]


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_share_is_a_part(save, cast):
    answer = save(**{f"share_{cast.workspace.id}": "101"})

    assert answer.status_code == 422
    assert "From 1 to 100 per cent." in answer.text


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_a_share_of_a_workspace_that_somebody_does_not_manage_stays(cast, connection, client):
    theirs = factories.make_workspace(cast.alice)
    factories.save(
        ConnectionWorkspace(connection_id=connection.id, workspace_id=theirs.id, share=10)
    )
    bob = factories.make_user("Robert")
    factories.make_member(cast.workspace, bob, connections="manage")
    sign_in(client, bob)

    page = client.get(f"/w/{cast.workspace.slug}/connections/{connection.public_id}").text

    assert f"share_{theirs.id}" not in page
    assert f"share_{cast.workspace.id}" not in page  # alone it has nobody to share with


def test_a_warm_up_that_goes_on_says_how_far_it_is_and_saving_does_not_restart_it(
    save, signed_in, home, connection
):
    save(**WARM)
    began = connection.ramp_began_at = now() - timedelta(days=1, hours=1)
    db.session.commit()

    page = signed_in.get(address(home, connection)).text
    save(**{**WARM, "ramp_growth": "50"})
    db.session.refresh(connection)
    kept = connection.ramp_began_at
    save()
    db.session.refresh(connection)

    assert "day 2 of 3" in page
    assert "100 messages may leave" in page
    assert kept == began
    assert (connection.ramp_start, connection.ramp_began_at) == (None, None)


@pytest.mark.parametrize("app", ["sqlite"], indirect=True)
def test_the_page_says_with_whom_it_shares_and_names_no_strangers(
    signed_in, home, connection, cast
):
    mine = factories.make_connection(cast.workspace, name="Southpost")
    stranger = factories.make_connection(factories.make_workspace(), name="Secret name")
    for one in (connection, mine, stranger):
        credentials.seal(one, "username", "hannah")
        credentials.seal(one, "password", "canary-password")
        limit_groups.mark(one)
    db.session.commit()

    page = signed_in.get(address(home, connection)).text

    assert "It shares its limits with" in page
    assert "Southpost" in page
    assert "and with connections that are not shown to you" in page
    assert "Secret name" not in page
