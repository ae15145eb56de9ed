"""The guarantees of docs/guarantees.md, tried: processes killed at named points and at random, faults from outside, broken senders.

    python -m tests.chaos [--trials N] [--seed S] [--points NAME,...] [--database sqlite|postgresql] [--recipients N]

Everything stays on this machine. `--points` takes names of points, of faults, and "random" (--list shows all); trials go
round among them. The broken senders come first. The last line is one JSON object; a violation carries the seed to repeat
it with: `--points NAME --seed S --trials 1`.
"""

import argparse
import json
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Self

from tests.chaos import faults
from tests.chaos.controls import CONTROLS
from tests.chaos.points import POINTS
from tests.chaos.theatre import Theatre, theatre
from tests.chaos.trial import Plan, Trial, at_point

SESSIONS = 4
RANDOM = "random"
ONLY_POSTGRESQL = ("database_cut", "database_killed")
ALONE = ("kill_at_random",)  # has its place in "random"

LAUNCH_TOO = (
    "valkey_emptied",
    "valkey_gone",
    "database_cut",
    "database_killed",
)  # every other time


def names(engine: str) -> list[str]:
    """Everything that can be tried on this database."""
    cues = [name for name in faults.CUES if name not in ALONE]
    if engine == "sqlite":
        cues = [name for name in cues if name not in ONLY_POSTGRESQL]
    return [*POINTS, *cues, *faults.OF_THE_SINK, RANDOM]


def plan(name: str, seed: int, recipients: int) -> Plan:
    """The trial of that name; the seed decides what is left open."""
    if name in POINTS:
        return at_point(name, seed, recipients)
    if name in faults.OF_THE_SINK:
        return Plan(name, seed, recipients, faults=faults.OF_THE_SINK[name])
    if name == RANDOM:
        return Plan(
            name,
            seed,
            recipients * 2,
            worker_count=2,
            cues=((0.05, "kill_at_random"), (0.2 + seed % 5 / 10, "suspend")),
            faults="close=0.003,drop=0.003,busy=0.01,defer=0.02,refuse=0.01,cut=0.003",
        )
    return Plan(
        name,
        seed,
        recipients,
        worker_count=2 if name == "suspend" else 1,
        cues=((0.0 if name in LAUNCH_TOO and seed % 2 else 0.3, name),),
        stand_in=name == "server_killed",
        impatient=name in ("database_away", "journal_unwritable"),
    )


def control(name: str, seed: int, recipients: int) -> Plan:
    """A broken sender, killed where it is wrong about somebody."""
    point = "marked" if name == "sent_before_reply" else "replied"
    arms = {"worker": ((point, 6 + seed % 4),)}
    return Plan(name, seed, recipients, arms=arms, control=name)


class Session:
    """Trials, one after another; a theatre in which something broke is replaced by a new one."""

    def __init__(self, engine: str, *, own_server: bool = False) -> None:
        self._engine, self._own_server = engine, own_server
        self._open = None
        self._theatre: Theatre | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error) -> None:
        self._close()

    def play(self, wanted: Plan):
        """The verdict of one trial."""
        if self._theatre is None:
            self._open = theatre(self._engine, own_server=self._own_server)
            self._theatre = self._open.__enter__()
        broken = True
        try:
            verdict = Trial(self._theatre, wanted).play()
            broken = verdict.stuck
        finally:
            if broken:
                self._close()
        return verdict

    def _close(self) -> None:
        if self._open is not None:
            self._open.__exit__(None, None, None)
        self._open = self._theatre = None


def trials(options: argparse.Namespace) -> Iterator[tuple[str, int]]:
    """Names and seeds, in turn."""
    known = names(options.database)
    wanted = [name.strip() for name in options.points.split(",") if name.strip()] or known
    unknown = set(wanted) - set(known)
    if unknown:
        raise SystemExit(f"not on {options.database}: {', '.join(sorted(unknown))}")
    for number in range(options.trials):
        yield wanted[number % len(wanted)], options.seed + number


def measure(options: argparse.Namespace) -> dict:
    """Play and count."""
    end = time.monotonic() + options.seconds
    table = defaultdict(lambda: {"trials": 0, "reached": 0, "violations": 0, "in_doubt": 0})
    sums = defaultdict(int)
    failures, caught, worst = [], {}, 0
    own_server = options.database == "postgresql"
    with Session(options.database, own_server=own_server) as session:
        for name in () if options.no_controls else CONTROLS:
            verdict = session.play(control(name, options.seed, options.recipients))
            caught[name] = verdict.violations
            print(f"control {name}: {'; '.join(verdict.violations) or 'NOT CAUGHT'}", flush=True)
        for name, seed in trials(options):
            if time.monotonic() > end:
                break
            verdict = session.play(plan(name, seed, options.recipients))
            print(name, seed, verdict.states, "; ".join(verdict.violations) or "holds", flush=True)
            row = table[name]
            row["trials"] += 1
            row["reached"] += name in verdict.died
            row["violations"] += len(verdict.violations)
            row["in_doubt"] = max(row["in_doubt"], verdict.in_doubt)
            worst = max(worst, verdict.in_doubt_for_each_kill(SESSIONS))
            for key in ("kills", "duplicates", "lost", "left", "spared"):
                sums[key] += getattr(verdict, key)
            if verdict.violations:
                failures.append({"name": name, "seed": seed, "violations": verdict.violations})
    return {
        "trials": sum(row["trials"] for row in table.values()),
        "violations": sum(row["violations"] for row in table.values()),
        "in_doubt_max": worst,  # for each kill
        "in_doubt_bound": 2 * SESSIONS,
        "duplicates": sums["duplicates"],
        "lost": sums["lost"],
        "controls_caught": sum(1 for words in caught.values() if _is_caught(words)),
        "controls": caught,
        "kills": sums["kills"],
        "unsubscribed": sums["left"],
        "spared": sums["spared"],
        "failures": failures,
        "table": table,
        "database": options.database,
        "recipients": options.recipients,
        "seed": options.seed,
    }


def _is_caught(violations: list[str]) -> bool:
    """A copy too many, a message too few, or a mark too late: not only a run that hangs."""
    return any("the run is" not in words for words in violations)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", default="", help="Names, with commas between; all by default.")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--recipients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=3600, help="Begin no trial after that.")
    parser.add_argument("--no-controls", action="store_true")
    parser.add_argument("--list", action="store_true", help="Only say the names.")
    options = parser.parse_args()
    if options.list:
        print("\n".join(names(options.database)))
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and leave no process behind
    began = time.monotonic()
    result = measure(options)
    print(json.dumps(result | {"seconds": round(time.monotonic() - began, 1)}))
    whole = options.no_controls or result["controls_caught"] == len(CONTROLS)
    raise SystemExit(0 if whole and not result["violations"] else 1)


if __name__ == "__main__":
    main()
