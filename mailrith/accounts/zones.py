"""Time zones that a person or a workspace can have (the IANA names), with what the clock there says now."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from mailrith.core.clock import now

# Old names of the same places, and zones that are no place.
_NO_PLACE = (
    "Etc/",
    "SystemV/",
    "US/",
    "Canada/",
    "Brazil/",
    "Chile/",
    "Mexico/",
    "posix/",
    "right/",
)


def is_zone(name: str) -> bool:
    """Whether this is the name of a zone. Names are compared with the list, so no file is opened for a guess."""
    return name in _names()


def zone_or_utc(name: str) -> str:
    """`name` if it is a zone, else UTC."""
    return name if is_zone(name) else "UTC"


def choices(present: str = "UTC") -> list[tuple[str, str]]:
    """(name, "Europe/London, 07:11 now (BST)") of every place, and of `present` even if it is none."""
    at = now()
    names = sorted({"UTC", zone_or_utc(present), *_places()})
    return [(name, label(name, at)) for name in names]


def label(name: str, at: datetime) -> str:
    """The zone and its clock: "Europe/London, 07:11 now (BST)"."""
    local = at.astimezone(ZoneInfo(name))
    short = local.tzname() or ""
    short = f"UTC{short}" if short[:1] in {"+", "-"} else short
    return f"{name.replace('_', ' ')}, {local:%H:%M} now ({short})"


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _places() -> tuple[str, ...]:
    return tuple(name for name in _names() if "/" in name and not name.startswith(_NO_PLACE))
