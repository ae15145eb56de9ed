"""The rules for limits that need no row: each refusal names its field."""

from mailrith.accounts.zones import is_zone
from mailrith.connections.form.values import Limits
from mailrith.connections.limits import receiver_limits
from mailrith.core.addresses import Address, domain_of, parse_address
from mailrith.core.errors import Invalid

MOST_SESSIONS = 100
MOST_MESSAGES = 1_000_000_000
MOST_GROWTH = 900  # per cent a day: ten times as many
MOST_RECEIVERS = 50  # with a limit of their own; each is looked at for every message
ABOVE_NOTHING = "A number above 0."
MESSAGES = (
    "per_second",
    "per_minute",
    "per_hour",
    "per_day",
    "per_month",
    "messages_per_session",
    "ramp_start",
    "ramp_target",
)


def check(limits: Limits) -> None:
    """Refuse limits that limit nothing, or make no sense together. Raises Invalid."""
    if not 1 <= limits.max_sessions <= MOST_SESSIONS:
        raise Invalid(f"From 1 to {MOST_SESSIONS}.", field="max_sessions")
    for name in MESSAGES:
        value = getattr(limits, name)
        if value is not None and not 1 <= value <= MOST_MESSAGES:
            raise Invalid(ABOVE_NOTHING, field=name)
    if limits.day_zone and not is_zone(limits.day_zone):
        raise Invalid("Choose a time zone of the list.", field="day_zone")
    _check_ramp(limits)
    if len(limits.receiver_limits) > MOST_RECEIVERS:
        raise Invalid(f"At most {MOST_RECEIVERS} receivers, please.", field="receiver_limits")
    for domain, limit in receiver_limits.of(limits.receiver_limits).items():
        _check_receiver(domain, limit)


def domain(text: str) -> str:
    """The domain of receivers as it is stored. Raises Invalid."""
    found = parse_address(f"somebody@{text.strip().removeprefix('@')}")
    if not isinstance(found, Address):
        raise Invalid("Give a domain such as gmail.com.", field="receiver_limits")
    return domain_of(found.text)


def _check_ramp(limits: Limits) -> None:
    growth, start = limits.ramp_growth, limits.ramp_start
    if growth is not None and not 1 <= growth <= MOST_GROWTH:
        raise Invalid(f"From 1 to {MOST_GROWTH} per cent.", field="ramp_growth")
    if start is None:
        if limits.ramp_target or growth:
            raise Invalid("Say with how many messages the first day begins.", field="ramp_start")
        return
    targets = [n for n in (limits.ramp_target, limits.per_day) if n]
    if not targets:
        raise Invalid("Say how many messages a day it is to reach.", field="ramp_target")
    if min(targets) <= start:
        raise Invalid("Begin with fewer messages than it is to reach.", field="ramp_start")


def _check_receiver(name: str, limit: receiver_limits.ReceiverLimit) -> None:
    if domain(name) != name:
        raise Invalid("Give a domain such as gmail.com.", field="receiver_limits")
    if limit.per_second is not None and not 1 <= limit.per_second <= MOST_MESSAGES:
        raise Invalid(f"A number of messages above 0 for {name}.", field="receiver_limits")
    if limit.sessions is not None and not 1 <= limit.sessions <= MOST_SESSIONS:
        raise Invalid(f"From 1 to {MOST_SESSIONS} sessions for {name}.", field="receiver_limits")
