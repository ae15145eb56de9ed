"""Deliberately broken senders. A judge that does not catch each of them proves nothing."""

from sqlalchemy import text

from mailrith.core.clock import now, ticking
from mailrith.core.db import db
from mailrith.delivery.ledger.entries import Marked
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.runs import sweeping


def mark_after_wire() -> None:
    """The mark is written together with the outcome, when the message has long gone."""
    mark, record = Ledger._mark, Ledger._record

    def pretend(ledger, asked):
        deadline = ticking() + ledger.lease_seconds / 2
        return [Marked(one, "", one.attempt + 1, deadline) for one in asked]

    def mark_and_record(ledger, results):
        rows = list(results)
        one = [_Sent(result.delivery_id, result.attempt - 1) for result in rows]
        mark(ledger, one)
        record(ledger, rows)

    Ledger._mark, Ledger._record = pretend, mark_and_record
    Ledger._record_and_mark = _apart


def sent_before_reply() -> None:
    """The checkpoint moves when the recipient is taken, as if the server had answered already."""
    mark = Ledger._mark

    def mark_as_sent(ledger, asked):
        marked = mark(ledger, asked)
        for one in marked:
            ledger._open_execute(
                text("UPDATE deliveries SET state = 'sent', lease_token = NULL WHERE id = :id"),
                {"id": one.claimed.id},
            )
        return marked

    Ledger._mark = mark_as_sent
    Ledger._record_and_mark = _apart


def resend_what_expired() -> None:
    """Whoever a dead worker had marked is simply sent to again."""

    def expire_marks():
        db.session.execute(
            text(
                "UPDATE deliveries SET state = 'queued', lease_token = NULL, lease_until = NULL "
                "WHERE state = 'sending' AND lease_until < :moment"
            ),
            {"moment": now().timestamp()},
        )
        db.session.commit()

    sweeping.expire_marks = expire_marks


def _apart(ledger, results, asked):
    ledger._record(results)
    return ledger._mark(asked)


class _Sent:
    """As much of a claim as a mark reads."""

    def __init__(self, id_, attempt):
        self.id, self.attempt = id_, attempt


CONTROLS = {
    control.__name__: control
    for control in (mark_after_wire, sent_before_reply, resend_what_expired)
}
