"""What trials have shown: a line of JSON for each, in a file to which later runs add, and the table that they make together."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.chaos.judge import Verdict
from tests.chaos.plans import Plan
from tests.chaos.points import POINTS

ROOT = Path(__file__).parent.parent.parent
CONTROL, POINT, RANDOM, OUTSIDE = "broken senders", "named places", "random", "faults from outside"


def line(engine: str, plan: Plan, verdict: Verdict, seconds: float) -> dict:
    """One trial, as it is written down."""
    return {
        "database": engine,
        "name": plan.name,
        "seed": plan.seed,
        "recipients": plan.recipients // (2 if plan.name == "random" else 1),
        "control": bool(plan.control),
        "reached": plan.name not in POINTS or plan.name in verdict.died,
        "violations": verdict.violations,
        "caught": verdict.broken_promise,
        "states": verdict.states,
        "in_doubt": verdict.in_doubt,
        "doubts": verdict.doubts,
        "in_doubt_for_each_kill": verdict.in_doubt_for_each_kill(plan.sessions),
        "in_doubt_bound": 2 * plan.sessions,
        "kills": verdict.kills,
        "duplicates": verdict.duplicates,
        "lost": verdict.lost,
        "left": verdict.left,
        "spared": verdict.spared,
        "seconds": round(seconds, 2),
        "code": code(),
    }


def code() -> str:
    """Which program it was: the same letters mean the same files of Mailrith and of the harness."""
    if not _code:
        whole = hashlib.sha256()
        for folder in ("mailrith", "migrations", "tests/chaos"):
            for path in sorted((ROOT / folder).rglob("*.py")):
                whole.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
        _code.append(whole.hexdigest()[:12])
    return _code[0]


_code: list[str] = []


def read(path: Path | None) -> list[dict]:
    """The lines of a file, which need not be there."""
    if path is None or not path.exists():
        return []
    return [json.loads(text) for text in path.read_text().splitlines()]


def append(path: Path | None, one: dict) -> None:
    """Add a line."""
    if path is not None:
        with path.open("a") as file:
            file.write(json.dumps(one) + "\n")


def kind(one: dict) -> str:
    """What sort of trial it was."""
    if one["control"]:
        return CONTROL
    if one["name"] in POINTS:
        return POINT
    return RANDOM if one["name"] == RANDOM else OUTSIDE


def summary(lines: Iterable[dict]) -> dict:
    """All of it as numbers."""
    lines = list(lines)
    played = [one for one in lines if not one["control"]]
    return {
        "trials": len(played),
        "violations": sum(len(one["violations"]) for one in played),
        "in_doubt_max": max((one["in_doubt_for_each_kill"] for one in played), default=0),
        "in_doubt_bound": max((one["in_doubt_bound"] for one in lines), default=0),
        "duplicates": sum(one["duplicates"] for one in played),
        "lost": sum(one["lost"] for one in played),
        "controls_caught": len({one["name"] for one in lines if one["control"] and one["caught"]}),
        "controls": {one["name"]: one["violations"] for one in lines if one["control"]},
        "kills": sum(one["kills"] for one in played),
        "unsubscribed": sum(one["left"] for one in played),
        "spared": sum(one["spared"] for one in played),
        "failures": [_named(one) for one in played if one["violations"]],
        "table": {name: _row(rows) for name, rows in by_name(played)},
        "code": sorted({one["code"] for one in lines}),
    }


def by_name(lines: Iterable[dict]) -> Iterator[tuple[str, list[dict]]]:
    """Names in the order of their first trial, each with its lines."""
    found: dict[str, list[dict]] = {}
    for one in lines:
        found.setdefault(one["name"], []).append(one)
    yield from found.items()


def report(lines: list[dict]) -> str:
    """The tables for people, in Markdown."""
    engines = sorted({one["database"] for one in lines})
    text = ["| | " + " | ".join(engines) + " |", "| --- |" + " --- |" * len(engines)]
    for words, value in _FACTS:
        cells = [value([one for one in lines if one["database"] == engine]) for engine in engines]
        text.append(f"| {words} | " + " | ".join(str(cell) for cell in cells) + " |")
    text += ["", "| name | " + " | ".join(engines) + " |", "| --- |" + " --- |" * len(engines)]
    for name, rows in by_name(one for one in lines if not one["control"]):
        cells = [_cell([one for one in rows if one["database"] == engine]) for engine in engines]
        text.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(text)


def _cell(rows: list[dict]) -> str:
    """How often it was reached, and how often something did not hold."""
    broken = sum(1 for one in rows if one["violations"])
    reached = sum(one["reached"] for one in rows)
    return f"{reached}" + (f", {broken} broken" if broken else "") if rows else ""


def _of_kind(wanted: str):
    def count(lines):
        return sum(kind(one) == wanted and one["reached"] for one in lines)

    return count


def _least(lines) -> str:
    found = Counter(one["name"] for one in lines if kind(one) == POINT and one["reached"])
    return f"{len(found)}, each at least {min(found.values())} times" if found else "0"


def _sum(key: str):
    return lambda lines: sum(one[key] for one in lines if not one["control"])


_FACTS = (
    ("named places at which a process died", _least),
    ("trials in which it died there", _of_kind(POINT)),
    ("trials with a fault from outside", _of_kind(OUTSIDE)),
    ("random trials", _of_kind(RANDOM)),
    ("workers killed or suspended", _sum("kills")),
    ("sent to twice", _sum("duplicates")),
    ("lost", _sum("lost")),
    ("most in doubt for one kill", lambda lines: summary(lines)["in_doubt_max"]),
    ("unsubscribed under way, and not sent to", _sum("spared")),
    ("violations", lambda lines: summary(lines)["violations"]),
    ("broken senders caught", lambda lines: summary(lines)["controls_caught"]),
)


def _named(one: dict) -> dict:
    return {key: one[key] for key in ("database", "name", "seed", "recipients", "violations")}


def _row(rows: list[dict]) -> dict:
    return {
        "trials": len(rows),
        "reached": sum(one["reached"] for one in rows),
        "violations": sum(len(one["violations"]) for one in rows),
        "in_doubt": max(one["in_doubt"] for one in rows),
        "seconds": round(sum(one["seconds"] for one in rows) / len(rows), 2),
    }
