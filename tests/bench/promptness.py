"""How soon the first message leaves after the undo window, and how soon the last one after a pause.

    python -m tests.bench.promptness [--recipients 100000] [--database postgresql|sqlite]

Both by the clock of the sink. The last line is one JSON object.
"""

import argparse
import json
import time
from datetime import timedelta

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import actions
from mailrith.delivery.models import Run
from tests.bench import letter, servers
from tests.bench.processes import load
from tests.chaos.stage import stage

UNDO_SECONDS = 30  # as people have it; the audience is frozen meanwhile
BEFORE_PAUSE = 2000  # messages


def measure(recipients, database, workers=2, sessions=40):
    with stage(database) as here:
        taker = servers.start(here, "own")
        letter_body, _ = letter.fitting(here.app, taker.port)
        run_id = here.make_run(taker.port, recipients, body=letter_body, sessions=sessions)
        with here.app.app_context():  # before there is a worker: nothing has begun
            db.session.get_one(Run, run_id).not_before = now() + timedelta(seconds=UNDO_SECONDS)
            db.session.commit()
        for _ in range(workers):
            here.start("worker")
        here.start("scheduler")
        until(lambda: taker.taken()[0] >= min(BEFORE_PAUSE, recipients // 2))
        with here.app.app_context():
            run = db.session.get_one(Run, run_id)
            not_before, frozen_at = run.not_before, run.frozen_at
            actions.pause(run)
            db.session.commit()
        paused_at = time.time()
        until(lambda: not here.counts(run_id).get("sending"))
        count, first, last = taker.taken()
    return {
        "recipients": recipients,
        "database": database,
        "taken": count,
        "frozen_in_time": frozen_at <= not_before,
        "first_message_seconds": round(first - not_before.timestamp(), 2),
        "last_after_pause_seconds": round(max(0.0, last - paused_at), 2),
        "load": load(),
    }


def until(condition, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("nothing moves")
        time.sleep(0.02)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    options = parser.parse_args()
    print(json.dumps(measure(options.recipients, options.database)))


if __name__ == "__main__":
    main()
