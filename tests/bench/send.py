"""A personalised broadcast, end to end: real workers, marks, suppression, outcomes, into a sink that throws it away.

    python -m tests.bench.send --recipients 100000 [--database postgresql|sqlite] [--workers 2] [--sink auto|postfix|own]

The last line is one JSON object. `ratio_to_smtp_source` compares with Postfix's smtp-source into the same sink in the
same run, messages of the same size: no database, no personalisation, the most that this sink takes.
"""

import argparse
import json
import re
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from sqlalchemy import select

from mailrith.core import queue
from mailrith.core.db import db
from mailrith.delivery import letters, order
from mailrith.delivery.entries import Claimed, Marked
from mailrith.delivery.limits import Limits
from mailrith.delivery.models import Run
from tests.chaos.stage import Stage, stage

MESSAGE_BYTES = 15_000
SESSIONS = 20  # of each worker
SOURCE_MESSAGES = 20_000

SENTENCE = (
    "The hungry gap is the lean month between the last of the winter stores and the first of the spring crops, "
    "and every gardener fills it in a different way. "
)


def body(paragraphs: int) -> dict:
    """A letter of about `paragraphs` times four hundred bytes."""

    def text(words):
        return {"type": "paragraph", "content": [{"type": "text", "text": words}]}

    hello = text('Good morning [Subscriber_Name, fallback="friend"],')
    link = {
        "type": "paragraph",
        "content": [
            {
                "type": "text",
                "text": "Read the rest on the web",
                "marks": [{"type": "link", "attrs": {"href": "https://allotmentpost.example/gap"}}],
            }
        ],
    }
    return {
        "type": "doc",
        "content": [hello, *(text(SENTENCE * 2) for _ in range(paragraphs)), link],
    }


def fitting_body(here: Stage, port: int) -> tuple[dict, int]:
    """A letter whose message has about MESSAGE_BYTES, and its true size."""
    for paragraphs in range(1, 60):
        size = message_bytes(here, port, body(paragraphs))
        if size >= MESSAGE_BYTES:
            return body(paragraphs), size
    raise AssertionError("no letter is long enough")


def message_bytes(here: Stage, port: int, letter_body: dict) -> int:
    from tests.support import factories

    with here.app.app_context():
        workspace = factories.make_workspace()
        connection = factories.make_connection(workspace, port=port)
        letter = letters.freeze(
            workspace=workspace,
            connection=connection,
            subject="x",
            preview_text="",
            body_document=letter_body,
        )
        run = Run(public_id=workspace.public_id, source="broadcast", letter=letter.to_json())
        made = order.Order(
            run_id=1,
            run_public_id=run.public_id,
            workspace_id=workspace.id,
            connection_id=connection.id,
            credentials="",
            server=None,
            letter=letters.compiled(run, letter),
            envelope_sender=letter.envelope_sender,
            domain=letter.domain,
            give_up_at=None,
            max_sessions=1,
            limits=Limits(),
        )
        return len(made.message(Marked(Claimed(1, "a@b.example", 1, bytes(16), 0), "Ada", 1, 0)))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_sink(here: Stage, kind: str) -> tuple[int, str]:
    """Postfix's smtp-sink if it is there, else ours. Gives port and name."""
    program = shutil.which("smtp-sink") or shutil.which(
        "smtp-sink", path="/usr/sbin:/usr/lib/postfix/sbin"
    )
    if kind == "own" or (kind == "auto" and program is None):
        print(
            "smtp-sink is not installed, so a sink of our own takes the mail (apt-get install postfix)"
        )
        return here.start_sink("--no-log")[0], "own"
    port = free_port()
    here.processes.append(
        subprocess.Popen(
            [program, "-u", "nobody", "-c", f"127.0.0.1:{port}", "200"], stdout=subprocess.DEVNULL
        )
    )
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.02)
    return port, "smtp-sink"


def smtp_source_rate(port: int, size: int, sessions: int) -> float | None:
    """Messages a second that Postfix's own source reaches, or None without it."""
    program = shutil.which("smtp-source", path="/usr/sbin:/usr/lib/postfix/sbin:/usr/bin")
    if program is None:
        return None
    arguments = [program, "-m", str(SOURCE_MESSAGES), "-s", str(sessions), "-l", str(size)]
    arguments += ["-f", "a@source.example", "-t", "b@sink.example", f"127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
    return SOURCE_MESSAGES / (time.monotonic() - began)


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def peak_megabytes(pid: int) -> float:
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def wait_for_workers(here: Stage, wanted: int, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while len(queue.worker_names()) < wanted:
        if time.monotonic() > end:
            raise TimeoutError("the workers do not start")
        time.sleep(0.1)


def measure(options: argparse.Namespace) -> dict:
    with stage(options.database, slice_seconds=20) as here:
        port, sink = start_sink(here, options.sink)
        letter_body, size = fitting_body(here, port)
        print(f"{options.recipients} messages of {size} bytes, {options.workers} workers, {sink}")
        sessions = SESSIONS * options.workers
        before = smtp_source_rate(port, size, sessions)
        workers = [here.start("worker") for _ in range(options.workers)]
        wait_for_workers(here, options.workers)  # starting is not what is measured
        began_cpu = [processor_seconds(w.pid) for w in workers]
        run_id = here.make_run(port, options.recipients, body=letter_body, sessions=sessions)
        counts = here.wait_until_finished(run_id, options.seconds)
        cpu = sum(processor_seconds(w.pid) for w in workers) - sum(began_cpu)
        peak = max(peak_megabytes(w.pid) for w in workers)
        after = smtp_source_rate(port, size, sessions)
        with here.reading():
            run = db.session.scalar(select(Run).where(Run.id == run_id))
            seconds = (run.finished_at - run.started_at).total_seconds()
            prepare = (run.frozen_at - run.created_at).total_seconds()
            frozen = run.frozen_count
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
    rate = options.recipients / seconds
    source = max(before, after) if before and after else None
    return {
        "recipients": options.recipients,
        "rate": round(rate, 1),
        "ratio_to_smtp_source": round(rate / source, 3) if source else None,
        "sink": sink,
        "cpu_us_per_message": round(cpu / options.recipients * 1e6, 1),
        "peak_rss_mb": round(peak, 1),
        "frozen": frozen,
        "states": counts,
        "seconds": round(seconds, 2),
        "freeze_seconds": round(prepare, 2),
        "smtp_source_rate": round(source, 1) if source else None,
        "message_bytes": size,
        "database": options.database,
        "workers": options.workers,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sink", choices=("auto", "postfix", "own"), default="auto")
    parser.add_argument("--seconds", type=float, default=600, help="How long to wait at most.")
    print(json.dumps(measure(parser.parse_args())))


if __name__ == "__main__":
    main()
