"""The worker: takes jobs from the queue and runs them one after another in this process.

No fork for each job, so the event loop, the database and the SMTP sessions stay warm. SIGTERM lets the present job come
to its end within ten seconds: a send slice stops marking, waits for the answers of what is on the wire, and goes.
"""

import ctypes
import gc
import signal
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from types import FrameType
from typing import Any

import redis
import structlog
from flask import Flask
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy.exc import InterfaceError, OperationalError

from mailrith.app import create_app
from mailrith.core import config, queue
from mailrith.core.db import db, transaction_mode
from mailrith.core.queue import EVENTS, MAIL, WORK
from mailrith.delivery.runs import sweeping
from mailrith.delivery.sending import engine
from mailrith.events import draining

# People wait for WORK, so it always comes first; of the others, whoever has just had its turn comes last.
ORDER = (WORK, EVENTS, MAIL)
PULSE_SECONDS = 20  # a worker that has been silent for longer is not listed any more
BEAT_SECONDS = 5
IDLE_SECONDS = 10  # between two signs of life while there are no jobs
RETRY_SECONDS = 1.0  # while Valkey or the database is away
GARBAGE = 20_000  # objects more than there were, until cycles are looked for; nearly everything goes without
PEEK_SECONDS = 0.5  # how often a slice asks whether other jobs wait
PATIENCE_SECONDS = 0.2  # for the answer; nothing is sent meanwhile
# When one worker has left a slice for one of these, no other does so within so many seconds; for events these are counted
# from the end of their turn, and are several times as many as it took if that is more (`events.draining`).
ROOM_SECONDS = {WORK: 2.0, EVENTS: 5.0}
_ROOM = "mailrith:room:"
_PR_SET_PDEATHSIG = 1  # prctl(2), Linux

log = structlog.get_logger()


class AppJob(Job):
    """A job inside an app context of its own. What it raises is logged here and goes no further."""

    app: Flask

    def _execute(self) -> Any:
        started = time.monotonic()
        with self.app.app_context(), transaction_mode(read_only=False):
            try:
                return super()._execute()
            except Exception:
                db.session.rollback()
                # Nobody knows which reply is whose after an exception in the middle of a send.
                engine.current().discard()
                log.exception("job_failed", job=self.func_name, ids=list(self.args))
            finally:
                db.session.remove()
                log.debug("job_done", job=self.func_name, seconds=time.monotonic() - started)
        return None


class WarmWorker(SimpleWorker):
    """An RQ worker that drains instead of dying, and keeps its pulse while a job runs."""

    job_class = AppJob
    max_connection_wait_time = RETRY_SECONDS * 5

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT: end the present job soon, take no other. Asking again changes nothing."""
        engine.current().draining = True
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Also called while idle, so that it stays listed."""
        super().heartbeat(PULSE_SECONDS, pipeline=pipeline)

    def reorder_queues(self, reference_queue: Queue) -> None:
        """After each job: sending and events take turns."""
        last = reference_queue.name
        self._ordered_queues.sort(key=lambda one: (one.name != WORK, one.name == last))

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run it. After a turn of events nobody leaves a slice for the next one too soon."""
        began = time.monotonic()
        super().execute_job(job, queue)
        if queue.name == EVENTS:
            seconds = max(ROOM_SECONDS[EVENTS], self._room(time.monotonic() - began))
            with suppress(redis.RedisError):
                self.connection.set(_ROOM + EVENTS, 1, px=timedelta(seconds=seconds))

    def _room(self, took: float) -> float:
        with AppJob.app.app_context(), transaction_mode(read_only=True):
            try:
                return draining.seconds_for_sending(took)
            except (OperationalError, InterfaceError):  # the database is away
                return took

    @property
    def dequeue_timeout(self) -> int:
        return IDLE_SECONDS


class Pulse(threading.Thread):
    """Keeps the worker listed while a long job runs, and not for longer."""

    def __init__(self, key: str) -> None:
        super().__init__(daemon=True, name="pulse")
        self._key = key
        self._over = threading.Event()

    def run(self) -> None:
        client = queue.connect()
        while not self._over.wait(BEAT_SECONDS):
            with suppress(redis.RedisError):
                client.expire(self._key, PULSE_SECONDS)
        client.close()

    def stop(self) -> None:
        """End it soon."""
        self._over.set()


class Waiting:
    """Whether this worker is to leave its slice for another job. Asked often, so the answer is kept for a moment.

    Of all workers one makes room: each that does leaves its sessions to the others and has to get them back.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [name for name in names if name != MAIL]
        self._asked_at = 0.0
        self._answer = False

    def __call__(self) -> bool:
        if time.monotonic() - self._asked_at > PEEK_SECONDS:
            self._asked_at = time.monotonic()
            try:
                self._answer = any(self._may_leave_for(name) for name in self._waiting())
            except redis.RedisError:
                self._answer = False
        return self._answer

    def _waiting(self) -> list[str]:
        with self._client.pipeline(transaction=False) as pipe:
            for name in self._names:
                pipe.llen(Queue.redis_queue_namespace_prefix + name)
            return [
                name for name, length in zip(self._names, pipe.execute(), strict=True) if length
            ]

    def _may_leave_for(self, name: str) -> bool:
        seconds = timedelta(seconds=ROOM_SECONDS[name])
        return bool(self._client.set(_ROOM + name, 1, nx=True, px=seconds))

    @cached_property
    def _client(self) -> "redis.Redis":
        return queue.connect(
            socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS
        )


def main(
    settings: config.Settings,
    *,
    queues: Sequence[str] | None = None,
    die_with_parent: bool = False,
) -> None:
    """Work until SIGTERM or SIGINT. Waits while Valkey or the database is away."""
    if die_with_parent and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    names = [name for name in ORDER if queues is None or name in queues]
    app = create_app(settings)
    AppJob.app = app
    _spare_the_collector()
    warm = engine.current()
    warm.others_wait = Waiting(names)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _drain)
    log.info("worker_started", queues=names)
    while not warm.draining:
        if _replayed(app):
            _work(names)
        if not warm.draining:
            time.sleep(RETRY_SECONDS)
    warm.close()
    log.info("worker_stopped")


def _spare_the_collector() -> None:
    """What was imported stays for good: looking through it again and again was an eighth of the work of sending."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)


def _drain(number: int, frame: FrameType | None) -> None:
    engine.current().draining = True


def _work(names: Sequence[str]) -> None:
    """Until the worker is stopped or Valkey goes away."""
    pulse = None
    try:
        client = queue.connect()
        queues = [
            Queue(name, connection=client, serializer=JSONSerializer, job_class=AppJob)
            for name in names
        ]
        worker = WarmWorker(queues, connection=client, serializer=JSONSerializer)
        worker.log_job_description = False
        pulse = Pulse(worker.key)
        pulse.start()
        worker.work(logging_level="WARNING")
    except redis.RedisError as error:
        log.warning("queue_away", error=str(error))
    finally:
        if pulse is not None:
            pulse.stop()


def _replayed(app: Flask) -> bool:
    """Whether outcomes that killed workers left on this machine have landed."""
    try:
        with app.app_context(), transaction_mode(read_only=False):
            sweeping.replay_journals()
    except (OperationalError, InterfaceError) as error:
        log.warning("database_away", error=str(error.orig))
        return False
    return True
