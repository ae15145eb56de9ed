"""Events under load: signed POSTs at a fixed rate into the web server as it is operated, applied by real workers.

    python -m tests.bench.events --seconds 30 [--rate 5000] [--singles 1000] [--database postgresql|sqlite] [--workers 1]
        [--kill web,worker,valkey] [--beside-sending 20000 [--rtt-ms 20]]

First `--rate` events a second in POSTs of 100, then `--singles` POSTs a second with one event each, half of them in our own form
(HMAC), half in SendGrid's (ECDSA); each part lasts `--seconds`. PostgreSQL is the bench's own, with fsync on. The load shares the
machine's processors with everything else; `load_share` is its part of one of them. The last line is one JSON object.
"""

import argparse
import contextlib
import json
import time

from tests.bench import events_beside, events_judge
from tests.bench.events_load import Plan
from tests.bench.events_stage import House, make_targets, start_load
from tests.bench.processes import load
from tests.chaos.postgres import postgres
from tests.chaos.stage import stage

EVENTS = 100  # in one POST of the first part
MOST_DELIVERIES = 200_000  # of each connection
KILLS = ("web", "worker", "valkey")


def measure(options):
    """Everything that was counted."""
    with contextlib.ExitStack() as stack:
        if options.database == "postgresql":
            stack.enter_context(postgres())
        here = stack.enter_context(stage(options.database))
        if options.beside_sending:
            return events_beside.measure(here, options)
        return both_parts(here, options)


def both_parts(here, options):
    targets = make_targets(here, deliveries_for(options))
    house = House(here, options.workers)
    batches = plan(here, house, targets, options.rate / EVENTS, options.seconds, EVENTS)
    done = batches.posts * EVENTS // len(targets)
    singles = plan(here, house, targets, options.singles, options.seconds, 1, first=done)
    parts = {}
    for name, each in (("batches", batches), ("singles", singles)):
        if each.posts:
            parts[name] = part(here, house, each, options.kill)
            print(f"{name}: {json.dumps(shown(parts[name]))}", flush=True)
    plans = [(each, parts[name]["unacknowledged"]) for name, each in (("batches", batches), ("singles", singles)) if each.posts]  # fmt: skip
    verdict = events_judge.judge(here, events_judge.expected(plans))
    return summary(parts, verdict, house, options)


def plan(here, house, targets, per_second, seconds, events, first=0):
    posts = int(per_second * seconds) // len(targets) * len(targets)
    return Plan(here.settings, house.port, targets, per_second, posts, events, first)


def part(here, house, each, kills=()):
    """Post, kill in the middle, wait until all is applied."""
    before = house.cpu()
    process = start_load(each)
    seconds = each.posts / each.per_second
    for name in kills:
        time.sleep(seconds / (len(kills) + 1))
        house.kill(name)
        print(f"killed {name}", flush=True)
    with process.stdout:
        report = json.loads(process.stdout.read())
    process.wait()
    left = events_judge.waiting(here)
    events_judge.wait_until_applied(here, 60 + seconds)
    report["drained_seconds"] = round(time.time() - report["ended_at"], 2)
    report["waiting_at_the_end"] = left
    events = report["acknowledged"] * each.events
    for name, spent in house.cpu().items():
        report[f"{name}_us_per_event"] = round((spent - before[name]) / events * 1e6, 1)
        report[f"{name}_us_per_post"] = round((spent - before[name]) / report["acknowledged"] * 1e6)
    report["load_share"] = round(report["cpu_seconds"] / report["seconds"], 3)
    return report


def shown(report):
    return {name: value for name, value in report.items() if name not in ("unacknowledged", "ended_at")}  # fmt: skip


def summary(parts, verdict, house, options):
    first, second = parts.get("batches", {}), parts.get("singles", {})
    return {
        "events_per_second": first.get("events_per_second"),
        "posts_per_second": second.get("posts_per_second"),
        "ack_p50_ms": first.get("ack_p50_ms"),
        "ack_p99_ms": first.get("ack_p99_ms"),
        "single_ack_p50_ms": second.get("ack_p50_ms"),
        "single_ack_p99_ms": second.get("ack_p99_ms"),
        "drained_seconds": max(one["drained_seconds"] for one in parts.values()),
        "lost": verdict["lost"],
        "doubled": verdict["doubled"],
        "unacknowledged": sum(len(one["unacknowledged"]) for one in parts.values()),
        "rss_mb": house.rss(),
        "web_us_per_event": first.get("web_us_per_event"),
        "worker_us_per_event": first.get("worker_us_per_event"),
        "web_us_per_single": second.get("web_us_per_event"),
        "worker_us_per_single": second.get("worker_us_per_event"),
        "kills": list(options.kill),
        "database": options.database,
        "seconds": options.seconds,
        "load": load(),
        "verdict": verdict,
        "parts": {name: shown(one) for name, one in parts.items()},
    }


def deliveries_for(options):
    """So many that most events speak of a delivery of their own."""
    events = options.seconds * (options.rate + options.singles)
    return int(min(MOST_DELIVERIES, max(5000, events // 2)))


def parser():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=30, help="Of each part.")
    parser.add_argument("--rate", type=int, default=5000, help="Events a second in POSTs of 100.")
    parser.add_argument("--singles", type=int, default=1000, help="Single POSTs a second.")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kill", type=_kills, default=[], help=",".join(KILLS))
    parser.add_argument("--beside-sending", type=int, default=0, metavar="RECIPIENTS")
    parser.add_argument("--rtt-ms", type=float, default=0.0, help="How far away the server is that takes the broadcast.")  # fmt: skip
    return parser


def _kills(words):
    names = [name for name in words.split(",") if name]
    if set(names) - set(KILLS):
        raise argparse.ArgumentTypeError(f"There are {', '.join(KILLS)}.")
    return names


def main():
    print(json.dumps(measure(parser().parse_args())))


if __name__ == "__main__":
    main()
