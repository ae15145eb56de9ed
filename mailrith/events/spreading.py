"""A complaint that counts in every workspace of the account, where its owner has chosen so. Nobody learns which one it came from."""

from sqlalchemy import select

from mailrith.accounts.models import Workspace
from mailrith.core import addresses
from mailrith.core.db import db
from mailrith.events.mails import Mail
from mailrith.subscribers import actions as subscribers
from mailrith.subscribers.models import Subscriber
from mailrith.suppression import actions as suppression
from mailrith.suppression import policy
from mailrith.suppression.models import SuppressionReason

WORDS = "Marked a mail of this account as spam."


def spread_complaint(delivery: Mail) -> None:
    """Suppress the address in the other workspaces, and make who has it there Complained. The caller commits."""
    account_id = db.session.scalar(
        select(Workspace.account_id).where(Workspace.id == delivery.workspace_id)
    )
    if account_id is None or not policy.complaints_everywhere(account_id):
        return
    others = db.session.scalars(
        select(Workspace)
        .where(Workspace.account_id == account_id, Workspace.id != delivery.workspace_id)
        .order_by(Workspace.id)
    ).all()
    for workspace in others:
        _suppress(workspace, delivery.email)


def _suppress(workspace: Workspace, email: str) -> None:
    fingerprint = addresses.fingerprint(workspace.address_salt, email)
    holder = db.session.scalar(
        select(Subscriber.id).where(
            Subscriber.workspace_id == workspace.id, Subscriber.fingerprint == fingerprint
        )
    )
    if holder is not None:
        subscribers.record_complaint(holder, WORDS)
    else:
        # Only the fingerprint: a workspace that never had the address does not get it this way.
        suppression.suppress(workspace.id, fingerprint, None, SuppressionReason.COMPLAINED, WORDS)
