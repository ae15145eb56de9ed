"""What single messages need: a connection through which some of them still have to leave cannot just go."""

from sqlalchemy import func, select

from mailrith.connections.uses import Use
from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run, RunPhase
from mailrith.messages.models import SOURCE

_ON_THE_WAY = (DeliveryState.QUEUED, DeliveryState.DEFERRED, DeliveryState.SENDING)


def uses_of_connection(connection_id: int) -> list[Use]:
    """One for each workspace whose messages wait for the connection."""
    rows = db.session.execute(
        select(Run.workspace_id, func.count(Run.id.distinct()))
        .join(Delivery, Delivery.run_id == Run.id)
        .where(
            Run.source == SOURCE,
            Run.phase.in_((RunPhase.SENDING, RunPhase.PAUSED)),
            Delivery.connection_id == connection_id,
            Delivery.state.in_(_ON_THE_WAY),
        )
        .group_by(Run.workspace_id)
        .order_by(Run.workspace_id)
    )
    return [
        Use(_name(messages), "Waiting", kind="message", workspace_id=workspace_id)
        for workspace_id, messages in rows
    ]


def _name(messages: int) -> str:
    return "1 message of a program" if messages == 1 else f"{messages:,} messages of programs"
