"""The one command of the README: it starts everything, follows its own rules about ports, and leaves nothing running."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mailrith.app import ROOT

START_SECONDS = 90
END_SECONDS = 20
PROGRAM = "import sys; from pathlib import Path; from mailrith.demo import running; sys.exit(running.run(Path(sys.argv[1]), port=int(sys.argv[2]), fresh=False))"

pytestmark = pytest.mark.slow


def test_ctrl_c_stops_everything_and_the_data_is_kept(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, port):
        started = processes_of(tmp_path)
        process.send_signal(signal.SIGINT)
        status = process.wait(END_SECONDS)

    assert status == 0
    assert len(started) >= 5
    until(lambda: not processes_of(tmp_path), END_SECONDS)
    assert (tmp_path / "mailrith.db").exists()
    assert not answers(port)


def test_a_killed_parent_takes_everything_along(tmp_path: Path) -> None:
    with demo(tmp_path) as (process, _port):
        assert processes_of(tmp_path)
        process.kill()
        process.wait()

    until(lambda: not processes_of(tmp_path), END_SECONDS)


def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(tmp_path), str(port)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stdout.startswith(f"Port {port} is in use. Choose another one:")


@contextlib.contextmanager
def demo(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MAILRITH_")}
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), str(port)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until(lambda: answers(port), START_SECONDS)
        yield process, port
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def processes_of(folder: Path) -> list[int]:
    """Every process that was started for this folder, by the settings in its environment or its arguments."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            status = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if str(folder).encode() in words and status != "Z" and int(entry.name) != os.getpid():
                found.append(int(entry.name))
    return found


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.1)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
