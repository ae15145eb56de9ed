"""A connection of two workspaces: whoever sees one of them learns neither the other's name nor how much it sends."""

import pytest

from mailrith.connections.models import ConnectionTrial, ConnectionWorkspace
from mailrith.connections.standing import reputation
from mailrith.connections.standing.reputation import Reputation
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Forbidden
from mailrith.delivery import jobs
from tests.support import factories, factories_delivery
from tests.support.cast import sign_in
from tests.support.factories_broadcasts import make_broadcast
from tests.web.connections.conftest import address

FIGURES = "24 of 1,000 messages"


@pytest.fixture
def shared(cast, connection):
    """Two messages left from the workspace and five from the other one; 24 of 1,000 came back."""
    second = factories.make_workspace(cast.alice, name="Seed Library Two")
    factories.save(ConnectionWorkspace(workspace_id=second.id, connection_id=connection.id))
    connection.per_day, connection.verified_at = 1000, now()
    for workspace, people in ((cast.workspace, 2), (second, 5)):
        for _ in range(people):
            factories.make_subscriber(workspace)
        run = factories_delivery.make_run(workspace, connection, started_at=now())
        db.session.commit()
        jobs.freeze(run.id)
        for delivery in factories_delivery.deliveries(run):
            factories_delivery.change(delivery, state="sent")
    reputation.note(connection.id, Reputation(1000, 24, 0))
    db.session.commit()
    return connection


def test_the_owner_sees_the_whole(signed_in, home, shared):
    page = signed_in.get(home).text

    assert '<span class="v">7</span> of 1,000' in page
    assert "Seed Library Two" in page
    assert FIGURES in page


def test_a_member_of_one_sees_what_that_one_sends(client, cast, home, shared):
    sign_in(client, cast.bob)
    page = client.get(home).text

    assert '<span class="v">2</span> of 1,000' in page
    assert "and 1 other workspace" in page
    assert "Others send through it too" in page
    assert "2.4 % of its mail of the last seven days came back." in page
    for text in (page, client.get(address(home, shared)).text):
        assert "Seed Library Two" not in text
        assert FIGURES not in text


def test_the_review_of_a_broadcast_says_the_share_and_no_numbers(signed_in, cast, shared):
    broadcast = make_broadcast(cast.workspace, connection_id=shared.id)
    page = signed_in.get(f"/w/{cast.workspace.slug}/broadcasts/{broadcast.public_id}/review").text

    assert "2.4 % of its mail of the last seven days came back." in page
    assert FIGURES not in page


def test_a_pause_for_all_is_not_ended_by_who_manages_one(client, cast, home, shared):
    reputation.note(shared.id, Reputation(1000, 60, 0))
    erin = factories.make_user("Erin")
    factories.make_member(cast.workspace, erin, connections="manage")
    db.session.commit()
    sign_in(client, erin)

    asked = client.post(address(home, shared, "/resume"), data={"confirm_count": "60"})

    assert asked.status_code == Forbidden.status
    assert "60 of 1,000" not in asked.text
    db.session.refresh(shared)
    assert shared.paused_at is not None


def test_what_needs_it_elsewhere_is_not_listed_to_who_manages_one(client, cast, home, shared):
    erin = factories.make_user("Erin")
    factories.make_member(cast.workspace, erin, connections="manage")
    factories.save(
        ConnectionTrial(
            connection_id=shared.id,
            user_id=cast.alice.id,
            recipient="secret@there.example",
            message_id="x",
        )
    )
    sign_in(client, erin)

    assert client.get(address(home, shared, "/delete")).status_code == 403
    assert "secret@there.example" not in client.get(address(home, shared, "/test")).text
    sign_in(client, cast.alice)
    assert "secret@there.example" in client.get(address(home, shared, "/test")).text
