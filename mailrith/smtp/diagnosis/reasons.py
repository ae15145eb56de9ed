"""Every reason that a bounce can have, with its kind and a sentence for people."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["hard", "soft", "block", "deferred"]


@dataclass(frozen=True)
class Reason:
    """`kind` hard is about an address that is gone, soft about this mailbox or message now, block about the sender."""

    kind: Kind
    sentence: str
    retry: bool = False


REASONS: dict[str, Reason] = {
    # the address is gone
    "user_unknown": Reason("hard", "There is no such mailbox."),
    "host_unknown": Reason("hard", "The domain of the address does not exist or takes no mail."),
    "moved": Reason("hard", "The mailbox has moved, and mail is not forwarded."),
    "not_accepting": Reason("hard", "The domain says that it takes no mail at all."),
    # the mailbox or the message, now
    "mailbox_full": Reason("soft", "The mailbox is full.", retry=True),
    "mailbox_disabled": Reason("soft", "The mailbox is suspended or disabled at the moment."),
    "filtered": Reason("soft", "The recipient's own settings refused the message."),
    "too_large": Reason("soft", "The message is larger than the receiver takes."),
    "content": Reason("soft", "The receiver could not or would not take the form of the message."),
    "virus": Reason("block", "The receiver believes to have found a virus."),
    "syntax": Reason("soft", "The two servers misunderstood each other."),
    "expired": Reason("soft", "It was tried for days, and the receiver never took it."),
    "network": Reason("soft", "The receiving server could not be reached."),
    "system": Reason("soft", "The receiving server has trouble of its own."),
    "mailer": Reason("soft", "A program behind the mailbox failed."),
    "on_hold": Reason("soft", "It came back, and does not say why."),
    # the sender
    "auth_failure": Reason("block", "SPF, DKIM or DMARC did not satisfy the receiver."),
    "reputation": Reason("block", "The receiver distrusts the sender's reputation."),
    "blocked": Reason("block", "The receiver blocks the sending server."),
    "policy": Reason("block", "A policy of the receiver refuses this mail."),
    "spam": Reason("block", "The receiver takes it for spam."),
    "rejected": Reason("block", "The receiver refuses the sender's address."),
    "require_ptr": Reason("block", "The sending server has no proper name in reverse DNS."),
    "relaying": Reason("block", "The server says that it does not carry mail for this address."),
    "security": Reason("block", "The connection was not secure enough for the receiver."),
    "rate": Reason("block", "Too much mail came in too short a time.", retry=True),
    "too_many_connections": Reason("block", "Too many connections were open.", retry=True),
}
