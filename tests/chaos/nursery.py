"""Processes on order: forked by `tests.chaos.worker`, watched and ended through a descriptor of each."""

import os
import pickle
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mailrith.core import config

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Order:
    """One process. `arms` are points with the passing at which it dies; `control` names a broken variant.

    The settings of all orders of a nursery name the same database and queue.
    """

    role: str  # worker | scheduler | web | sink | rehearsal
    settings: config.Settings
    log: Path
    reached: Path  # gets the name of the point it died at
    arms: tuple[tuple[str, int], ...] = ()
    control: str = ""
    port: int = 0  # of web
    hurried: bool = True  # with the short times of a trial
    impatient: bool = False  # give SQLite's lock up soon: the database counts as away
    options: tuple[str, ...] = ()  # of a sink; the run of a rehearsal


class Process:
    """One running process. It is nobody's child here, so it is held by a pidfd. `port` is what a sink listens on."""

    def __init__(self, pid: int, order: Order, port: int) -> None:
        self.order = order
        self.port = port
        self._fd: int | None = None
        try:
            self._fd = os.pidfd_open(pid)
        except ProcessLookupError:  # dead already
            return
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)

    @property
    def alive(self) -> bool:
        return not self.wait(0)

    def signal(self, number: int) -> None:
        """Send a signal; a process that is gone does not mind."""
        if self.alive:
            try:
                signal.pidfd_send_signal(self._fd, number)
            except ProcessLookupError:
                return

    def wait(self, seconds: float) -> bool:
        """Whether it is gone, after waiting that long at most."""
        if self._fd is None or self._poll.poll(seconds * 1000):
            self.close()
            return True
        return False

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


class Nursery:
    """Where they come from. Closing it ends them all."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.worker"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def start(self, order: Order) -> Process:
        pickle.dump(order, self._process.stdin)
        self._process.stdin.flush()
        pid, port = pickle.load(self._process.stdout)
        return Process(pid, order, port)

    def rehearse(self, order: Order) -> None:
        """Let the nursery itself do all that its children will do. See `tests.chaos.rehearsal`."""
        pickle.dump(order, self._process.stdin)
        self._process.stdin.flush()
        pickle.load(self._process.stdout)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
