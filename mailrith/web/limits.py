"""How often a stranger may try: counted in Redis, so that a restart forgets nothing, and in memory while Redis is away."""

import hashlib
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask_limiter import Limiter

from mailrith.core import addresses, config
from mailrith.core.origins import network_of

V = TypeVar("V", bound=Callable[..., Any])

REDIS_SECONDS = 1.0  # to wait for Redis before counting in memory


def network() -> str:
    """Where the request comes from. Forwarded headers count only from trusted proxies."""
    return network_of(request.remote_addr)


limiter = Limiter(
    key_func=network,
    key_prefix="mailrith",
    in_memory_fallback_enabled=True,
    storage_options={"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS},  # type: ignore[dict-item]
)


def register(app: Flask) -> None:
    """Count in the queue's Redis."""
    app.config["RATELIMIT_STORAGE_URI"] = _storage(config.current().redis_url)
    limiter.init_app(app)


def by_network(limit: str, *, why: str, failing: bool = False) -> Callable[[V], V]:
    """At most `limit` ("30 per 15 minutes") POSTs of this view from one network. `failing`: only refused ones count."""
    return _limit(limit, network, why, failing=failing)


def by_address(limit: str, *, why: str, failing: bool = False) -> Callable[[V], V]:
    """At most `limit` POSTs of this view about one e-mail address, from anywhere."""
    return _limit(limit, _address, why, failing=failing)


def seconds_left() -> int:
    """When the limit that was just met opens again."""
    found = limiter.current_limit
    if found is None:
        return 60
    import time

    return max(1, int(found.reset_at - time.time()))


def _limit(limit: str, key: Callable[[], str], why: str, *, failing: bool) -> Callable[[V], V]:
    return limiter.limit(  # type: ignore[return-value]
        limit,
        key_func=key,
        methods=["POST"],
        error_message=why,
        deduct_when=_refused if failing else None,
    )


def _refused(response: Response) -> bool:
    return response.status_code >= 400


def _address() -> str:
    typed = addresses.key(request.form.get("email", "").strip())
    return hashlib.sha256(typed.encode()).hexdigest()[:24]


def _storage(redis_url: str) -> str:
    address = redis_url.removeprefix("valkey+")
    return f"redis+{address}" if address.startswith("unix://") else address
