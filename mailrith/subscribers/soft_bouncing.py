"""Bounced for a run of soft bounces. It is a guess from what came back, so it is taken back when the facts no longer say so.

Nothing goes on the suppression list: what is known for sure (a complaint, an unsubscribe, a hard bounce) replaces the guess as if
the person were Active, so that the order of the news never matters.
"""

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers import timeline
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.subscribers.signals import subscriber_status_changed


def give_up(subscriber: Subscriber, words: str) -> bool:
    """Bounced from now on, if the person is Active. `words` says why. Returns whether anything changed."""
    db.session.refresh(subscriber, with_for_update=True)
    if subscriber.status != SubscriberStatus.ACTIVE:
        return False
    _become(subscriber, SubscriberStatus.BOUNCED, "bounced", words)
    subscriber.soft_bounced = True
    return True


def take_back(subscriber: Subscriber, words: str) -> bool:
    """Active again, if the person is Bounced for a run of soft bounces and for nothing else. Returns whether anything changed."""
    db.session.refresh(subscriber, with_for_update=True)
    if not subscriber.soft_bounced:
        return False
    _become(subscriber, SubscriberStatus.ACTIVE, "activated", words)
    subscriber.soft_bounced = False
    return True


def _become(subscriber: Subscriber, status: SubscriberStatus, kind: str, words: str) -> None:
    subscriber.status = status
    subscriber.status_changed_at = now()
    subscriber.status_reason = words[:200]
    timeline.record(subscriber.workspace_id, subscriber.id, kind, reason=words[:200])
    subscriber_status_changed.send(
        None,
        workspace_id=subscriber.workspace_id,
        subscriber_id=subscriber.id,
        status=str(status),
    )
