"""How often one key may ask: counted in the queue's server for all processes, and in memory while that is away."""

import time

from flask import Flask, current_app
from flask_limiter import Limiter

from mailrith.api.callers import caller

PER_KEY = "600 per minute"
WHY = "This API key has asked 600 times within a minute. Wait as long as Retry-After says."
STORAGE_SECONDS = 1.0  # to wait for the counter before counting in memory

_EXTENSION = "mailrith_api_rates"


class Rates:
    """The counter of one app. `count` raises RateLimitExceeded, a werkzeug exception."""

    def __init__(self, app: Flask) -> None:
        self.limiter = Limiter(
            key_func=_key,
            key_prefix="mailrith-api",
            in_memory_fallback_enabled=True,
            storage_options={
                "socket_connect_timeout": STORAGE_SECONDS,  # type: ignore[dict-item]
                "socket_timeout": STORAGE_SECONDS,  # type: ignore[dict-item]
            },
        )
        self.limiter.init_app(app)
        limited = self.limiter.shared_limit(PER_KEY, scope="api", error_message=WHY)
        self.count = limited(_asked)


def register(app: Flask) -> None:
    """Count where the app counts everything else (RATELIMIT_STORAGE_URI)."""
    app.extensions[_EXTENSION] = Rates(app)


def count() -> None:
    """One more request of the caller's key."""
    _rates().count()


def seconds_left() -> int:
    """When the limit that was just met opens again."""
    found = _rates().limiter.current_limit
    return 60 if found is None else max(1, int(found.reset_at - time.time()))


def _rates() -> Rates:
    found: Rates = current_app.extensions[_EXTENSION]
    return found


def _key() -> str:
    return str(caller().key.id)


def _asked() -> None:
    """What is counted."""
