"""What became of a message and of each recipient, in the words of the API: for programs, and for the people behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from mailrith.delivery import reasons
from mailrith.delivery.models import Delivery, DeliveryState, Pause, Run, RunPhase
from mailrith.events import queries as events
from mailrith.events.models import DeliveryFact
from mailrith.messages import queries
from mailrith.messages.expiring import TOO_LATE
from mailrith.messages.models import Message, Role

STATUS = {
    DeliveryState.QUEUED: "queued",
    DeliveryState.SENDING: "sending",
    DeliveryState.SENT: "sent",
    DeliveryState.DEFERRED: "retrying",
    DeliveryState.FAILED: "permanent_failed",
    DeliveryState.IN_DOUBT: "unknown",
    DeliveryState.SKIPPED: "skipped",
    DeliveryState.CANCELED: "canceled",
}
_WORDS = {
    DeliveryState.QUEUED: "Waits for its turn.",
    DeliveryState.SENDING: "Is being sent now.",
    DeliveryState.SENT: "The mail server took it.",
    DeliveryState.IN_DOUBT: "Perhaps it was sent: the answer got lost. Mailrith does not send it again by itself.",
    DeliveryState.CANCELED: "Not sent, because another recipient of the same request was refused and on_error is stop.",
}
_SKIPPED = {
    "complained": "Not sent: this address reported a mail of yours as spam.",
    "bounced": "Not sent: mail to this address came back, because it does not exist.",
    "blocked": "Not sent: this address is blocked.",
}
_TOO_LATE = "Not sent: it waited for two days, and now it would come too late."
_SUPPRESSED = "Not sent: this address is on the suppression list."

_RESTS = {
    Pause.PERSON: "Somebody paused it.",
    Pause.CONNECTION_OFF: "Its connection is disabled or paused. It goes on by itself when the connection works again.",
    Pause.CONNECTION_GONE: "Its connection is not this workspace's any more. Assign it again, and it goes on.",
    Pause.PUBLIC_URL: "The public address of this installation is not https yet. The person who runs Mailrith can set it.",
    Pause.LETTER: "It cannot be sent.",
}
_LIMIT = "Its connection carries no more for now, by the limits set on it. It goes on by itself when there is room."


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one recipient. `status` is one of STATUS; `words` say it for people, `server_words` are the server's own.

    `events` are what came back after the server had taken it, oldest first.
    """

    role: Role
    email: str
    status: str
    words: str
    reply_code: int | None
    enhanced_status: str
    server_words: str
    attempts: int
    next_attempt_at: datetime | None
    updated_at: datetime
    events: tuple[DeliveryFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A message and what became of it. `status`: sending, waiting (`words` say what for) or finished.

    `give_up_at`: whoever still waits then gets it no more.
    """

    message: Message
    status: str
    words: str
    give_up_at: datetime
    recipients: tuple[Outcome, ...]


def tell(messages: Sequence[Message]) -> list[Told]:
    """Everything about these messages, in their order."""
    runs, recipients = queries.runs_of(messages), queries.recipients_of(messages)
    ids = [delivery.id for people in recipients.values() for _, delivery in people]
    facts = events.facts_of(ids)
    return [
        _told(
            message,
            runs[message.id],
            tuple(
                _outcome(runs[message.id], role, delivery, tuple(facts.get(delivery.id, ())))
                for role, delivery in recipients[message.id]
            ),
        )
        for message in messages
    ]


def summary(message: Message) -> Told:
    """The same without the recipients, for lists."""
    run = queries.runs_of([message])[message.id]
    return _told(message, run, ())


def _told(message: Message, run: Run, recipients: tuple[Outcome, ...]) -> Told:
    words = ""
    if run.phase == RunPhase.PAUSED:
        status, words = "waiting", _resting(run)
    elif run.phase == RunPhase.FINISHED:
        status = "finished"
        words = run.pause_words if run.pause_cause == Pause.LETTER else ""
    else:
        status = "sending"
    return Told(message, status, words, message.give_up_at, recipients)


def _resting(run: Run) -> str:
    cause = run.pause_cause
    if cause in _RESTS:
        return _RESTS[Pause(cause)]
    if cause in set(Pause):
        return _LIMIT
    found = reasons.reason(cause)
    return f"Its connection stopped: {found.what} It goes on by itself when the connection works again."


def _outcome(run: Run, role: Role, delivery: Delivery, facts: tuple[DeliveryFact, ...]) -> Outcome:
    return Outcome(
        role=role,
        email=delivery.email,
        status=STATUS[delivery.state],
        words=_words(run, delivery),
        reply_code=delivery.reply_code,
        enhanced_status=delivery.enhanced_status,
        server_words=delivery.diagnostic,
        attempts=delivery.attempt,
        next_attempt_at=delivery.next_attempt_at,
        updated_at=delivery.updated_at,
        events=facts,
    )


def _words(run: Run, delivery: Delivery) -> str:
    if delivery.state == DeliveryState.CANCELED and run.pause_cause == Pause.LETTER:
        return f"Not sent. {run.pause_words}"
    if delivery.state == DeliveryState.SKIPPED:
        return _SKIPPED.get(delivery.cause, _SUPPRESSED)
    if delivery.cause == TOO_LATE:
        return _TOO_LATE
    if delivery.state in {DeliveryState.FAILED, DeliveryState.DEFERRED}:
        found = reasons.reason(delivery.cause)
        return f"{found.what} {found.likely}".strip()
    return _WORDS[delivery.state]
