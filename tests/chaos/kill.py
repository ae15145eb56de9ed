"""kill -9 of the worker in the middle of a send, restart, and the ledger compared with what the sink saw.

    python -m tests.chaos.kill --recipients 20000 [--database sqlite] [--kills 3]

Nobody lost: frozen = sent + failed + skipped + in_doubt. Nobody twice. At most 2 W in doubt for each kill.
"""

import argparse
import json
import time
from collections import Counter
from dataclasses import asdict, dataclass

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery, DeliveryState, Run
from tests.chaos.stage import Stage, stage

SESSIONS = 20


@dataclass
class Verdict:
    frozen: int
    states: dict[str, int]
    twice: int  # recipients whom the sink has more than once
    lost: int  # sent in the ledger, unknown to the sink
    unaccounted: int  # known to the sink, neither sent nor in doubt in the ledger
    in_doubt_arrived: int
    kills: int
    seconds: float

    @property
    def holds(self) -> bool:
        """G1, G2 and G3 of this trial."""
        return (
            sum(self.states.values()) == self.frozen
            and not (self.twice or self.lost or self.unaccounted)
            and self.states.get("in_doubt", 0) <= 2 * SESSIONS * self.kills
            and not {"queued", "sending", "deferred"} & self.states.keys()
        )


def trial(engine: str, recipients: int, kills: int = 1, *, seconds: float = 240) -> Verdict:
    """Send to `recipients`, killing the worker `kills` times at even distances."""
    with stage(engine, lease_seconds=4, slice_seconds=5) as here:
        port, log = here.start_sink()
        began = time.monotonic()
        run_id = here.make_run(port, recipients, sessions=SESSIONS)
        here.start("scheduler")
        for number in range(1, kills + 1):
            worker = here.start("worker")
            wait_for_lines(log, recipients * number // (kills + 1), worker, seconds)
            worker.kill()
            worker.wait()
        here.start("worker")
        here.wait_until_finished(run_id, seconds)
        return compare(here, run_id, [log], kills, time.monotonic() - began)


def wait_for_lines(log, wanted, worker, seconds) -> None:
    end = time.monotonic() + seconds
    while log.read_bytes().count(b"\n") < wanted:
        if time.monotonic() > end or worker.poll() is not None:
            raise TimeoutError(f"the sink has fewer than {wanted} messages")
        time.sleep(0.01)


def compare(here: Stage, run_id: int, logs, kills: int, seconds: float) -> Verdict:
    lines = (line for log in logs for line in log.read_text().splitlines())
    heard = Counter(line.partition("\t")[0] for line in lines)
    with here.reading():
        frozen = db.session.scalar(select(Run.frozen_count).where(Run.id == run_id))
        rows = db.session.execute(
            select(Delivery.email, Delivery.state).where(Delivery.run_id == run_id)
        ).all()
    by_state = {state: {e for e, s in rows if s == state} for state in DeliveryState}
    sent, doubt = by_state[DeliveryState.SENT], by_state[DeliveryState.IN_DOUBT]
    return Verdict(
        frozen=frozen,
        states=here.counts(run_id),
        twice=sum(1 for times in heard.values() if times > 1),
        lost=len(sent - heard.keys()),
        unaccounted=len(heard.keys() - sent - doubt),
        in_doubt_arrived=len(doubt & heard.keys()),
        kills=kills,
        seconds=round(seconds, 1),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--kills", type=int, default=1)
    options = parser.parse_args()
    verdict = trial(options.database, options.recipients, options.kills)
    print(json.dumps(asdict(verdict) | {"holds": verdict.holds}))
    raise SystemExit(0 if verdict.holds else 1)


if __name__ == "__main__":
    main()
