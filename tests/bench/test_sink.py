"""The sink that figures are made with: what it counts is what was sent, however the bytes are cut."""

import socket
import subprocess
import sys

import pytest

from tests.bench.servers import ROOT
from tests.bench.sink import read_meter

ENVELOPE = b"MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n"
CONVERSATION = (
    b"EHLO x\r\n"
    + ENVELOPE
    + b"DATA\r\nSubject: one\r\n\r\n.. a dot\r\nmore\r\n.\r\n"
    + ENVELOPE
    + b"DATA\r\n.\r\n"
    + ENVELOPE
    + b"BDAT 26 LAST\r\nMAIL FROM:<x@y>\r\n.\r\nQUIT\r\n"
    + b"NOOP\r\nBREW coffee\r\nQUIT\r\n"
)
CODES = [220, 250, 250, 250, 354, 250, 250, 250, 354, 250, 250, 250, 250, 250, 500, 221]


@pytest.fixture
def start(tmp_path):
    """Start `tests.bench.NAME ARGUMENTS`, which prints its port."""
    started = []

    def make(name, *arguments):
        command = [sys.executable, "-m", f"tests.bench.{name}", *map(str, arguments)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        started.append(process)
        with process.stdout:
            return int(process.stdout.readline())

    yield make
    for process in started:
        process.kill()
        process.wait()


def codes_of(port, pieces):
    """The codes of all replies until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            line.sendall(piece)
        heard = b"".join(iter(lambda: line.recv(4096), b""))
    return [int(reply[:3]) for reply in heard.splitlines() if reply[3:4] == b" "]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
def test_every_message_is_counted_once(start, tmp_path, size):
    meter = tmp_path / "meter"
    port = start("sink", meter)
    cut = [CONVERSATION[at : at + size] for at in range(0, len(CONVERSATION), size)]

    assert codes_of(port, cut) == CODES

    count, first, last = read_meter(meter)
    assert count == 3
    assert 0 < first <= last


def test_a_distance_changes_nothing_but_the_time(start, tmp_path):
    port = start("distance", start("sink", tmp_path / "meter"), 1)

    assert codes_of(port, [CONVERSATION]) == CODES
    assert read_meter(tmp_path / "meter")[0] == 3
