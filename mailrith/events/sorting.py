"""Hard, soft or block: what a service says of a bounce, checked against the words of the server that sent it back."""

import re

from mailrith.events.models import FactKind
from mailrith.smtp.diagnosis import Diagnosis, diagnose

_KINDS = {
    "hard": FactKind.HARD_BOUNCE,
    "soft": FactKind.SOFT_BOUNCE,
    "block": FactKind.BLOCK,
    "deferred": FactKind.DEFERRED,
}
# Many services call every 5xx hard. These are about the message or the moment, whatever the code.
_SURELY_SOFT = frozenset({"mailbox_full", "too_large"})

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)  # RFC 3463


def kind_of(words: str, status: str = "") -> FactKind:
    """The kind of a bounce that the service does not sort: by the words, then by the codes."""
    return _KINDS[_diagnosis(words, status).kind]


def checked(said: FactKind, words: str, status: str = "") -> FactKind:
    """The service's own kind, unless the words speak plainly of the sender or of a full mailbox. Never harder than it said."""
    if said not in {FactKind.HARD_BOUNCE, FactKind.SOFT_BOUNCE}:
        return said
    found = _diagnosis(words, status)
    if found.kind == "block":
        return FactKind.BLOCK
    return FactKind.SOFT_BOUNCE if found.reason in _SURELY_SOFT else said


def _diagnosis(words: str, status: str) -> Diagnosis:
    # What a service writes where a status belongs is not always one.
    return diagnose(words, status=status if _STATUS.fullmatch(status) else "")
