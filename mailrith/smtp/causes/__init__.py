"""Every cause in plain words, in one table: Verify, test mails, broadcast errors and the documents all read it here."""

from mailrith.smtp.causes.cause import Cause
from mailrith.smtp.causes.connection import CONNECTION_CAUSES
from mailrith.smtp.causes.message import MESSAGE_CAUSES

__all__ = ["CAUSES", "Cause", "cause"]

CAUSES: dict[str, Cause] = CONNECTION_CAUSES | MESSAGE_CAUSES


def cause(key: str) -> Cause:
    """The cause of that key; a plain one for keys that a newer version wrote."""
    return CAUSES.get(key, CAUSES["refused"])
