"""Claims, marks and outcomes: who may write what into which row, and when."""

import pytest

from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.ledger import turns as ledger
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.models import DeliveryState, RunPhase
from tests.support import factories_delivery as make


def test_a_claimed_row_stays_queued(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 3)

    hold(run).turn([], room=0, claim=10, look=False)

    assert make.states(run) == {"queued": 3}
    assert all(delivery.lease_token is not None for delivery in make.deliveries(run))


def test_two_ledgers_never_mark_the_same_row(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 10)
    first, second = hold(run), hold(run)

    one = first.turn([], room=6, claim=6, look=False).marked
    two = second.turn([], room=6, claim=6, look=False).marked

    assert len(one) == 6
    assert len(two) == 4
    assert not {m.claimed.id for m in one} & {m.claimed.id for m in two}


def test_an_expired_claim_returns_and_its_old_holder_cannot_mark_it(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 2)
    asleep, awake = hold(run), hold(run)
    asleep.turn([], room=0, claim=2, look=False)
    for delivery in make.deliveries(run):
        make.change(delivery, lease_until=1.0)

    taken = awake.turn([], room=2, claim=2, look=False).marked
    late = asleep.turn([], room=2, claim=0, look=False).marked

    assert len(taken) == 2
    assert late == []
    assert [d.attempt for d in make.deliveries(run)] == [1, 1]


def test_nothing_is_marked_once_a_pause_is_committed(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 2)
    held = hold(run)
    held.turn([], room=0, claim=2, look=False)
    run.phase = RunPhase.PAUSED
    session.commit()

    turn = held.turn([], room=2, claim=0, look=False)

    assert turn.marked == []
    assert turn.situation.phase == RunPhase.PAUSED
    assert len(held.claimed) == 2


def test_an_expired_mark_is_in_doubt_and_never_queued(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 3)
    hold(run).turn([], room=2, claim=2, look=False)
    make.change(make.deliveries(run)[0], lease_until=1.0)

    jobs.expire_marks()

    assert [(d.state, d.cause) for d in make.deliveries(run)] == [
        ("in_doubt", "worker_lost"),
        ("sending", ""),
        ("queued", ""),
    ]


def test_a_late_outcome_of_the_same_attempt_settles_the_doubt(session, smtpd, hold):
    run, [delivery] = one_in_doubt(smtpd, hold)

    record(Result(delivery.id, 1, DeliveryState.SENT, "", 250, "2.0.0", "250 Ok"))

    assert make.states(run) == {"sent": 1}


def test_an_outcome_of_another_attempt_changes_nothing(session, smtpd, hold):
    run, [delivery] = one_in_doubt(smtpd, hold)

    record(Result(delivery.id, 2, DeliveryState.SENT))
    record(Result(delivery.id, 0, DeliveryState.FAILED))

    assert make.states(run) == {"in_doubt": 1}


def test_evidence_that_it_was_sent_stops_a_second_copy_that_was_asked_for(session, smtpd, hold):
    run, [delivery] = one_in_doubt(smtpd, hold)
    make.change(delivery, state=DeliveryState.QUEUED, cause="resend")

    record(Result(delivery.id, 1, DeliveryState.FAILED))
    assert make.states(run) == {"queued": 1}
    record(Result(delivery.id, 1, DeliveryState.SENT))

    assert make.states(run) == {"sent": 1}


def test_an_outcome_never_rewrites_what_the_wire_said(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 1)
    held = hold(run)
    [marked] = held.turn([], room=1, claim=1, look=False).marked
    sent = Result(marked.claimed.id, 1, DeliveryState.SENT)
    held.turn([sent], room=0, claim=0, look=False)

    record(Result(marked.claimed.id, 1, DeliveryState.QUEUED))

    assert make.states(run) == {"sent": 1}


def test_what_is_not_sent_is_given_back_at_the_end(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 3)
    held = hold(run)
    held.turn([], room=0, claim=3, look=False)

    held.close()

    assert all(delivery.lease_token is None for delivery in make.deliveries(run))


def test_a_renewed_mark_does_not_expire(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 1)
    held = hold(run)
    held.turn([], room=1, claim=1, look=False)
    [delivery] = make.deliveries(run)
    make.change(delivery, lease_until=1.0)

    held.renew([delivery.id])
    jobs.expire_marks()

    assert make.states(run) == {"sending": 1}


def test_rows_that_went_back_are_claimed_again_in_the_same_slice(session, smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 2)
    held = hold(run)
    marked = held.turn([], room=2, claim=2, look=False).marked
    back = [Result(m.claimed.id, 1, DeliveryState.QUEUED) for m in marked]

    held.turn(back, room=0, claim=0, look=False)
    again = held.turn([], room=2, claim=2, look=False).marked

    assert [m.attempt for m in again] == [2, 2]


@pytest.fixture
def hold(app):
    """A ledger on the run, as a slice holds it."""
    held = []

    def make_one(run, lease_seconds=60):
        db.session.commit()
        one = Ledger(
            db.engine,
            run_id=run.id,
            connection_id=run.connection_id,
            credentials="",
            lease_seconds=lease_seconds,
        )
        db.session.commit()
        held.append(one)
        return one

    yield make_one
    for one in held:
        one.close()


def one_in_doubt(smtpd, hold):
    run, _ = make.make_sending_run(smtpd, 1)
    hold(run).turn([], room=1, claim=1, look=False)
    make.change(make.deliveries(run)[0], lease_until=1.0)
    jobs.expire_marks()
    return run, make.deliveries(run)


def record(result):
    ledger.record_alone(db.engine, [result])
