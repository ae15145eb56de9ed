"""What a relay hears from receivers after it took our mail: behind a relay only its events say who wants it slower."""

import re
from contextlib import suppress

import redis

from mailrith.core import queue
from mailrith.delivery.models import Delivery
from mailrith.delivery.pacing.backoff import Backoff
from mailrith.delivery.pacing.wishes import wants_fewer
from mailrith.smtp.classification import classify

JOB = "mailrith.delivery.jobs.slow_down"
_CODE = re.compile(r"\b4[0-5]\d\b")
_SOME_CODE = 450  # where only words are told


def told_to_wait(delivery: Delivery, enhanced_status: str, words: str) -> bool:
    """The relay could not pass this message on yet. If the receivers want fewer, they are slowed down after the commit.

    Whether they do. While Valkey is away nothing happens: the next such event says it again.
    """
    found = _CODE.search(words)
    code = int(found.group()) if found else _SOME_CODE
    if not wants_fewer(classify("rcpt", code, enhanced_status, words), code):
        return False
    if delivery.connection_id is not None:
        domain = delivery.email.rpartition("@")[2].lower()
        with suppress(redis.RedisError), queue.connect() as client:
            if Backoff(client, delivery.connection_id).first_to_say(domain):
                queue.enqueue(JOB, delivery.id)
    return True
