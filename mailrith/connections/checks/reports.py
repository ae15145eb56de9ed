"""A Verify report for people: titles and causes in plain words, with the server's own words beside them."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from mailrith.connections.checks import checking
from mailrith.connections.checks.checking import Standing
from mailrith.connections.models import (
    Connection,
    ConnectionCheck,
    ConnectionTrial,
    SecureMode,
)
from mailrith.core.network import literal_address, unwrap
from mailrith.smtp.causes import Cause, cause
from mailrith.smtp.verify import Report, Step, planned, report_from_data

_SAID_BY_SERVER = {"greeting"}
_REPLY = re.compile(r"\d{3}\b")
_TIMES = {"valid from", "valid until"}
_OWN_SENTENCE = {"host_refused", "port_25", "port_refused"}


@dataclass(frozen=True)
class ShownStep:
    """One step. `result` is pass, fail, run or wait; `said` are words of others under a heading of their own, `text` is ours.

    `facts` are for a table.
    """

    result: str
    title: str
    text: str = ""
    said: str = ""
    ms: int | None = None
    why: Cause | None = None
    facts: dict[str, str] = field(default_factory=dict)
    heading: str = "What the server said"


def pause_reason(connection: Connection) -> Cause | None:
    """Why Mailrith paused it, and what to do; None while it did not."""
    return cause(connection.pause_cause) if connection.paused_at is not None else None


def trial_reason(trial: ConnectionTrial) -> Cause | None:
    """Why a test mail did not leave; None when it was accepted, or while nothing is known of it."""
    return cause(trial.cause) if trial.cause else None


def report_of(connection: Connection) -> Report:
    """What Verify found last; empty before the first time."""
    return report_from_data(connection.last_report or {})


def shown_steps(connection: Connection | None) -> list[ShownStep]:
    """Every step for people. Before the first Verify all of them wait."""
    steps = report_of(connection).steps if connection else ()
    return _listed(steps or _waiting(connection))


def steps_of_check(check: ConnectionCheck, connection: Connection) -> list[ShownStep]:
    """The steps of one Verify as far as it has come; the one that a worker is at has the result "run"."""
    steps = checking.report_of_check(check).steps or _waiting(connection)
    running = checking.standing(check) == Standing.RUNNING
    at = next((step for step in steps if step.ok is None), None) if running else None
    return _listed(steps, at)


def _waiting(connection: Connection | None) -> tuple[Step, ...]:
    mode = SecureMode(connection.secure_mode) if connection else SecureMode.STARTTLS
    signs_in = connection is None or connection.sealed_username is not None
    return planned(mode.value, signs_in=signs_in)


def _listed(steps: tuple[Step, ...], at: Step | None = None) -> list[ShownStep]:
    # That it listed its abilities interests nobody, unless it would not.
    return [
        ShownStep("run", step.title) if step is at else _shown(step)
        for step in steps
        if step.name != "ehlo" or step.ok is False
    ]


def _shown(step: Step) -> ShownStep:
    if step.ok is None:
        return ShownStep("wait", step.title)
    if not step.ok:
        why = cause(step.cause)
        said = "" if step.cause in _OWN_SENTENCE else step.words
        heading = ShownStep.heading if _REPLY.match(said) else "In technical words"
        facts = _readable(step)
        return ShownStep("fail", why.title, "", said, step.duration_ms, why, facts, heading)
    said = step.words if step.name in _SAID_BY_SERVER else ""
    return ShownStep("pass", step.title, _text(step), said, step.duration_ms, facts=_readable(step))


def _readable(step: Step) -> dict[str, str]:
    """Its facts, with times as people write them."""
    return {name: _day(fact) if name in _TIMES else fact for name, fact in step.facts.items()}


def _day(stored: str) -> str:
    try:
        at = datetime.fromisoformat(stored)
    except ValueError:
        return stored
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def _text(step: Step) -> str:
    if step.name in _SAID_BY_SERVER:
        return ""
    if step.name == "resolve":
        first = literal_address(step.words.partition(",")[0])
        where = "this machine" if first and unwrap(first).is_loopback else "its address"
        return f"{step.words}, {where}"
    return step.words
