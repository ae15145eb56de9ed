"""The way back for somebody who has just unsubscribed by mistake: by their own press, within minutes, and only to where they were."""

from datetime import UTC, datetime, timedelta
from struct import Struct

from sqlalchemy import delete, select

from mailrith.core import tokens
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.subscribers import timeline
from mailrith.subscribers.links import UnsubscribeClaim
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.subscribers.signals import subscriber_status_changed
from mailrith.suppression import queries as suppressed
from mailrith.suppression.models import Suppression, SuppressionReason

PURPOSE = "return"
WINDOW = timedelta(minutes=30)  # how long the page that offers it works
WORDS = "Said that unsubscribing was a mistake"

_PAYLOAD = Struct(">QQ16sQ")  # workspace, subscriber, fingerprint, unix time of the press


def may_return(claim: UnsubscribeClaim) -> bool:
    """Whether the person gets mail now, so that an unsubscribe could be taken back. Asked before it happens."""
    person = _holder(claim.workspace_id, claim.fingerprint)
    if person is None or person.id != claim.subscriber_id or not person.mailable:
        return False
    return not suppressed.suppressed_among(claim.workspace_id, [claim.fingerprint])


def return_token(claim: UnsubscribeClaim) -> str:
    """For the page after the press. It opens nothing but the way back from this one unsubscribe."""
    moment = int(now().timestamp())
    payload = _PAYLOAD.pack(claim.workspace_id, claim.subscriber_id, claim.fingerprint, moment)
    return tokens.sign(PURPOSE, payload)


def come_back(claim: UnsubscribeClaim, token: str) -> bool:
    """Make the person Active again. False when the token is late or foreign, or when something else happened since.

    A complaint or a bounce that came in between stays; so does an unsubscribe that was not this one.
    """
    pressed_at = _read(claim, token)
    if pressed_at is None:
        return False
    person = db.session.scalar(
        select(Subscriber)
        .where(
            Subscriber.workspace_id == claim.workspace_id,
            Subscriber.fingerprint == claim.fingerprint,
            Subscriber.status == SubscriberStatus.UNSUBSCRIBED,
        )
        .with_for_update()
    )
    slack = timedelta(seconds=5)  # the press and its commit are not one instant
    if person is None or abs(person.status_changed_at - pressed_at) > slack:
        return False
    if not _lift(claim):
        return False
    person.status = SubscriberStatus.ACTIVE
    person.status_changed_at = now()
    person.status_reason = WORDS
    timeline.record(claim.workspace_id, person.id, "activated", reason=WORDS)
    subscriber_status_changed.send(
        None, workspace_id=claim.workspace_id, subscriber_id=person.id, status=str(person.status)
    )
    return True


def _lift(claim: UnsubscribeClaim) -> bool:
    """Take the unsubscribe, and nothing stronger, off the suppression list."""
    lifted = db.session.execute(
        delete(Suppression)
        .where(
            Suppression.workspace_id == claim.workspace_id,
            Suppression.fingerprint == claim.fingerprint,
            Suppression.reason == SuppressionReason.UNSUBSCRIBED,
        )
        .execution_options(synchronize_session=False)
    )
    return bool(lifted.rowcount == 1)  # type: ignore[attr-defined]


def _read(claim: UnsubscribeClaim, token: str) -> datetime | None:
    payload = tokens.read(PURPOSE, token)
    if payload is None or len(payload) != _PAYLOAD.size:
        return None
    workspace_id, subscriber_id, fingerprint, moment = _PAYLOAD.unpack(payload)
    same = (workspace_id, subscriber_id, fingerprint) == (
        claim.workspace_id,
        claim.subscriber_id,
        claim.fingerprint,
    )
    pressed_at = datetime.fromtimestamp(moment, UTC)
    return pressed_at if same and now() - pressed_at <= WINDOW else None


def _holder(workspace_id: int, fingerprint: bytes) -> Subscriber | None:
    return db.session.scalar(
        select(Subscriber).where(
            Subscriber.workspace_id == workspace_id, Subscriber.fingerprint == fingerprint
        )
    )
