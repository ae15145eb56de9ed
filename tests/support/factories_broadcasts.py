"""Broadcasts and their runs for tests."""

from typing import Any

from mailrith.accounts.models import Workspace
from mailrith.broadcasts.models import Broadcast
from mailrith.connections.models import Connection
from mailrith.content.markdown import document_from_markdown
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase, RunRoute
from mailrith.subscribers.audience import EVERYONE, Audience
from mailrith.subscribers.models import Subscriber
from tests.support.factories import save

LETTER = 'Good morning [Subscriber_Name, fallback="friend"],\n\nread [this](https://allotmentpost.example/).\n'


def make_broadcast(workspace: Workspace, **changes: Any) -> Broadcast:
    """A draft for everyone, ready but for its connection."""
    markdown = changes.pop("markdown", LETTER)
    values: dict[str, Any] = {
        "workspace_id": workspace.id,
        "subject": "The hungry gap",
        "preview_text": "Three weeks with almost nothing.",
        "markdown": markdown,
        "body_document": document_from_markdown(markdown).to_json(),
        "audience": Audience(EVERYONE).to_json(),
    }
    return save(Broadcast(**values | changes))


def make_run(broadcast: Broadcast, connection: Connection, **changes: Any) -> Run:
    """A run of the broadcast that is sending, with nobody in it yet."""
    values: dict[str, Any] = {
        "workspace_id": broadcast.workspace_id,
        "connection_id": connection.id,
        "letter": {},
        "audience": broadcast.audience,
        "source": "broadcast",
        "source_public_id": broadcast.public_id,
        "phase": RunPhase.SENDING,
        "left_out": {},
    }
    run = save(Run(**values | changes))
    save(RunRoute(run_id=run.id, connection_id=connection.id))
    broadcast.run_id = run.id
    save(broadcast)
    return run


def make_delivery(
    run: Run, person: Subscriber, state: DeliveryState = DeliveryState.QUEUED, **changes: Any
) -> Delivery:
    values: dict[str, Any] = {
        "workspace_id": run.workspace_id,
        "run_id": run.id,
        "subscriber_id": person.id,
        "email": person.email,
        "fingerprint": person.fingerprint,
        "state": state,
        "connection_id": run.connection_id,
    }
    return save(Delivery(**values | changes))
