"""What passes between the ledger and the loop, and how outcomes become parameters of a statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mailrith.core.clock import now
from mailrith.delivery.ledger.results import Result
from mailrith.delivery.ledger.shortcut import integers, moments, texts
from mailrith.delivery.models import Pause, RunPhase
from mailrith.delivery.pacing.limits import Limits

SKIPPED_FOR = {
    "Unsubscribed": "unsubscribed",
    "Complained": "complained",
    "Bounced": "bounced",
    "Blocked": "blocked",
    "Unconfirmed": "unconfirmed",
}


class Claimed(NamedTuple):
    """A recipient that this slice holds. The row is still queued."""

    id: int
    email: str
    subscriber_id: int | None
    fingerprint: bytes
    attempt: int


class Marked(NamedTuple):
    """A recipient who may be sent to until `deadline` (of `ticking`)."""

    claimed: Claimed
    name: str
    attempt: int
    deadline: float


@dataclass(frozen=True, slots=True)
class Situation:
    """What the run and its connection look like now.

    `halt` is why nothing may be marked, or None; `stale` says that another password or server is to be used from now on.
    """

    phase: RunPhase
    halt: Pause | None
    stale: bool
    max_sessions: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Turn:
    """What one transaction did. `empty`: there is nothing left to claim."""

    marked: Sequence[Marked]
    situation: Situation | None = None
    empty: bool = False


def values_of(results: Sequence[Result], *, sqlite: bool, **same: Any) -> Any:
    """Parameters for a statement over results: a row each on SQLite, an array for each column on PostgreSQL.

    `same` is the same for every row.
    """
    same["now"] = now()
    if sqlite:
        return [_row(one) | same for one in results]
    return _columns(results) | same


def skip_cause(status: str | None, reason: str | None) -> str | None:
    """Why this person is not mailed, from their status (None: deleted) and their suppression; None if they may be."""
    if status is None:
        return "deleted"
    if status in SKIPPED_FOR:
        return SKIPPED_FOR[status]
    if reason is not None:
        return "suppressed"
    return None


def _row(result: Result) -> dict[str, Any]:
    return {
        "id": result.delivery_id,
        "attempt": result.attempt,
        "state": str(result.state),
        "cause": result.cause,
        "code": result.reply_code,
        "enhanced": result.enhanced_status,
        "diagnostic": result.diagnostic,
        "next": result.next_attempt_at,
    }


def _columns(results: Sequence[Result]) -> dict[str, Any]:
    return {
        "result_ids": integers(one.delivery_id for one in results),
        "attempts": integers(one.attempt for one in results),
        "states": texts(one.state.value for one in results),
        "causes": texts(one.cause for one in results),
        "codes": integers(one.reply_code for one in results),
        "enhanced": texts(one.enhanced_status for one in results),
        "diagnostics": texts(one.diagnostic for one in results),
        "nexts": moments(one.next_attempt_at for one in results),
    }
