"""The order of a workspace's connections, who may stand in, and how a broadcast would leave."""

import pytest

from mailrith.accounts.models import AuditEntry
from mailrith.connections import routing
from mailrith.connections.models import ConnectionWorkspace
from mailrith.connections.routing import Choice
from mailrith.core.clock import now
from mailrith.core.errors import Conflict, Invalid
from mailrith.smtp.verify import Report, Step
from tests.support.factories import make_connection, make_workspace, save
from tests.support.factories_connections import VERIFIED


def test_the_first_is_the_default_and_the_order_can_be_changed(cast, three):
    first, second, third = three
    before = routing.default_of(cast.workspace.id)

    routing.move(cast.workspace, third, -1, cast.alice)
    routing.move(cast.workspace, third, -1, cast.alice)
    routing.move(cast.workspace, third, -1, cast.alice)

    assert before == first
    assert routing.order_of(cast.workspace.id) == [third, first, second]
    assert routing.default_of(cast.workspace.id) == third


def test_what_is_assigned_later_stands_last(cast, three):
    routing.move(cast.workspace, three[2], -2, cast.alice)

    newest = make_connection(cast.workspace, name="Newest")

    assert routing.order_of(cast.workspace.id)[-1] == newest


def test_each_workspace_has_its_own_order(cast, three):
    other = make_workspace(cast.alice)
    for connection in three:
        save(ConnectionWorkspace(workspace_id=other.id, connection_id=connection.id))

    routing.move(cast.workspace, three[2], -2, cast.alice)

    assert routing.order_of(other.id) == list(three)


def test_a_connection_of_another_workspace_has_no_place_here(cast, three):
    strange = make_connection(cast.elsewhere)

    with pytest.raises(Conflict):
        routing.move(cast.workspace, strange, -1, cast.alice)
    with pytest.raises(Conflict):
        routing.set_order(cast.workspace, [strange.id, *(c.id for c in three)], cast.alice)


def test_a_stranger_s_weight_changes_nothing(cast, three):
    strange = make_connection(cast.elsewhere)

    routing.set_weights(cast.workspace, {strange.id: 7}, cast.alice)

    assert routing.weights_of(cast.elsewhere.id) == {strange.id: 1}


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_share_has_bounds(cast, three, weight):
    with pytest.raises(Invalid, match="from 0 to 100"):
        routing.set_weights(cast.workspace, {three[0].id: weight}, cast.alice)


def test_every_change_is_in_the_audit_log_and_no_change_is_not(cast, three, session):
    for _ in range(2):
        routing.choose(cast.workspace, Choice(fall_back=True), cast.alice)
        routing.set_weights(cast.workspace, {three[0].id: 3}, cast.alice)
        routing.set_order(cast.workspace, [three[1].id, three[0].id, three[2].id], cast.alice)

    entries = session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [(e.action, e.user_id, e.workspace_id) for e in entries] == [
        (action, cast.alice.id, cast.workspace.id)
        for action in ("sending.chosen", "sending.weighted", "sending.ordered")
    ]
    assert entries[1].details == {"shares": {"First": 3}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"from_email": "else@allotmentpost.example"}, "sends from else@"),
        ({"enabled": False}, "disabled"),
        ({"paused_at": now(), "pause_cause": "timeout"}, "paused"),
        ({"verified_at": None}, "not been verified"),
        ({"last_report": {}}, "not been seen to accept"),
        ({"deleted_at": now()}, "deleted"),
    ],
    ids=["other From", "disabled", "paused", "never verified", "sender unknown", "deleted"],
)
def test_whoever_may_not_stand_in_is_told_why(cast, three, change, words):
    first, second, third = three
    for name, value in change.items():
        setattr(second, name, value)

    assert words in routing.objection(second, first)
    assert routing.stand_ins(cast.workspace.id, first) == [third]


def test_a_bounce_address_that_is_taken_says_nothing_of_from(cast, three):
    """Its own address on the envelope is no reason to let a login send in somebody else's name."""
    first, second, _ = three
    step = Step("sender", ok=True, words="bounces@rig.test", facts={"from address": "553 No"})
    second.last_report = Report((step,)).as_data()

    assert "not been seen to accept" in routing.objection(second, first)


def test_the_from_address_is_compared_without_case(cast, three):
    first, second, _ = three
    second.from_email = second.from_email.upper()

    assert routing.objection(second, first) is None


def test_without_a_name_a_broadcast_leaves_through_the_default(cast, three):
    way = routing.way_of(cast.workspace.id, None)

    assert (way.by_default, [c.connection for c in way.carriers]) == (True, [three[0]])


def test_a_connection_that_is_not_the_workspace_s_is_no_way(cast, three):
    assert routing.way_of(cast.workspace.id, make_connection(cast.elsewhere).id) is None
    assert routing.way_of(make_workspace().id, None) is None


def test_a_split_takes_the_same_from_by_weight_and_leaves_out_what_cannot_send(cast, three):
    first, second, third = three
    other = make_connection(cast.workspace, name="Other", from_email="b@allotmentpost.example")
    routing.choose(cast.workspace, Choice(split=True), cast.alice)
    routing.set_weights(cast.workspace, {first.id: 3, third.id: 0}, cast.alice)

    both = routing.way_of(cast.workspace.id, None)
    second.enabled = False
    alone = routing.way_of(cast.workspace.id, None)
    named = routing.way_of(cast.workspace.id, second.id)

    assert {c.connection: c.weight for c in both.carriers} == {first: 3, second: 1}
    assert [both.share(carrier, 10) for carrier in both.carriers] == [8, 3]
    assert [c.connection for c in alone.carriers] == [first]
    assert [(c, p.code) for c, p in alone.left_out] == [(second, "disabled")]
    assert named.carriers == ()
    assert other not in [c.connection for c in both.carriers]


def test_when_the_default_cannot_send_its_stand_in_is_the_way_where_that_was_chosen(cast, three):
    three[0].enabled = False
    before = routing.way_of(cast.workspace.id, None)

    routing.choose(cast.workspace, Choice(fall_back=True), cast.alice)
    after = routing.way_of(cast.workspace.id, None)

    assert before.carriers == ()
    assert [c.connection for c in after.carriers] == [three[1]]
    assert after.sender == three[0]


def test_nobody_stands_in_while_too_much_of_the_mail_comes_back(cast, three):
    routing.choose(cast.workspace, Choice(fall_back=True), cast.alice)
    three[0].paused_at, three[0].pause_cause = now(), "many_bounces"

    assert routing.stand_ins(cast.workspace.id, three[0]) == []
    assert routing.way_of(cast.workspace.id, None).carriers == ()


@pytest.fixture
def three(cast):
    """Three verified connections with the same From."""
    return tuple(
        make_connection(cast.workspace, name=name, **VERIFIED)
        for name in ("First", "Second", "Third")
    )
