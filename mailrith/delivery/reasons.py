"""Words for what only the ledger knows; everything that a server says is in smtp.causes."""

from mailrith.smtp import causes
from mailrith.smtp.causes import Cause

_OURS = {
    "gave_up": Cause(
        "Given up",
        "The server kept asking to try later, and two days have passed.",
        "The mailbox is full or its server is down for long.",
        ("Try these again when you think that it works again.",),
    ),
    "receiver_limit": Cause(
        "Waiting for their receivers' limit",
        "The connection lets only so many messages go to these receivers at once, and everybody else goes first.",
        "Somebody set this limit on the connection's page.",
        (
            "Nothing has to be done: they get it one after another.",
            "Raise the limit there if it is too low.",
        ),
    ),
    "worker_lost": Cause(
        "The answer got lost",
        "Mailrith was interrupted between sending the message and hearing the answer.",
        "The machine was restarted, or the worker was stopped by force.",
        ("Decide for each: send again, and they may get two; or leave it.",),
    ),
}


def reason(cause: str) -> Cause:
    """The words for the cause of a delivery."""
    return _OURS.get(cause) or causes.cause(cause)
