"""How long the receivers of an audience take that get their mail slower than others do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import redis
from sqlalchemy import Text, func, select
from sqlalchemy.sql.elements import ColumnElement

from mailrith.connections.limits import receiver_limits
from mailrith.connections.models import Connection
from mailrith.core import queue
from mailrith.core.db import db
from mailrith.delivery.pacing.backoff import BOUNDLESS_RATE, RECOVERY_SECONDS, Backoff, Slowed
from mailrith.delivery.pacing.mailbox_providers import domains_of
from mailrith.subscribers import audience as audiences
from mailrith.subscribers.audience import Audience


@dataclass(frozen=True, slots=True)
class Receivers:
    """People of one group of receivers, and how long they take alone. `domain` names the group; `asked` says that it asked for it."""

    domain: str
    people: int
    per_second: float
    seconds: float
    asked: bool


def slow(
    connection: Connection, workspace_id: int, audience: Audience, part: float = 1.0
) -> list[Receivers]:
    """Those with a rate of their own on this connection, which carries such a part of the audience.

    While Valkey is away, only those to which a person set one.
    """
    slowed, hosted = _slowed(connection)
    rated = {group: one for group, one in slowed.items() if one.per_second < BOUNDLESS_RATE}
    if not rated:
        return []
    groups = {domain: group for group in rated for domain in domains_of(group)}
    groups |= {domain: group for domain, group in hosted.items() if group in rated}
    people: dict[str, int] = dict.fromkeys(rated, 0)
    for domain, count in _people(workspace_id, audience, groups):
        people[groups[domain]] += count
    return [
        _receivers(group, rated[group], round(count * part), groups)
        for group, count in people.items()
        if count
    ]


def _slowed(connection: Connection) -> tuple[dict[str, Slowed], Mapping[str, str]]:
    limits = receiver_limits.of(connection.receiver_limits)
    with queue.connect() as client:
        backoff = Backoff(client, connection.id, limits)
        try:
            return backoff.groups(), backoff.hosted()
        except redis.RedisError:
            return backoff.set_by_person, {}


def _people(
    workspace_id: int, audience: Audience, domains: Iterable[str]
) -> Iterable[tuple[str, int]]:
    members = audiences.members(workspace_id, audience).subquery()
    domain = _domain(members.c.email).label("domain")
    rows = db.session.execute(
        select(domain, func.count()).where(domain.in_(sorted(domains))).group_by(domain)
    )
    return [(row[0], row[1]) for row in rows]


def _domain(email: ColumnElement[str]) -> ColumnElement[str]:
    """What stands behind the @ of an address as it is stored: with its domain in lower case."""
    if db.engine.dialect.name == "postgresql":
        return func.split_part(email, "@", 2, type_=Text())
    return func.substr(email, func.instr(email, "@") + 1, type_=Text())


def _receivers(group: str, slowed: Slowed, people: int, groups: Mapping[str, str]) -> Receivers:
    named = next(domain for domain in groups if groups[domain] == group)
    return Receivers(named, people, slowed.per_second, _seconds(people, slowed), slowed.step > 0)


def _seconds(people: int, slowed: Slowed) -> float:
    """Nothing while it is silent; then, when nobody complains again, twice as fast each minute."""
    left, seconds, rate = float(people), slowed.silent_seconds, slowed.per_second
    for _ in range(slowed.step):
        if left <= rate * RECOVERY_SECONDS:
            return seconds + left / rate
        left -= rate * RECOVERY_SECONDS
        seconds, rate = seconds + RECOVERY_SECONDS, rate * 2
    return seconds if slowed.step else seconds + left / rate
