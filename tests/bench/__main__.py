"""The whole table of what the sending engine has to hold, in one run: `python -m tests.bench [--scale 0.1]`.

Every size near (0 ms) and far (20 ms), the peers beside it, and the goals with what was measured. The full run takes most of
an hour; `--scale` makes every size smaller, for a look. The last line is one JSON object.
"""

import argparse
import json

from tests.bench import promptness, send, servers

SIZES = (10_000, 100_000, 1_000_000)
FAR_MS = 20.0
ALL = "smtp_source,nodemailer,aiosmtplib"


def plan(size, **changes):
    """The options of one run of `tests.bench.send`."""
    given = [f"--recipients={size}", "--seconds=7200"]
    for name, value in changes.items():
        given.append(f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}"))
    return send.parser().parse_args(given)


def runs(database, scale):
    """The figures of each run, by (sink, round trip in ms, size). Peers run beside the middle size and far away."""
    made = {}
    small, middle, large = SIZES
    sizes = {size: max(1000, round(size * scale)) for size in SIZES}
    common = {"database": database, "peer_messages": max(1000, round(10_000 * min(1, scale * 2)))}
    if servers.find("smtp-sink"):
        made["smtp-sink", 0, middle] = send.measure(
            plan(sizes[middle], sink="postfix", peers="smtp_source", **common)
        )
    for size in (small, middle, large):
        peers = ALL if size == middle else ""
        made["own", 0, size] = send.measure(plan(sizes[size], sink="own", peers=peers, **common))
    for size in (small, middle, large):
        far = {"sink": "own", "rtt_ms": FAR_MS, "sessions": 20}
        peers = "" if size == large else "aiosmtplib"
        made["own", 20, size] = send.measure(plan(sizes[size], peers=peers, **far, **common))
    made["own, no chunks", 20, small] = send.measure(
        plan(sizes[small], peers="aiosmtplib", no_chunking=True, **far, **common)
    )
    return made


def goals(made, prompt, scale):
    """(what, goal, measured, whether it is met). What could not run is None."""
    small, middle, large = SIZES

    def of(key, name):
        return made.get(key, {}).get(name)

    near, million = ("own", 0, middle), ("own", 0, large)
    ratio = of(million, "cpu_us_per_message") / of(("own", 0, small), "cpu_us_per_message")
    rows = [
        ("against smtp-source into smtp-sink", ">=", 0.85, of(("smtp-sink", 0, middle), "ratio_to_smtp_source")),
        ("against smtp-source into a sink that costs little", ">=", 0.5, of(near, "ratio_to_smtp_source")),
        ("cost of that sink, microseconds a message", "<=", 30, of(near, "sink_us_per_message")),
        (f"{round(large * scale):,} messages, seconds", "<=", 90 * scale, of(million, "seconds")),
        ("against nodemailer's pool, two processes", ">=", 4, of(near, "ratio_to_nodemailer")),
        ("20 ms away, 20 sessions, against stock aiosmtplib", ">=", 3.8, of(("own", 20, middle), "ratio_to_aiosmtplib")),
        ("cost of a message in the largest against the smallest", "<=", 1.1, round(ratio, 2)),
        ("memory of a worker in the largest, MB", "<=", 150, of(million, "peak_rss_mb")),
        ("end of the undo window to the first message, seconds", "<=", 2, prompt["first_message_seconds"]),
        ("pause to the last message, seconds", "<=", 1, prompt["last_after_pause_seconds"]),
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
    words = {True: "yes", False: "no", None: "could not run"}
    for what, goal, found, met in table:
        print(f"| {what} | {goal} | {found} | {words[met]} |")
    print(flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    options = parser.parse_args()
    made = runs(options.database, options.scale)
    prompt = promptness.measure(max(5000, round(100_000 * options.scale)), options.database)
    table = goals(made, prompt, options.scale)
    show(made, table)
    judged = {
        what: {"goal": goal, "measured": found, "met": met} for what, goal, found, met in table
    }
    summary = {"scale": options.scale, "database": options.database, "goals": judged}
    print(json.dumps({**summary, "promptness": prompt, "runs": list(made.values())}))


if __name__ == "__main__":
    main()
