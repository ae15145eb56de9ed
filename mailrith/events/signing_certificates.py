"""Certificates that a service signs its events with, fetched once and kept for a day."""

import asyncio
from datetime import datetime, timedelta
from threading import Lock

from mailrith.core import clock, config, outbound
from mailrith.core.errors import TooMany
from mailrith.core.network import Policy

KEPT = timedelta(days=1)
MOST = 64  # certificates; a service has one for each region
AGAIN_SECONDS = 60

_kept: dict[str, tuple[datetime, bytes]] = {}
_lock = Lock()


def load(address: str) -> bytes | None:
    """What stands at an address that the caller has found good; None when its server has nothing there.

    Raises TooMany when nobody answers: the service then comes again, and no event is lost.
    """
    with _lock:
        since, found = _kept.get(address, (None, b""))
    if since is not None and clock.now() - since < KEPT:
        return found
    answer = asyncio.run(outbound.get(address, policy=Policy.of(config.current())))
    if isinstance(answer, outbound.NoAnswer) or answer.status >= 500:
        raise TooMany(
            "The certificate that signed this can't be fetched just now. Please send it again.",
            retry_after_seconds=AGAIN_SECONDS,
        )
    if not answer.ok:
        return None
    _keep(address, answer.body)
    return answer.body


def forget() -> None:
    """Fetch everything anew."""
    with _lock:
        _kept.clear()


def _keep(address: str, found: bytes) -> None:
    with _lock:
        _kept.pop(address, None)
        while len(_kept) >= MOST:
            _kept.pop(next(iter(_kept)))  # the one that was fetched first
        _kept[address] = (clock.now(), found)
