"""What a person lets go at most to one group of receivers, such as all domains of Gmail, through one connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ReceiverLimit:
    """Messages a second, and sessions that carry its mail at once; None is no limit."""

    per_second: int | None = None
    sessions: int | None = None

    @property
    def any(self) -> bool:
        """Whether it limits anything."""
        return bool(self.per_second or self.sessions)

    def within(self, other: "ReceiverLimit") -> "ReceiverLimit":
        """What holds when both do."""
        return ReceiverLimit(
            _lower(self.per_second, other.per_second), _lower(self.sessions, other.sessions)
        )


def stored(limits: Mapping[str, ReceiverLimit]) -> dict[str, Any]:
    """For Connection.receiver_limits; domains without a limit are left out."""
    return {
        domain: {"per_second": limit.per_second, "sessions": limit.sessions}
        for domain, limit in sorted(limits.items())
        if limit.any
    }


def of(column: Mapping[str, Any] | None) -> dict[str, ReceiverLimit]:
    """From what `stored` gave: domain -> limit. A domain stands for all domains of its mailbox provider."""
    return {
        domain: ReceiverLimit(found.get("per_second"), found.get("sessions"))
        for domain, found in (column or {}).items()
    }


def _lower(one: int | None, other: int | None) -> int | None:
    return min((n for n in (one, other) if n is not None), default=None)
