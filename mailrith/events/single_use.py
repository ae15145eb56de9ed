"""For services that sign a token and not the body (Mailgun): a token is good for the first body that came with it.

Kept in Valkey. When Valkey is lost, what was signed within KEPT could be put over other bodies again, by somebody who has also
learnt the address of the webhook; while Valkey is away nothing is taken, and the service comes again.
"""

import hashlib
from datetime import timedelta

import redis

from mailrith.core import queue
from mailrith.core.errors import TooMany
from mailrith.events.reports import BadSignature

KEPT = timedelta(days=1)  # longer than any service's signature is good for
AGAIN_SECONDS = 60
_PATIENCE_SECONDS = 3.0

USED = BadSignature(
    "This signature came with another body already. Somebody may have copied it: make a new signing key."
)


def bind(token: str, body: bytes) -> BadSignature | None:
    """Tie a token of a verified body to this body. None when it is the first, or the same again."""
    name = f"mailrith:once:{hashlib.sha256(token.encode()).hexdigest()}"
    digest = hashlib.sha256(body).digest()
    try:
        client = queue.connect(
            socket_connect_timeout=_PATIENCE_SECONDS, socket_timeout=_PATIENCE_SECONDS
        )
        with client:
            first = client.set(name, digest, nx=True, ex=KEPT)
            return None if first or client.get(name) == digest else USED
    except redis.RedisError as error:
        raise TooMany(
            "Mailrith can't check events just now. Please send it again.",
            retry_after_seconds=AGAIN_SECONDS,
        ) from error
