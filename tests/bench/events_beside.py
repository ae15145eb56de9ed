"""What a broadcast loses while events come in: alone, beside a tenth of the events, beside all of them, and alone again.

All on the same web, workers and scheduler, in one run. What the ratios mean depends on how many processors there are to share:
two workers that send take two processors already, so whatever events cost is taken from sending where there are no more. Beside a
server that is some milliseconds away, as nearly all are, processors are left.
"""

import json
from dataclasses import replace

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.models import Run
from tests.bench import letter, servers
from tests.bench.events_load import Plan
from tests.bench.events_stage import House, make_targets, start_load
from tests.bench.processes import load, processor_seconds

EVENTS = 100  # in one POST
LONGEST = 900  # seconds
DELIVERIES = 20_000


def measure(here, options):
    """The four broadcasts, with the ratio of each to the mean of those that were alone."""
    targets = make_targets(here, DELIVERIES)
    taker = servers.start(here, "own", options.rtt_ms)
    letter_body, _ = letter.fitting(here.app, taker.port)
    house = House(here, max(2, options.workers))
    plan = Plan(here.settings, house.port, targets, options.rate / EVENTS, 0, EVENTS)
    found = {}
    _broadcast(here, house, taker, letter_body, options, None)  # warms everything up
    for name, rate in (
        ("alone", 0),
        ("tenth", options.rate / 10),
        ("full", options.rate),
        ("alone_again", 0),
    ):
        beside = _beside(plan, rate, targets) if rate else None
        found[name] = _broadcast(here, house, taker, letter_body, options, beside)
        print(f"{name}: {json.dumps(found[name])}", flush=True)
    alone = (found["alone"]["rate"] + found["alone_again"]["rate"]) / 2
    return {
        "recipients": options.beside_sending,
        "events_per_second": options.rate,
        "rtt_ms": options.rtt_ms,
        "ratio_beside_tenth": round(found["tenth"]["rate"] / alone, 3),
        "ratio_beside_full": round(found["full"]["rate"] / alone, 3),
        "alone_spread": round(found["alone_again"]["rate"] / found["alone"]["rate"], 3),
        "broadcasts": found,
        "database": options.database,
        "workers": len(house.workers),
        "load": load(),
    }


def _beside(plan, rate, targets):
    per_second = rate / EVENTS
    posts = int(per_second * LONGEST) // len(targets) * len(targets)
    return replace(plan, per_second=per_second, posts=posts)


def _broadcast(here, house, taker, letter_body, options, beside):
    """One broadcast; `beside` is posted meanwhile."""
    process = start_load(beside) if beside else None
    before, loading = house.cpu(), processor_seconds(process.pid) if process else 0.0
    run_id = here.make_run(taker.port, options.beside_sending, body=letter_body, sessions=40)
    here.wait_until_finished(run_id, LONGEST)
    spent = {name: round(value - before[name], 2) for name, value in house.cpu().items()}
    with here.reading():
        run = db.session.scalar(select(Run).where(Run.id == run_id))
        seconds = (run.finished_at - run.started_at).total_seconds()
    figures = {"rate": round(options.beside_sending / seconds, 1), "seconds": round(seconds, 2)}
    if process:
        figures["load_cpu_seconds"] = round(processor_seconds(process.pid) - loading, 2)
        process.kill()
        process.wait()
    return figures | {f"{name}_cpu_seconds": value for name, value in spent.items()}
