"""Entry points of the queue and the scheduler: ids in, one call."""

from mailrith.core.db import db
from mailrith.delivery.pacing import hosting
from mailrith.delivery.runs import freezing, launching, phases, sources, sweeping
from mailrith.delivery.sending import slices


def freeze(run_id: int) -> None:
    """Write down the audience; begin if there is nothing to wait for."""
    if freezing.freeze(run_id):
        launching.start_if_due(run_id)
        db.session.commit()


def send_slice(run_id: int, connection_id: int | None = None) -> None:
    """Send through a connection of the run, or its first, for a while; then make room for others."""
    (sources.sender_of(run_id) or slices.work)(run_id, connection_id)


def learn_host(delivery_id: int) -> None:
    """Find out whether a large provider receives for a domain that wanted its mail slower."""
    hosting.learn(delivery_id)


def slow_down(delivery_id: int) -> None:
    """The receivers of this delivery want fewer messages, as an event says."""
    hosting.slow_down(delivery_id)


def cancel(run_id: int) -> None:
    """Cancel whoever has not been sent to."""
    phases.cancel_the_rest(run_id)
    db.session.commit()


def start_due() -> None:
    """Every second: undo windows that are over."""
    sweeping.start_due()


def expire_marks() -> None:
    """Every five seconds: marks of dead workers."""
    sweeping.expire_marks()


def requeue_deferred() -> None:
    """Every five seconds: deferred mail that is due."""
    sweeping.requeue_deferred()


def resume_due() -> None:
    """Every five seconds: pauses that end by themselves."""
    sweeping.resume_due()


def wake() -> None:
    """Every second: sends that waited for a limit."""
    sweeping.wake()


def find_lost() -> None:
    """Every five seconds: work that the queue has forgotten."""
    sweeping.find_lost()
