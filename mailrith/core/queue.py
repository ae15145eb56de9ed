"""The queue: job names and ids go to Redis, after the commit that made them true. Redis may be lost at any moment.

The database is the truth: whatever is lost here is found again by the scheduler.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from mailrith.core import config
from mailrith.core.db import db

MAIL = "mail"  # sends messages
WORK = "work"  # everything that a person waits for: imports, system mail
EVENTS = "events"  # what providers told us
QUEUES = (WORK, MAIL, EVENTS)

JOB_TIMEOUT_SECONDS = 3600
FAILURE_SECONDS = (
    86_400  # to look at a job that failed; the work itself is found again in the database
)
PUSH_SECONDS = 3.0  # somebody waits for the page; the scheduler finds what could not be pushed
_PENDING = "mailrith_pending_jobs"

Argument = str | int | bool | None


@dataclass(frozen=True)
class Call:
    """One job: the dotted name of its function, and ids."""

    function: str
    arguments: tuple[Argument, ...]
    queue: str


def connect(url: str | None = None, **options: float) -> "redis.Redis":
    """A client for the queue's server. `valkey+unix://` is accepted as `unix://`."""
    address = (url or config.current().redis_url).removeprefix("valkey+")
    return redis.Redis.from_url(address, health_check_interval=30, **options)


@lru_cache(maxsize=4)
def _shared(url: str) -> "redis.Redis":
    # One pool for the process: a new connection costs more than the job that goes over it.
    return connect(url, socket_connect_timeout=PUSH_SECONDS, socket_timeout=PUSH_SECONDS)


def enqueue(function: str, *arguments: Argument, queue: str = WORK) -> None:
    """Run `function(*arguments)` in a worker once the current transaction has committed. A rollback forgets it."""
    if not db.session().in_transaction():
        db.session.begin()  # so that a rollback is noticed even when nothing was written
    db.session.info.setdefault(_PENDING, []).append(Call(function, arguments, queue))


def push(calls: Iterable[Call]) -> None:
    """Hand calls to Redis now. Raises redis.RedisError when it is away."""
    client = _shared(config.current().redis_url)
    for call in calls:
        queue = Queue(call.queue, connection=client, serializer=JSONSerializer)
        queue.enqueue(
            call.function,
            *call.arguments,
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_SECONDS,
        )


def worker_names() -> list[str]:
    """Names of the workers that have a pulse. Empty also when Redis is away."""
    try:
        return [worker.name for worker in Worker.all(connection=connect())]
    except redis.RedisError:
        return []


@event.listens_for(Session, "after_commit")
def _push_pending(session: Session) -> None:
    # Also fires when a SAVEPOINT is released; the outer transaction may still roll back.
    if session.in_nested_transaction():
        return
    pending: list[Call] = session.info.pop(_PENDING, [])
    if not pending:
        return
    try:
        push(pending)
    except redis.RedisError:
        # What has been committed is found again by the scheduler, so the person who clicked is not told.
        lost = [call.function for call in pending]
        import structlog

        structlog.get_logger().warning("queue_away", jobs=lost)


@event.listens_for(Session, "after_soft_rollback")
def _forget_pending(session: Session, previous: SessionTransaction) -> None:
    if not previous.nested:
        session.info.pop(_PENDING, None)


def reachable() -> bool:
    """Whether Redis answers."""
    try:
        return bool(connect().ping())
    except redis.RedisError:
        return False


def lengths() -> dict[str, int]:
    """How many jobs wait in each queue. Empty when Redis is away."""
    try:
        client = connect()
        return {name: Queue(name, connection=client).count for name in QUEUES}
    except redis.RedisError:
        return {}
