"""kill -9 of the mail server in the middle of a send: its stand-in takes the rest, and both logs are compared with the ledger.

    python -m tests.chaos.takeover --recipients 20000 [--database sqlite]

Nobody lost, nobody twice, at most 2 W in doubt, and the stand-in carried what the first could not.
"""

import argparse
import json
import time
from dataclasses import asdict

from tests.chaos.kill import SESSIONS, Verdict, compare, wait_for_lines
from tests.chaos.stage import stage


def trial(engine: str, recipients: int, *, seconds: float = 240) -> tuple[Verdict, tuple[int, int]]:
    """Send to `recipients`, killing the server after a third. Gives also how many each server took."""
    with stage(engine, lease_seconds=4, slice_seconds=5) as here:
        first_port, first = here.start_sink(name="first")
        server = here.processes[-1]
        second_port, second = here.start_sink(name="second")
        began = time.monotonic()
        run_id = here.make_run(first_port, recipients, sessions=SESSIONS)
        here.add_stand_in(run_id, second_port, sessions=SESSIONS)
        here.start("scheduler")
        wait_for_lines(first, recipients // 3, here.start("worker"), seconds)
        server.kill()
        server.wait()
        here.wait_until_finished(run_id, seconds)
        verdict = compare(here, run_id, [first, second], 1, time.monotonic() - began)
        return verdict, (_lines(first), _lines(second))


def _lines(log) -> int:
    return log.read_bytes().count(b"\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    options = parser.parse_args()
    verdict, taken = trial(options.database, options.recipients)
    print(json.dumps(asdict(verdict) | {"taken": taken, "holds": verdict.holds}))
    raise SystemExit(0 if verdict.holds and all(taken) else 1)


if __name__ == "__main__":
    main()
