"""Try a connection from the first to the last step without sending anything, and report each step."""

import asyncio
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from mailrith.core.network import Lookup
from mailrith.smtp.classification import classify
from mailrith.smtp.connecting import Passed, connect
from mailrith.smtp.server import Security, Server
from mailrith.smtp.session import Session
from mailrith.smtp.trouble import Phase, Trouble

BUDGET_SECONDS = 60  # a server that drips its answers must not hold a web thread

TITLES: dict[Phase, str] = {
    "resolve": "Found the server",
    "connect": "Connected",
    "greeting": "It said hello",
    "ehlo": "It said what it can do",
    "tls": "Line is encrypted",
    "certificate": "Certificate is valid",
    "auth": "Signed in",
    "sender": "Sender address accepted",
    "limits": "Limits it announces",
}


@dataclass(frozen=True)
class Step:
    """One step. `ok` is None if it was not tried; `words` are for people or the server's own; `cause` is a key of `causes`."""

    name: Phase
    ok: bool | None
    duration_ms: int | None = None
    words: str = ""
    cause: str = ""
    until: str = ""  # ISO 8601: the last instant of the certificate

    @property
    def title(self) -> str:
        """What the step proves."""
        return TITLES[self.name]


@dataclass(frozen=True)
class Report:
    """Every step in the order it was taken; the untried ones last."""

    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether this server would take a message."""
        return all(step.ok is not False for step in self.steps)

    @property
    def failed(self) -> Step | None:
        """The step that stopped it."""
        return next((step for step in self.steps if step.ok is False), None)

    @property
    def certificate_until(self) -> datetime | None:
        """The last instant of the server's certificate, aware, if it showed one."""
        found = next((step.until for step in self.steps if step.until), None)
        return datetime.fromisoformat(found) if found else None

    def as_data(self) -> dict[str, Any]:
        """The report as JSON values, for storing."""
        return {"ok": self.ok, "steps": [asdict(step) for step in self.steps]}


def report_from_data(data: dict[str, Any]) -> Report:
    """The inverse of `Report.as_data`; an empty report for anything else."""
    return Report(tuple(Step(**step) for step in data.get("steps", ())))


def verify(server: Server, sender: str = "", *, lookup: Lookup | None = None) -> Report:
    """Connect, encrypt, sign in, and ask whether `sender` may send. No mail is sent."""
    return asyncio.run(_verify(server, sender, lookup))


async def _verify(server: Server, sender: str, lookup: Lookup | None) -> Report:
    steps: list[Step] = []
    started = time.perf_counter()

    def observe(passed: Passed) -> None:
        until = passed.until.isoformat() if passed.until else ""
        steps.append(Step(passed.phase, True, passed.duration_ms, passed.words, until=until))

    try:
        async with asyncio.timeout(BUDGET_SECONDS):
            found = await connect(server, lookup=lookup, observe=observe)
            if isinstance(found, Session):
                steps += await _ask(found, sender)
                await found.quit()
    except TimeoutError:
        found = Trouble("timeout", _next_phase(server, steps))
    if isinstance(found, Trouble):
        spent = round((time.perf_counter() - started) * 1000) - sum(
            s.duration_ms or 0 for s in steps
        )
        steps.append(Step(found.phase, False, spent, found.words, found.cause))
    tried = {step.name for step in steps}
    waiting = planned(server.security, signs_in=server.signs_in, sender=bool(sender))
    steps += [step for step in waiting if step.name not in tried]
    return Report(tuple(steps))


def planned(security: Security, *, signs_in: bool, sender: bool = True) -> tuple[Step, ...]:
    """The steps that a server will have to go through, in order, none of them tried."""
    names: list[Phase] = ["resolve", "connect"]
    encryption: list[Phase] = ["tls", "certificate"]
    if security == "tls":
        names += encryption
    names += ["greeting", "ehlo"]
    if security == "starttls":
        names += encryption
    if signs_in:
        names.append("auth")
    if sender:
        names.append("sender")
    return tuple(Step(name, None) for name in (*names, "limits"))


async def _ask(session: Session, sender: str) -> list[Step]:
    """What the signed-in server says about the sender and its limits."""
    steps: list[Step] = []
    if sender:
        started = time.perf_counter()
        answer = await session.accepts_sender(sender)
        spent = round((time.perf_counter() - started) * 1000)
        if 200 <= answer.code < 300:
            steps.append(Step("sender", True, spent, sender))
        else:
            reason = classify("mail", answer.code, answer.enhanced, answer.text).cause
            reason = reason if answer.code else "connection_lost"
            steps.append(Step("sender", False, spent, answer.words if answer.code else "", reason))
    size = session.max_bytes
    limits = f"Messages up to {_readable(size)}" if size else "None announced"
    return [*steps, Step("limits", True, None, limits)]


def _next_phase(server: Server, steps: list[Step]) -> Phase:
    done = {step.name for step in steps}
    waiting = planned(server.security, signs_in=server.signs_in)
    return next((step.name for step in waiting if step.name not in done), "limits")


def _readable(size: int) -> str:
    """Bytes as people say them."""
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1000} KB"
