"""Calling a worker to what waits: once for a burst, not once for each request.

A name in Valkey says that somebody has been called, or is at it, or has just been: until it goes, nobody else is. Whoever comes
meanwhile is taken along, or found by the scheduler some seconds later. When Valkey forgets, one more is called, which harms nobody.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import lru_cache

import redis
import structlog

from mailrith.core import config, queue
from mailrith.core.queue import Call

JOB = "mailrith.events.jobs.apply_waiting"
CALLED = timedelta(seconds=15)  # a worker that has died is replaced after that
REST = timedelta(seconds=2.5)  # between two turns: who sends is not called away for each request

QUIET_SECONDS = 0.05  # in one process, while somebody is at it: asking a thousand times a second costs more than storing

_NAME = "mailrith:events:called"
_OPEN = "mailrith:events:open"

log = structlog.get_logger()


class _Quiet:
    until = 0.0


_quiet = _Quiet()


def call() -> None:
    """Have what waits applied, unless somebody is at it. After the commit; while Valkey is away the scheduler calls later."""
    if time.monotonic() < _quiet.until:
        return
    with _away():
        if _client().set(_NAME, 1, nx=True, px=CALLED):
            again()
        else:
            _quiet.until = time.monotonic() + QUIET_SECONDS


def again() -> None:
    """Have a worker go on, after a slice of what it sends."""
    with _away():
        queue.push([Call(JOB, (), queue.EVENTS)])


def hold() -> bool:
    """Say that somebody is at it and begins a batch. Whether the batch before this one came to its end."""
    began_before = None
    with _away():
        _client().set(_NAME, 1, px=CALLED)
        began_before = _client().set(_OPEN, 1, get=True)
    return not began_before


def let_go() -> None:
    """The batch is committed."""
    with _away():
        _client().delete(_OPEN)


def rest() -> None:
    """Nothing waits any more."""
    with _away():
        _client().set(_NAME, 1, px=REST)


@contextmanager
def _away() -> Iterator[None]:
    """All of this only saves work: without Valkey everything is found in the database."""
    try:
        yield
    except redis.RedisError:
        log.warning("queue_away", jobs=[JOB])


def _client() -> "redis.Redis":
    return _shared(config.current().redis_url)


@lru_cache(maxsize=4)
def _shared(url: str) -> "redis.Redis":
    return queue.connect(
        url, socket_connect_timeout=queue.PUSH_SECONDS, socket_timeout=queue.PUSH_SECONDS
    )
