"""The states of the ledger as people see them: six outcomes, each with its colour and its reason."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailrith.delivery.models import DeliveryState


@dataclass(frozen=True)
class Counts:
    """How many are in each outcome. `queued` holds those on the wire as well; the sum is the audience."""

    sent: int
    queued: int
    deferred: int
    failed: int
    doubt: int
    skipped: int
    canceled: int

    @property
    def total(self) -> int:
        """The frozen audience."""
        return sum(vars(self).values())

    @property
    def parts(self) -> list[tuple[str, int]]:
        """For the bar, in the order in which it is read."""
        return [
            ("sent", self.sent),
            ("deferred", self.deferred),
            ("failed", self.failed),
            ("doubt", self.doubt),
            ("skipped", self.skipped + self.canceled),
            ("queued", self.queued),
        ]

    @property
    def words(self) -> str:
        """For those who do not see the bar."""
        named = {**vars(self), "in doubt": self.doubt}
        named.pop("doubt")
        return ", ".join(f"{count:,} {name}" for name, count in named.items() if count)


def counts_of(states: Mapping[DeliveryState, int]) -> Counts:
    """The ledger's states, put together."""
    return Counts(
        sent=states[DeliveryState.SENT],
        queued=states[DeliveryState.QUEUED] + states[DeliveryState.SENDING],
        deferred=states[DeliveryState.DEFERRED],
        failed=states[DeliveryState.FAILED],
        doubt=states[DeliveryState.IN_DOUBT],
        skipped=states[DeliveryState.SKIPPED],
        canceled=states[DeliveryState.CANCELED],
    )
