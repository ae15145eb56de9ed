"""The verbs for one subscriber: add, edit, delete, and the one place where a status changes."""

from dataclasses import dataclass

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.errors import Invalid
from mailrith.subscribers import bulk, changing, queries, statuses, timeline, wording
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.links import UnsubscribeClaim
from mailrith.subscribers.models import (
    NAME_CHARS,
    Consent,
    Subscriber,
    SubscriberStatus,
    TimelineEntry,
)
from mailrith.subscribers.signals import subscriber_unsubscribed
from mailrith.suppression import actions as suppression
from mailrith.suppression import queries as suppressed


@dataclass(frozen=True)
class UnsubscribeResult:
    """What became of a press on an unsubscribe link. `email` is masked; empty when the person is not kept any more."""

    already: bool
    email: str


def add(
    workspace: Workspace, *, email: str, name: str, proof: Proof, user_id: int | None, by: str
) -> Subscriber:
    """A new Active subscriber. Raises Invalid for an address that is wrong, taken, or wants no mail."""
    address = _usable(workspace, email)
    subscriber = Subscriber(
        workspace_id=workspace.id,
        email=address.text,
        email_key=address.key,
        fingerprint=addresses.fingerprint(workspace.address_salt, address.text),
        name=clean_name(name),
        status_reason=f"Added by {by}"[:200],
    )
    _check_proof(proof)
    db.session.add(subscriber)
    db.session.flush()
    record_consent(subscriber, proof, user_id)
    timeline.record(workspace.id, subscriber.id, "added", by=by)
    return subscriber


def edit(workspace: Workspace, subscriber: Subscriber, *, email: str, name: str, by: str) -> None:
    """Change name or address. The status stays; an address that wants no mail is not taken."""
    cleaned = clean_name(name)
    if addresses.key(email.strip()) != subscriber.email_key:
        _move(workspace, subscriber, _usable(workspace, email), by)
    elif email.strip() != subscriber.email:
        subscriber.email = _parsed(email).text
    if cleaned != subscriber.name:
        subscriber.name = cleaned
        timeline.record(workspace.id, subscriber.id, "edited", what="Name", by=by)


def delete(subscriber: Subscriber) -> None:
    """Remove the person with tags, proofs and timeline. Who was not Active stays on the suppression list as a hash."""
    db.session.flush()
    bulk.delete(subscriber.workspace_id, [Subscriber.id == subscriber.id])
    db.session.expunge(subscriber)  # its words may still be shown; its row is gone


def change_status(
    subscriber: Subscriber, to: SubscriberStatus, reason_words: str, source: str
) -> bool:
    """Change the status of one person. Returns False when the present status is as strong or stronger.

    `reason_words` says why, for people; `source` where it came from, for the suppression list. Leads to the
    suppression list in the same transaction. Never leads to Active.
    """
    db.session.refresh(subscriber, with_for_update=True)
    if not changing.become(subscriber, to, reason_words):
        return False
    suppression.suppress(
        subscriber.workspace_id,
        subscriber.fingerprint,
        subscriber.email,
        statuses.REASONS[to],
        source,
    )
    return True


def unsubscribe(claim: UnsubscribeClaim, source: str) -> UnsubscribeResult:
    """Carry out an unsubscribe link. Twice is once. The address is suppressed even if nobody has it now."""
    workspace_id = claim.workspace_id
    if db.session.get(Workspace, workspace_id) is None:
        return UnsubscribeResult(already=True, email="")
    people = _claimed(claim)
    suppression.suppress(
        workspace_id,
        claim.fingerprint,
        next((person.email for person in people if person.fingerprint == claim.fingerprint), None),
        statuses.REASONS[SubscriberStatus.UNSUBSCRIBED],
        source,
    )
    changed = False
    for person in people:
        if change_status(person, SubscriberStatus.UNSUBSCRIBED, source, source):
            changed = True
            subscriber_unsubscribed.send(
                None,
                workspace_id=workspace_id,
                subscriber_id=person.id,
                delivery_id=claim.delivery_id,
            )
    email = addresses.mask(people[0].email) if people else ""
    return UnsubscribeResult(already=not changed, email=email)


def claimed_email(claim: UnsubscribeClaim) -> tuple[str, bool]:
    """For the page that asks: the masked address, and whether it is unsubscribed already. Writes nothing."""
    people = _claimed(claim)
    reasons = suppressed.suppressed_among(claim.workspace_id, [claim.fingerprint])
    left = bool(reasons) and not any(person.mailable for person in people)
    return (addresses.mask(people[0].email) if people else "", left)


def record_hard_bounce(subscriber_id: int, words: str, *, fingerprint: bytes | None = None) -> bool:
    """The address does not exist any more. `fingerprint` is the address that the mail went to.

    When the person has moved to another address since, only the old one is suppressed.
    """
    return _came_back(subscriber_id, SubscriberStatus.BOUNCED, words, fingerprint)


def record_complaint(subscriber_id: int, words: str, *, fingerprint: bytes | None = None) -> bool:
    """The person pressed "spam". Counts for the person, at whatever address they are now."""
    return _came_back(subscriber_id, SubscriberStatus.COMPLAINED, words, fingerprint)


def record_consent(subscriber: Subscriber, proof: Proof, user_id: int | None) -> None:
    """Keep the proof with the person."""
    db.session.add(
        Consent(
            workspace_id=subscriber.workspace_id,
            subscriber_id=subscriber.id,
            basis=proof.basis[:64],
            source=proof.source[:512],
            collected_at=proof.collected_at,
            recorded_by=user_id,
        )
    )


def clean_name(name: str) -> str:
    """One line without invisible characters. Raises Invalid when it is too long."""
    cleaned = wording.one_line(name)
    if len(cleaned) > NAME_CHARS:
        raise Invalid(wording.name_too_long(cleaned), field="name")
    return cleaned


def _check_proof(proof: Proof) -> None:
    if not proof.basis.strip() or not proof.source.strip():
        raise Invalid("Say where they agreed to get your mail.", field="source")
    if proof.collected_at > now():
        raise Invalid(
            "They cannot have agreed in the future. Check the date.", field="collected_on"
        )


def _parsed(email: str) -> addresses.Address:
    address = addresses.parse_address(email)
    if isinstance(address, addresses.Problem):
        raise Invalid(address.sentence, field="email")
    return address


def _usable(workspace: Workspace, email: str) -> addresses.Address:
    """An address for somebody new here: well formed, not taken, and nobody asked us to leave it alone."""
    address = _parsed(email)
    there = queries.get_by_email(workspace.id, address.text)
    if there is not None:
        status = SubscriberStatus(there.status)
        why = "" if there.mailable else f" {statuses.why_not(status)}"
        raise Invalid(f"This address is here already, {status}.{why}", field="email")
    fingerprint = addresses.fingerprint(workspace.address_salt, address.text)
    reason = suppressed.suppressed_among(workspace.id, [fingerprint]).get(fingerprint)
    if reason is not None:
        raise Invalid(statuses.why_not(reason), field="email")
    return address


def _move(workspace: Workspace, subscriber: Subscriber, to: addresses.Address, by: str) -> None:
    """A new address for the same person. Whoever gets the old address later is still bound by what its owner said."""
    status = SubscriberStatus(subscriber.status)
    old = subscriber.fingerprint
    new = addresses.fingerprint(workspace.address_salt, to.text)
    if status in statuses.REASONS:
        reason = statuses.REASONS[status]
        suppression.suppress(workspace.id, old, None, reason, "Moved to another address")
        suppression.suppress(workspace.id, new, to.text, reason, f"Was {status} when moved here")
    timeline.record(workspace.id, subscriber.id, "moved", by=by, old=old.hex())
    subscriber.email, subscriber.email_key, subscriber.fingerprint = to.text, to.key, new


def _came_back(
    subscriber_id: int, status: SubscriberStatus, words: str, fingerprint: bytes | None
) -> bool:
    subscriber = db.session.get(Subscriber, subscriber_id)
    if subscriber is None:
        return False
    if fingerprint is not None and fingerprint != subscriber.fingerprint:
        reason = statuses.REASONS[status]
        suppression.suppress(subscriber.workspace_id, fingerprint, None, reason, words)
        if status == SubscriberStatus.BOUNCED:
            return False
    return change_status(subscriber, status, words, words)


def _claimed(claim: UnsubscribeClaim) -> list[Subscriber]:
    """Who has the address now, and the person who was mailed if they moved to another address since."""
    here = Subscriber.workspace_id == claim.workspace_id
    holder = db.session.scalar(
        select(Subscriber).where(here, Subscriber.fingerprint == claim.fingerprint)
    )
    mailed = db.session.scalar(select(Subscriber).where(here, Subscriber.id == claim.subscriber_id))
    people = [person for person in (holder, mailed) if person is not None]
    if holder is mailed or mailed is None:
        return people[:1]
    return people if _had(mailed, claim.fingerprint) else people[:-1]


def _had(subscriber: Subscriber, fingerprint: bytes) -> bool:
    moves = db.session.scalars(
        select(TimelineEntry.details).where(
            TimelineEntry.subscriber_id == subscriber.id, TimelineEntry.kind == "moved"
        )
    )
    return any(details.get("old") == fingerprint.hex() for details in moves)
