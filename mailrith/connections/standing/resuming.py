"""How a person ends a pause. One for bounces or complaints takes a typed confirmation, and counting begins anew."""

from mailrith.accounts.models import User
from mailrith.connections import assigning
from mailrith.connections.models import Connection
from mailrith.connections.standing import pausing, reputation
from mailrith.core.errors import Conflict


class NotConfirmed(Conflict):
    """Somebody has to type the number first."""


def resume_connection(connection: Connection, user: User | None, typed: str = "") -> None:
    """Use it again, in every workspace. `typed` is the number of `to_type`, where there is one. Raises Forbidden and NotConfirmed."""
    if user is not None:
        assigning.check_everywhere(connection, user)
    if not pausing.by_share(connection):
        pausing.resume_connection(connection, user)
        return
    number = to_type(connection)
    digits = "".join(character for character in typed if character.isdigit())
    if user is None or digits != str(number):
        raise NotConfirmed(f"Type {number:,} to say that you know.")
    reputation.forgive(connection.id)
    pausing.resume_connection(connection, user, responsibly=True)


def to_type(connection: Connection) -> int:
    """How many messages came back, or were marked as spam: whoever goes on has seen that number."""
    found = reputation.of_one(connection)
    return (
        found.complained if connection.pause_cause == reputation.COMPLAINTS.cause else found.bounced
    )
