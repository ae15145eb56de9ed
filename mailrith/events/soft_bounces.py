"""Who is Bounced for a run of soft bounces. Computed from the facts each time, so that neither order nor repetition matters."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState
from mailrith.events import arrays, telling
from mailrith.events.bounce_runs import SILENCE, Arrival, Bounce, has_run
from mailrith.events.models import DeliveryFact, FactKind
from mailrith.subscribers import soft_bouncing
from mailrith.subscribers.models import Subscriber
from mailrith.suppression import policy
from mailrith.suppression.policy import SoftBounces

WORDS = "{bounces} mails in a row came back over {days} days or more, and none was delivered between them."
TAKEN_BACK = "A delivery was reported late, so the mails that came back were no unbroken row."

_CHUNK = 500  # people in one IN list


@dataclass
class _Known:
    """What is known about the mails of one person."""

    bounces: list[Bounce] = field(default_factory=list)
    arrivals: list[Arrival] = field(default_factory=list)


def judge(subscriber_ids: Collection[int]) -> None:
    """Weigh these people anew, after facts about mails that came back were written. The caller commits."""
    for person, known, rules in _weighed(_with_bounces(subscriber_ids)):
        if has_run(known.bounces, known.arrivals, rules):
            words = WORDS.format(bounces=rules.bounces, days=rules.days)
            soft_bouncing.give_up(person, words)


def reconsider(subscriber_ids: Collection[int]) -> None:
    """The same after deliveries were reported: perhaps late, and in the middle of a run. The caller commits."""
    guessed: list[int] = []
    for ids in _chunks(subscriber_ids):
        query = select(Subscriber.id).where(
            arrays.among(Subscriber.id, ids), Subscriber.soft_bounced
        )
        guessed.extend(db.session.scalars(query))
    for person, known, rules in _weighed(guessed):
        # What arrived after the last bounce breaks no run, and of an old run some facts may be forgotten.
        last = max(known.bounces, default=None)
        late = last is not None and any(one.at < last.at for one in known.arrivals)
        if late and not has_run(known.bounces, known.arrivals, rules):
            soft_bouncing.take_back(person, TAKEN_BACK)


def _with_bounces(subscriber_ids: Collection[int]) -> list[int]:
    """Those who have enough bounces for a run in any workspace."""
    found: list[int] = []
    for ids in _chunks(subscriber_ids):
        query = (
            select(Delivery.subscriber_id)
            .join(DeliveryFact, DeliveryFact.delivery_id == Delivery.id)
            .where(Delivery.subscriber_id.in_(ids), DeliveryFact.kind == FactKind.SOFT_BOUNCE)
            .group_by(Delivery.subscriber_id)
            .having(func.count() >= policy.BOUNCES[0])
        )
        found.extend(key for key in db.session.scalars(query) if key is not None)
    return sorted(found)


def _weighed(subscriber_ids: Collection[int]) -> Iterable[tuple[Subscriber, _Known, SoftBounces]]:
    for ids in _chunks(subscriber_ids):
        people = db.session.scalars(
            select(Subscriber).where(Subscriber.id.in_(ids)).order_by(Subscriber.id)
        ).all()
        rules = policy.soft_bounces_of({person.workspace_id for person in people})
        told = _told(ids)
        silent = _silent(ids)
        for person in people:
            known = told[person.id]
            known.arrivals.extend(silent[person.id])
            yield person, known, rules[person.workspace_id]


def _told(subscriber_ids: Collection[int]) -> dict[int, _Known]:
    """What events say about mails to the addresses that these people have now."""
    rows = db.session.execute(
        select(Subscriber.id, DeliveryFact.delivery_id, DeliveryFact.kind, DeliveryFact.occurred_at)
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .join(DeliveryFact, DeliveryFact.delivery_id == Delivery.id)
        .where(
            Subscriber.id.in_(subscriber_ids),
            Delivery.fingerprint == Subscriber.fingerprint,
            DeliveryFact.kind.in_([FactKind.SOFT_BOUNCE, FactKind.DELIVERED]),
        )
    )
    found: dict[int, _Known] = defaultdict(_Known)
    for person_id, delivery_id, kind, at in rows:
        if kind == FactKind.SOFT_BOUNCE:
            found[person_id].bounces.append(Bounce(at, delivery_id))
        else:
            found[person_id].arrivals.append(Arrival(at, at, delivery_id))
    return found


def _silent(subscriber_ids: Collection[int]) -> dict[int, list[Arrival]]:
    """Mails that nothing was said about, through connections that do not say what they deliver."""
    rows = db.session.execute(
        select(
            Subscriber.id, Delivery.id, Delivery.updated_at, Delivery.run_id, Delivery.connection_id
        )
        .join(Delivery, Delivery.subscriber_id == Subscriber.id)
        .where(
            Subscriber.id.in_(subscriber_ids),
            Delivery.fingerprint == Subscriber.fingerprint,
            Delivery.state == DeliveryState.SENT,
            telling.nothing_said(),
        )
    ).all()
    tells = {way: telling.tells(way) for way in {(row.run_id, row.connection_id) for row in rows}}
    found: dict[int, list[Arrival]] = defaultdict(list)
    for person_id, delivery_id, sent_at, *way in rows:
        if not tells[way[0], way[1]]:
            found[person_id].append(Arrival(sent_at, sent_at + SILENCE, delivery_id))
    return found


def _chunks(ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK))
