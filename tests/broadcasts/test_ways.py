"""Through which connections a broadcast leaves that names one, or none; and what that protects."""

from datetime import timedelta

import pytest

from mailrith.broadcasts import actions, launching, needs, queries, readiness, starting
from mailrith.broadcasts.models import BroadcastStatus
from mailrith.broadcasts.readiness import NotReady, Result
from mailrith.connections import actions as connections
from mailrith.connections import routing
from mailrith.connections.routing import Choice
from mailrith.connections.uses import InUse
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import RunPhase, RunRoute
from mailrith.delivery.runs import routes
from tests.support.factories import make_connection, make_subscriber, make_workspace
from tests.support.factories_broadcasts import make_broadcast, make_run
from tests.support.factories_connections import VERIFIED


def test_a_new_broadcast_names_no_connection(cast, two):
    assert actions.create(cast.workspace, cast.alice.id).connection_id is None


def test_the_review_says_through_whom_it_leaves_and_why(lines, two):
    assert lines()["way"] == (Result.FINE, "Leaves through First, the workspace's default")
    assert lines(two[1])["way"] == (Result.FINE, "Leaves through Second")


def test_a_split_is_named_with_its_shares_and_with_whom_it_leaves_out(lines, cast, two):
    routing.choose(cast.workspace, Choice(split=True), cast.alice)
    routing.set_weights(cast.workspace, {two[0].id: 2}, cast.alice)
    assert lines()["way"] == (Result.FINE, "Leaves through First and Second, 2 to 1")

    two[1].enabled = False

    assert lines()["way"] == (Result.FINE, "Leaves through First, the workspace's default")
    assert lines()["connection"] == (Result.WARN, "Second cannot send now")


def test_a_default_that_is_down_stops_it_unless_another_may_take_over(lines, cast, two):
    two[0].enabled = False
    assert lines()["connection"] == (Result.BLOCK, "First cannot send now")

    routing.choose(cast.workspace, Choice(fall_back=True), cast.alice)

    assert lines()["connection"] == (Result.WARN, "First cannot send now")
    assert lines()["way"] == (Result.FINE, "Leaves through Second, in place of First")


def test_the_default_is_that_of_the_moment_in_which_it_is_sent(draft, cast, two):
    at = now() + timedelta(minutes=1)
    actions.schedule(cast.workspace, draft, at, user_id=cast.alice.id)
    routing.move(cast.workspace, two[1], -1, cast.alice)
    draft.scheduled_at = now()
    db.session.commit()

    starting.start_scheduled(draft.id)

    assert queries.run_of(draft).connection_id == two[1].id


def test_a_split_broadcast_goes_over_both_and_reaches_everybody_once(
    draft, cast, two, start_smtpd, run_jobs
):
    servers = [start_smtpd(), start_smtpd()]
    for connection, server in zip(two, servers, strict=True):
        connection.port = server.port
    for _ in range(9):
        make_subscriber(cast.workspace)
    routing.choose(cast.workspace, Choice(split=True), cast.alice)
    routing.set_weights(cast.workspace, {two[0].id: 3, two[1].id: 2}, cast.alice)

    run = actions.send_now(cast.workspace, draft, user_id=cast.alice.id)
    db.session.commit()
    weights = {route.connection_id: route.weight for route in routes.of(run.id)}
    db.session.commit()
    run_jobs()
    db.session.expire_all()

    assert weights == {two[0].id: 3, two[1].id: 2}
    assert [len(server.messages) for server in servers] == [6, 4]
    assert len({one for server in servers for one in server.recipients}) == 10
    assert draft.status == BroadcastStatus.COMPLETED


def test_without_any_connection_it_is_not_ready(draft, cast):
    with pytest.raises(NotReady, match="No delivery connection"):
        actions.send_now(cast.workspace, draft, user_id=cast.alice.id)


def test_a_scheduled_broadcast_without_a_name_needs_the_default(draft, cast, two):
    draft.status = BroadcastStatus.SCHEDULED
    make_broadcast(make_workspace(), status=BroadcastStatus.SCHEDULED)
    db.session.commit()

    assert [use.name for use in needs.uses_of_connection(two[0].id)] == ["The hungry gap"]
    assert needs.uses_of_connection(two[1].id) == []
    with pytest.raises(InUse):
        connections.disable(two[0], cast.alice)


def test_a_sending_needs_the_connections_that_carry_it_and_not_those_it_left(draft, two):
    draft.status = BroadcastStatus.RUNNING
    run = make_run(draft, two[0], phase=RunPhase.SENDING)
    routes.lead(run.id, two[1].id)
    assert [len(needs.uses_of_connection(one.id)) for one in two] == [1, 1]

    db.session.get(RunRoute, (run.id, two[0].id)).left_at = now()
    db.session.commit()

    assert [len(needs.uses_of_connection(one.id)) for one in two] == [0, 1]


@pytest.fixture
def two(cast):
    """Two verified connections with the same From; the first is the default."""
    return [make_connection(cast.workspace, name=name, **VERIFIED) for name in ("First", "Second")]


@pytest.fixture
def draft(cast):
    make_subscriber(cast.workspace)
    return make_broadcast(cast.workspace)


@pytest.fixture
def lines(cast, draft):
    """The lines of the review about connections, by their code."""

    def look(connection=None):
        draft.connection_id = connection.id if connection else None
        db.session.commit()
        way, count = launching.way_of(draft), launching.count_of(draft)
        checks = readiness.checklist(cast.workspace, draft, way, count)
        return {check.code: (check.result, check.title) for check in checks}

    return look
