"""Messages on the wire, on both databases."""

import email
import json
import random
import zlib
from base64 import b64encode

import pytest
import redis
from sqlalchemy import select

from mailrith.connections import actions as connections
from mailrith.connections.models import Connection, Provider, SendingChoice
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import Delivery, RunPhase
from mailrith.delivery.runs import sources
from mailrith.delivery.sending import engine, message_ids, return_addresses
from mailrith.delivery.sending import slice as sending
from mailrith.messages.drafts import Attachment, Mailbox
from mailrith.messages.sending import MessageLedger
from mailrith.suppression.models import Suppression, SuppressionReason
from tests.support import factories
from tests.support import factories_messages as make
from tests.support.factories_connections import VERIFIED
from tests.support.factories_mailboxes import make_mailbox


def deliveries(message):
    db.session.rollback()
    query = select(Delivery).where(Delivery.run_id == message.run_id).order_by(Delivery.id)
    return db.session.scalars(query.execution_options(populate_existing=True)).all()


def connection_of(workspace):
    query = select(Connection).where(Connection.account_id == workspace.account_id)
    return db.session.scalars(query).one()


def test_each_recipient_gets_the_message_by_itself_and_nobody_sees_bcc(session, smtpd, run_jobs):
    [message] = make.accept(
        make.sender_through(smtpd),
        make.draft(
            "ada@people.example",
            cc=(Mailbox("ben@people.example", "Ben"),),
            bcc=(Mailbox("cy@people.example", "Cy"),),
        ),
    )

    run_jobs()

    assert make.states(message) == ["sent"] * 3
    assert smtpd.recipients == ["ada@people.example", "ben@people.example", "cy@people.example"]
    for found in smtpd.messages:
        read = email.message_from_bytes(found.content)
        assert (read["To"], read["Cc"]) == ("ada@people.example", '"Ben" <ben@people.example>')
        assert read["Bcc"] is None
        assert b"cy@" not in found.content
        assert read["Message-ID"] == f"<{message.message_id}>"
        assert read["Auto-Submitted"] == "auto-generated"
        assert not [name for name in read if name.startswith("List-") or name == "Precedence"]


def test_a_job_that_runs_twice_sends_once(session, smtpd, run_jobs):
    [message] = make.accept(make.sender_through(smtpd))

    run_jobs()
    jobs.send_slice(message.run_id)

    assert len(smtpd.messages) == 1
    assert make.run_of(message).phase == RunPhase.FINISHED


def test_jobs_carry_numbers_and_nothing_that_somebody_wrote(session, smtpd, run_jobs, redis_url):
    [message] = make.accept(make.sender_through(smtpd))

    with redis.Redis.from_url(redis_url) as client:
        [name] = client.keys("rq:job:*")
        _, _, arguments, _ = json.loads(zlib.decompress(client.hget(name, "data")))
        kept = b"".join(client.hgetall(name).values())

    assert arguments == [message.run_id, deliveries(message)[0].connection_id]
    assert b"people.example" not in kept


def test_what_was_written_is_kept_sealed(session, smtpd):
    make.accept(make.sender_through(smtpd), make.draft(text="The code is canary-4711."))

    [stored] = session.execute(select(db.metadata.tables["message_contents"])).all()

    assert b"canary-4711" not in stored.sealed_content


def test_each_copy_carries_what_the_mail_service_wants_and_the_mark_of_its_delivery(
    session, smtpd, run_jobs
):
    workspace = make.sender_through(smtpd, provider=Provider.SENDGRID)
    [message] = make.accept(workspace, make.draft("ada@people.example", "ben@people.example"))

    run_jobs()

    marks = []
    for found in smtpd.messages:
        carried = json.loads(
            "".join(email.message_from_bytes(found.content)["X-SMTPAPI"].splitlines())
        )
        assert carried["filters"]["opentrack"] == {"settings": {"enable": 0}}
        marks.append(message_ids.read(message_ids.from_mark(carried["unique_args"]["mailrith"])))
    assert marks == [delivery.id for delivery in deliveries(message)]


def test_the_envelope_of_each_copy_names_its_delivery_where_a_mailbox_takes_that(
    session, smtpd, run_jobs
):
    workspace = make.sender_through(smtpd)
    make_mailbox(connection_of(workspace).id, address="bounces@post.example")
    [message] = make.accept(workspace, make.draft("ada@people.example", "ben@people.example"))

    run_jobs()

    named = [
        message_ids.read(return_addresses.bounced(mark))
        for found in smtpd.messages
        for mark in return_addresses.marks(found.mail_from)
    ]
    assert named == [delivery.id for delivery in deliveries(message)]


def test_megabytes_arrive_as_they_were_given(session, smtpd, run_jobs):
    given = random.Random(7).randbytes(700_000)
    file = Attachment("a.bin", content=b64encode(given).decode())
    make.accept(make.sender_through(smtpd), make.draft(attachments=(file,)))

    run_jobs()

    [_, arrived] = email.message_from_bytes(smtpd.messages[0].content).get_payload()
    assert arrived.get_payload(decode=True) == given


def test_a_receipt_reaches_who_left_the_newsletter_but_nobody_who_complained_or_bounced(
    session, smtpd, run_jobs
):
    workspace = make.sender_through(smtpd)
    [message] = make.accept(workspace, make.draft(*(f"{one}@people.example" for one in SuppressionReason)))  # fmt: skip
    for reason, delivery in zip(SuppressionReason, deliveries(message), strict=True):
        print_ = delivery.fingerprint
        factories.save(Suppression(workspace_id=workspace.id, fingerprint=print_, reason=reason))

    run_jobs()

    assert smtpd.recipients == ["unsubscribed@people.example", "unconfirmed@people.example"]
    assert {d.email.partition("@")[0]: d.cause for d in deliveries(message) if d.cause} == {
        "complained": "complained",
        "bounced": "bounced",
        "blocked": "blocked",
        "provider": "suppressed",
        "manual": "suppressed",
    }
    assert make.run_of(message).phase == RunPhase.FINISHED


def test_an_address_that_is_dead_gets_no_second_message(session, smtpd, run_jobs):
    smtpd.answer("RCPT", "550 5.1.1 No such user")
    workspace = make.sender_through(smtpd)
    [first] = make.accept(workspace)
    run_jobs()
    smtpd.clear()

    [second] = make.accept(workspace)
    run_jobs()

    assert make.states(first) == ["failed"]
    assert make.states(second) == ["skipped"]
    assert smtpd.commands == []
    [kept] = session.scalars(select(Suppression)).all()
    assert (kept.reason, kept.email) == ("bounced", None)


def test_a_4xx_waits_and_is_tried_again(session, smtpd, run_jobs):
    smtpd.answer("RCPT", "450 4.2.0 Later", times=1)
    [message] = make.accept(make.sender_through(smtpd))
    run_jobs()
    assert make.states(message) == ["deferred"]

    [delivery] = deliveries(message)
    delivery.next_attempt_at = delivery.updated_at
    session.commit()
    jobs.requeue_deferred()
    run_jobs()

    assert make.states(message) == ["sent"]


def test_a_line_that_breaks_after_the_dot_leaves_a_doubt_that_nobody_sends_away(
    session, smtpd, run_jobs
):
    smtpd.drop("dot")
    [message] = make.accept(make.sender_through(smtpd))

    run_jobs()
    jobs.find_lost()
    run_jobs()

    assert make.states(message) == ["in_doubt"]
    assert len(smtpd.messages) == 1


def test_a_worker_killed_between_mark_and_answer_leaves_a_doubt_and_no_second_copy(
    session, smtpd, run_jobs, in_background, until, monkeypatch
):
    monkeypatch.setattr(sending, "DRAIN_SECONDS", 0.1)
    smtpd.hang("dot")
    [message] = make.accept(make.sender_through(smtpd))
    # Dies without a word: nothing of what it heard is recorded, and its mark outlives it.
    monkeypatch.setattr("mailrith.delivery.ledger.turns.Ledger._record", lambda *_: None)
    join = in_background(make.run_of(message))
    until(lambda: smtpd.messages)
    engine.current().draining = True
    join()
    monkeypatch.undo()
    engine.current().draining = False
    assert make.states(message) == ["sending"]

    [delivery] = deliveries(message)
    delivery.lease_until = 1.0
    session.commit()
    jobs.expire_marks()
    jobs.find_lost()
    run_jobs()

    assert make.states(message) == ["in_doubt"]
    assert len(smtpd.messages) == 1


@pytest.mark.parametrize("stop", [False, True])
def test_two_workers_at_once_send_once(session, smtpd, stop):
    [message] = make.accept(make.sender_through(smtpd), make.draft("a@people.example", "b@people.example"), stop=stop)  # fmt: skip
    [first, second] = deliveries(message)
    connection = session.get_one(Connection, first.connection_id)
    facts = {"run_id": message.run_id, "connection_id": connection.id, "lease_seconds": 60, "credentials": connection.credential_fingerprint}  # fmt: skip
    call_id = message.call_id if stop else None
    session.commit()
    ours, others = (MessageLedger(db.engine, call_id=call_id, **facts) for _ in range(2))

    marked = [ledger.turn([], room=2, claim=10, look=True).marked for ledger in (ours, others)]
    ours.close()
    others.close()

    ids = [[one.claimed.id for one in found] for found in marked]
    assert ids == ([[first.id], []] if stop else [[first.id, second.id], []])


def test_the_first_refusal_ends_a_call_that_stops(session, smtpd, run_jobs):
    smtpd.answer("RCPT", "554 5.7.1 No", argument="b@")
    workspace = make.sender_through(smtpd)
    messages = make.accept(
        workspace,
        make.draft("a@people.example"),
        make.draft("b@people.example", "c@people.example"),
        make.draft("d@people.example"),
        stop=True,
    )

    run_jobs()

    assert make.states(*messages) == ["sent", "failed", "canceled", "canceled"]
    assert smtpd.recipients == ["a@people.example"]
    assert {make.run_of(message).phase for message in messages} == {RunPhase.FINISHED}


def test_a_call_that_stops_goes_on_after_a_deferral_and_in_its_order(session, smtpd, run_jobs):
    smtpd.answer("RCPT", "450 4.2.0 Later", argument="a@")
    messages = make.accept(
        make.sender_through(smtpd),
        *(make.draft(f"{one}@people.example") for one in "abc"),
        stop=True,
    )

    run_jobs()

    assert make.states(*messages) == ["deferred", "sent", "sent"]
    assert smtpd.recipients == ["b@people.example", "c@people.example"]


def test_without_stop_a_refusal_is_nobody_elses_matter(session, smtpd, run_jobs):
    smtpd.answer("RCPT", "554 5.7.1 No", argument="a@")
    messages = make.accept(
        make.sender_through(smtpd),
        make.draft("a@people.example", "b@people.example"),
        make.draft("c@people.example"),
    )

    run_jobs()

    assert make.states(*messages) == ["failed", "sent", "sent"]


def test_a_chosen_from_that_the_server_refuses_fails_that_message_alone(session, smtpd, run_jobs):
    smtpd.answer("dot", "550 5.7.60 SendAsDenied", times=1)
    workspace = make.sender_through(smtpd)
    chosen = make.draft("a@people.example", from_email="shop@allotmentpost.example")

    [refused] = make.accept(workspace, chosen)
    run_jobs()
    [other] = make.accept(workspace)
    run_jobs()

    assert (make.states(refused), make.states(other)) == (["failed"], ["sent"])
    assert connection_of(workspace).paused_at is None


def test_while_its_connection_is_off_a_message_waits_and_then_goes_on(session, smtpd, run_jobs):
    workspace = make.sender_through(smtpd)
    connection = connection_of(workspace)
    connection.enabled = False
    session.commit()
    [message] = make.accept(workspace)
    run_jobs()
    assert make.run_of(message).pause_cause == "connection_off"

    connection = connection_of(workspace)
    connection.enabled = True
    connections.recovered(connection)
    session.commit()
    run_jobs()

    assert make.states(message) == ["sent"]


@pytest.mark.parametrize("fall_back", [False, True])
def test_another_connection_stands_in_only_where_the_workspace_chose_that(
    session, start_smtpd, run_jobs, fall_back
):
    broken, spare = start_smtpd(), start_smtpd()
    broken.answer("MAIL", "535 5.7.8 Wrong password")
    workspace = make.sender_through(broken, **VERIFIED)
    factories.make_connection(workspace, port=spare.port, **VERIFIED)
    factories.save(SendingChoice(workspace_id=workspace.id, fall_back=fall_back))
    [message] = make.accept(workspace)

    run_jobs()

    assert make.states(message) == (["sent"] if fall_back else ["queued"])
    assert len(spare.messages) == int(fall_back)


def test_the_connections_limit_counts_messages_and_holds_them(session, smtpd, run_jobs):
    workspace = make.sender_through(smtpd, per_day=1)
    first, second = make.accept(workspace, make.draft("a@people.example"), make.draft("b@people.example"))  # fmt: skip

    run_jobs()

    assert (make.states(first), make.states(second)) == (["sent"], ["queued"])
    assert make.run_of(second).pause_cause == "daily_limit"


def test_a_message_whose_key_is_gone_ends_with_a_sentence(session, smtpd, run_jobs):
    [message] = make.accept(make.sender_through(smtpd))
    contents = db.metadata.tables["message_contents"]
    session.execute(contents.update().values(sealed_content=b"\x01\x02zz" + bytes(60)))
    session.commit()

    run_jobs()

    assert make.states(message) == ["canceled"]
    assert "cannot be read any more" in make.run_of(message).pause_words


def test_runs_of_broadcasts_are_not_sent_as_messages(session, smtpd):
    [message] = make.accept(make.sender_through(smtpd))

    assert sources.sender_of(message.run_id) is not None
    make.run_of(message).source = "broadcast"
    session.commit()
    assert sources.sender_of(message.run_id) is None
