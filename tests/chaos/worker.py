"""The processes of a trial: Mailrith's own worker, scheduler and web, with short times, and armed with a point to die at.

    python -m tests.chaos.worker

is the nursery: it imports everything once and forks a process for each order that it reads, because starting Python would
cost more than a trial. Orders come pickled from the harness, and the number of each process goes back.
"""

import ctypes
import faulthandler
import importlib
import os
import pickle
import signal
import sys
from datetime import timedelta

from mailrith import schedule, worker
from mailrith.app import create_app
from mailrith.core import db as database
from mailrith.delivery import order, pacing, results
from mailrith.smtp import server
from tests.chaos import controls, points
from tests.chaos.nursery import Order

DOT_SECONDS = 3
_PR_SET_PDEATHSIG = 1


def live(mine: Order) -> None:
    """What the process does until it ends."""
    shorten_times(impatient=mine.impatient)
    _name_attempts()
    for name, nth in mine.arms:
        points.arm(name, nth, mine.reached)
    if mine.control:
        controls.CONTROLS[mine.control]()
    if mine.role == "worker":
        worker.main(mine.settings)
    elif mine.role == "scheduler":
        schedule.main(mine.settings)
    else:
        from werkzeug.serving import make_server

        app = create_app(mine.settings)
        make_server("127.0.0.1", mine.port, app, threaded=True).serve_forever()


def shorten_times(*, impatient: bool = False) -> None:
    """Trials are quick because waits are short; nothing else differs from what an operator runs."""
    schedule.TICK_SECONDS = 0.2
    schedule.LEASE_SECONDS = 2
    schedule.PERIODIC = [
        schedule.Periodic(piece.name, min(piece.seconds, 0.4), piece.job)
        for piece in schedule.PERIODIC
        if ".delivery." in piece.job or ".broadcasts." in piece.job or "probe_paused" in piece.job
    ]
    pacing.SHARE_SECONDS = pacing.PULSE_SECONDS = pacing.ASKED_SECONDS = 1
    worker.RETRY_SECONDS = 0.2
    worker.WarmWorker.max_connection_wait_time = 0.5
    results.FIRST_WAIT = timedelta(seconds=0.5)
    # Long enough for an honest server under load, short for one that never answers.
    server.Timeouts.__init__.__defaults__ = (5, 5, 5, 5, 5, DOT_SECONDS)
    if impatient:
        database.BUSY_TIMEOUT_MS = 300


def _name_attempts() -> None:
    """The sink has to know which attempt it hears."""
    build = order.Order.message

    def message(self, marked):
        return b"X-Attempt: %d\r\n" % marked.attempt + build(self, marked)

    order.Order.message = message


def main() -> None:
    """Fork a process for each order until the harness is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries them
    warm = False
    while True:
        try:
            mine = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if not warm:
            _warm_up(mine)
            warm = True
        child = os.fork()
        if child == 0:
            _begin(mine)
        pickle.dump(child, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _warm_up(mine: Order) -> None:
    """Import what is imported late, so that no child has to. Connects to nothing."""
    create_app(mine.settings)
    for piece in schedule.PERIODIC:
        importlib.import_module(piece.job.rpartition(".")[0])


def _begin(mine: Order) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(mine.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    faulthandler.register(signal.SIGUSR1)  # where it is, into its log
    try:
        live(mine)
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
