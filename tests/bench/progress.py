"""How honest the sending page is: what it says of the pace and of the end, against what happens then.

    python -m tests.bench.progress [--database postgresql|sqlite] [--stories free,second,minute,shared] [--scale 1]

Looked at twice a second, as the page would. From a tenth on, `finish_error` is the largest distance between the end it told and the
real one, as a part of the whole sending; `pace_error` that between the pace it told and what the mail server took a second in the
minute before (or since the first), as a part of the latter. `median_*` says the same of the middle look. The last line is one JSON object.
"""

import argparse
import json
import signal
import statistics
import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from pathlib import Path

from mailrith.broadcasts.progress import pace_of
from mailrith.core.db import db
from mailrith.delivery import queries
from mailrith.delivery.models import Run, RunPhase
from tests.bench.processes import load
from tests.chaos.theatre import Theatre, theatre

SESSIONS = 10
WORKERS = 2
EVERY = 0.5  # seconds between two looks
MINUTE = 60.0


@dataclass(frozen=True)
class Story:
    """A connection's limits, how many people, and how many broadcasts go to them at the same time."""

    people: int
    limits: dict[str, int]
    broadcasts: int = 1


STORIES = {
    "free": Story(20_000, {}),
    "second": Story(6_000, {"per_second": 100}),
    "minute": Story(2_000, {"per_minute": 600}),
    "shared": Story(2_000, {"per_second": 80}, broadcasts=2),
}


@dataclass(frozen=True)
class Look:
    """What the page said at a moment (seconds since 1970). None where it said nothing."""

    at: float
    percent: int
    pace: float | None
    left: float | None


def tell(here: Theatre, story: Story, people: int) -> dict:
    """Send, look, and compare. Raises TimeoutError."""
    log = here.here.folder / f"progress-{time.monotonic_ns()}.log"
    sink = here.start_sink(log, "--chunking")
    first = here.here.make_run(sink.port, people, sessions=SESSIONS, **story.limits)
    others = [here.here.make_another_run(first) for _ in range(story.broadcasts - 1)]
    names = ["scheduler", *(f"worker {number}" for number in range(WORKERS))]
    here.end("scheduler")  # one that is in a hurry would call slices lost that are not
    for name in names:
        here.start(name, hurried=False)
    try:
        looks = looked(here, first, seconds=900)
        for run_id in others:
            here.here.wait_until_finished(run_id, 900)
    finally:
        for name in names:
            here.end(name)
        sink.signal(signal.SIGKILL)
    return judged(here, first, looks, taken(log) if not others else None)


def looked(here: Theatre, run_id: int, seconds: float) -> list[Look]:
    """Until the run has finished."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        with here.here.app.app_context():
            run = db.session.get_one(Run, run_id)
            if run.phase == RunPhase.FINISHED:
                return found
            said = queries.progress(run)
            pace = pace_of(run, said)
        found.append(Look(time.time(), said.percent, pace.per_second, pace.seconds_left))
        time.sleep(EVERY)
    raise TimeoutError("it does not come to its end")


def taken(log: Path) -> list[float]:
    """When the mail server took each message."""
    return sorted(float(line.split("\t")[3]) for line in log.read_text().splitlines())


def judged(here: Theatre, run_id: int, looks: list[Look], times: list[float] | None) -> dict:
    """The distances, from a tenth on. `times` are those of this run alone, None where others are among them."""
    with here.here.app.app_context():
        run = db.session.get_one(Run, run_id)
        began, ended = run.started_at.timestamp(), run.finished_at.timestamp()
    late = [one for one in looks if one.percent >= 10 and one.at < ended]
    ends = [
        abs(one.at + one.left - ended) / (ended - began) for one in late if one.left is not None
    ]
    found = {
        "seconds": round(ended - began, 1),
        "looks": len(late),
        "silent": sum(one.left is None for one in late),
        **errors("finish", ends),
    }
    if times:
        paces = [
            abs(one.pace / pace - 1)
            for one in late
            if one.pace is not None and (pace := pace_at(times, one.at))
        ]
        found |= errors("pace", paces)
    return found


def pace_at(times: list[float], moment: float) -> float:
    """Messages a second in the minute that ends then, or since the first."""
    begun = max(moment - MINUTE, times[0])
    return (bisect_right(times, moment) - bisect_left(times, begun)) / max(moment - begun, 0.5)


def errors(name: str, distances: list[float]) -> dict[str, float | None]:
    """The largest and the middle one; None when nobody could look."""
    most, middle = (max(distances), statistics.median(distances)) if distances else (None, None)
    return {
        f"{name}_error": None if most is None else round(most, 3),
        f"median_{name}_error": None if middle is None else round(middle, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--stories", default=",".join(STORIES))
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    found = {}
    with theatre(options.database) as here:
        for name in options.stories.split(","):
            story = STORIES[name]
            found[name] = tell(here, story, int(story.people * options.scale))
            print(name, json.dumps(found[name]), flush=True)
    print(json.dumps({"database": options.database, "stories": found, "load": load()}))


if __name__ == "__main__":
    main()
