"""Where the time of one message goes: `python -m tests.bench.life [--recipients 5000] [--database postgresql|sqlite]`.

A real run, frozen, claimed, marked, built, carried to our sink and recorded by the code that workers run, one stage after
another in one process, so that each can be timed by itself. Processor time of this process in microseconds a message; the
database's own and the sink's are extra lines. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import time
from contextlib import contextmanager
from dataclasses import replace

import uvloop

from mailrith.core.clock import now
from mailrith.core.db import db
from mailrith.delivery import jobs
from mailrith.delivery.ledger.results import judge
from mailrith.delivery.ledger.turns import Ledger
from mailrith.delivery.sending import message_ids, order
from mailrith.smtp.connecting import connect
from mailrith.smtp.fitness import Fitness
from mailrith.subscribers.links import unsubscribe_url
from tests.bench import letter, servers
from tests.bench.processes import load, processor_seconds
from tests.chaos.stage import stage

AT_ONCE = 40  # messages in one turn of the ledger, as with twenty sessions
SESSIONS = 20
ROUNDS = 5


class Stages(dict):
    """stage -> microseconds a message."""

    @contextmanager
    def time(self, name, count):
        wall, began = time.perf_counter(), time.process_time()
        yield
        self[name] = round((time.process_time() - began) / count * 1e6, 1)
        self[f"{name}, by the clock"] = round((time.perf_counter() - wall) / count * 1e6, 1)

    def each(self, name, work, things):
        with self.time(name, len(things)):
            for thing in things:
                work(thing)
        del self[f"{name}, by the clock"]  # it waits for nobody


def measure(recipients, database):
    with stage(database) as here:
        taker = servers.start(here, "own")
        plain = servers.start(here, "own", 0.0, "--no-chunking")
        letter_body, _ = letter.fitting(here.app, taker.port)
        run_id = here.make_run(taker.port, recipients, body=letter_body, sessions=SESSIONS)
        stages = Stages()
        with here.app.app_context():
            with stages.time("freeze", recipients):
                jobs.freeze(run_id)
            made = order.load(run_id)
            db.session.rollback()
            ledger = Ledger(
                db.engine,
                run_id=run_id,
                connection_id=made.connection_id,
                credentials=made.credentials,
                lease_seconds=600,
            )
            with stages.time("claim and mark", recipients):
                marked = list(_mark_all(ledger))
            assert len(marked) == recipients
            messages = _build(stages, made, marked)
            ways = {"carried by BDAT": taker, "carried by DATA": plain}
            outcomes = _carry_both(stages, made, ways, marked, messages)
            results = _judge(stages, made, marked, outcomes)
            with stages.time("record", recipients):
                for start in range(0, recipients, AT_ONCE):
                    ledger.turn(results[start : start + AT_ONCE], room=0, claim=0, look=False)
            ledger.close()
            assert here.counts(run_id) == {"sent": recipients}
    return {
        "recipients": recipients,
        "database": database,
        "message_bytes": len(messages[0]),
        "load": load(),
        "microseconds": stages,
    }


def _mark_all(ledger):
    empty = False
    while not empty:
        turn = ledger.turn([], room=AT_ONCE, claim=1000, look=False)
        yield from turn.marked
        empty = turn.empty


def _build(stages, made, marked):
    def link(one):
        claimed = one.claimed
        unsubscribe_url(made.workspace_id, claimed.subscriber_id, claimed.fingerprint, claimed.id)

    stages.each(
        "of these, the Message-ID with its MAC",
        lambda one: message_ids.make(made.run_public_id, one.claimed.id, made.domain),
        marked,
    )
    stages.each("of these, the link to leave with its MAC", link, marked)
    messages = []
    stages.each("the bytes", lambda one: messages.append(made.message(one)), marked)
    fitness = Fitness(smtputf8=False, eight_bit=True, real_people_only=False, max_bytes=None)
    pairs = list(zip(marked, messages, strict=True))
    stages.each(
        "of carrying, looking whether it may go",
        lambda pair: fitness.objection(made.envelope_sender, pair[0].claimed.email, pair[1]),
        pairs,
    )
    return messages


def _carry_both(stages, made, ways, marked, messages):
    """By turns, and the best of ROUNDS for each way: other work on the machine comes and goes."""
    outcomes, size = [], -(-len(marked) // ROUNDS)
    for start in range(0, len(marked), size):
        block = slice(start, start + size)
        for name, taker in ways.items():
            found = Stages()
            carried = _carry(found, name, made, taker, marked[block], messages[block])
            for stage_name, microseconds in found.items():
                stages[stage_name] = min(microseconds, stages.get(stage_name, microseconds))
        outcomes += carried
    return outcomes


def _carry(stages, name, made, taker, marked, messages):
    """Twenty sessions on one loop. What the sink pays for it is told too."""
    outcomes = [None] * len(marked)
    numbers = iter(range(len(marked)))

    async def lane(session):
        for number in numbers:
            outcomes[number] = await session.send(
                made.envelope_sender,
                marked[number].claimed.email,
                messages[number],
                ready=True,
            )

    async def all_lanes():
        server = replace(made.server, port=taker.port, messages_per_session=10**9)
        sessions = [await connect(server) for _ in range(SESSIONS)]
        sink = processor_seconds(taker.pid)
        with stages.time(name, len(marked)):
            await asyncio.gather(*map(lane, sessions))
        stages[f"{name}, the sink"] = round(
            (processor_seconds(taker.pid) - sink) / len(marked) * 1e6, 1
        )
        for session in sessions:
            await session.quit()

    uvloop.run(all_lanes())
    return outcomes


def _judge(stages, made, marked, outcomes):
    results, moment = [], now()

    def enter(pair):
        one, outcome = pair
        judged = judge(outcome, one.claimed.id, one.attempt, give_up_at=made.give_up_at, now=moment)
        results.append(judged.result)

    stages.each("judging the reply", enter, list(zip(marked, outcomes, strict=True)))
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=5000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    options = parser.parse_args()
    found = measure(options.recipients, options.database)
    for name, microseconds in found["microseconds"].items():
        print(f"{name:55} {microseconds:9.1f}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()
