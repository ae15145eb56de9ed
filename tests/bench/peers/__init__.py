"""Others that send the same mail to the same sink: how many messages a second each of them reaches.

smtp_source   Postfix's own source: no database, no composing, one message again and again
nodemailer    its pool (npm), composing the same letter for each name, two processes
aiosmtplib    as it comes: a finished message through `sendmail` on so many sessions, two processes

None stands for one that cannot run here.
"""

import contextlib
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.bench import letter
from tests.bench.servers import ROOT, find

PROCESSES = 2
HERE = Path(__file__).parent


def smtp_source(port, message, sessions, count):
    program = find("smtp-source")
    if program is None:
        return None
    arguments = [program, "-m", str(count), "-s", str(sessions), "-l", str(len(message))]
    arguments += ["-f", "a@source.example", "-t", "b@readers.example", f"127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return count / (time.monotonic() - began)


def nodemailer(folder, port, message, sessions, count):
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    room = Path(folder) / "nodemailer"
    if not room.exists():
        room.mkdir()
        asked = [npm, "install", "--silent", "--no-audit", "--no-fund", "nodemailer@7"]
        done = subprocess.run(asked, cwd=room, check=False, timeout=120, capture_output=True)
        if done.returncode:
            return None  # no registry in reach
    parts = room / "letter.json"
    parts.write_text(json.dumps(letter.as_parts(message)))
    shutil.copy(HERE / "pool.cjs", room)
    command = [node, "pool.cjs", str(port), str(sessions // PROCESSES), str(count // PROCESSES)]
    return _together([*command, str(parts)], room, count)


def aiosmtplib(folder, port, message, sessions, count):
    path = Path(folder) / "message.eml"
    path.write_bytes(message)
    numbers = [str(port), str(sessions // PROCESSES), str(count // PROCESSES)]
    command = [sys.executable, "-m", "tests.bench.peers.stock", *numbers, str(path)]
    return _together(command, ROOT, count)


def _together(command, folder, count):
    """Start them all, let them go at once when each is ready, and wait for the last."""
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
                )
            )
            for _ in range(PROCESSES)
        ]
        for one in running:
            assert one.stdout.readline() == "ready\n"
        began = time.monotonic()
        for one in running:
            one.stdin.write("go\n")
            one.stdin.flush()
        for one in running:
            sent = int(one.stdout.readline())
            assert sent == count // PROCESSES, f"{command[0]} sent {sent}"
        return count / (time.monotonic() - began)
