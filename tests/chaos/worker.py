"""The processes of a trial: Mailrith's own worker, scheduler and web, with short times, and armed with a point to die at.

    python -m tests.chaos.worker

is the nursery: it imports everything and makes the app once, and forks a process for each order that it reads, because
starting Python would cost more than a trial. After a rehearsal nothing of it is open, so that what is forked shares only code.
Orders come pickled from the harness, and the number of each process goes back, with the port of a mail server.
"""

import ctypes
import faulthandler
import gc
import importlib
import os
import pickle
import signal
import struct
import sys
import traceback
from datetime import timedelta

from sqlalchemy.orm import configure_mappers

from mailrith import schedule, worker
from mailrith.app import create_app
from mailrith.core import config
from mailrith.core import db as database
from mailrith.delivery.ledger import results
from mailrith.delivery.pacing import backoff, sessions
from mailrith.delivery.pacing import pace as pacing
from mailrith.delivery.sending import order
from mailrith.smtp import server
from tests.chaos import controls, points, sink
from tests.chaos.nursery import Order
from tests.chaos.rehearsal import rehearse

DOT_SECONDS = 5
PERIODIC_SECONDS = 0.4
SHORT = {
    schedule: {"TICK_SECONDS": 0.2, "LEASE_SECONDS": 2},
    sessions: {"SHARE_SECONDS": 1},
    pacing: {"PULSE_SECONDS": 1, "ASKED_SECONDS": 1},
    worker: {"RETRY_SECONDS": 0.2},
    results: {"FIRST_WAIT": timedelta(seconds=0.5)},
    backoff: {
        "FIRST_SILENCE_SECONDS": 0.3,
        "LONGEST_SILENCE_SECONDS": 1,
        "RECOVERY_SECONDS": 1,
        "LOWEST_RATE": 10,
    },
}
_PR_SET_PDEATHSIG = 1
_PORT = struct.Struct("=H")


def live(mine: Order, app) -> None:
    """What the process does until it ends."""
    config.install(mine.settings)
    if mine.hurried:
        shorten_times(impatient=mine.impatient)
    _name_attempts()
    worker.create_app = schedule.create_app = lambda settings: app
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

        make_server("127.0.0.1", mine.port, app, threaded=True).serve_forever()


def shorten_times(*, impatient: bool = False) -> None:
    """Trials are quick because waits are short; nothing else differs from what an operator runs."""
    for module, values in SHORT.items():
        for name, value in values.items():
            assert hasattr(module, name), f"{module.__name__} has no {name} any more"
            setattr(module, name, value)
    schedule.PERIODIC = _periodic()
    worker.WarmWorker.max_connection_wait_time = 0.5
    # Long enough for an honest server under load, short for one that never answers.
    server.Timeouts.__init__.__defaults__ = (10, 10, 10, 10, 10, DOT_SECONDS)
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
    app = None
    while True:
        try:
            mine = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        if app is None:
            app = _warm_up(mine)
        if mine.role == "rehearsal":
            _rehearse(mine, app)
            found = 0, 0
        else:
            found = _fork(mine, app)
        pickle.dump(found, sys.stdout.buffer)
        sys.stdout.buffer.flush()


def _warm_up(mine: Order):
    """Import what is imported late and make what every child would make. Connects to nothing."""
    app = create_app(mine.settings)
    for piece in schedule.PERIODIC:
        importlib.import_module(piece.job.rpartition(".")[0])
    configure_mappers()
    return app


def _rehearse(mine: Order, app) -> None:
    rehearse(app, int(mine.options[0]), [piece.job for piece in _periodic()])
    gc.collect()
    gc.freeze()  # or the first collection of each child copies all of it


def _periodic() -> list[schedule.Periodic]:
    """What matters here of the periodic work, more often than in earnest."""
    return [
        schedule.Periodic(piece.name, min(piece.seconds, PERIODIC_SECONDS), piece.job)
        for piece in schedule.PERIODIC
        if ".delivery." in piece.job or ".broadcasts." in piece.job or "probe_paused" in piece.job
    ]


def _fork(mine: Order, app) -> tuple[int, int]:
    """Its number, and the port of a sink."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _begin(mine, app, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as said:
        port = _PORT.unpack(said.read(_PORT.size))[0] if mine.role == "sink" else 0
    return child, port


def _begin(mine: Order, app, writer: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(mine.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, log, log)):
        os.dup2(file, number)
    faulthandler.register(signal.SIGUSR1)  # where it is, into its log
    try:
        if mine.role == "sink":
            sink.main(mine.options, say=lambda port: os.write(writer, _PORT.pack(port)))
        else:
            os.close(writer)
            live(mine, app)
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
