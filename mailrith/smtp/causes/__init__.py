"""Every cause in plain words, in one table: Verify, test mails, broadcast errors and the documents all read it here."""

from mailrith.smtp.causes.cause import Cause
from mailrith.smtp.causes.encryption import ENCRYPTION_CAUSES
from mailrith.smtp.causes.message import MESSAGE_CAUSES
from mailrith.smtp.causes.reaching import REACHING_CAUSES
from mailrith.smtp.causes.returned import RETURNED_CAUSES
from mailrith.smtp.causes.sending import SENDING_CAUSES
from mailrith.smtp.causes.sign_in import SIGN_IN_CAUSES
from mailrith.smtp.causes.token import TOKEN_CAUSES

__all__ = ["CAUSES", "CHAPTERS", "RETURNED_CAUSES", "Cause", "cause"]

CHAPTERS: dict[str, dict[str, Cause]] = {
    "Reaching the server": REACHING_CAUSES,
    "Encryption": ENCRYPTION_CAUSES,
    "Signing in": SIGN_IN_CAUSES,
    "Signing in with OAuth": TOKEN_CAUSES,
    "While sending": SENDING_CAUSES,
    "One message": MESSAGE_CAUSES,
    "After sending": RETURNED_CAUSES,
}
CAUSES: dict[str, Cause] = {
    key: found for chapter in CHAPTERS.values() for key, found in chapter.items()
}


def cause(key: str) -> Cause:
    """The cause of that key; a plain one for keys that a newer version wrote."""
    return CAUSES.get(key, CAUSES["refused"])
