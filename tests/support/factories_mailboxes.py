"""Bounce mailboxes as people set them up."""

from typing import Any

from mailrith.connections.mailbox.models import BounceMailbox, Protocol
from mailrith.connections.models import SecureMode
from mailrith.core.db import db


def make_mailbox(connection_id: int, **changes: Any) -> BounceMailbox:
    values: dict[str, Any] = {
        "connection_id": connection_id,
        "protocol": Protocol.IMAP,
        "port": 993,
        "secure_mode": SecureMode.TLS,
        "address": "bounces@rig.test",
    }
    sealed = {
        "host": "127.0.0.1",
        "username": "bounces@rig.test",
        "password": "canary-mailbox-password",
        "oauth_secret": "",
        "oauth_refresh": "",
    }
    sealed |= {name: changes.pop(name) for name in sealed if name in changes}
    made = BounceMailbox(**values | changes)
    db.session.add(made)
    db.session.flush()
    for name, plain in sealed.items():
        made.seal(name, plain)
    db.session.commit()
    return made
