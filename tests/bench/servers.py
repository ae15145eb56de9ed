"""The sinks that take the mail, and the distance to them."""

import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.sink import read_meter

ROOT = Path(__file__).parent.parent.parent


@dataclass
class Taker:
    """Where to connect, what to call it, the sink's process and its meter (None: it counts nothing)."""

    port: int
    name: str
    pid: int
    meter: Path | None = None

    def taken(self):
        """(messages, time of the first, time of the last), or None."""
        return read_meter(self.meter) if self.meter else None


def start(stage, kind, rtt_ms=0.0, *options):
    """`postfix`, `own`, or `auto`: Postfix's smtp-sink if it is there, else ours. `rtt_ms` away."""
    program = find("smtp-sink")
    if kind == "own" or (kind == "auto" and program is None):
        taker = _own(stage, options)
    else:
        assert program, "smtp-sink is not installed (apt-get install postfix)"
        taker = _postfix(stage, program)
    if rtt_ms:
        taker.port, _ = python(stage, "tests.bench.distance", str(taker.port), str(rtt_ms))
    return taker


def find(program):
    """Postfix's programs are seldom on the PATH."""
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/lib/postfix/sbin")


def python(stage, module, *arguments):
    """A server of ours, which prints its port. Gives port and pid."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE
    )
    stage.processes.append(process)
    with process.stdout:
        return int(process.stdout.readline()), process.pid


def free_port():
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _own(stage, options):
    meter = stage.folder / f"meter-{len(stage.processes)}"
    port, pid = python(stage, "tests.bench.sink", str(meter), *options)
    return Taker(port, "own", pid, meter)


def _postfix(stage, program):
    port = free_port()
    process = subprocess.Popen(
        [program, "-u", "nobody", "-c", f"127.0.0.1:{port}", "500"], stdout=subprocess.DEVNULL
    )
    stage.processes.append(process)
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return Taker(port, "smtp-sink", process.pid)
        time.sleep(0.02)
    raise TimeoutError("smtp-sink does not start")
