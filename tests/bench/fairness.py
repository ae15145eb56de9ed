"""Four broadcasts at once, two through each of two connections with different limits: who waits for whom, and do the limits hold?

    python -m tests.bench.fairness [--recipients 2000] [--database postgresql|sqlite] [--slice-seconds 5]

By the mail servers' own logs. A limit holds when no window of its length, wherever it begins, has more messages than the limit,
its burst and one block: what may be marked and not sent yet. Nobody starves when, while two broadcasts of one connection both have
people waiting, neither sends for longer than two turns (slices) of the other without sending itself. The last line is one JSON object.
"""

import argparse
import itertools
import json
import signal
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import select

from mailrith.core.db import db
from mailrith.delivery.models import Delivery
from mailrith.delivery.sending import message_ids
from tests.bench.processes import load
from tests.chaos.theatre import Theatre, theatre

SESSIONS = 4
WORKERS = 2
LEASE_SECONDS = 60
WINDOWS = {"per_second": 1, "per_minute": 60}


@dataclass
class Way:
    """A connection with two broadcasts. `heard` is (time, run) of each message that arrived by it."""

    limits: dict[str, int]
    runs: list[int] = field(default_factory=list)
    heard: list[tuple[float, int]] = field(default_factory=list)

    def busiest(self, name: str) -> int:
        """The most messages in any window of that limit."""
        return busiest([at for at, _ in self.heard], WINDOWS[name])

    def bound(self, name: str) -> int:
        """What may be in one: the limit, a tenth of a second's worth at once, and what is marked on its sessions."""
        return self.limits[name] + self.limits["per_second"] // 10 + 2 * SESSIONS

    def turn(self, slice_seconds: float) -> int:
        """How many messages a slice can send."""
        return int(self.limits["per_second"] * (slice_seconds + 0.1)) + 2 * SESSIONS

    @property
    def longest_row(self) -> int:
        """The most messages of one run, one after another, while the other still had somebody to send to."""
        return longest_row([run for _, run in self.heard])


def busiest(times: list[float], seconds: float) -> int:
    """The most of these moments in any window of that length."""
    times = sorted(times)
    most = first = 0
    for number, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, number - first + 1)
    return most


def longest_row(owners: list[int]) -> int:
    """The longest row of one owner before another owner's last."""
    last = {owner: number for number, owner in enumerate(owners)}
    contested = owners[: min(last.values()) + 1]
    return max(len(list(row)) for _, row in itertools.groupby(contested))


def measure(
    here: Theatre,
    people: int,
    limits: list[dict[str, int]],
    *,
    slice_seconds: float,
    seconds: float,
) -> list[Way]:
    """Send to `people` four times, at the same time. Raises TimeoutError."""
    ways = [Way(each) for each in limits]
    logs = [here.here.folder / f"fair-{time.monotonic_ns()}-{number}.log" for number in (1, 2)]
    sinks = [here.start_sink(log, "--chunking") for log in logs]
    for way, sink in zip(ways, sinks, strict=True):
        way.runs.append(here.here.make_run(sink.port, people, sessions=SESSIONS, **way.limits))
    for way in ways:
        way.runs.append(here.here.make_another_run(way.runs[0]))
    settings = replace(here.here.settings, slice_seconds=slice_seconds, lease_seconds=LEASE_SECONDS)
    names = ["scheduler", *(f"worker {number}" for number in range(WORKERS))]
    here.end("scheduler")  # one that is in a hurry would call slices lost that are not
    for name in names:
        here.start(name, settings=settings, hurried=False)
    try:
        for way in ways:
            for run_id in way.runs:
                here.here.wait_until_finished(run_id, seconds)
    finally:
        for name in names:
            here.end(name)
        for sink in sinks:
            sink.signal(signal.SIGKILL)
    for way, log in zip(ways, logs, strict=True):
        way.heard = heard(here, log, way.runs)
    return ways


def heard(here: Theatre, log: Path, runs: list[int]) -> list[tuple[float, int]]:
    """(time, run) of each line, in order."""
    with here.here.reading():
        rows = db.session.execute(
            select(Delivery.id, Delivery.run_id).where(Delivery.run_id.in_(runs))
        )
        owner = {row.id: row.run_id for row in rows}
    lines = [line.split("\t") for line in log.read_text().splitlines()]
    return sorted((float(at), owner[message_ids.read(name)]) for _, name, _, at in lines)


def facts(way: Way, people: int, slice_seconds: float) -> dict:
    """One connection, for the table."""
    times = {run: [at for at, owner in way.heard if owner == run] for run in way.runs}
    return {
        "limits": way.limits,
        "busiest": {name: way.busiest(name) for name in way.limits},
        "bounds": {name: way.bound(name) for name in way.limits},
        "holds": all(way.busiest(name) <= way.bound(name) for name in way.limits),
        "longest_row": way.longest_row,
        "turn": way.turn(slice_seconds),
        "starves": way.longest_row > 2 * way.turn(slice_seconds),
        "complete": all(len(each) == people for each in times.values()),
        "longest_silence_seconds": [
            round(max((b - a for a, b in itertools.pairwise(each)), default=0.0), 2)
            for each in times.values()
        ],
        "seconds": [round(max(each) - way.heard[0][0], 1) for each in times.values()],
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--recipients", type=int, default=2000, help="Of each broadcast.")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--slice-seconds", type=int, default=5)
    options = parser.parse_args()
    limits = [{"per_second": 60, "per_minute": 2400}, {"per_second": 150, "per_minute": 6000}]
    people, seconds = options.recipients, 600 + options.recipients / 5
    with theatre(options.database) as here:
        ways = measure(here, people, limits, slice_seconds=options.slice_seconds, seconds=seconds)
    found = [facts(way, people, options.slice_seconds) for way in ways]
    fair = all(one["holds"] and one["complete"] and not one["starves"] for one in found)
    asked = {"recipients": people, "database": options.database, "workers": WORKERS}
    print(json.dumps(asked | {"connections": found, "fair": fair, "load": load()}))
    raise SystemExit(0 if fair else 1)


if __name__ == "__main__":
    main()
