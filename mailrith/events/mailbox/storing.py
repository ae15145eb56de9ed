"""Keeping mails as they came, each once: what is in the database is safe, whatever happens at the server afterwards."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from mailrith.connections.mailbox.models import MailboxMail
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.events import recording
from mailrith.events.mailbox.returned import SOURCE

CONTENT_TYPE = "message/rfc822"


def store(mailbox_id: int, connection_id: int, name: str, raw: bytes) -> bool:
    """Keep a mail, and have it applied. False when it is known. The caller commits."""
    dialect = db.session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    values = {
        "mailbox_id": mailbox_id,
        "digest": hashlib.sha256(raw).digest(),
        "uid": name,
        "stored_at": now(),
    }
    new = db.session.scalar(
        insert(MailboxMail)
        .values(values)
        .on_conflict_do_nothing()
        .returning(MailboxMail.mailbox_id)
    )
    if new is None:
        return False
    recording.record(connection_id, CONTENT_TYPE, raw, source=SOURCE)
    return True


def known(mailbox_id: int, names: Sequence[str]) -> set[str]:
    """Those of these names under which a mail is stored."""
    found = db.session.scalars(
        select(MailboxMail.uid).where(
            MailboxMail.mailbox_id == mailbox_id, MailboxMail.uid.in_(names)
        )
    )
    return set(found)
