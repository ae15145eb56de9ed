"""What becomes of people whose status changes: one, or many in a few statements."""

from collections.abc import Mapping

from sqlalchemy import select

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers import statuses, timeline
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.subscribers.signals import subscriber_status_changed
from mailrith.suppression import actions as suppression
from mailrith.suppression.actions import Entry

_KIND = {
    SubscriberStatus.ACTIVE: "activated",
    SubscriberStatus.UNCONFIRMED: "unconfirmed",
    SubscriberStatus.UNSUBSCRIBED: "unsubscribed",
    SubscriberStatus.COMPLAINED: "complained",
    SubscriberStatus.BOUNCED: "bounced",
    SubscriberStatus.BLOCKED: "blocked",
}
_CHUNK = 500  # people in one IN list


def become(subscriber: Subscriber, to: SubscriberStatus, words: str) -> bool:
    """Change a row that the caller has locked. False when its status is as strong or stronger.

    The caller puts the address on the suppression list, in the same transaction.
    """
    if to not in statuses.ALLOWED[statuses.standing(subscriber)]:
        return False
    subscriber.status = to
    subscriber.soft_bounced = False
    subscriber.status_changed_at = now()
    subscriber.status_reason = words[:200]
    timeline.record(subscriber.workspace_id, subscriber.id, _KIND[to], reason=words[:200])
    subscriber_status_changed.send(
        None, workspace_id=subscriber.workspace_id, subscriber_id=subscriber.id, status=str(to)
    )
    return True


def bounce(workspace_id: int, told: Mapping[bytes, str]) -> set[bytes]:
    """The addresses with these fingerprints do not exist any more: fingerprint -> the reason in words.

    Whoever has one of them becomes Bounced, and it is suppressed. Gives the fingerprints that somebody has; of the others
    nothing is written. The caller commits.
    """
    found: set[bytes] = set()
    wanted = sorted(told)
    for start in range(0, len(wanted), _CHUNK):
        found |= _bounce(workspace_id, wanted[start : start + _CHUNK], told)
    return found


def _bounce(workspace_id: int, wanted: list[bytes], told: Mapping[bytes, str]) -> set[bytes]:
    people = db.session.scalars(
        select(Subscriber)
        .where(Subscriber.workspace_id == workspace_id, Subscriber.fingerprint.in_(wanted))
        .order_by(Subscriber.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    to = SubscriberStatus.BOUNCED
    entries = [
        Entry(one.fingerprint, one.email, statuses.REASONS[to], told[one.fingerprint])
        for one in people
        if become(one, to, told[one.fingerprint])
    ]
    suppression.suppress_many(workspace_id, entries, "")
    return {one.fingerprint for one in people}
