"""How often one key may ask, and one network with keys that open nothing: counted in the queue's server for all processes, and in memory while that is away."""

import time

from flask import Flask, current_app, request
from flask_limiter import Limiter

from mailrith.api.callers import caller
from mailrith.core.origins import network_of

PER_KEY = "600 per minute"
WHY = "This API key has asked 600 times within a minute. Wait as long as Retry-After says."
REFUSED_PER_NETWORK = "100 per 15 minutes"
WHY_REFUSED = "There were many requests from where you are with keys that open nothing. Wait as long as Retry-After says."
STORAGE_SECONDS = 1.0  # to wait for the counter before counting in memory

EXTENSION = "mailrith_api_rates"


class Rates:
    """The counters of one app. Each raises RateLimitExceeded, a werkzeug exception."""

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
        limited = self.limiter.shared_limit(
            REFUSED_PER_NETWORK, scope="api-refused", key_func=_network, error_message=WHY_REFUSED
        )
        self.count_refused = limited(_refused)


def register(app: Flask) -> None:
    """Count where the app counts everything else (RATELIMIT_STORAGE_URI)."""
    app.extensions[EXTENSION] = Rates(app)


def count() -> None:
    """One more request of the caller's key."""
    _rates().count()


def count_refused() -> None:
    """One more request with a key that opens nothing. Good keys from the same network are not held up."""
    _rates().count_refused()


def seconds_left() -> int:
    """When the limit that was just met opens again."""
    found = _rates().limiter.current_limit
    return 60 if found is None else max(1, int(found.reset_at - time.time()))


def _rates() -> Rates:
    found: Rates = current_app.extensions[EXTENSION]
    return found


def _key() -> str:
    return str(caller().key.id)


def _network() -> str:
    return network_of(request.remote_addr)


def _asked() -> None:
    """What is counted."""


def _refused() -> None:
    """What is counted of those whose key opens nothing."""
