"""The same events in ten random orders, with repeats, give the same state.

    python -m tests.bench.orders --events 100000 --orders 10 [--database postgresql|sqlite] [--seed 1]

Each order is the same events shuffled, a fifth of them told again somewhere, cut into requests of 1 to 400 events, which are stored
and applied as a worker applies them. Two orders more are as unlike as can be: what came back first and what was delivered last, and
the other way round. After each, `projection` is compared. The last line is one JSON object.

The projection is: of deliveries id, state and cause; of facts delivery, kind, dedupe key, time of the event, status and words; of
subscribers status and whether it is only a run of soft bounces; of suppressions workspace, fingerprint, reason and address. Left out is
what says when and how news arrived: times of arrival and of changes, the words that name the first of two equal reasons, timelines,
what became of each request, and pauses of connections, which somebody ends by hand.
"""

import argparse
import hashlib
import json
import random
import time
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select, update

from mailrith.core import addresses
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.core.ids import uuid7
from mailrith.delivery.models import Delivery, DeliveryState
from mailrith.delivery.sending import message_ids
from mailrith.events import draining, lost, recording
from mailrith.events.models import DeliveryFact, HookRequest
from mailrith.subscribers.models import Subscriber, SubscriberStatus, TimelineEntry
from mailrith.suppression.models import Suppression
from tests.bench.processes import load
from tests.support import factories, factories_events

RUNS = 8  # letters to each person, over DAYS
DAYS = 70
REPEATS = 5  # one of so many events is told again
IN_DOUBT = 50  # one of so many mails
MOVED = 40  # one of so many people has another address by now
DELETED = 60  # one of so many is not kept any more
UNLUCKY = 6  # to one of so many people nearly everything comes back
KINDS = ("delivered", "soft_bounce", "deferred", "block", "hard_bounce", "complaint", "unsubscribed", "rejected")  # fmt: skip
LUCKY_SHARES = (900, 20, 40, 10, 10, 4, 8, 8)
UNLUCKY_SHARES = (30, 880, 30, 20, 10, 5, 5, 20)

COLUMNS = {
    "deliveries": (Delivery.id, Delivery.state, Delivery.cause),
    "facts": (
        DeliveryFact.delivery_id,
        DeliveryFact.kind,
        DeliveryFact.dedupe_key,
        DeliveryFact.occurred_at,
        DeliveryFact.enhanced_status,
        DeliveryFact.diagnostic,
    ),
    "subscribers": (Subscriber.id, Subscriber.status, Subscriber.soft_bounced),
    "suppressions": (
        Suppression.workspace_id,
        Suppression.fingerprint,
        Suppression.reason,
        Suppression.email,
    ),
}


@dataclass(frozen=True)
class World:
    """One connection, its mails, and everything that is said about them."""

    connection_id: int
    events: list
    doubted: list  # ids of deliveries


def build(events, seed=1):
    """In an app context. Events come as dicts of the generic form."""
    chance = random.Random(seed)
    moment = now().replace(microsecond=0)
    workspace = factories.make_workspace()
    connection = factories.make_connection(workspace)
    count = max(10, events * 2 // 5 // RUNS)
    people = [_person(workspace, number) for number in range(count)]
    db.session.execute(insert(Subscriber), people)
    ids = list(db.session.scalars(select(Subscriber.id).order_by(Subscriber.id)))
    mails = []
    for number in range(RUNS):
        run = factories_events.make_run(workspace, connection)
        sent_at = moment - timedelta(days=DAYS * (RUNS - number) / RUNS)
        mails += _deliveries(run, people, ids, sent_at)
    said = [_event(chance, chance.choice(mails), number, moment) for number in range(events)]
    doubted = [mail["id"] for mail in mails if chance.randrange(IN_DOUBT) == 0]
    _change_people(chance, workspace, ids)
    db.session.commit()
    return World(connection.id, said, doubted)


def _person(workspace, number):
    email = f"reader{number}@readers{number % 20}.example"
    return {
        "public_id": uuid7(),
        "workspace_id": workspace.id,
        "email": email,
        "email_key": email,
        "fingerprint": addresses.fingerprint(workspace.address_salt, email),
        "name": "",
        "status": "Active",
    }


def _deliveries(run, people, ids, sent_at):
    """One to each person. Gives what events need of them."""
    rows = [
        {
            "workspace_id": run.workspace_id,
            "run_id": run.id,
            "subscriber_id": person_id,
            "email": person["email"],
            "fingerprint": person["fingerprint"],
            "state": "sent",
            "connection_id": run.connection_id,
            "updated_at": sent_at,
        }
        for person, person_id in zip(people, ids, strict=True)
    ]
    db.session.execute(insert(Delivery), rows)
    found = db.session.execute(
        select(Delivery.id, Delivery.subscriber_id).where(Delivery.run_id == run.id)
    )
    return [
        {
            "id": delivery_id,
            "person": person_id,
            "sent_at": sent_at,
            "message_id": message_ids.make(run.public_id, delivery_id, "post.example"),
        }
        for delivery_id, person_id in found
    ]


def _event(chance, mail, number, moment):
    unlucky = mail["person"] % UNLUCKY == 0
    [kind] = chance.choices(KINDS, UNLUCKY_SHARES if unlucky else LUCKY_SHARES)
    at = min(moment, mail["sent_at"] + timedelta(hours=chance.uniform(0, 90)))
    words = {"diagnostic": "Bounced Address"} if kind == "rejected" else {}
    return {
        "event": kind,
        "message_id": mail["message_id"],
        "occurred_at": at.isoformat(),
        "id": f"ev-{number}",
        **words,
    }


def _change_people(chance, workspace, ids):
    """Some have moved to another address since, some are deleted."""
    for person_id in ids:
        if chance.randrange(MOVED) == 0:
            email = f"moved{person_id}@elsewhere.example"
            values = {"email": email, "email_key": email}
            values["fingerprint"] = addresses.fingerprint(workspace.address_salt, email)
            db.session.execute(
                update(Subscriber).where(Subscriber.id == person_id).values(**values)
            )
        elif chance.randrange(DELETED) == 0:
            db.session.execute(delete(Subscriber).where(Subscriber.id == person_id))


def orders(world, count, seed=1):
    """`count` random orders with repeats, then the two extreme ones."""
    for number in range(count):
        chance = random.Random(seed * 1000 + number)
        told = world.events + chance.sample(world.events, len(world.events) // REPEATS)
        chance.shuffle(told)
        yield chance, told
    yield random.Random(seed), sorted(world.events, key=lambda one: one["event"] == "delivered")
    yield random.Random(seed), sorted(world.events, key=lambda one: one["event"] != "delivered")


def tell(world, chance, told):
    """Store the events in this order and have them applied, a part of them at a time."""
    place = 0
    while place < len(told):
        until = min(len(told), place + chance.randint(1, 20_000))
        while place < until:
            size = chance.randint(1, 400)
            body = json.dumps(told[place : place + size]).encode()
            recording.record(world.connection_id, "application/json", body)
            place += size
        db.session.commit()
        while lost.anything_waits():  # a turn ends after some seconds
            for _ in draining.drain():
                db.session.commit()


def begin_again(world):
    """As it was before anything was told."""
    for model in (DeliveryFact, HookRequest, Suppression, TimelineEntry):
        db.session.execute(delete(model))
    everybody = update(Subscriber).values(status=SubscriberStatus.ACTIVE, soft_bounced=False)
    db.session.execute(everybody)
    db.session.execute(update(Delivery).values(state=DeliveryState.SENT, cause=""))
    for start in range(0, len(world.doubted), 500):
        doubted = Delivery.id.in_(world.doubted[start : start + 500])
        db.session.execute(update(Delivery).where(doubted).values(state=DeliveryState.IN_DOUBT))
    db.session.commit()
    db.session.expire_all()


def projection():
    """Name -> rows, in their order."""
    db.session.expire_all()
    return {
        name: sorted(map(tuple, db.session.execute(select(*columns))), key=repr)
        for name, columns in COLUMNS.items()
    }


def measure(world, count, seed=1):
    """Tell every order. Gives (the first projection, what was different: number of the order -> names with some rows)."""
    first, different = None, {}
    for number, (chance, told) in enumerate(orders(world, count, seed)):
        began = time.monotonic()
        begin_again(world)
        tell(world, chance, told)
        found = projection()
        first = first or found
        for name, rows in found.items():
            if rows != first[name]:
                odd = sorted(set(rows) ^ set(first[name]), key=repr)
                different.setdefault(number, {})[name] = [len(odd), *map(repr, odd[:4])]
                print(f"{name}: {different[number][name]}", flush=True)
        digest = hashlib.sha256(repr(found).encode()).hexdigest()[:12]
        print(f"order {number}: {digest}, {time.monotonic() - began:.1f} s", flush=True)
    return first, different


def main():
    from tests.chaos.stage import stage

    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=10)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with stage(options.database) as here, here.app.app_context():
        world = build(options.events, options.seed)
        first, different = measure(world, options.orders, options.seed)
        statuses = {}
        for _, status, guessed in first["subscribers"]:
            name = f"{status}{' (run of soft bounces)' if guessed else ''}"
            statuses[name] = statuses.get(name, 0) + 1
        db.session.rollback()
    print(
        json.dumps(
            {
                "events": options.events,
                "orders": options.orders + 2,
                "database": options.database,
                "same": not different,
                "different": different,
                "rows": {name: len(rows) for name, rows in first.items()},
                "subscribers": statuses,
                "load": load(),
            }
        )
    )
    raise SystemExit(1 if different else 0)


if __name__ == "__main__":
    main()
