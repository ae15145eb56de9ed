"""Whether every acknowledged event was applied exactly once: the database against the load's own record."""

import time

from sqlalchemy import func, select, text

from mailrith.core.db import db
from mailrith.events.models import DeliveryFact, HookRequest, HookRequestState
from mailrith.subscribers.models import TimelineEntry


def waiting(stage):
    """Requests that are stored and not applied."""
    with stage.reading():
        return db.session.scalar(
            select(func.count())
            .select_from(HookRequest)
            .where(HookRequest.state == HookRequestState.RECEIVED)
        )


def wait_until_applied(stage, seconds):
    """Seconds until nothing waited any more. Raises TimeoutError."""
    began = time.monotonic()
    while left := waiting(stage):
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"{left} requests still wait")
        time.sleep(0.2)
    return time.monotonic() - began


def expected(plans):
    """plans: (plan, POSTs that were never acknowledged). Gives the keys of the facts of all others."""
    keys = set()
    for plan, missing in plans:
        gone = set(missing)
        for post in range(plan.posts):
            if post not in gone:
                place, numbers = plan.numbers(post)
                keys.update(plan.targets[place].key(number) for number in numbers)
    return keys


def judge(stage, keys):
    """lost: acknowledged and no fact. doubled: applied more than once, in results or in what it did to people."""
    with stage.reading():
        found = {(row[0], row[1]) for row in db.session.execute(_facts())}
        applied = db.session.scalar(text(_APPLIED[db.engine.dialect.name]))
        twice = db.session.execute(
            select(func.count())
            .select_from(TimelineEntry)
            .group_by(TimelineEntry.subscriber_id, TimelineEntry.kind)
            .having(func.count() > 1)
        ).all()
        failed = db.session.scalar(
            select(func.count())
            .select_from(HookRequest)
            .where(HookRequest.state.not_in([HookRequestState.APPLIED]))
        )
    return {
        "acknowledged": len(keys),
        "facts": len(found),
        "lost": len(keys - found),
        "doubled": (applied - len(found)) + len(twice),
        "not_applied_requests": failed,
    }


def _facts():
    return select(DeliveryFact.delivery_id, DeliveryFact.dedupe_key).where(
        DeliveryFact.source == "webhook"
    )


_APPLIED = {
    "postgresql": "SELECT count(*) FROM hook_requests r, json_array_elements(r.results) e WHERE e->>'outcome' = 'applied'",
    "sqlite": "SELECT count(*) FROM hook_requests r, json_each(r.results) e WHERE e.value->>'outcome' = 'applied'",
}
