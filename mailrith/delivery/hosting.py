"""Who receives for a domain of somebody's own: its MX records say so. Asked only for a domain that wanted it slower."""

from collections.abc import Callable, Sequence

from mailrith.connections.sender_checks.lookup import Lookup
from mailrith.core import config, queue
from mailrith.core.db import db
from mailrith.delivery.backoff import Backoff
from mailrith.delivery.mailbox_providers import group_of_hosts
from mailrith.delivery.models import Delivery

HostsOf = Callable[[str], Sequence[str]]


def learn(delivery_id: int, hosts_of: HostsOf | None = None) -> str | None:
    """Find out who hosts the domain of this recipient, and slow their whole group down. Gives the group, or None.

    `hosts_of` gives the names of a domain's mail servers. Ends the transaction. Raises redis.RedisError while Valkey is away.
    """
    delivery = db.session.get(Delivery, delivery_id)
    connection_id, email = (delivery.connection_id, delivery.email) if delivery else (None, "")
    db.session.rollback()  # nothing waits for the network inside a transaction
    if connection_id is None:
        return None
    domain = email.rpartition("@")[2].lower()
    group = group_of_hosts((hosts_of or _exchanges)(domain))
    if group is not None:
        client = queue.connect()
        backoff = Backoff(client, connection_id)
        backoff.remember_host(domain, group)
        backoff.slower(group)
        client.close()
    return group


def _exchanges(domain: str) -> Sequence[str]:
    return Lookup.of(config.current()).exchanges(domain).texts
