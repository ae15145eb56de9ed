"""The whole table of what the sending engine has to hold, in one run: `python -m tests.bench [--scale 0.1] [--budget 5400]`.

Every size near (0 ms) and far (20 ms), the peers beside it, and the goals with what was measured. The full run takes most of
an hour; `--scale` makes every size smaller, for a look. `--budget` is in seconds: a run that would not fit into what is left of it
is left out, and the table says so. The last line is one JSON object.
"""

import argparse
import json
import time

from tests.bench import promptness, send, servers

SIZES = (10_000, 100_000, 1_000_000)
FAR_MS = 20.0
ALL = "smtp_source,nodemailer,aiosmtplib"
# What a run surely needs, for a decision before it begins.
NEAR_RATE, FAR_RATE = 2500, 600  # messages a second
MAKING_RATE = 6000  # recipients a second, before there is anything to send
START_SECONDS = 60.0  # processes, peers


class Budget:
    """So many seconds for everything. Runs in the order of their importance; those that do not fit are left out."""

    def __init__(self, seconds):
        self.ends_at = time.monotonic() + seconds
        self.left_out = []

    @property
    def left(self):
        return self.ends_at - time.monotonic()

    def run(self, name, needs, work):
        """What `work` gives, or None when it does not fit or does not end in time."""
        if needs <= self.left:
            try:
                return work()
            except TimeoutError as error:
                print(f"{name}: {error}", flush=True)
        self.left_out.append(name)
        return None


def plan(size, seconds, **changes):
    """The options of one run of `tests.bench.send`."""
    given = [f"--recipients={size}", f"--seconds={seconds}"]
    for name, value in changes.items():
        given.append(f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}"))
    return send.parser().parse_args(given)


def kinds():
    """(name of the sink, round trip in ms, size) -> options, the most important first."""
    small, middle, large = SIZES
    far = {"sink": "own", "rtt_ms": FAR_MS, "sessions": 20}
    found = {}
    if servers.find("smtp-sink"):
        found["smtp-sink", 0, middle] = {"sink": "postfix", "peers": "smtp_source"}
    found["own", 0, middle] = {"sink": "own", "peers": ALL}
    found["own", 0, small] = {"sink": "own", "peers": ""}
    found["own", 0, large] = {"sink": "own", "peers": ""}
    found["own", 20, middle] = {**far, "peers": "aiosmtplib"}
    found["own, no chunks", 20, middle] = {**far, "peers": "aiosmtplib", "no_chunking": True}
    found["own", 20, small] = {**far, "peers": "aiosmtplib"}
    found["own", 20, large] = {**far, "peers": ""}
    return found


def runs(database, scale, budget):
    """The figures of each run that fits into the budget."""
    made = {}
    for key, chosen in kinds().items():
        name, rtt, whole = key
        size = max(1000, round(whole * scale))
        needs = START_SECONDS + size / MAKING_RATE + size / (FAR_RATE if rtt else NEAR_RATE)
        peers = max(1000, round(10_000 * min(1, scale * 2)))
        options = {**chosen, "database": database, "peer_messages": peers}
        figures = budget.run(
            f"{size:,} into {name}, {rtt} ms",
            needs,
            lambda size=size, options=options: send.measure(
                plan(size, max(1.0, budget.left), **options)
            ),
        )
        if figures is not None:
            made[key] = figures
            print(json.dumps(figures), flush=True)
    return made


def goals(made, prompt, scale):
    """(what, goal, measured, whether it is met). What could not run is None."""
    small, middle, large = SIZES

    def of(key, name):
        return made.get(key, {}).get(name)

    near, million = ("own", 0, middle), ("own", 0, large)
    cost = [of(key, "cpu_us_per_message") for key in (million, ("own", 0, small))]
    growth = round(cost[0] / cost[1], 2) if all(cost) else None
    rows = [
        ("against smtp-source into smtp-sink", ">=", 0.85, of(("smtp-sink", 0, middle), "ratio_to_smtp_source")),
        ("against smtp-source into a sink that costs little", ">=", 0.5, of(near, "ratio_to_smtp_source")),
        ("cost of that sink, microseconds a message", "<=", 30, of(near, "sink_us_per_message")),
        (f"{round(large * scale):,} messages, seconds", "<=", 90 * scale, of(million, "seconds")),
        ("against nodemailer's pool, two processes", ">=", 4, of(near, "ratio_to_nodemailer")),
        ("20 ms away, 20 sessions, against stock aiosmtplib", ">=", 3.8, of(("own", 20, middle), "ratio_to_aiosmtplib")),
        ("the same without chunks", ">=", 3.8, of(("own, no chunks", 20, middle), "ratio_to_aiosmtplib")),
        ("cost of a message in the largest against the smallest", "<=", 1.1, growth),
        ("memory of a worker in the largest, MB", "<=", 150, of(million, "peak_rss_mb")),
        ("end of the undo window to the first message, seconds", "<=", 2, prompt.get("first_message_seconds")),
        ("pause to the last message, seconds", "<=", 1, prompt.get("last_after_pause_seconds")),
    ]  # fmt: skip
    return [(what, f"{sign} {goal:g}", found, _met(sign, goal, found)) for what, sign, goal, found in rows]  # fmt: skip


def _met(sign, goal, found):
    if found is None:
        return None
    return found >= goal if sign == ">=" else found <= goal


def show(made, table):
    columns = ("sink", "ms", "recipients", "msg/s", "us/msg", "sink us", "MB", "smtp-source", "nodemailer", "aiosmtplib", "load")  # fmt: skip
    print(f"\n| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for (sink, rtt, _), one in made.items():
        cells = [sink, rtt, one["recipients"], one["rate"], one["cpu_us_per_message"]]
        cells += [one["sink_us_per_message"], one["peak_rss_mb"]]
        cells += [one.get(f"ratio_to_{peer}", "") for peer in send.PEERS]
        print(f"| {' | '.join(str(cell) for cell in [*cells, one['load']])} |")
    print("\n| what | goal | measured | met |\n| --- | --- | --- | --- |")
    words = {True: "yes", False: "no", None: "did not run"}
    for what, goal, found, met in table:
        print(f"| {what} | {goal} | {found} | {words[met]} |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--budget", type=float, default=5400, help="Seconds for everything.")
    options = parser.parse_args()
    began, budget = time.monotonic(), Budget(options.budget)
    size = max(5000, round(100_000 * options.scale))
    prompt = budget.run(
        "promptness",
        2 * START_SECONDS + size / MAKING_RATE,
        lambda: promptness.measure(size, options.database),
    )
    made = runs(options.database, options.scale, budget)
    table = goals(made, prompt or {}, options.scale)
    show(made, table)
    for name in budget.left_out:
        print(f"Left out, there was no time for it: {name}")
    judged = {
        what: {"goal": goal, "measured": found, "met": met} for what, goal, found, met in table
    }
    summary = {"scale": options.scale, "database": options.database, "goals": judged}
    summary |= {"left_out": budget.left_out, "seconds": round(time.monotonic() - began)}
    print(json.dumps({**summary, "promptness": prompt, "runs": list(made.values())}))


if __name__ == "__main__":
    main()
