"""Several seasons side by side, each with a database server, a Valkey, a nursery and a mail server of its own.

A trial mostly waits: for leases, for shares, for the disk. So several of them fit on one processor.
"""

import multiprocessing
import queue
import signal
import sys
import time
import traceback
from collections.abc import Iterator

from tests.chaos import plans, record
from tests.chaos.season import Season

LOOK_SECONDS = 5.0
_spawn = multiprocessing.get_context("spawn")


class HarnessBroke(Exception):
    """A season ended with an error of its own."""


def played(engine: str, jobs: int, wanted: Iterator[plans.Plan]) -> Iterator[dict]:
    """The lines of all that is wanted, as they come. `wanted` is asked for the next one only when somebody can play it."""
    orders, results = _spawn.Queue(), _spawn.Queue()
    actors = [
        _spawn.Process(target=_act, args=(engine, orders, results), daemon=True)
        for _ in range(jobs)
    ]
    for actor in actors:
        actor.start()
    busy = 0
    try:
        for plan in wanted:
            orders.put(plan)
            busy += 1
            if busy == jobs:
                yield _next(results, actors)
                busy -= 1
        for _ in range(busy):
            yield _next(results, actors)
    finally:
        for _ in actors:
            orders.put(None)
        for actor in actors:
            actor.join(60)


def _next(results, actors) -> dict:
    while True:
        try:
            found = results.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            if all(actor.is_alive() for actor in actors):
                continue
            raise HarnessBroke("a season ended without a word") from None
        if isinstance(found, str):
            raise HarnessBroke(found)
        return found


def _act(engine: str, orders, results) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave no process behind
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Season(engine, own_server=engine == "postgresql") as season:
            for plan in iter(orders.get, None):
                began = time.monotonic()
                verdict = season.play(plan)
                results.put(record.line(engine, plan, verdict, time.monotonic() - began))
    except Exception:
        results.put(traceback.format_exc())
