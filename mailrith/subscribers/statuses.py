"""Which status may follow which, and the sentence that says why somebody is not mailed.

News may arrive in any order: a status only ever gives way to a stronger one, so every order ends in the same place.
The one way back to Active is the person's own confirmation.
"""

from mailrith.subscribers.models import Subscriber
from mailrith.subscribers.models import SubscriberStatus as Status
from mailrith.suppression.models import SuppressionReason as Reason

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.ACTIVE: frozenset(
        {Status.UNSUBSCRIBED, Status.BLOCKED, Status.BOUNCED, Status.COMPLAINED}
    ),
    Status.UNCONFIRMED: frozenset(
        {Status.UNSUBSCRIBED, Status.BLOCKED, Status.BOUNCED, Status.COMPLAINED}
    ),
    Status.UNSUBSCRIBED: frozenset({Status.BLOCKED, Status.BOUNCED, Status.COMPLAINED}),
    Status.BLOCKED: frozenset({Status.BOUNCED, Status.COMPLAINED}),
    Status.BOUNCED: frozenset({Status.COMPLAINED}),
    Status.COMPLAINED: frozenset(),
}

# What a person of the team may set by hand, from where it is possible at all.
BY_HAND = (Status.UNSUBSCRIBED, Status.BLOCKED)

# What goes on the suppression list when somebody gets the status, or is deleted while having it.
REASONS = {
    Status.UNCONFIRMED: Reason.UNCONFIRMED,
    Status.UNSUBSCRIBED: Reason.UNSUBSCRIBED,
    Status.COMPLAINED: Reason.COMPLAINED,
    Status.BOUNCED: Reason.BOUNCED,
    Status.BLOCKED: Reason.BLOCKED,
}

_WHY = {
    Reason.UNSUBSCRIBED: "They unsubscribed. Only they themselves can come back.",
    Reason.COMPLAINED: "They reported a mail as spam, and are not mailed again.",
    Reason.BOUNCED: "Mail to this address came back as undeliverable.",
    Reason.BLOCKED: "This address was blocked by your team.",
    Reason.UNCONFIRMED: "They have not confirmed their address yet. Only they can do that.",
    Reason.PROVIDER: "An email service keeps this address on its own suppression list.",
    Reason.MANUAL: "This address is on your suppression list.",
}


def standing(subscriber: Subscriber) -> Status:
    """The status that news is weighed against. A run of soft bounces is a guess: whatever is known for sure goes before it."""
    return Status.ACTIVE if subscriber.soft_bounced else Status(subscriber.status)


def why_not(found: Status | Reason) -> str:
    """Why somebody with this status, or on the suppression list for this reason, does not become Active."""
    return _WHY[REASONS[found] if isinstance(found, Status) else found]


def offered(status: Status) -> list[Status]:
    """What the edit form offers besides leaving the status as it is."""
    return [choice for choice in BY_HAND if choice in ALLOWED[status]]
