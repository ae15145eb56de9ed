"""When a broadcast will be through, at the limits of its connection."""

from dataclasses import dataclass

from mailrith.connections.models import Connection
from mailrith.delivery import queries as ledger


@dataclass(frozen=True)
class Estimate:
    """`seconds` of sending, None without a limit per second. `left_today` None without a limit per day.

    `days` is how many days the daily limit spreads it over; 1 is today.
    """

    people: int
    per_second: int | None
    seconds: float | None
    left_today: int | None
    days: int

    @property
    def left_after(self) -> int | None:
        """What the daily limit still allows afterwards, if it fits into today."""
        return None if self.left_today is None or self.days > 1 else self.left_today - self.people


def left_today(connection: Connection) -> int | None:
    """How many messages the connection still takes today; None without a daily limit."""
    if connection.per_day is None:
        return None
    return max(0, connection.per_day - ledger.by_connection_today(connection.id))


def estimate(connection: Connection, people: int) -> Estimate:
    """At the limits of the connection; the server itself may be slower."""
    left = left_today(connection)
    seconds = people / connection.per_second if connection.per_second else None
    days = 1
    if left is not None and connection.per_day and people > left:
        days += -(-(people - left) // connection.per_day)
    return Estimate(people, connection.per_second, seconds, left, days)
