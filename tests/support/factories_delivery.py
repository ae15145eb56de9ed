"""Runs and their people, ready to be sent through the scripted server."""

from typing import Any

from sqlalchemy import select, update

from mailrith.accounts.models import Workspace
from mailrith.connections.models import Connection, SendingChoice
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import actions
from mailrith.delivery.models import Delivery, Run, RunPhase, RunRoute
from mailrith.delivery.pacing.limits import Limits
from mailrith.delivery.sending import letters
from mailrith.subscribers.audience import Audience
from mailrith.subscribers.models import Subscriber
from tests.support import factories
from tests.support.factories_connections import VERIFIED

BODY = {
    "type": "doc",
    "content": [
        {
            "type": "paragraph",
            "content": [
                {"type": "text", "text": 'Good morning [Subscriber_Name, fallback="friend"],'}
            ],
        },
        {"type": "paragraph", "content": [{"type": "text", "text": "It rains."}]},
    ],
}


def make_letter(
    workspace: Workspace, connection: Connection, **changes: Any
) -> letters.FrozenLetter:
    values: dict[str, Any] = {
        "subject": "The hungry gap",
        "preview_text": "",
        "body_document": BODY,
    }
    return letters.freeze(workspace=workspace, connection=connection, **(values | changes))


def make_run(workspace: Workspace, connection: Connection, **changes: Any) -> Run:
    """A run of everyone, not frozen yet."""
    words = {name: changes.pop(name) for name in ("subject", "body_document") if name in changes}
    letter = make_letter(workspace, connection, **words)
    values: dict[str, Any] = {
        "workspace_id": workspace.id,
        "connection_id": connection.id,
        "letter": letter.to_json(),
        "audience": Audience("everyone").to_json(),
        "source": "broadcast",
        "left_out": {},
        "not_before": now(),
    }
    run = factories.save(Run(**values | changes))
    factories.save(RunRoute(run_id=run.id, connection_id=connection.id))
    return run


def make_sending_run(smtpd: Any, people: int = 3, **changes: Any) -> tuple[Run, list[Subscriber]]:
    """A run of `people`, frozen and under way, through a connection to `smtpd`."""
    from mailrith.delivery import jobs

    workspace = factories.make_workspace()
    persons = [factories.make_subscriber(workspace) for _ in range(people)]
    limits = {
        name: changes.pop(name) for name in ("max_sessions", *Limits.__slots__) if name in changes
    }
    connection = factories.make_connection(workspace, port=smtpd.port, **limits)
    run = make_run(workspace, connection, **changes)
    db.session.commit()
    jobs.freeze(run.id)
    db.session.refresh(run)
    assert run.phase == RunPhase.SENDING
    return run, persons


def make_routed_run(
    servers: Any, people: int, *, weights: Any = None, fall_back: bool = False, **limits: Any
) -> tuple[Run, list[Subscriber], list[Connection]]:
    """A run of `people`, frozen and under way: by `weights` over verified connections to the servers, or all through the first."""
    from mailrith.delivery import jobs

    workspace = factories.make_workspace()
    factories.save(SendingChoice(workspace_id=workspace.id, fall_back=fall_back))
    persons = [factories.make_subscriber(workspace) for _ in range(people)]
    connections = [
        factories.make_connection(
            workspace, name=f"Server {number}", port=server.port, **VERIFIED, **limits
        )
        for number, server in enumerate(servers, 1)
    ]
    run = actions.create_run(
        workspace_id=workspace.id,
        connection_id=connections[0].id,
        letter=make_letter(workspace, connections[0]),
        audience=Audience("everyone"),
        source="broadcast",
        source_public_id=None,
        weights=weights and {c.id: w for c, w in zip(connections, weights, strict=True)},
    )
    db.session.commit()
    jobs.freeze(run.id)
    db.session.refresh(run)
    assert run.phase == RunPhase.SENDING
    return run, persons, connections


def deliveries(run: Run) -> list[Delivery]:
    """Copies in the order of their ids, as the database has them now. Leaves no transaction open behind."""
    run_id = run.id
    db.session.rollback()
    query = select(Delivery).where(Delivery.run_id == run_id).order_by(Delivery.id)
    found = list(db.session.scalars(query))
    for delivery in found:
        db.session.expunge(delivery)
    db.session.rollback()
    return found


def make_marked(run: Run) -> list[Delivery]:
    """All of the run's people as a worker has marked them."""
    for delivery in deliveries(run):
        change(delivery, state="sending", attempt=1, lease_until=4e9)
    return deliveries(run)


def change(delivery: Delivery, **values: Any) -> None:
    """Set columns of the row, as if something had happened to it."""
    db.session.execute(update(Delivery).where(Delivery.id == delivery.id).values(**values))
    db.session.commit()


def states(run: Run) -> dict[str, int]:
    """How many are in each state; states of nobody are left out."""
    found: dict[str, int] = {}
    for delivery in deliveries(run):
        found[str(delivery.state)] = found.get(str(delivery.state), 0) + 1
    return found
