"""What an outcome on the wire means for the ledger. Pure: no rows, no clock of its own."""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from mailrith.delivery.models import DeliveryState
from mailrith.delivery.pacing.wishes import wants_fewer
from mailrith.smtp.classification import classify
from mailrith.smtp.outcome import Outcome

DIAGNOSTIC_CHARS = 1024
PATIENCE = 3  # attempts that ended before the final dot, until it is taken for a reason to wait
FIRST_WAIT = timedelta(minutes=5)  # greylisting servers want about that long
LONGEST_WAIT = timedelta(hours=4)
GAVE_UP = "gave_up"
RECEIVER_LIMIT = "receiver_limit"
HALTED = "stopped_before_dot"
SLOW = "slow_down"


class Result(NamedTuple):
    """What to write into one delivery, if it is still at this attempt."""

    delivery_id: int
    attempt: int
    state: DeliveryState
    cause: str = ""
    reply_code: int | None = None
    enhanced_status: str = ""
    diagnostic: str = ""
    next_attempt_at: datetime | None = None


class Judgement(NamedTuple):
    """`stop` is why the connection cannot go on, with the server's words; `hard` says that the address is dead."""

    result: Result
    stop: tuple[str, str] | None = None
    hard: bool = False
    lost: bool = False  # the line broke without a word about this message
    slow: bool = False  # whoever receives for the address wants fewer messages


def accepted(outcome: Outcome, delivery_id: int, attempt: int) -> Judgement:
    """The state that follows from a 250: nearly always, and without a look at the clock."""
    reply = outcome.reply
    assert reply is not None
    words = reply.words[:DIAGNOSTIC_CHARS]
    return Judgement(
        Result(delivery_id, attempt, DeliveryState.SENT, "", reply.code, reply.enhanced, words)
    )


def judge(
    outcome: Outcome,
    delivery_id: int,
    attempt: int,
    *,
    give_up_at: datetime,
    now: datetime,
    own_sender: bool = True,
) -> Judgement:
    """The state that follows from an outcome, and whom else it concerns.

    own_sender: whether From is the connection's own address, so that its refusal concerns everything that it carries.
    """
    if outcome.kind == "sent":
        return accepted(outcome, delivery_id, attempt)
    if outcome.kind in {"refused", "deferred"}:
        return _refused(outcome, delivery_id, attempt, give_up_at, now, own_sender=own_sender)
    reply = outcome.reply
    words = reply.words if reply else outcome.words
    code = reply.code if reply else None
    enhanced = reply.enhanced if reply else ""
    told = (outcome.cause, code, enhanced, words[:DIAGNOSTIC_CHARS])
    if outcome.kind == "in_doubt":
        return Judgement(Result(delivery_id, attempt, DeliveryState.IN_DOUBT, *told), lost=True)
    if outcome.cause == HALTED or attempt < PATIENCE:
        again = Result(delivery_id, attempt, DeliveryState.QUEUED)
        return Judgement(again, lost=outcome.cause != HALTED)
    return Judgement(_later(delivery_id, attempt, told, give_up_at, now), lost=True)


def put_off(
    delivery_id: int,
    attempt: int,
    wait: timedelta,
    *,
    give_up_at: datetime,
    now: datetime,
    by_person: bool = False,
) -> Result:
    """Not tried, because the receiver wants fewer messages, or a person does; or given up, when that would be too late."""
    if now + wait > give_up_at:
        return Result(delivery_id, attempt, DeliveryState.FAILED, GAVE_UP)
    cause = RECEIVER_LIMIT if by_person else SLOW
    return Result(delivery_id, attempt, DeliveryState.DEFERRED, cause, next_attempt_at=now + wait)


def _refused(
    outcome: Outcome,
    delivery_id: int,
    attempt: int,
    give_up_at: datetime,
    now: datetime,
    *,
    own_sender: bool,
) -> Judgement:
    reply = outcome.reply
    assert reply is not None
    verdict = classify(outcome.stage, reply.code, reply.enhanced, reply.text)
    # The envelope's sender, judged at MAIL, is always the connection's own.
    chosen = verdict.kind == "sender" and outcome.stage != "mail" and not own_sender
    if verdict.scope == "connection" and not chosen:
        # Nobody is blamed for what the connection cannot do.
        again = Result(delivery_id, attempt, DeliveryState.QUEUED)
        return Judgement(again, stop=(verdict.cause, reply.words))
    told = (verdict.cause, reply.code, reply.enhanced, reply.words[:DIAGNOSTIC_CHARS])
    if verdict.kind != "deferred":
        failed = Result(delivery_id, attempt, DeliveryState.FAILED, *told)
        return Judgement(failed, hard=verdict.kind == "hard")
    if reply.code == 421 and outcome.stage == "mail" and attempt < PATIENCE:
        # The server ends the session ("too many messages on this connection"): not about this recipient.
        return Judgement(Result(delivery_id, attempt, DeliveryState.QUEUED), lost=True)
    # Before it knows for whom the message is, a server speaks of itself.
    slow = outcome.stage != "mail" and wants_fewer(verdict, reply.code)
    return Judgement(_later(delivery_id, attempt, told, give_up_at, now), slow=slow)


def _later(
    delivery_id: int,
    attempt: int,
    told: tuple[str, int | None, str, str],
    give_up_at: datetime,
    now: datetime,
) -> Result:
    """Deferred with exponential backoff and jitter, or given up when that would be too late."""
    wait = min(FIRST_WAIT * 2 ** min(attempt - 1, 12), LONGEST_WAIT) * random.uniform(0.8, 1.2)
    if now + wait > give_up_at:
        return Result(delivery_id, attempt, DeliveryState.FAILED, GAVE_UP, *told[1:])
    return Result(delivery_id, attempt, DeliveryState.DEFERRED, *told, now + wait)
