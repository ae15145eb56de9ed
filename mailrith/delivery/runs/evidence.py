"""Doubt is resolved by evidence: whoever tells us something about a message shows that the connection had taken it."""

from collections.abc import Collection

from sqlalchemy import case, update

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery.models import RESEND, Delivery, DeliveryState
from mailrith.delivery.runs.routes import WAITING

CAUSE = "evidence"


def settle(delivery_ids: Collection[int]) -> int:
    """Make those of the deliveries that are in doubt `sent`. Returns how many were. The caller commits.

    Only doubt is touched, also that of somebody who waits to be sent to again; what the wire has settled stays as it is.
    """
    if not delivery_ids:
        return 0
    settled = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id.in_(sorted(delivery_ids)),
            # CASE: states that look rare would be looked up before the numbers.
            case(
                (Delivery.state == DeliveryState.IN_DOUBT, True),
                (Delivery.state.in_(WAITING), Delivery.cause == RESEND),
                else_=False,
            ),
        )
        .values(
            state=DeliveryState.SENT,
            cause=CAUSE,
            lease_token=None,
            lease_until=None,
            updated_at=now(),
        )
        .execution_options(synchronize_session=False)
    )
    return int(settled.rowcount)  # type: ignore[attr-defined]
