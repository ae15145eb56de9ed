"""A personalised broadcast, end to end: real workers, marks, suppression, outcomes, into a sink that throws it away.

    python -m tests.bench.send --recipients 100000 [--database postgresql|sqlite] [--workers 2] [--sessions 40]
        [--rtt-ms 20] [--sink auto|postfix|own] [--no-chunking] [--peers smtp_source,nodemailer,aiosmtplib]

The last line is one JSON object. `ratio_to_...` compares with a peer on the same sessions into the same sink, in the same
run (`tests.bench.peers`); only those that ran are there. `sink_us_per_message` is what the sink cost meanwhile.
"""

import argparse
import json
import os
import signal
import time
from pathlib import Path

from sqlalchemy import select

from mailrith.core import queue
from mailrith.core.db import db
from mailrith.delivery.models import Run
from tests.bench import letter, peers, servers
from tests.bench.processes import load, peak_megabytes, processor_seconds
from tests.chaos.stage import stage

PEERS = ("smtp_source", "nodemailer", "aiosmtplib")


AS_INSTALLED = Path(__file__).parent / "as_installed"


def measure(options):
    """Send, compare, and give everything that was counted."""
    os.environ["PYTHONPATH"] = str(AS_INSTALLED)  # of the workers
    with stage(options.database, slice_seconds=20) as here:
        flags = ["--no-chunking"] if options.no_chunking else []
        taker = servers.start(here, options.sink, options.rtt_ms, *flags)
        letter_body, message = letter.fitting(here.app, taker.port)
        print(
            f"{options.recipients} messages of {len(message)} bytes, {options.workers} workers, "
            f"{options.sessions} sessions, {taker.name} {options.rtt_ms} ms away",
            flush=True,
        )
        before = rates(options, here, taker, message, options.peers)
        figures = broadcast(options, here, taker, letter_body)
        # The source again, and the faster of the two: the machine may have other work meanwhile.
        after = rates(
            options, here, taker, message, [p for p in options.peers if p == "smtp_source"]
        )
    best = {name: max(rate, after.get(name, 0)) for name, rate in before.items()}
    ratios = {f"ratio_to_{name}": round(figures["rate"] / rate, 3) for name, rate in best.items()}
    return {
        **figures,
        **ratios,
        "rates_of_peers": {name: round(rate, 1) for name, rate in best.items()},
        "message_bytes": len(message),
        "sink": taker.name,
        "chunking": taker.name == "own" and not options.no_chunking,
        "database": options.database,
        "rtt_ms": options.rtt_ms,
        "sessions": options.sessions,
        "workers": options.workers,
        "load": load(),
    }


def rates(options, here, taker, message, names):
    """Messages a second of each peer that can run here."""
    found = {}
    for name in names:
        arguments = (taker.port, message, options.sessions, options.peer_messages)
        if name == "smtp_source":
            rate = peers.smtp_source(*arguments)
        else:
            rate = getattr(peers, name)(here.folder, *arguments)
        if rate is not None:
            found[name] = rate
            print(f"{name}: {rate:.0f} messages a second", flush=True)
    return found


def broadcast(options, here, taker, letter_body):
    """One broadcast through real workers that are up already."""
    workers = [here.start("worker") for _ in range(options.workers)]
    wait_for_workers(options.workers)  # starting is not what is measured
    began = [processor_seconds(w.pid) for w in workers], processor_seconds(taker.pid)
    taken = taker.taken()
    run_id = here.make_run(
        taker.port, options.recipients, body=letter_body, sessions=options.sessions
    )
    counts = here.wait_until_finished(run_id, options.seconds)
    cpu = sum(processor_seconds(w.pid) for w in workers) - sum(began[0])
    sink_cpu = processor_seconds(taker.pid) - began[1]
    peak = max(peak_megabytes(w.pid) for w in workers)
    with here.reading():
        run = db.session.scalar(select(Run).where(Run.id == run_id))
        seconds = (run.finished_at - run.started_at).total_seconds()
        prepare = (run.frozen_at - run.created_at).total_seconds()
        frozen = run.frozen_count
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        worker.wait(30)
    figures = {
        "recipients": options.recipients,
        "rate": round(options.recipients / seconds, 1),
        "seconds": round(seconds, 2),
        "freeze_seconds": round(prepare, 2),
        "cpu_us_per_message": round(cpu / options.recipients * 1e6, 1),
        "sink_us_per_message": round(sink_cpu / options.recipients * 1e6, 1),
        "peak_rss_mb": round(peak, 1),
        "frozen": frozen,
        "states": counts,
    }
    if taken is not None:
        figures["taken"] = taker.taken()[0] - taken[0]  # what the sink itself has counted
    return figures


def wait_for_workers(wanted, seconds=120):
    end = time.monotonic() + seconds
    while len(queue.worker_names()) < wanted:
        if time.monotonic() > end:
            raise TimeoutError("the workers do not start")
        time.sleep(0.1)


def parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sessions", type=int, default=40, help="Of all workers together.")
    parser.add_argument("--rtt-ms", type=float, default=0.0, help="How far away the sink is.")
    parser.add_argument("--sink", choices=("auto", "postfix", "own"), default="auto")
    parser.add_argument("--no-chunking", action="store_true", help="Our own sink without BDAT.")
    parser.add_argument("--peers", type=_peers, default=["smtp_source"], help=",".join(PEERS))
    parser.add_argument("--peer-messages", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=900, help="How long to wait at most.")
    return parser


def _peers(text):
    names = [name for name in text.replace("-", "_").split(",") if name]
    unknown = set(names) - set(PEERS)
    if unknown:
        raise argparse.ArgumentTypeError(f"There are {', '.join(PEERS)}.")
    return names


def main():
    print(json.dumps(measure(parser().parse_args())))


if __name__ == "__main__":
    main()
