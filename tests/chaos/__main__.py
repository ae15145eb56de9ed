"""The guarantees of docs/guarantees.md, tried: processes killed at named points and at random, faults from outside, broken senders.

    python -m tests.chaos [--trials N | --each N] [--seed S] [--points NAME,...] [--database sqlite|postgresql]
                          [--recipients N] [--jobs N] [--append FILE]
    python -m tests.chaos --report FILE

Everything stays on this machine. `--points` takes names of points, of faults, "random", and "points" or "outside" for all of a
kind (--list shows all names); trials go round among them, `--jobs` of them side by side. `--each` goes on until every name has
been reached so often. With `--append` each trial leaves a line in the file, and what the file holds already is not played again,
so that a long proof can be made in parts. The broken senders come first. The last line is one JSON object; a violation carries
the seed to repeat it with: `--points NAME --seed S --trials 1 --no-controls`.
"""

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.chaos import company, plans, record
from tests.chaos.controls import CONTROLS

TRIES = 3  # at most, for each trial that is to reach its point


class Programme:
    """What is left to play, given what has been played. `lines` grows while it is asked."""

    def __init__(self, options: argparse.Namespace, lines: list[dict]) -> None:
        self.names = plans.expanded(options.points, options.database)
        self._options = options
        self._lines = lines
        self._end = time.monotonic() + options.seconds
        done = [one for one in lines if not one["control"] and one["name"] in self.names]
        self._begun = Counter(one["name"] for one in done)
        self._left = options.trials - len(done)

    def controls(self) -> Iterator[plans.Plan]:
        """The broken senders that have not been caught yet."""
        caught = {one["name"] for one in self._lines if one["control"] and one["caught"]}
        for name in CONTROLS:
            if name not in caught and not self._options.no_controls:
                yield plans.control(name, self._options.seed, self._options.recipients)

    def __iter__(self) -> Iterator[plans.Plan]:
        while time.monotonic() < self._end:
            name = self._next()
            if name is None:
                return
            seed = self._options.seed + self._begun[name]
            self._begun[name] += 1
            self._left -= 1
            yield plans.plan(name, seed, self._options.recipients)

    def _next(self) -> str | None:
        """Whoever has had the fewest trials."""
        each = self._options.each
        if each is None:
            return min(self.names, key=self._begun.__getitem__) if self._left > 0 else None
        missed = Counter(one["name"] for one in self._lines if not one["reached"])
        short = [
            name
            for name in self.names
            if self._begun[name] - missed[name] < each and self._begun[name] < each * TRIES
        ]
        return min(short, key=lambda name: self._begun[name] - missed[name], default=None)


def measure(options: argparse.Namespace) -> list[dict]:
    """Play, and give the lines of everything in the file or played now."""
    lines = [one for one in record.read(options.append) if one["database"] == options.database]
    programme = Programme(options, lines)
    for one in company.played(
        options.database, options.jobs, chain(programme.controls(), programme)
    ):
        lines.append(one)
        record.append(options.append, one)
        said = "; ".join(one["violations"]) or ("NOT CAUGHT" if one["control"] else "holds")
        print(one["name"], one["seed"], one["states"], said, flush=True)
    return lines


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--each", type=int, help="Of each name so many that reach it, instead.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", default="", help="Names, with commas between; all by default.")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--recipients", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1, help="Trials side by side.")
    parser.add_argument("--seconds", type=float, default=3600, help="Begin no trial after that.")
    parser.add_argument("--append", type=Path, metavar="FILE")
    parser.add_argument("--report", type=Path, metavar="FILE", help="Only print its tables.")
    parser.add_argument("--no-controls", action="store_true")
    parser.add_argument("--list", action="store_true", help="Only say the names.")
    options = parser.parse_args()
    try:
        plans.expanded(options.points, options.database)
    except ValueError as error:
        parser.error(str(error))
    return options


def main() -> None:
    options = arguments()
    if options.list:
        print("\n".join(plans.names(options.database)))
        return
    if options.report:
        lines = record.read(options.report)
        print(record.report(lines))
        print(json.dumps(record.summary(lines)))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave no process behind
    began = time.monotonic()
    result = record.summary(measure(options))
    asked = {key: getattr(options, key) for key in ("database", "recipients", "seed", "jobs")}
    print(json.dumps(result | asked | {"seconds": round(time.monotonic() - began, 1)}))
    whole = options.no_controls or result["controls_caught"] == len(CONTROLS)
    raise SystemExit(0 if whole and not result["violations"] else 1)


if __name__ == "__main__":
    main()
