"""What a run of soft bounces is. Pure functions over what is known of one person's mails: the same whatever came first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailrith.suppression.policy import SoftBounces

# Reports about one message within this time are one bounce, whoever tells: the service and the bounce mailbox both do.
# And a message that a server took and sent back within it was not delivered.
ONE_BOUNCE = timedelta(hours=24)
SILENCE = timedelta(
    hours=72
)  # a mail that has not come back by then arrived, where nobody reports it

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Bounce:
    """One report that a message came back."""

    at: datetime
    delivery_id: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that arrived. `known_at` is when that could be said: for silence, only after it."""

    at: datetime
    known_at: datetime
    delivery_id: int


def has_run(bounces: Sequence[Bounce], arrivals: Iterable[Arrival], policy: SoftBounces) -> bool:
    """Whether there ever was a run: so many bounces, over so many days, and nothing that arrived between them."""
    counted = _counted(bounces)
    waiting = sorted(_real(arrivals, bounces), key=lambda one: one.known_at, reverse=True)
    arrived, start = _NEVER, 0
    for place, bounce in enumerate(counted):
        while waiting and waiting[-1].known_at <= bounce.at:
            arrived = max(arrived, waiting.pop().at)
        while start <= place and counted[start].at <= arrived:
            start += 1
        enough = place - start + 1 >= policy.bounces
        if enough and bounce.at - counted[start].at >= policy.span:
            return True
    return False


def _counted(bounces: Iterable[Bounce]) -> list[Bounce]:
    """In their order, each message at most once within `ONE_BOUNCE`."""
    last: dict[int, datetime] = {}
    kept = []
    for bounce in sorted(bounces):
        before = last.get(bounce.delivery_id)
        if before is None or bounce.at - before >= ONE_BOUNCE:
            last[bounce.delivery_id] = bounce.at
            kept.append(bounce)
    return kept


def _real(arrivals: Iterable[Arrival], bounces: Sequence[Bounce]) -> list[Arrival]:
    """Without those that came back after all."""
    times: dict[int, list[datetime]] = {}
    for bounce in bounces:
        times.setdefault(bounce.delivery_id, []).append(bounce.at)
    return [
        one
        for one in arrivals
        if not any(one.at <= at < one.at + ONE_BOUNCE for at in times.get(one.delivery_id, ()))
    ]
