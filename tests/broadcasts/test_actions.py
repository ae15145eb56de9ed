"""Writing, sending, scheduling and taking back, without any page."""

import threading
from datetime import timedelta

import pytest
import time_machine

from mailrith.accounts.models import AuditEntry
from mailrith.broadcasts import actions
from mailrith.broadcasts.models import Broadcast, BroadcastStatus
from mailrith.broadcasts.readiness import NotReady
from mailrith.broadcasts.writing import Edited, Plan, Words
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid
from mailrith.delivery.models import Run, RunPhase
from mailrith.subscribers.audience import EVERYONE, TAGS, Audience
from tests.support.factories import make_connection, make_subscriber, make_tag, save
from tests.support.factories_broadcasts import make_broadcast

WORDS = Words("A subject", "A preview", "Hello **you**")


def test_a_new_broadcast_is_a_draft_for_nobody(cast):
    broadcast = actions.create(cast.workspace, cast.alice.id)

    assert broadcast.status == BroadcastStatus.DRAFT
    assert Audience.from_json(broadcast.audience).reaches_nobody


def test_a_draft_that_was_begun_and_left_empty_is_used_again(cast):
    first = actions.create(cast.workspace, cast.alice.id)

    assert actions.create(cast.workspace, cast.alice.id).id == first.id
    assert actions.create(cast.workspace, cast.bob.id).id != first.id
    actions.write(first, WORDS, first.version)
    assert actions.create(cast.workspace, cast.alice.id).id != first.id


def test_words_become_a_document_and_count_as_a_version(draft):
    actions.write(draft, WORDS, draft.version)

    assert draft.version == 2
    assert draft.body_document["content"][0]["type"] == "paragraph"


def test_saving_the_same_again_is_no_new_version(draft):
    words = Words(draft.subject, draft.preview_text, draft.markdown)
    actions.write(draft, words, draft.version)

    assert draft.version == 1


def test_an_older_window_overwrites_nothing(draft):
    actions.write(draft, WORDS, 1)

    with pytest.raises(Edited):
        actions.write(draft, Words("From the other window", "", ""), 1)
    assert draft.subject == "A subject"


@pytest.mark.parametrize(
    "subject",
    [
        "two\nlines",
        "two\r\nBcc: x@example.org",
        "two\u2028lines",
        "a\0b",
        "=?utf-8?q?a=0D=0ABcc=3A_b=40x.test?=",
    ],
)
@pytest.mark.any_database
def test_a_subject_with_a_line_break_is_refused(draft, subject):
    with pytest.raises(Invalid, match="one line") as refusal:
        actions.write(draft, Words(subject, "", ""), draft.version)
    assert refusal.value.field == "subject"


def test_a_subject_of_ten_thousand_characters_is_refused(draft):
    with pytest.raises(Invalid, match="10,000"):
        actions.write(draft, Words("x" * 10_000, "", ""), draft.version)


def test_an_unusable_reply_address_is_refused(draft):
    with pytest.raises(Invalid) as refusal:
        actions.plan(draft, Plan(Audience(), None, "not an address", None), draft.version)
    assert refusal.value.field == "reply_to_email"


def test_a_copy_has_the_letter_and_the_audience_but_no_time(draft, cast):
    draft.scheduled_at = now() + timedelta(days=1)
    copy = actions.duplicate(draft, cast.alice.id)

    assert (copy.subject, copy.audience) == (draft.subject, draft.audience)
    assert (copy.status, copy.scheduled_at, copy.run_id) == (BroadcastStatus.DRAFT, None, None)
    assert copy.public_id != draft.public_id


@pytest.mark.parametrize("status", ["running", "completed", "canceled"])
def test_what_people_received_is_not_deleted(draft, cast, status):
    draft.status = BroadcastStatus(status)

    with pytest.raises(Conflict):
        actions.delete(cast.workspace, draft, cast.alice.id)


@pytest.mark.parametrize("status", ["draft", "scheduled", "failed"])
def test_what_nobody_received_can_be_deleted(draft, cast, status):
    draft.status = BroadcastStatus(status)
    actions.delete(cast.workspace, draft, cast.alice.id)
    db.session.commit()

    assert db.session.get(Broadcast, draft.id) is None


def test_sending_waits_for_the_undo_window(send, undo_seconds):
    undo_seconds(30)
    before = now()
    run = send()

    assert 29 <= (run.not_before - before).total_seconds() <= 32


def test_sending_freezes_the_letter(send, draft):
    run = send()
    draft.subject = "Changed afterwards"

    assert run.letter["subject"] == "The hungry gap"


def test_pressing_twice_is_one_run(send):
    first = send()
    db.session.commit()

    assert send().id == first.id
    assert db.session.query(Run).count() == 1


def test_sending_is_noted(send, cast):
    send()

    assert db.session.query(AuditEntry).filter_by(action="broadcast.sent").one().user_id


def test_a_letter_that_changed_since_it_was_looked_at_is_not_sent(send, draft):
    actions.write(draft, WORDS, draft.version)

    with pytest.raises(Edited):
        send(version=1)
    assert draft.status == BroadcastStatus.DRAFT


def test_nobody_is_mailed_without_a_postal_address(send, cast):
    cast.workspace.address = ""

    with pytest.raises(NotReady, match="postal address"):
        send()


def test_an_audience_that_is_not_chosen_stops_it(send, draft):
    draft.audience = Audience().to_json()

    with pytest.raises(NotReady, match="Nobody is chosen"):
        send()


def test_a_deleted_tag_stops_it_instead_of_widening_it(send, draft, cast):
    tag = make_tag(cast.workspace, "Weekly")
    draft.audience = Audience(TAGS, (tag.id,)).to_json()
    db.session.delete(tag)
    db.session.flush()

    with pytest.raises(NotReady, match="tag"):
        send()


def test_an_empty_link_stops_it(send, draft):
    actions.write(draft, Words("A subject", "", "[here]()"), draft.version)

    with pytest.raises(NotReady, match="nowhere"):
        send()


def test_a_connection_of_another_workspace_is_no_connection(send, draft, cast):
    draft.connection_id = make_connection(cast.elsewhere).id

    with pytest.raises(NotReady, match="connection"):
        send()


def test_a_disabled_connection_stops_it(send, connection):
    connection.enabled = False

    with pytest.raises(NotReady, match="cannot send now"):
        send()


def test_links_that_lead_nowhere_stop_a_remote_connection(send, connection):
    connection.loopback = False

    with pytest.raises(NotReady, match="MAILRITH_PUBLIC_URL"):
        send()


def test_above_a_hundred_people_the_number_is_typed(send, cast):
    for _ in range(101):
        make_subscriber(cast.workspace)

    with pytest.raises(Invalid) as refusal:
        send()
    assert refusal.value.field == "confirm_count"
    assert send(typed_count="1 0 3").confirmed_count == 103


def test_undo_makes_it_the_draft_that_it_was(send, draft, undo_seconds):
    undo_seconds(30)
    before = {name: getattr(draft, name) for name in ("subject", "markdown", "audience", "version")}
    send()
    db.session.commit()
    actions.undo(draft)
    db.session.commit()

    assert draft.status == BroadcastStatus.DRAFT
    assert draft.run_id is None
    assert before == {name: getattr(draft, name) for name in before}
    assert db.session.query(Run).count() == 0


def test_undo_is_too_late_once_sending_has_begun(send, draft):
    run = send()
    run.phase, run.started_at = RunPhase.SENDING, now()
    db.session.commit()

    with pytest.raises(Conflict, match="first messages have left"):
        actions.undo(draft)


def test_a_schedule_keeps_its_instant_and_its_number(draft, cast):
    at = now() + timedelta(days=2)
    actions.schedule(cast.workspace, draft, at, user_id=cast.alice.id)
    db.session.commit()

    assert (draft.status, draft.scheduled_at) == (BroadcastStatus.SCHEDULED, at)
    assert (draft.confirmed_count, draft.scheduled_by) == (2, cast.alice.id)


def test_the_past_is_refused(draft, cast):
    with pytest.raises(Invalid, match="has passed"):
        actions.schedule(cast.workspace, draft, now(), user_id=None)


def test_a_schedule_is_not_edited(draft, cast):
    actions.schedule(cast.workspace, draft, now() + timedelta(days=2), user_id=None)

    with pytest.raises(Conflict, match="back to a draft first"):
        actions.write(draft, WORDS, draft.version)


def test_taking_a_schedule_back_keeps_its_time_as_the_plan(draft, cast):
    at = now() + timedelta(days=2)
    actions.schedule(cast.workspace, draft, at, user_id=None)
    actions.unschedule(cast.workspace, draft, None)

    assert (draft.status, draft.scheduled_at) == (BroadcastStatus.DRAFT, at)


def test_what_is_on_its_way_cannot_be_taken_back_as_a_schedule(send, draft, cast):
    send()

    with pytest.raises(Conflict):
        actions.unschedule(cast.workspace, draft, None)


def test_a_schedule_can_be_sent_at_once(send, draft, cast):
    actions.schedule(cast.workspace, draft, now() + timedelta(days=2), user_id=None)
    send()

    assert draft.status == BroadcastStatus.RUNNING


def test_two_saves_at_the_same_moment_do_not_lose_one(app, draft):
    """Both windows have read version 1 before either has written."""
    draft_id = draft.id
    db.session.rollback()
    gate, answers = threading.Barrier(2), []

    def save_as(subject):
        with app.app_context():
            if app.config["SQLALCHEMY_DATABASE_URI"].startswith("postgresql"):
                broadcast = db.session.get_one(Broadcast, draft_id)
                gate.wait()  # on SQLite the second one waits before it reads
            else:
                gate.wait()
                broadcast = db.session.get_one(Broadcast, draft_id)
            try:
                actions.write(broadcast, Words(subject, "", ""), 1)
                db.session.commit()
                answers.append("saved")
            except Edited:
                db.session.rollback()
                answers.append("edited")

    threads = [threading.Thread(target=save_as, args=(name,)) for name in ("One", "Other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(answers) == ["edited", "saved"]


def test_a_clock_that_jumps_back_starts_nothing_twice(send, draft):
    first = send()
    with time_machine.travel(now() - timedelta(hours=1), tick=False):
        again = send()

    assert again.id == first.id


@pytest.fixture
def connection(cast):
    return make_connection(cast.workspace)


@pytest.fixture
def draft(cast, connection):
    make_subscriber(cast.workspace)
    make_subscriber(cast.workspace)
    broadcast = make_broadcast(cast.workspace, connection_id=connection.id)
    broadcast.audience = Audience(EVERYONE).to_json()
    return save(broadcast)


@pytest.fixture
def send(cast, draft, run_jobs):
    def press(**changes):
        return actions.send_now(cast.workspace, draft, user_id=cast.alice.id, **changes)

    return press
