"""Periodic work: one table, and one leader that holds a lease in the database by the database's clock.

Any number may run; one leads, and another takes over within seconds when it stops. Each piece of work is short or hands
its work to the queue, is safe to run twice, and runs in a thread of its own so that a slow one holds up nobody else.
"""

import importlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import structlog
from flask import Flask
from sqlalchemy.exc import InterfaceError, OperationalError

from mailrith.app import create_app
from mailrith.core import config, leases
from mailrith.core.db import db, transaction_mode

TICK_SECONDS = 1.0
LEASE_SECONDS = 10
LEASE = "scheduler"
THREADS = 4
DAY = 24 * 3600

log = structlog.get_logger()


@dataclass(frozen=True)
class Periodic:
    """`job` is the dotted name of a function without arguments; it commits."""

    name: str
    seconds: float
    job: str


PERIODIC = [
    Periodic("start due broadcasts", 1, "mailrith.broadcasts.jobs.start_due"),
    Periodic("begin runs after their undo window", 1, "mailrith.delivery.jobs.start_due"),
    Periodic("expire marks of dead workers", 5, "mailrith.delivery.jobs.expire_marks"),
    Periodic("send deferred mail again", 5, "mailrith.delivery.jobs.requeue_deferred"),
    Periodic("go on after waiting for a limit", 1, "mailrith.delivery.jobs.wake"),
    Periodic("end pauses that are over", 5, "mailrith.delivery.jobs.resume_due"),
    Periodic("find lost sends", 5, "mailrith.delivery.jobs.find_lost"),
    Periodic("call workers to webhook requests", 1, "mailrith.events.jobs.call_waiting"),
    Periodic("apply lost webhook requests", 10, "mailrith.events.jobs.apply_lost"),
    Periodic("read bounce mailboxes", 20, "mailrith.events.mailbox.jobs.fetch_due"),
    Periodic("listen to bounce mailboxes", 3, "mailrith.events.mailbox.jobs.listen"),
    Periodic("settle doubts by evidence", 30, "mailrith.events.jobs.settle_doubts"),
    Periodic("watch what comes back", 60, "mailrith.events.jobs.watch_reputations"),
    Periodic("try paused connections", 5, "mailrith.connections.jobs.probe_paused"),
    Periodic("verify connections daily", 10, "mailrith.connections.jobs.verify_daily"),
    Periodic("find lost checks", 10, "mailrith.connections.jobs.find_lost_checks"),
    Periodic("look sender domains up", 30, "mailrith.connections.sender_checks.jobs.ask_due"),
    Periodic("post waiting system mail", 15, "mailrith.accounts.jobs.find_waiting"),
    Periodic("find lost imports", 30, "mailrith.subscribers.jobs.find_lost_imports"),
    Periodic("forget old checks", DAY, "mailrith.connections.jobs.prune_checks"),
    Periodic("forget old events", DAY, "mailrith.events.jobs.prune"),
    Periodic("give up on messages that are late", 60, "mailrith.messages.jobs.expire"),
    Periodic("forget sent messages", 3600, "mailrith.messages.jobs.prune"),
    Periodic("forget unconfirmed sign-ups", DAY, "mailrith.accounts.jobs.prune"),
]


class Scheduler:
    """One candidate for the lead. `run` until `stop`."""

    def __init__(self, app: Flask, periodic: list[Periodic] | None = None) -> None:
        self.token: str | None = None  # of the lease, while we lead
        self._app = app
        self._periodic = PERIODIC if periodic is None else periodic
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._due = {piece.name: 0.0 for piece in self._periodic}
        self._running: dict[str, Future[None]] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="periodic")
        self._over = threading.Event()

    def run(self) -> None:
        """Tick until stopped, then let go of the lead."""
        while not self._over.is_set():
            self.tick()
            self._over.wait(TICK_SECONDS)
        self._threads.shutdown(wait=True, cancel_futures=True)
        if self.token is not None:
            self._in_transaction(self._release)

    def stop(self) -> None:
        """End `run` soon."""
        self._over.set()

    def tick(self) -> None:
        """Lead if nobody else does; start whatever is due."""
        if not self._in_transaction(self._lead):
            return
        for piece in self._periodic:
            running = self._running.get(piece.name)
            if running is not None and not running.done():
                continue
            if running is not None:
                self._report(piece, self._running.pop(piece.name))
            if time.monotonic() >= self._due[piece.name]:
                self._due[piece.name] = time.monotonic() + piece.seconds
                self._running[piece.name] = self._threads.submit(self._do, piece)

    def _do(self, piece: Periodic) -> None:
        module, _, name = piece.job.rpartition(".")
        work: Callable[[], None] = getattr(importlib.import_module(module), name)
        with self._app.app_context(), transaction_mode(read_only=False):
            try:
                work()
            finally:
                db.session.rollback()
                db.session.remove()

    def _report(self, piece: Periodic, done: "Future[None]") -> None:
        error = done.exception()
        if error is not None:
            log.error("periodic_failed", work=piece.name, error=repr(error), exc_info=error)

    def _lead(self) -> bool:
        if self.token is not None and not leases.renew(LEASE, self.token, seconds=LEASE_SECONDS):
            log.warning("lead_lost", holder=self._holder)
            self.token = None
        if self.token is None:
            self.token = leases.acquire(LEASE, self._holder, seconds=LEASE_SECONDS)
            if self.token is not None:
                log.info("leading", holder=self._holder)
        return self.token is not None

    def _release(self) -> bool:
        if self.token is not None:
            leases.release(LEASE, self.token)
            self.token = None
        return True

    def _in_transaction(self, work: Callable[[], bool]) -> bool:
        """What `work` says, committed; False while the database is away."""
        try:
            with self._app.app_context(), transaction_mode(read_only=False):
                result = work()
                db.session.commit()
                return result
        except (OperationalError, InterfaceError) as error:
            log.warning("database_away", error=str(error.orig))
            return False


def main(settings: config.Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    scheduler = Scheduler(create_app(settings))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: scheduler.stop())
    scheduler.run()
