"""A Verify report for people: titles and causes in plain words, with the server's own words beside them."""

from dataclasses import dataclass

from mailrith.connections.models import Connection, SecureMode
from mailrith.core.network import literal_address, unwrap
from mailrith.smtp.causes import Cause, cause
from mailrith.smtp.verify import Report, Step, planned, report_from_data

_SAID_BY_SERVER = {"greeting"}
_OWN_SENTENCE = {"host_refused", "port_refused"}


@dataclass(frozen=True)
class ShownStep:
    """One step. `result` is pass, fail or wait; `said` are the server's words, `text` ours."""

    result: str
    title: str
    text: str = ""
    said: str = ""
    ms: int | None = None
    why: Cause | None = None


def pause_reason(connection: Connection) -> Cause | None:
    """Why Mailrith paused it, and what to do; None while it did not."""
    return cause(connection.pause_cause) if connection.paused_at is not None else None


def report_of(connection: Connection) -> Report:
    """What Verify found last; empty before the first time."""
    return report_from_data(connection.last_report or {})


def shown_steps(connection: Connection | None) -> list[ShownStep]:
    """Every step for people. Before the first Verify all of them wait."""
    steps = report_of(connection).steps if connection else ()
    if not steps:
        mode = SecureMode(connection.secure_mode) if connection else SecureMode.STARTTLS
        signs_in = connection is None or connection.sealed_username is not None
        steps = planned(mode.value, signs_in=signs_in)
    # That it listed its abilities interests nobody, unless it would not.
    return [_shown(step) for step in steps if step.name != "ehlo" or step.ok is False]


def _shown(step: Step) -> ShownStep:
    if step.ok is None:
        return ShownStep("wait", step.title)
    if not step.ok:
        why = cause(step.cause)
        said = "" if step.cause in _OWN_SENTENCE else step.words
        return ShownStep("fail", why.title, said=said, ms=step.duration_ms, why=why)
    said = step.words if step.name in _SAID_BY_SERVER else ""
    return ShownStep("pass", step.title, _text(step), said, step.duration_ms)


def _text(step: Step) -> str:
    if step.name in _SAID_BY_SERVER:
        return ""
    if step.name == "resolve":
        first = literal_address(step.words.partition(",")[0])
        where = "this machine" if first and unwrap(first).is_loopback else "its address"
        return f"{step.words}, {where}"
    return step.words
