"""What each outcome on the wire makes of a delivery."""

from datetime import UTC, datetime, timedelta

import pytest

from mailrith.delivery.ledger.results import PATIENCE, judge
from mailrith.delivery.models import DeliveryState
from mailrith.smtp.replies import Reply
from mailrith.smtp.session import Outcome

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEADLINE = NOW + timedelta(hours=48)


def judged(outcome, attempt=1, deadline=DEADLINE):
    return judge(outcome, 7, attempt, give_up_at=deadline, now=NOW)


def test_250_after_the_dot_is_sent_and_its_words_are_kept():
    result = judged(Outcome("sent", "dot", Reply(250, "2.0.0 queued as 4XY"))).result

    assert result.state == DeliveryState.SENT
    assert (result.delivery_id, result.attempt) == (7, 1)
    assert result.diagnostic == "250 2.0.0 queued as 4XY"


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_a_dead_address_at_rcpt_fails_and_bounces(status):
    found = judged(Outcome("refused", "rcpt", Reply(550, f"{status} nobody here")))

    assert found.result.state == DeliveryState.FAILED
    assert found.hard


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("refused", "rcpt", Reply(550, "no")),
        Outcome("refused", "dot", Reply(550, "5.1.1 nobody here")),
        Outcome("refused", "dot", Reply(554, "5.7.1 looks like spam")),
    ],
    ids=["bare", "after-the-dot", "policy"],
)
def test_other_refusals_only_fail_this_message(outcome):
    found = judged(outcome)

    assert found.result.state == DeliveryState.FAILED
    assert not found.hard
    assert found.stop is None


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("mail", Reply(535, "5.7.8 wrong password")),
        ("mail", Reply(530, "5.7.0 authentication required")),
        ("rcpt", Reply(550, "5.4.5 Daily sending quota exceeded")),
        ("mail", Reply(553, "5.7.1 sender address rejected: not owned by user")),
    ],
)
def test_trouble_of_the_connection_stops_it_and_blames_nobody(stage, reply):
    found = judged(Outcome("refused", stage, reply))

    assert found.result.state == DeliveryState.QUEUED
    assert found.stop is not None
    assert found.stop[1] == reply.words


def test_4xx_waits_longer_each_time_and_is_given_up_at_the_deadline():
    outcome = Outcome("deferred", "rcpt", Reply(450, "4.2.0 try later"))

    first = judged(outcome, 1).result.next_attempt_at - NOW
    fifth = judged(outcome, 5).result.next_attempt_at - NOW
    late = judged(outcome, 9, deadline=NOW + timedelta(minutes=1)).result

    assert timedelta(minutes=4) <= first <= timedelta(minutes=6)
    assert timedelta(minutes=60) < fifth <= timedelta(hours=5)
    assert (late.state, late.cause) == (DeliveryState.FAILED, "gave_up")


def test_a_line_that_broke_before_the_dot_puts_the_message_back():
    found = judged(Outcome("not_sent", "rcpt", None, "connection_lost"))

    assert found.result.state == DeliveryState.QUEUED
    assert found.lost


def test_a_message_that_breaks_every_line_waits_instead_of_going_round():
    found = judged(Outcome("not_sent", "content", None, "connection_lost"), PATIENCE)

    assert found.result.state == DeliveryState.DEFERRED


def test_a_message_that_we_held_back_is_no_sign_of_a_broken_line():
    found = judged(Outcome("not_sent", "content", None, "stopped_before_dot"), PATIENCE)

    assert found.result.state == DeliveryState.QUEUED
    assert not found.lost


def test_no_answer_after_the_dot_is_in_doubt_never_queued():
    found = judged(Outcome("in_doubt", "dot", None, "connection_lost"))

    assert found.result.state == DeliveryState.IN_DOUBT


def test_421_at_mail_ends_the_session_and_is_not_about_the_recipient():
    found = judged(Outcome("deferred", "mail", Reply(421, "4.7.0 Too many messages on this line")))

    assert found.result.state == DeliveryState.QUEUED
    assert found.stop is None
