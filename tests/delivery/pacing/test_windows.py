"""Limits of a minute, an hour, a day and a month: rolling, shared by all workers, and true to the ledger."""

import secrets
from datetime import timedelta

import pytest
import redis
import time_machine

from mailrith.accounts.models import Workspace
from mailrith.connections import credentials
from mailrith.connections.limits import groups as limit_groups
from mailrith.connections.models import AuthMechanism, Connection, ConnectionWorkspace
from mailrith.core import queue
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs, queries
from mailrith.delivery.models import Delivery, RunPhase
from mailrith.delivery.pacing import counters, windows
from mailrith.delivery.pacing import pace as pacing
from mailrith.delivery.pacing.limits import DAY, HOUR, MINUTE, MONTH, Limits
from mailrith.delivery.pacing.pace import Pace
from tests.support import factories
from tests.support import factories_delivery as make

WINDOWS = [
    (MINUTE, Limits(per_minute=10)),
    (HOUR, Limits(per_hour=10)),
    (DAY, Limits(per_day=10)),
    (MONTH, Limits(per_month=10)),
]


@pytest.fixture
def later():
    """Move the clock: `later(minutes=2)`."""
    with time_machine.travel(now(), tick=False) as clock:
        yield lambda **by: clock.shift(timedelta(**by))


@pytest.fixture
def run(session, smtpd):
    return make.make_sending_run(smtpd, 12)[0]


@pytest.fixture
def pace(run):
    """Slices of the run on workers of their own."""
    made = []

    def one(me):
        made.append(Pace(run.connection_id, run.id, me))
        return made[-1]

    yield one
    for each in made:
        each.leave()


def carry(run, count, at=None, state="sent"):
    """So many more people of the run were sent to."""
    db.session.add_all(
        Delivery(
            run_id=run.id,
            workspace_id=run.workspace_id,
            connection_id=run.connection_id,
            email="one@readers.example",
            fingerprint=secrets.token_bytes(16),
            state=state,
            updated_at=at or now(),
        )
        for _ in range(count)
    )
    db.session.commit()


@pytest.mark.parametrize(("window", "limits"), WINDOWS, ids=lambda one: getattr(one, "name", ""))
def test_a_limit_is_one_for_all_workers(pace, window, limits):
    first, second = pace("first"), pace("second")

    granted = [first.take(4, limits), second.take(4, limits), first.take(4, limits)]
    refused = second.take(4, limits)

    assert [grant.count for grant in granted] == [4, 4, 2]
    assert (refused.count, refused.window) == (0, window)
    assert 0 < refused.wait_seconds <= window.seconds + window.bucket_seconds


@pytest.mark.parametrize(("window", "limits"), WINDOWS, ids=lambda one: getattr(one, "name", ""))
def test_no_window_of_any_beginning_ever_holds_more_than_the_limit(
    run, pace, later, window, limits
):
    one, taken = pace("one"), []
    for step in range(40):
        if count := one.take(3 if step % 3 else 7, limits).count:
            taken.append((now(), count))
            carry(run, count)
        later(seconds=window.seconds / 7.3)

    length = timedelta(seconds=window.seconds)
    for begin, _ in taken:
        assert sum(count for at, count in taken if begin <= at < begin + length) <= 10
    assert sum(count for _, count in taken) >= 40  # and it is not stricter than it has to be


def test_the_strictest_window_decides_and_the_longest_full_one_is_waited_for(run, pace, later):
    one, limits = pace("one"), Limits(per_minute=5, per_hour=8)

    assert one.take(9, limits).count == 5
    carry(run, 5)
    assert one.take(9, limits).window == MINUTE
    later(seconds=62)
    assert one.take(9, limits).count == 3
    carry(run, 3)
    assert one.take(9, limits).window == HOUR


def test_what_the_rate_does_not_grant_is_not_counted_in_a_window(pace, redis_url):
    one, limits = pace("one"), Limits(per_second=10, per_day=5)
    one.take(50, limits)

    for _ in range(20):
        one.take(50, limits)

    counted = redis.Redis.from_url(redis_url).hgetall(f"mailrith:window:{one._connection}:day")
    taken = sum(int(count) for bucket, count in counted.items() if bucket.isdigit())
    assert 1 <= taken <= 5


@pytest.mark.parametrize("state", ["sent", "sending", "in_doubt"])
def test_counters_that_valkey_has_lost_are_built_from_the_ledger(run, pace, redis_url, state):
    one, limits = pace("one"), Limits(per_hour=10, per_day=10)
    carry(run, 7, state=state)

    redis.Redis.from_url(redis_url).flushdb()

    assert one.take(10, limits).count == 3
    assert one.take(10, limits).count == 0  # the three that somebody is about to mark


def test_what_was_sent_before_the_window_is_not_counted(run, pace):
    carry(run, 4, at=now() - timedelta(hours=2))
    carry(run, 3)

    assert pace("one").take(10, Limits(per_hour=10)).count == 7
    assert pace("two").take(10, Limits(per_day=10)).count == 3


def test_what_the_server_refused_is_not_held_against_a_day(run, pace, later):
    one, limits = pace("one"), Limits(per_day=10)
    assert one.take(10, limits).count == 10
    carry(run, 6)
    carry(run, 4, state="failed")

    later(seconds=2)
    assert one.take(10, limits).count == 4


def test_a_block_that_another_worker_is_about_to_mark_is_not_given_out_again(run, pace, later):
    first, second, limits = pace("first"), pace("second"), Limits(per_day=10)
    assert first.take(10, limits).count == 10

    refused = second.take(10, limits)
    assert (refused.count, refused.wait_seconds) == (0, counters.SETTLE_SECONDS)
    carry(run, 10, state="sending")

    later(seconds=2)
    refused = second.take(10, limits)
    assert (refused.count, refused.window) == (0, DAY)
    assert refused.wait_seconds > 3600


def test_the_ledger_is_not_counted_in_each_round_of_a_full_window(run, pace, monkeypatch):
    counts = []
    count = windows.buckets
    monkeypatch.setattr(windows, "buckets", lambda *a: counts.append(a) or count(*a))
    one, limits = pace("one"), Limits(per_day=5)
    carry(run, 5)

    for _ in range(50):
        one.take(10, limits)

    assert len(counts) == 2  # once because it was empty, once because it was full


def test_another_connection_has_counters_of_its_own(run, pace, smtpd):
    other = factories.make_connection(factories.make_workspace(), port=smtpd.port)
    carry(run, 5)

    assert Pace(other.id, run.id, "other").take(10, Limits(per_day=10)).count == 10
    assert pace("one").take(10, Limits(per_day=10)).count == 5


def test_while_valkey_is_away_a_window_grants_nothing(run, pace, monkeypatch):
    one = pace("one")
    monkeypatch.setattr(one._counters, "_take", _away)

    assert one.take(5, Limits(per_day=10)).count == 0


def _away(**arguments):
    raise redis.ConnectionError("away")


def test_a_full_day_has_room_again_when_a_tenth_of_it_is_old_enough(run):
    begin = now() - timedelta(hours=20)
    for number, delivery in enumerate(make.deliveries(run)):
        make.change(delivery, state="sent", updated_at=begin + timedelta(minutes=number))
    connection = db.session.get(Connection, run.connection_id)

    connection.per_day = 12
    full, whole = (
        windows.full(connection, run.workspace_id),
        windows.room_again_at(connection, run.workspace_id),
    )
    connection.per_day = 6  # lowered meanwhile
    lowered = windows.room_again_at(connection, run.workspace_id)
    connection.per_day, connection.per_hour = 13, 1
    free = windows.full(connection, run.workspace_id)

    assert full == [DAY]
    assert timedelta(hours=4) < whole - now() < timedelta(hours=4, minutes=17)
    assert lowered - whole == timedelta(minutes=6)
    assert free == []


def test_what_several_connections_carried_is_one_query(run, smtpd):
    other = factories.make_connection(factories.make_workspace(), port=smtpd.port)
    carry(run, 3)

    assert queries.by_connections_today([run.connection_id, other.id]) == {
        run.connection_id: 3,
        other.id: 0,
    }


# ---- a whole slice ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "cause"), [("per_hour", "hourly_limit"), ("per_month", "monthly_limit")]
)
def test_a_run_rests_for_a_long_window_and_names_when_it_goes_on(session, smtpd, name, cause):
    run, _ = make.make_sending_run(smtpd, 8, **{name: 5})

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 5, "queued": 3}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, cause)
    window = HOUR if name == "per_hour" else MONTH
    assert (
        abs((run.resume_at - now()).total_seconds() - window.seconds) <= 2 * window.bucket_seconds
    )


def test_for_the_limit_of_a_minute_the_worker_is_left_to_others_and_the_run_goes_on(
    session, smtpd, run_jobs, redis_url
):
    run, _ = make.make_sending_run(smtpd, 8, per_minute=5)
    redis.Redis.from_url(redis_url).flushdb()

    jobs.send_slice(run.id)
    assert make.states(run) == {"sent": 5, "queued": 3}
    assert run.phase == RunPhase.SENDING
    jobs.wake()
    assert queue.lengths()[queue.MAIL] == 0
    assert pacing.missed([(run.id, run.connection_id)]) == []  # nobody thinks that it is lost
    db.session.rollback()

    with time_machine.travel(now() + timedelta(seconds=62), tick=True):
        for delivery in make.deliveries(run):
            if delivery.state == "sent":
                make.change(delivery, updated_at=delivery.updated_at - timedelta(seconds=1))
        jobs.wake()
        jobs.wake()
        assert queue.lengths()[queue.MAIL] == 1
        run_jobs()

    assert make.states(run) == {"sent": 8}


def test_a_wait_that_valkey_forgot_is_found_again(session, smtpd, redis_url):
    run, _ = make.make_sending_run(smtpd, 8, per_minute=5)
    jobs.send_slice(run.id)
    redis.Redis.from_url(redis_url).flushdb()

    jobs.find_lost()

    assert queue.lengths()[queue.MAIL] == 1


def test_a_full_connection_is_left_alone_while_another_carries_its_part(session, start_smtpd):
    servers = [start_smtpd(), start_smtpd()]
    run, _, (full, free) = make.make_routed_run(servers, 20, weights=(1, 1))
    full.per_day = 2
    session.commit()

    jobs.send_slice(run.id, full.id)

    assert run.phase == RunPhase.SENDING
    assert pacing.missed([(run.id, full.id), (run.id, free.id)]) == [(run.id, free.id)]
    session.rollback()
    jobs.send_slice(run.id, free.id)
    session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "daily_limit")
    assert len(servers[0].messages) == 2
    assert run.resume_at - now() > timedelta(hours=23)


@pytest.mark.parametrize("name", ["per_minute", "per_day"])
def test_a_limit_that_is_just_enough_holds_nobody_back(session, smtpd, name):
    run, _ = make.make_sending_run(smtpd, 5, **{name: 5})

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 5}
    assert run.phase == RunPhase.FINISHED


def test_two_runs_of_one_connection_share_its_day(session, smtpd):
    first, _ = make.make_sending_run(smtpd, 8, per_day=10)
    connection = db.session.get(Connection, first.connection_id)
    workspace = db.session.get(Workspace, first.workspace_id)
    second = make.make_run(workspace, connection)
    jobs.freeze(second.id)

    jobs.send_slice(first.id)
    jobs.send_slice(second.id)

    assert make.states(first) == {"sent": 8}
    assert make.states(second) == {"sent": 2, "queued": 6}
    assert len(smtpd.messages) == 10


def test_two_connections_of_one_account_share_its_day(session, start_smtpd):
    servers = [start_smtpd(), start_smtpd()]
    run, _, connections = make.make_routed_run(servers, 20, weights=(1, 1), per_day=12)
    for connection in connections:
        credentials.seal(connection, "username", "hannah")
        connection.auth_mechanism = AuthMechanism.NONE
        limit_groups.mark(connection)
    # What the third carries counts for the others, though it has no limit itself.
    third = factories.make_connection(factories.make_workspace())
    third.login_mark, third.account_id = connections[0].login_mark, connections[0].account_id
    session.commit()
    workspace = db.session.get(Workspace, run.workspace_id)
    other = make.make_run(workspace, third, started_at=now())
    carry(other, 4)

    for connection in connections:
        jobs.send_slice(run.id, connection.id)

    assert sum(len(server.messages) for server in servers) == 8
    session.refresh(run)
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "daily_limit")


def test_a_workspace_keeps_to_its_share_and_leaves_the_rest_to_others(session, smtpd):
    first, _ = make.make_sending_run(smtpd, 8, per_day=12)
    connection = db.session.get(Connection, first.connection_id)
    db.session.get(ConnectionWorkspace, (first.workspace_id, connection.id)).share = 25
    workspace = factories.make_workspace()
    factories.save(ConnectionWorkspace(workspace_id=workspace.id, connection_id=connection.id))
    for _ in range(12):
        factories.make_subscriber(workspace)
    second = make.make_run(workspace, connection)
    jobs.freeze(second.id)

    jobs.send_slice(first.id)
    jobs.send_slice(second.id)

    assert make.states(first) == {"sent": 3, "queued": 5}
    assert make.states(second) == {"sent": 9, "queued": 3}
    session.refresh(first)
    assert (first.phase, first.pause_cause) == (RunPhase.PAUSED, "daily_limit")


def test_a_warm_up_begins_with_the_first_message_and_goes_on_the_next_day(session, smtpd, run_jobs):
    run, _ = make.make_sending_run(smtpd, 9)
    connection = db.session.get(Connection, run.connection_id)
    connection.ramp_start, connection.ramp_growth, connection.ramp_target = 2, 100, 50
    session.commit()

    jobs.send_slice(run.id)

    session.refresh(connection)
    assert make.states(run) == {"sent": 2, "queued": 7}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "daily_limit")
    assert run.resume_at == connection.ramp_began_at + timedelta(days=1)
    began, next_day = connection.ramp_began_at, run.resume_at + timedelta(seconds=1)
    session.rollback()
    with time_machine.travel(next_day, tick=True):
        jobs.resume_due()
        run_jobs()
    session.refresh(connection)
    assert connection.ramp_began_at == began
    # Four on the second day; the two of yesterday have just left the last 24 hours, or are about to.
    assert 4 <= make.states(run)["sent"] <= 6
