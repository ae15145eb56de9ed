"""What became of one message on the wire."""

from typing import Literal, NamedTuple

from mailrith.smtp.replies import Reply

Stage = Literal["connect", "local", "mail", "rcpt", "data", "content", "dot"]
Kind = Literal["sent", "refused", "deferred", "not_sent", "in_doubt"]


class Outcome(NamedTuple):
    """What became of one message to one recipient.

    sent: the server took it. refused and deferred: it said 5xx or 4xx at `stage`. not_sent: the final dot was certainly
    not written; send it again. in_doubt: the dot was written and no reply came. `cause` is a key of `causes`, for the last two.
    """

    kind: Kind
    stage: Stage
    reply: Reply | None = None
    cause: str = ""
    words: str = ""  # what the system said about a lost line
