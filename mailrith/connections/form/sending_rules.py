"""Whether a connection may carry mail now, and whose address may stand in its From; if not, why."""

from dataclasses import dataclass

from mailrith.accounts.models import Account
from mailrith.connections.form import free_mail
from mailrith.connections.models import Connection, Provider
from mailrith.connections.offered import offer
from mailrith.core import config
from mailrith.core.addresses import domain_of
from mailrith.core.config import Settings
from mailrith.core.db import db
from mailrith.core.network import is_loopback_host
from mailrith.smtp.causes import cause


@dataclass(frozen=True)
class Problem:
    """Why not. `code` is stable, `sentence` is for people."""

    code: str
    sentence: str


NO_PUBLIC_URL = Problem(
    "public_url",
    "Links in your mail would lead nowhere: MAILRITH_PUBLIC_URL is not a public https address yet. Until the person who runs "
    "Mailrith sets it, only test mails and servers on this machine work.",
)
NOT_OFFERED = Problem(
    "not_offered",
    "The person who runs Mailrith offers no server at the moment. Choose another connection.",
)


def sendable(connection: Connection, settings: Settings | None = None) -> Problem | None:
    """None if a broadcast may leave through it, else the reason."""
    settings = settings or config.current()
    if connection.deleted_at is not None:
        return Problem("deleted", f"{connection.name} was deleted. Choose another connection.")
    if not connection.enabled:
        return Problem("disabled", f"{connection.name} is disabled. Enable it, or choose another.")
    if connection.paused_at is not None:
        why = cause(connection.pause_cause)
        return Problem("paused", f"Mailrith paused {connection.name}. {why.what} {why.todo[0]}")
    problem = sender_of(connection, settings)
    if problem is None and not _on_this_machine(connection, settings) and not settings.public_https:
        return NO_PUBLIC_URL
    return problem


def sender_of(connection: Connection, settings: Settings | None = None) -> Problem | None:
    """None if the connection's own From may be used, else the reason. Settings may have changed since it was saved."""
    settings = settings or config.current()
    if connection.provider != Provider.INSTALLATION:
        address, host = connection.from_email, connection.host
        return sender_problem(connection.account_id, address, host, settings)
    offered = offer(settings)
    if offered is None:
        return NOT_OFFERED
    if offered.from_email != connection.from_email:
        return Problem(
            "offered_sender",
            f"The sender address of {connection.name} has changed. Open the connection and save it again.",
        )
    return None


def sender_problem(
    account_id: int, address: str, host: str, settings: Settings | None = None
) -> Problem | None:
    """Why mail of this account through the server `host` may not be from `address`; None if it may."""
    domain = domain_of(address)
    provider = free_mail.provider_of(domain)
    # A server on this machine is a catcher for tries, or the operator's relay.
    if provider and host and not is_loopback_host(host) and not free_mail.may_send(provider, host):
        return Problem(
            "free_mail",
            f"Mail from {domain} is only believed when the servers of {provider.name} send it. "
            f"Use an address of a domain of your own, or connect the server of {provider.name}.",
        )
    settings = settings or config.current()
    if settings.is_own_domain(domain) and not db.session.get_one(Account, account_id).operator:
        return Problem(
            "own_domain",
            f"{domain} belongs to this installation itself. Use an address of a domain of your own.",
        )
    return None


def _on_this_machine(connection: Connection, settings: Settings) -> bool:
    if connection.provider != Provider.INSTALLATION:
        return connection.loopback
    offered = offer(settings)
    return offered is not None and offered.loopback
