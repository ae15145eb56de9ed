"""Which receivers a word about one delivery concerns. MX records say who hosts a domain of somebody's own."""

from collections.abc import Callable, Sequence
from datetime import datetime

from mailrith.connections.sender_checks.lookup import Lookup
from mailrith.core import config, queue
from mailrith.core.db import db
from mailrith.core.reserved import reserved
from mailrith.delivery.models import Delivery
from mailrith.delivery.pacing.backoff import Backoff
from mailrith.delivery.pacing.mailbox_providers import group_of_hosts, known_group

HostsOf = Callable[[str], Sequence[str]]


def learn(delivery_id: int, hosts_of: HostsOf | None = None) -> str | None:
    """Find out who hosts the domain of this recipient, and slow their whole group down. Gives the group, or None.

    `hosts_of` gives the names of a domain's mail servers. Ends the transaction. Raises redis.RedisError while Valkey is away.
    """
    found = _read(delivery_id)
    if found is None:
        return None
    connection_id, domain, _ = found
    group = group_of_hosts((hosts_of or _exchanges)(domain))
    if group is not None:
        with queue.connect() as client:
            backoff = Backoff(client, connection_id)
            backoff.remember_host(domain, group)
            backoff.slower(group)
    return group


def slow_down(delivery_id: int) -> None:
    """An event says that the receivers of this delivery want fewer messages. Ends the transaction.

    Raises redis.RedisError while Valkey is away.
    """
    found = _read(delivery_id)
    if found is None:
        return
    connection_id, domain, sent_at = found
    with queue.connect() as client:
        backoff = Backoff(client, connection_id)
        group = known_group(domain) or backoff.hosted().get(domain, domain)
        backoff.slower(group, sent_at=sent_at.timestamp())
        unknown = group == domain and not reserved(domain) and backoff.first_to_ask(domain)
    if unknown:
        learn(delivery_id)


def _read(delivery_id: int) -> tuple[int, str, datetime] | None:
    """(connection, domain, when it was sent)."""
    delivery = db.session.get(Delivery, delivery_id)
    found = None
    if delivery is not None and delivery.connection_id is not None:
        domain = delivery.email.rpartition("@")[2].lower()
        found = (delivery.connection_id, domain, delivery.updated_at)
    db.session.rollback()  # nothing waits for the network inside a transaction
    return found


def _exchanges(domain: str) -> Sequence[str]:
    return Lookup.of(config.current()).exchanges(domain).texts
