"""Whole slices, over the wire, on both databases."""

import email
import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from mailrith.accounts.models import Workspace
from mailrith.connections.models import Connection, ConnectionWorkspace, Provider
from mailrith.core import config
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import actions, jobs, signals
from mailrith.delivery.models import RunPhase
from mailrith.delivery.sending import engine, message_ids
from mailrith.delivery.sending import slice as sending
from mailrith.subscribers.models import SubscriberStatus
from mailrith.suppression.models import Suppression
from tests.support import factories
from tests.support import factories_delivery as make


def test_everybody_gets_the_letter_once(session, smtpd):
    run, people = make.make_sending_run(smtpd, 25)

    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 25}
    assert run.phase == RunPhase.FINISHED


def test_each_copy_carries_what_the_mail_service_wants_and_its_mark(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 2)
    connection = db.session.get_one(Connection, run.connection_id)
    connection.provider = Provider.SENDGRID
    db.session.commit()

    jobs.send_slice(run.id)

    marks = set()
    for found in smtpd.messages:
        value = email.message_from_bytes(found.content)["X-SMTPAPI"]
        carried = json.loads("".join(value.splitlines()))
        assert carried["filters"]["opentrack"] == {"settings": {"enable": 0}}
        marks.add(message_ids.read(message_ids.from_mark(carried["unique_args"]["mailrith"])))
    assert marks == {delivery.id for delivery in make.deliveries(run)}


def test_each_copy_is_personal_and_leads_back_to_its_delivery(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)

    jobs.send_slice(run.id)

    by_address = {
        found.rcpt_to: email.message_from_bytes(found.content) for found in smtpd.messages
    }
    for delivery, person in zip(make.deliveries(run), people, strict=True):
        message = by_address[person.email]
        text_part = message.get_payload(0).get_payload(decode=True).decode()
        assert f"Good morning {person.name}," in text_part
        assert message_ids.read(message["Message-ID"]) == delivery.id
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "http://127.0.0.1:8000/u/" in message["List-Unsubscribe"]
        assert message["Precedence"] == "bulk"
        assert message["Auto-Submitted"] is None


def test_the_mark_is_committed_before_the_dot_leaves(session, smtpd, in_background):
    smtpd.hang("DATA")
    run, _ = make.make_sending_run(smtpd, 1)

    join = in_background(run)
    smtpd.wait_for("DATA")

    [delivery] = make.deliveries(run)
    assert (delivery.state, delivery.attempt) == ("sending", 1)
    assert smtpd.messages == []
    engine.current().draining = True
    join()
    assert make.states(run) == {"queued": 1}  # no dot was written, so nobody needs to doubt


def test_a_stop_while_the_server_thinks_leaves_the_message_in_doubt(
    session, smtpd, in_background, until, monkeypatch
):
    monkeypatch.setattr(sending, "DRAIN_SECONDS", 0.2)
    smtpd.hang("dot")
    run, _ = make.make_sending_run(smtpd, 1)

    join = in_background(run)
    until(lambda: smtpd.messages)
    engine.current().draining = True
    join()

    assert make.states(run) == {"in_doubt": 1}


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (SubscriberStatus.UNSUBSCRIBED, "unsubscribed"),
        (SubscriberStatus.BOUNCED, "bounced"),
        (SubscriberStatus.COMPLAINED, "complained"),
        (SubscriberStatus.BLOCKED, "blocked"),
    ],
)
def test_a_status_committed_before_the_mark_wins(session, smtpd, status, cause):
    run, people = make.make_sending_run(smtpd, 3)
    people[1].status = status
    session.commit()

    jobs.send_slice(run.id)

    assert people[1].email not in smtpd.recipients
    assert [(d.state, d.cause) for d in make.deliveries(run)][1] == ("skipped", cause)
    assert make.states(run) == {"sent": 2, "skipped": 1}
    assert run.phase == RunPhase.FINISHED


def test_a_suppression_committed_before_the_mark_wins(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    factories.save(
        Suppression(
            workspace_id=run.workspace_id, fingerprint=people[0].fingerprint, reason="manual"
        )
    )

    jobs.send_slice(run.id)

    assert smtpd.recipients == [people[1].email]
    assert make.deliveries(run)[0].cause == "suppressed"


def test_a_deleted_subscriber_is_skipped(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    session.delete(people[0])
    session.commit()

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 1, "skipped": 1}
    assert make.deliveries(run)[0].cause == "deleted"


def test_a_dead_address_at_rcpt_fails_and_the_person_is_bounced(session, smtpd):
    run, people = make.make_sending_run(smtpd, 3)
    smtpd.answer("RCPT", "550 5.1.1 No such user", argument=people[0].email)

    jobs.send_slice(run.id)

    delivery = make.deliveries(run)[0]
    session.refresh(people[0])
    suppressed = session.scalars(select(Suppression.fingerprint)).all()
    assert make.states(run) == {"sent": 2, "failed": 1}
    assert (delivery.cause, delivery.reply_code, delivery.enhanced_status) == (
        "mailbox_unknown",
        550,
        "5.1.1",
    )
    assert delivery.diagnostic == "550 5.1.1 No such user"
    assert people[0].status == SubscriberStatus.BOUNCED
    assert suppressed == [people[0].fingerprint]


def test_a_bare_550_only_fails_the_message(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    smtpd.answer("RCPT", "550 No", argument=people[0].email)

    jobs.send_slice(run.id)

    session.refresh(people[0])
    assert make.states(run) == {"sent": 1, "failed": 1}
    assert people[0].status == SubscriberStatus.ACTIVE


def test_4xx_defers_and_is_sent_when_its_time_has_come(session, smtpd):
    run, people = make.make_sending_run(smtpd, 2)
    smtpd.answer("RCPT", "450 4.2.0 Later", argument=people[0].email, times=1)

    jobs.send_slice(run.id)
    assert make.states(run) == {"sent": 1, "deferred": 1}
    assert run.phase == RunPhase.SENDING

    make.change(make.deliveries(run)[0], next_attempt_at=now() - timedelta(seconds=1))
    jobs.requeue_deferred()
    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 2}
    assert run.phase == RunPhase.FINISHED


def test_421_in_the_middle_costs_nobody_a_message(session, smtpd):
    run, people = make.make_sending_run(smtpd, 12)
    smtpd.answer("MAIL", "421 4.7.0 Too many messages on this connection", times=3)

    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 12}


def test_a_line_that_breaks_before_the_dot_is_sent_again(session, smtpd):
    run, people = make.make_sending_run(smtpd, 6)
    smtpd.drop("DATA", times=2)

    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 6}


def test_a_line_that_breaks_after_the_dot_leaves_that_one_in_doubt_and_nobody_twice(session, smtpd):
    run, people = make.make_sending_run(smtpd, 6)
    smtpd.drop("dot", argument=people[2].email)

    jobs.send_slice(run.id)
    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 5, "in_doubt": 1}
    assert make.deliveries(run)[2].state == "in_doubt"
    assert run.phase == RunPhase.FINISHED


@pytest.mark.parametrize(
    ("verb", "reply", "cause"),
    [
        ("greeting", "554 5.7.1 Go away", "greeting_refused"),
        ("MAIL", "535 5.7.8 Wrong password", "auth_refused"),
        ("RCPT", "550 5.4.5 Daily user sending quota exceeded", "quota"),
        ("MAIL", "550 5.7.1 Sender address rejected: not owned by user", "sender_refused"),
    ],
)
def test_trouble_of_the_connection_pauses_and_blames_nobody(session, smtpd, verb, reply, cause):
    smtpd.answer(verb, reply)
    heard = []
    run, _ = make.make_sending_run(smtpd, 8)
    with signals.run_paused.connected_to(lambda _, run_id: heard.append(run_id)):
        jobs.send_slice(run.id)

    assert make.states(run) == {"queued": 8}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, cause)
    assert reply in run.pause_words
    assert heard == [run.id]
    assert all(d.lease_token is None for d in make.deliveries(run))


def test_a_server_that_is_not_there_pauses_before_anything_is_marked(session, smtpd, closed_port):
    run, _ = make.make_sending_run(smtpd, 2)
    session.get(Connection, run.connection_id).port = closed_port
    session.commit()

    jobs.send_slice(run.id)

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "connection_refused")
    assert [d.attempt for d in make.deliveries(run)] == [0, 0]


def test_a_server_that_takes_everything_and_breaks_every_line_is_left_soon(session, smtpd):
    smtpd.drop("dot")
    run, _ = make.make_sending_run(smtpd, 40, max_sessions=2)

    jobs.send_slice(run.id)

    assert run.phase == RunPhase.PAUSED
    assert run.pause_cause == "connection_lost"
    # W + 5 lines and one more until it is noticed, and 2 W on the wire meanwhile.
    assert make.states(run)["in_doubt"] <= 2 + sending.BROKEN_LINES + 1 + 4


def test_after_a_resume_it_goes_on_where_it_stopped(session, smtpd):
    run, people = make.make_sending_run(smtpd, 5)
    actions.pause(run)
    session.commit()

    actions.resume(run)
    session.commit()
    jobs.send_slice(run.id)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert run.phase == RunPhase.FINISHED


def test_a_pause_stops_the_wire_at_once_and_nobody_is_in_doubt(session, smtpd, in_background):
    smtpd.hang("RCPT", times=1)
    run, _ = make.make_sending_run(smtpd, 30, max_sessions=1)
    join = in_background(run)
    smtpd.wait_for("RCPT")

    actions.pause(run)
    session.commit()
    join(3)

    assert make.states(run) == {"queued": 30}
    assert run.pause_cause == "person"


def test_canceling_cancels_the_rest(session, smtpd, in_background, until):
    run, _ = make.make_sending_run(smtpd, 30, max_sessions=1, per_second=10)
    join = in_background(run)
    until(lambda: smtpd.messages)

    actions.cancel(run)
    session.commit()
    jobs.cancel(run.id)
    join(3)

    states = make.states(run)
    assert states["canceled"] + states["sent"] == 30
    assert states["sent"] == len(smtpd.messages) < 15
    assert run.phase == RunPhase.FINISHED


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        (lambda c: setattr(c, "enabled", False), "connection_off"),
        (lambda c: setattr(c, "paused_at", now()), "connection_off"),
        (
            lambda c: db.session.execute(
                ConnectionWorkspace.__table__.delete().where(
                    ConnectionWorkspace.connection_id == c.id
                )
            ),
            "connection_gone",
        ),
    ],
    ids=["disabled", "paused", "unassigned"],
)
def test_a_connection_that_changes_under_way_stops_the_run(
    session, smtpd, in_background, until, change, cause
):
    run, _ = make.make_sending_run(smtpd, 30, max_sessions=1, per_second=10)
    join = in_background(run)
    until(lambda: smtpd.messages)

    change(session.get(Connection, run.connection_id))
    session.commit()
    join(3)

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, cause)
    assert set(make.states(run)) == {"sent", "queued"}
    assert len(smtpd.messages) < 15


def test_a_new_password_is_used_from_the_next_message_on(
    session, smtpd, start_smtpd, in_background, until, run_jobs
):
    other = start_smtpd()
    run, people = make.make_sending_run(smtpd, 20, max_sessions=1, per_second=10)
    join = in_background(run)
    until(lambda: smtpd.messages)

    connection = session.get(Connection, run.connection_id)
    connection.port, connection.credential_fingerprint = other.port, "changed"
    session.commit()
    join(3)
    run_jobs()

    assert len(smtpd.messages) < 12
    assert sorted(smtpd.recipients + other.recipients) == sorted(p.email for p in people)
    assert make.states(run) == {"sent": 20}


def test_the_day_s_limit_holds_and_names_when_it_goes_on(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 8, per_day=5)

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 5, "queued": 3}
    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "daily_limit")
    assert timedelta(hours=23) < run.resume_at - now() < timedelta(hours=25)


def test_when_a_day_has_passed_the_run_goes_on_by_itself(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 8, per_day=5)
    jobs.send_slice(run.id)
    for delivery in make.deliveries(run):
        make.change(delivery, updated_at=now() - timedelta(hours=25))
    run.resume_at = now() - timedelta(seconds=1)
    session.commit()

    jobs.resume_due()
    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 8}
    assert run.phase == RunPhase.FINISHED


def test_the_rate_holds(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 30, per_second=30)
    began = time.monotonic()

    jobs.send_slice(run.id)

    # However late the first ones are heard: 27 more after the first three, a thirtieth of a second apart.
    assert len(smtpd.messages) == 30
    assert max(message.when for message in smtpd.messages) - began >= 0.85


@pytest.mark.parametrize("per_second", [20, 200])
def test_a_slice_waits_for_limits_and_answers_and_never_for_its_next_look(
    session, smtpd, monkeypatch, per_second
):
    monkeypatch.setattr(sending, "LOOK_SECONDS", 1e6)  # whoever waits for it never ends
    run, _ = make.make_sending_run(smtpd, 60, per_second=per_second, max_sessions=3)

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 60}


def test_a_session_carries_no_more_messages_than_it_may(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 12, max_sessions=1)
    session.get(Connection, run.connection_id).messages_per_session = 5
    session.commit()

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 12}
    assert smtpd.connections == 3
    assert smtpd.commands.count("QUIT") == 2


def test_while_valkey_is_away_a_run_without_a_rate_is_still_sent(session, smtpd, without_valkey):
    run, _ = make.make_sending_run(smtpd, 5)
    without_valkey()

    jobs.send_slice(run.id)

    assert make.states(run) == {"sent": 5}


def test_while_valkey_is_away_a_run_with_a_rate_waits(session, smtpd, without_valkey):
    run, _ = make.make_sending_run(smtpd, 5, per_second=50)
    without_valkey(slice_seconds=1)

    jobs.send_slice(run.id)

    assert make.states(run) == {"queued": 5}
    assert run.phase == RunPhase.SENDING


def test_a_letter_that_cannot_be_compiled_ends_the_run_before_anything_is_sent(session, smtpd):
    failed = []
    run, _ = make.make_sending_run(
        smtpd, 2, body_document={"type": "doc", "content": [{"type": "x"}]}
    )

    with signals.run_failed.connected_to(lambda _, run_id: failed.append(run_id)):
        jobs.send_slice(run.id)

    assert (run.phase, run.pause_cause) == (RunPhase.FINISHED, "letter")
    assert make.states(run) == {"canceled": 2}
    assert failed == [run.id]
    assert smtpd.connections == 0


def test_without_a_public_address_only_this_machine_sends(session, smtpd):
    run, _ = make.make_sending_run(smtpd, 2)
    session.get(Connection, run.connection_id).loopback = False
    session.commit()

    jobs.send_slice(run.id)

    assert (run.phase, run.pause_cause) == (RunPhase.PAUSED, "public_url")


def test_sessions_stay_open_from_one_slice_to_the_next(session, smtpd):
    first, _ = make.make_sending_run(smtpd, 3, max_sessions=1)
    jobs.send_slice(first.id)
    connection = session.get(Connection, first.connection_id)
    again = make.make_run(session.get(Workspace, first.workspace_id), connection)
    jobs.freeze(again.id)

    jobs.send_slice(again.id)

    assert make.states(again) == {"sent": 3}
    assert smtpd.connections == 1


def test_a_database_that_drops_its_connections_costs_nobody_a_message(
    app, session, smtpd, in_background, until
):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("only a server can drop connections")
    run, people = make.make_sending_run(smtpd, 30, max_sessions=2, per_second=20)
    join = in_background(run)
    until(lambda: len(smtpd.messages) > 3)

    session.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )
    session.commit()
    join(15)

    assert sorted(smtpd.recipients) == sorted(person.email for person in people)
    assert make.states(run) == {"sent": 30}


@pytest.fixture
def without_valkey():
    """From now on nothing answers at the queue's address."""

    def take_away(**changes):
        config.install(replace(config.current(), redis_url="redis://127.0.0.1:1", **changes))

    return take_away
