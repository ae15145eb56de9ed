"""What a single message costs, from the request to the server's answer.

    python -m tests.bench.messages [--count 500] [--database postgresql|sqlite] [--profile]

Requests go through the API's own client in this process, one worker process sends into our sink. First all are accepted while
the worker is held, then it sends them all, then fifty more go one by one, each timed from its answer to its outcome. Processor
time is that of this process and of the worker, in microseconds a message. `--profile` shows instead where both spend it, in this
process. The last line is one JSON object.
"""

import argparse
import cProfile
import json
import pstats
import signal
import time
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import func, select

from mailrith.accounts.models import Member, User
from mailrith.api import rates
from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.models import Delivery, DeliveryState, Run
from tests.api.conftest import Program
from tests.bench import servers
from tests.bench.processes import load, processor_seconds
from tests.bench.promptness import until
from tests.chaos.stage import stage

WARM_UP = 20
ALONE = 50
TOP = 45
PARAGRAPH = "<p>Thank you for your order of two pounds of seed potatoes. It leaves on Monday.</p>"


def measure(count, database):
    rates.PER_KEY = "1000000 per minute"
    with stage(database) as here:
        taker = servers.start(here, "own")
        program = customer(here, taker.port)
        worker = here.start("worker")
        post(program, WARM_UP)
        until(lambda: sent(here) == WARM_UP)
        worker.send_signal(signal.SIGSTOP)
        accepting = time.process_time(), time.perf_counter()
        post(program, count)
        accepted = spent(accepting, time.process_time(), count)
        began = processor_seconds(worker.pid), time.perf_counter()
        worker.send_signal(signal.SIGCONT)
        until(lambda: sent(here) == WARM_UP + count)
        carried = spent(began, processor_seconds(worker.pid), count)
        waits = sorted(wait_of_one(here, program) for _ in range(ALONE))
    return {
        "count": count,
        "database": database,
        "accepted_per_second": accepted["per_second"],
        "sent_per_second": carried["per_second"],
        "cpu_us_accept": accepted["cpu_us"],
        "cpu_us_send": carried["cpu_us"],
        "p50_ms_to_sent": waits[len(waits) // 2],
        "p99_ms_to_sent": waits[len(waits) * 99 // 100],
        "load": load(),
    }


def profile(count, database):
    """Where the time goes, function by function, with jobs run in this process."""
    rates.PER_KEY = "1000000 per minute"
    with stage(database) as here:
        program = customer(here, servers.start(here, "own").port)
        post(program, WARM_UP)
        send_all(here)
        with profiled("accept"):
            post(program, count)
        with profiled("send"):
            send_all(here)


def customer(here, port):
    """A program with a key of a workspace that sends into the sink."""
    from tests.support import factories
    from tests.support.factories_api import key_for

    with here.app.app_context():
        workspace = factories.make_workspace()
        factories.make_connection(workspace, port=port)
        member = db.session.scalars(
            select(Member).where(Member.workspace_id == workspace.id)
        ).first() or factories.make_member(workspace, factories.make_user("Hannah"))
        secret = key_for(workspace, db.session.get_one(User, member.user_id)).secret
    return Program(here.app, secret)


def post(program, count):
    for number in range(count):
        message = {
            "to": [{"email": f"reader{number}@readers.example"}],
            "subject": f"Your receipt {number}",
            "html": PARAGRAPH * 20,
        }
        answer = program.post("/messages", json=message)
        assert answer.status_code == 202, answer.text
    return answer


def sent(here):
    with here.reading():
        query = select(func.count()).where(Delivery.state == DeliveryState.SENT)
        return db.session.scalar(query)


def spent(began, processor, count):
    seconds = time.perf_counter() - began[1]
    return {
        "per_second": round(count / seconds, 1),
        "cpu_us": round((processor - began[0]) / count * 1e6),
    }


def wait_of_one(here, program):
    """Milliseconds from the answer to a request until its message is known to be taken."""
    before = sent(here)
    post(program, 1)
    answered = now()
    until(lambda: sent(here) == before + 1)
    with here.reading():
        done: datetime = db.session.scalar(select(func.max(Delivery.updated_at)))
    return round(max(0.0, (done - answered).total_seconds() * 1000), 1)


def send_all(here):
    with here.app.app_context():
        waiting = select(Run.id).where(Run.finished_at.is_(None))
        for run_id in db.session.scalars(waiting).all():
            with here.app.app_context():
                jobs.send_slice(run_id)
                db.session.remove()


@contextmanager
def profiled(name):
    seen = cProfile.Profile(time.process_time)  # waiting costs nothing
    with seen:
        yield
    print(f"---- {name}")
    pstats.Stats(seen).sort_stats("cumulative").print_stats(
        "mailrith/|flask_limiter|rq/|pool/base|redis/client|asyncio/", TOP
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    if options.profile:
        profile(options.count, options.database)
    else:
        print(json.dumps(measure(options.count, options.database)))


if __name__ == "__main__":
    main()
