"""Which connection carries a workspace's mail: the order, the default, who may stand in, and the split by weight."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from mailrith.accounts import audit
from mailrith.accounts.models import User, Workspace
from mailrith.connections import queries
from mailrith.connections.checks.reports import report_of
from mailrith.connections.form.sending_rules import Problem, sendable
from mailrith.connections.models import Connection, ConnectionWorkspace, SendingChoice
from mailrith.connections.standing import pausing
from mailrith.core.db import db
from mailrith.core.errors import Conflict, Invalid

HEAVIEST = 100  # parts; finer shares than a hundredth are of no use


@dataclass(frozen=True)
class Choice:
    """What the workspace chose. Without a choice: the default alone, and a pause when it is down."""

    fall_back: bool = False
    split: bool = False


@dataclass(frozen=True)
class Carrier:
    """A connection that takes its share of a broadcast: `weight` parts of the sum of all weights."""

    connection: Connection
    weight: int = 1


@dataclass(frozen=True)
class Way:
    """How a broadcast would leave now.

    `sender` gives its From. `carriers` is empty when nothing can carry it. `left_out` are those that should, and why they cannot.
    """

    sender: Connection
    carriers: tuple[Carrier, ...]
    left_out: tuple[tuple[Connection, Problem], ...] = ()
    by_default: bool = False

    def share(self, carrier: Carrier, people: int) -> int:
        """How many of `people` it is to carry, rounded up."""
        return -(-people * carrier.weight // sum(one.weight for one in self.carriers))


def order_of(workspace_id: int) -> list[Connection]:
    """The workspace's connections, the default first."""
    return list(
        db.session.scalars(
            select(Connection)
            .join(ConnectionWorkspace, ConnectionWorkspace.connection_id == Connection.id)
            .where(
                ConnectionWorkspace.workspace_id == workspace_id, Connection.deleted_at.is_(None)
            )
            .order_by(ConnectionWorkspace.position, Connection.id)
        )
    )


def default_of(workspace_id: int) -> Connection | None:
    """The connection of whatever names none; None where the workspace has no connection."""
    return next(iter(order_of(workspace_id)), None)


def weights_of(workspace_id: int) -> dict[int, int]:
    """Connection id -> its parts when the workspace splits; 0 is none."""
    rows = db.session.execute(
        select(ConnectionWorkspace.connection_id, ConnectionWorkspace.weight).where(
            ConnectionWorkspace.workspace_id == workspace_id
        )
    )
    return {row.connection_id: row.weight for row in rows}


def choice_of(workspace_id: int) -> Choice:
    """What the workspace chose."""
    stored = db.session.get(SendingChoice, workspace_id)
    return Choice(stored.fall_back, stored.split) if stored else Choice()


def choose(workspace: Workspace, choice: Choice, user: User) -> None:
    """Fall back or not, split or not."""
    if choice == choice_of(workspace.id):
        return
    values = vars(choice)
    db.session.merge(SendingChoice(workspace_id=workspace.id, **values))
    _record(workspace, "sending.chosen", user, **values)


def set_order(workspace: Workspace, connection_ids: Sequence[int], user: User) -> None:
    """The first is the default. Raises Conflict when these are not the workspace's connections any more."""
    before = [connection.id for connection in order_of(workspace.id)]
    if sorted(connection_ids) != sorted(before):
        raise Conflict("The connections of this workspace have changed. Look at them again.")
    if list(connection_ids) == before:
        return
    # Up to -1: whatever is assigned later stands at 0, after them.
    for position, connection_id in enumerate(connection_ids, -len(before)):
        _put(workspace.id, connection_id, position=position)
    names = {connection.id: connection.name for connection in order_of(workspace.id)}
    _record(workspace, "sending.ordered", user, order=[names[id_] for id_ in connection_ids])


def move(workspace: Workspace, connection: Connection, steps: int, user: User) -> None:
    """Up (-1) or down (1) in the order; at the end nothing happens. Raises Conflict for a connection of others."""
    order = [one.id for one in order_of(workspace.id)]
    if connection.id not in order:
        raise Conflict(f"{connection.name} is not a connection of this workspace.")
    at = order.index(connection.id)
    order.insert(min(max(at + steps, 0), len(order) - 1), order.pop(at))
    set_order(workspace, order, user)


def set_weights(workspace: Workspace, weights: Mapping[int, int], user: User) -> None:
    """Parts of the connections named; others keep theirs. Raises Invalid."""
    before = weights_of(workspace.id)
    changed = {id_: weight for id_, weight in weights.items() if before.get(id_, weight) != weight}
    if not changed:
        return
    names = {connection.id: connection.name for connection in order_of(workspace.id)}
    for connection_id, weight in changed.items():
        if not 0 <= weight <= HEAVIEST:
            raise Invalid(f"The share of {names[connection_id]} is a number from 0 to {HEAVIEST}.")
        _put(workspace.id, connection_id, weight=weight)
    shares = {names[id_]: weight for id_, weight in changed.items()}
    _record(workspace, "sending.weighted", user, shares=shares)


def objection(candidate: Connection, connection: Connection) -> str | None:
    """Why `candidate` may not carry what was meant for `connection`; None if it may."""
    if candidate.from_email.lower() != connection.from_email.lower():
        return f"It sends from {candidate.from_email}, not from {connection.from_email}."
    problem = sendable(candidate)
    if problem is not None:
        return problem.sentence
    if candidate.verified_at is None:
        return "It has not been verified: nobody has seen it sign in."
    if not report_of(candidate).takes_author:
        return f"Its server has not been seen to accept {candidate.from_email}. Verify it again."
    return None


def stand_ins(workspace_id: int, connection: Connection) -> list[Connection]:
    """Who may carry what was meant for `connection`, in the workspace's order.

    Nobody while too much of its mail comes back: the same people would be mailed through another server.
    """
    if pausing.by_share(connection):
        return []
    return [
        candidate
        for candidate in order_of(workspace_id)
        if candidate.id != connection.id and objection(candidate, connection) is None
    ]


def way_of(workspace_id: int, connection_id: int | None) -> Way | None:
    """How a broadcast leaves that names this connection, or none for the workspace's default.

    None without a connection, or when the one named is not the workspace's any more.
    """
    by_default = connection_id is None
    chosen = (
        default_of(workspace_id)
        if connection_id is None
        else queries.get_by_id(workspace_id, connection_id)
    )
    if chosen is None:
        return None
    choice = choice_of(workspace_id)
    wanted = _split(workspace_id, chosen) if choice.split and by_default else [Carrier(chosen)]
    problems = {one.connection.id: sendable(one.connection) for one in wanted}
    carriers = [one for one in wanted if problems[one.connection.id] is None]
    if not carriers and choice.fall_back:
        carriers = [Carrier(one) for one in stand_ins(workspace_id, chosen)[:1]]
    left_out = tuple(
        (one.connection, problem) for one in wanted if (problem := problems[one.connection.id])
    )
    return Way(chosen, tuple(carriers), left_out, by_default)


def _split(workspace_id: int, chosen: Connection) -> list[Carrier]:
    weights = weights_of(workspace_id)
    sender = chosen.from_email.lower()
    found = [
        Carrier(one, weights[one.id])
        for one in order_of(workspace_id)
        if weights[one.id] and one.from_email.lower() == sender
    ]
    return found or [Carrier(chosen)]


def _put(workspace_id: int, connection_id: int, **values: int) -> None:
    db.session.execute(
        update(ConnectionWorkspace)
        .where(
            ConnectionWorkspace.workspace_id == workspace_id,
            ConnectionWorkspace.connection_id == connection_id,
        )
        .values(**values)
    )


def _record(workspace: Workspace, action: str, user: User, **details: object) -> None:
    audit.record(
        account_id=workspace.account_id,
        workspace_id=workspace.id,
        user_id=user.id,
        action=action,
        subject=workspace.name,
        details=details,
    )
