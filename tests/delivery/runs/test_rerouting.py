"""Several connections for one run: who carries whom, and what becomes of people whose connection stops."""

from collections import Counter
from datetime import timedelta

import pytest

from mailrith.connections import actions as connections
from mailrith.connections.models import ConnectionWorkspace
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict
from mailrith.delivery import actions, jobs
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.models import RunPhase, RunRoute
from mailrith.delivery.runs import rerouting
from tests.support import factories
from tests.support import factories_delivery as make


def test_a_split_run_reaches_everybody_once_by_weight(session, servers, work):
    one, two = servers(2)
    run, people, connected = make.make_routed_run([one, two], 30, weights=(2, 1))

    work()

    assert carried(run) == {connected[0].id: 20, connected[1].id: 10}
    assert (len(one.messages), len(two.messages)) == (20, 10)
    assert sorted(one.recipients + two.recipients) == emails(people)
    assert run.phase == RunPhase.FINISHED


def test_when_a_connection_dies_in_the_middle_its_stand_in_takes_the_rest(
    session, servers, in_background, until, work
):
    one, two = servers(2)
    run, people, (first, second) = make.make_routed_run(
        [one, two], 30, fall_back=True, max_sessions=1, per_second=15
    )
    join = in_background(run)
    until(lambda: len(one.messages) > 2)
    one.answer("MAIL", "535 5.7.8 Not any more")
    join()
    work()

    left = session.get(RunRoute, (run.id, first.id))
    assert sorted(one.recipients + two.recipients) == emails(people)
    assert make.states(run) == {"sent": 30}
    assert carried(run) == {first.id: len(one.messages), second.id: len(two.messages)}
    assert len(two.messages) >= 15
    assert (left.left_at is not None, left.left_cause) == (True, "auth_refused")
    assert (first.pause_cause, second.paused_at) == ("auth_refused", None)
    assert run.phase == RunPhase.FINISHED


def test_without_the_choice_to_fall_back_the_run_rests(session, servers, work):
    one, two = servers(2)
    one.answer("MAIL", "535 5.7.8 No")
    run, _, (first, _) = make.make_routed_run([one, two], 5)

    work()

    assert two.connections == 0
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "auth_refused")
    assert session.get(RunRoute, (run.id, first.id)).left_at is None


@pytest.mark.parametrize(
    "why_not",
    [
        {"from_email": "somebody@else.example"},
        {"verified_at": None},
        {"last_report": {}},
        {"enabled": False},
        {"paused_at": now()},
    ],
    ids=lambda change: next(iter(change)),
)
def test_only_what_is_known_to_carry_the_same_from_stands_in(session, servers, work, why_not):
    one, two = servers(2)
    one.answer("MAIL", "535 5.7.8 No")
    run, _, (_, second) = make.make_routed_run([one, two], 5, fall_back=True)
    for name, value in why_not.items():
        setattr(second, name, value)
    session.commit()

    work()

    assert two.connections == 0
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "auth_refused")


def test_a_stand_in_of_another_workspace_is_never_used(session, servers, work):
    one, two = servers(2)
    one.answer("MAIL", "535 5.7.8 No")
    _, _, (_, second) = make.make_routed_run([one, two], 5, fall_back=True)
    unassign(second)

    work()

    assert two.connections == 0


def test_people_in_doubt_never_move_and_a_second_try_waits_for_the_first_connection(
    session, servers, in_background, until, work
):
    one, two = servers(2)
    run, people, (first, second) = make.make_routed_run(
        [one, two], 20, fall_back=True, max_sessions=1, per_second=10
    )
    one.drop("dot", argument=people[1].email, times=1)
    join = in_background(run)
    until(lambda: len(one.messages) > 3)
    one.answer("MAIL", "535 5.7.8 No")
    join()
    work()
    assert make.states(run) == {"sent": 19, "in_doubt": 1}

    actions.resend_in_doubt(run, None, factories.make_user().id)
    session.commit()
    work()

    assert make.deliveries(run)[1].connection_id == first.id
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "auth_refused")
    assert people[1].email not in two.recipients

    mend(one)
    connections.resume_connection(session.get(type(first), first.id), factories.owner_of(first))
    session.commit()
    work()

    assert make.states(run) == {"sent": 20}
    assert Counter(one.recipients + two.recipients)[people[1].email] == 2
    assert set(carried(run)) == {first.id, second.id}
    assert run.phase == RunPhase.FINISHED


def test_deferred_mail_goes_the_way_of_the_stand_in(session, servers, work):
    one, two = servers(2)
    run, people, (first, second) = make.make_routed_run([one, two], 3, fall_back=True)
    one.answer("RCPT", "450 4.2.0 Later", argument=people[0].email)
    work()
    assert make.states(run) == {"sent": 2, "deferred": 1}
    session.get(type(first), first.id).enabled = False
    session.commit()

    make.change(make.deliveries(run)[0], next_attempt_at=now() - timedelta(seconds=1))
    jobs.requeue_deferred()
    work()

    assert two.recipients == [people[0].email]
    assert make.deliveries(run)[0].connection_id == second.id
    assert session.get(RunRoute, (run.id, first.id)).left_cause == "connection_off"


def test_a_split_run_goes_on_over_the_others_and_rests_when_only_the_stopped_one_is_left(
    session, servers, work
):
    one, two = servers(2)
    one.answer("MAIL", "535 5.7.8 No")
    run, people, (first, _) = make.make_routed_run([one, two], 10, weights=(1, 1))

    work()

    assert make.states(run) == {"queued": 5, "sent": 5}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "auth_refused")

    mend(one)
    connections.resume_connection(first, factories.owner_of(first))
    session.commit()
    work()

    assert sorted(one.recipients + two.recipients) == emails(people)
    assert run.phase == RunPhase.FINISHED


def test_in_a_split_run_the_other_takes_over_where_that_was_chosen(session, servers, work):
    one, two = servers(2)
    one.answer("MAIL", "535 5.7.8 No")
    run, people, _ = make.make_routed_run([one, two], 10, weights=(1, 1), fall_back=True)

    work()

    assert sorted(two.recipients) == emails(people)
    assert make.states(run) == {"sent": 10}


def test_a_stand_in_that_stops_too_hands_on_or_rests(session, servers, work):
    one, two, three = servers(3)
    one.answer("MAIL", "535 5.7.8 No")
    two.answer("greeting", "554 5.7.1 Go away")
    run, people, _ = make.make_routed_run([one, two, three], 6, fall_back=True)

    work()

    assert sorted(three.recipients) == emails(people)
    assert run.phase == RunPhase.FINISHED


def test_the_day_s_limit_moves_nobody(session, servers, work):
    one, two = servers(2)
    run, _, _ = make.make_routed_run([one, two], 8, fall_back=True, per_day=5)

    work()

    assert two.connections == 0
    assert make.states(run) == {"sent": 5, "queued": 3}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "daily_limit")


def test_a_connection_that_is_taken_from_the_workspace_sends_nothing_more(
    session, servers, in_background, until, work
):
    one, two = servers(2)
    run, people, (first, _) = make.make_routed_run(
        [one, two], 30, fall_back=True, max_sessions=1, per_second=10
    )
    join = in_background(run)
    until(lambda: len(one.messages) > 2)
    unassign(first)
    join()
    before = len(one.messages)
    work()

    assert len(one.messages) == before < 20
    assert sorted(one.recipients + two.recipients) == emails(people)
    assert session.get(RunRoute, (run.id, first.id)).left_cause == "connection_gone"


def test_what_has_moved_cannot_be_marked_by_whoever_had_claimed_it(session, servers):
    one, two = servers(2)
    run, _, (first, second) = make.make_routed_run([one, two], 4, fall_back=True)
    held = Ledger(
        db.engine, run_id=run.id, connection_id=first.id, credentials="", lease_seconds=60
    )
    session.commit()
    held.turn([], room=0, claim=10, look=False)

    rerouting.stop(run.id, first.id, "auth_refused", "535 No")
    connections.resume_connection(session.get(type(first), first.id), None)
    session.commit()
    turn = held.turn([], room=4, claim=0, look=True)
    held.close()

    assert turn.marked == []
    assert carried(run) == {second.id: 4}


def test_a_run_that_rests_for_a_connection_goes_on_when_it_works_again(session, servers, work):
    (one,) = servers(1)
    one.answer("MAIL", "535 5.7.8 No")
    run, people, (first,) = make.make_routed_run([one], 4)
    work()
    with pytest.raises(Conflict):
        actions.resume(run)

    mend(one)
    connections.resume_connection(first, factories.owner_of(first))
    session.commit()
    work()

    assert sorted(one.recipients) == emails(people)
    assert run.phase == RunPhase.FINISHED


def test_a_run_that_a_person_paused_waits_for_a_person(session, servers, work):
    (one,) = servers(1)
    run, _, (first,) = make.make_routed_run([one], 4)
    actions.pause(run)
    connections.pause_connection(first.id, "timeout")
    session.commit()

    connections.resume_connection(first, factories.owner_of(first))
    session.commit()
    work()

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "person")
    assert one.messages == []


def test_trouble_pauses_the_connection_for_others_too_even_when_this_run_is_over(session, servers):
    (one,) = servers(1)
    run, _, (first,) = make.make_routed_run([one], 4)
    actions.pause(run)
    session.commit()

    rerouting.stop(run.id, first.id, "greeting_refused", "554 Go away")

    assert (first.pause_cause, first.pause_words) == ("greeting_refused", "554 Go away")
    assert run.pause_cause == "person"


def test_a_refusal_that_is_over_meanwhile_pauses_nothing(session, servers, work):
    (one,) = servers(1)
    run, people, (first,) = make.make_routed_run([one], 4)
    session.commit()

    rerouting.follow(run.id, first.id)
    work()

    assert first.paused_at is None
    assert sorted(one.recipients) == emails(people)


def test_a_password_that_cannot_be_opened_pauses_once_and_asks_for_it(session, servers, work):
    one, two = servers(2)
    _, people, (first, _) = make.make_routed_run([one, two], 4, fall_back=True)
    first.sealed_password = b"sealed with a key that is gone"
    session.commit()

    work()

    assert first.pause_cause == "credentials_lost"
    assert one.connections == 0
    assert sorted(two.recipients) == emails(people)


def test_a_route_that_the_queue_has_forgotten_is_found_again(session, servers, work, redis_url):
    import redis

    one, two = servers(2)
    _, people, _ = make.make_routed_run([one, two], 6, weights=(1, 1))
    redis.Redis.from_url(redis_url).flushall()

    jobs.find_lost()
    work()

    assert sorted(one.recipients + two.recipients) == emails(people)


def test_a_job_that_names_no_connection_sends_through_the_first(session, servers):
    one, two = servers(2)
    run, _, _ = make.make_routed_run([one, two], 4, weights=(1, 1))

    jobs.send_slice(run.id)

    assert (len(one.messages), two.connections) == (2, 0)


@pytest.fixture
def work(session, run_jobs):
    """Run what waits in the queue; rows are read anew afterwards."""

    def run():
        session.commit()  # an open transaction would keep SQLite's one write lock
        run_jobs()
        session.expire_all()

    return run


@pytest.fixture
def servers(start_smtpd):
    """So many servers on this machine."""
    return lambda count: [start_smtpd() for _ in range(count)]


def mend(server):
    """It answers as a healthy server from now on; what it has heard stays."""
    server._script.clear()


def emails(people):
    return sorted(person.email for person in people)


def carried(run):
    """Connection id -> how many deliveries name it."""
    return dict(Counter(delivery.connection_id for delivery in make.deliveries(run)))


def unassign(connection):
    db.session.execute(
        ConnectionWorkspace.__table__.delete().where(
            ConnectionWorkspace.connection_id == connection.id
        )
    )
    db.session.commit()
