"""Runs and deliveries that have been sent, and requests of providers about them."""

import json
from typing import Any
from uuid import UUID

from mailrith.accounts.models import Workspace
from mailrith.connections.models import Connection
from mailrith.core import clock
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from mailrith.delivery.sending import message_ids
from mailrith.events import recording
from mailrith.events.models import HookRequest
from mailrith.events.providers import generic
from mailrith.subscribers.models import Subscriber
from tests.support.factories import save


def make_run(workspace: Workspace, connection: Connection, **changes: Any) -> Run:
    values: dict[str, Any] = {
        "workspace_id": workspace.id,
        "source": "broadcast",
        "source_public_id": UUID(int=1),
        "connection_id": connection.id,
        "letter": {},
        "audience": {},
        "phase": RunPhase.SENDING,
    }
    return save(Run(**values | changes))


def make_delivery(run: Run, subscriber: Subscriber, **changes: Any) -> Delivery:
    values: dict[str, Any] = {
        "workspace_id": run.workspace_id,
        "run_id": run.id,
        "subscriber_id": subscriber.id,
        "email": subscriber.email,
        "fingerprint": subscriber.fingerprint,
        "state": DeliveryState.SENT,
        "connection_id": run.connection_id,
    }
    return save(Delivery(**values | changes))


def message_id(delivery: Delivery) -> str:
    """The Message-ID that the delivery's mail carries, in brackets."""
    run = db.session.get_one(Run, delivery.run_id)
    return f"<{message_ids.make(run.public_id, delivery.id, 'post.example')}>"


def event(delivery: Delivery, kind: str = "hard_bounce", **changes: Any) -> dict[str, Any]:
    return {"event": kind, "message_id": message_id(delivery), **changes}


def store(connection: Connection, *events: Any) -> HookRequest:
    """A stored request of these events, as the endpoint leaves it."""
    request = recording.record(connection.id, "application/json", json.dumps(events).encode())
    db.session.commit()
    return request


def signed(secret: str, body: bytes, moment: int | None = None) -> dict[str, str]:
    """The headers that a sender who knows the secret gives."""
    moment = int(clock.now().timestamp()) if moment is None else moment
    return {generic.HEADER: f"t={moment},v1={generic.sign(secret, moment, body)}"}
