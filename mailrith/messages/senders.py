"""Through which connection a message leaves, and from which address."""

import random
from dataclasses import dataclass

from mailrith.accounts.models import Workspace
from mailrith.connections import queries as connections
from mailrith.connections import routing
from mailrith.connections.form import free_mail
from mailrith.connections.form.sending_rules import Problem, sendable
from mailrith.connections.models import Connection, Provider
from mailrith.core.addresses import domain_of, key
from mailrith.core.errors import Conflict, Invalid, NotFound
from mailrith.messages.checking import check_email, check_name, field_named
from mailrith.messages.drafts import Draft, Mailbox

# It waits until these are over; anything else is mended by nobody's waiting.
PASSING = frozenset({"paused", "disabled"})


class NoConnection(Conflict):
    """The workspace has none."""

    def __init__(self) -> None:
        super().__init__("This workspace has no delivery connection yet. Add one first.")


class Unusable(Conflict):
    """The connection cannot carry mail, and waiting would not help."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)


@dataclass(frozen=True, slots=True)
class Way:
    """The connection that is to take a message, by its id, and its From."""

    connection_id: int
    sender: Mailbox


def way_of(workspace: Workspace, draft: Draft, at: str) -> Way:
    """The connection that the draft names, or the workspace's default and whoever shares its work.

    A paused or disabled one is fine: the message waits. Raises NoConnection, Unusable, NotFound and Invalid.
    """
    connection = _connection(workspace, draft)
    problem = sendable(connection)
    if problem is not None and problem.code not in PASSING:
        raise Unusable(problem)
    return Way(connection.id, _sender(connection, draft, at))


def _connection(workspace: Workspace, draft: Draft) -> Connection:
    if draft.connection_id is not None:
        named = connections.get(workspace.id, draft.connection_id)
        if named is None:
            raise NotFound("This workspace has no delivery connection with this id.")
        return named
    way = routing.way_of(workspace.id, None)
    if way is None:
        raise NoConnection
    if not way.carriers:
        return way.sender
    weights = [carrier.weight for carrier in way.carriers]
    return random.choices(way.carriers, weights)[0].connection


def _sender(connection: Connection, draft: Draft, at: str) -> Mailbox:
    address = connection.from_email
    if draft.from_email is not None:
        asked = check_email(draft.from_email, f"{at}from_email").text
        if key(asked) != key(address):
            with field_named(f"{at}from_email"):
                _check_override(connection, asked)
            address = asked
    if draft.from_name is not None:
        check_name(draft.from_name, f"{at}from_name")
        return Mailbox(address, draft.from_name)
    return Mailbox(address, connection.from_name)


def _check_override(connection: Connection, address: str) -> None:
    """Another address of the connection's own domain. At Gmail and the like the others belong to other people."""
    domain = domain_of(connection.from_email)
    shared = connection.provider == Provider.INSTALLATION or free_mail.provider_of(domain)
    if shared or domain_of(address) != domain:
        others = "" if shared else f", or another address at {domain}"
        raise Invalid(
            f"{connection.name} sends from {connection.from_email}{others}. Use that, or leave the field out."
        )
