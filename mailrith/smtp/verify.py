"""Try a connection from the first to the last step without sending anything, and report each step."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from mailrith.core.network import Lookup
from mailrith.smtp.attempt import Passed
from mailrith.smtp.classification import classify
from mailrith.smtp.connecting import connect, look_at_certificate
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Security, Server
from mailrith.smtp.session import Session
from mailrith.smtp.trouble import Phase, Trouble, from_exception
from mailrith.smtp.wire import Lost

# A server that drips its answers, or gives none, must not hold a worker.
TALK_SECONDS = 25
LOOK_SECONDS = 5  # to see whose the certificate is that could not be accepted
BUDGET_SECONDS = TALK_SECONDS + LOOK_SECONDS
AUTHOR, ACCEPTED = "from address", "accepted"  # a fact of the step "sender", and its good value

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
    """One step. `ok` is None if it was not tried; `words` are for people or the server's own; `cause` is a key of `causes`.

    `facts` are for a table: names, issuer, valid from, valid until and chain of the certificate; the sign-ins offered;
    what the server announced in EHLO, its size in bytes and other limits. Everything from the server is printable.
    """

    name: Phase
    ok: bool | None
    duration_ms: int | None = None
    words: str = ""
    cause: str = ""
    until: str = ""  # ISO 8601: the last instant of the certificate
    facts: dict[str, str] = field(default_factory=dict)

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
    def takes_author(self) -> bool:
        """Whether the server was seen to take the From address, on the envelope or asked beside the one that is on it."""
        step = next((step for step in self.steps if step.name == "sender"), None)
        return bool(step and step.ok and step.facts.get(AUTHOR, ACCEPTED) == ACCEPTED)

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


StepObserver = Callable[[Step], None]


def verify(
    server: Server,
    sender: str = "",
    *,
    author: str = "",
    observe: StepObserver | None = None,
    lookup: Lookup | None = None,
) -> Report:
    """Connect, encrypt, sign in, and ask whether `sender` may stand on the envelope. No mail is sent.

    `author` is the From address where bounces go elsewhere. What the server says of it is a fact of the step, and fails nothing:
    no mail would have it on its envelope. `observe` is called with each step that was tried, as soon as it has ended.
    Ends within BUDGET_SECONDS.
    """
    return asyncio.run(_Trying(server, sender, author, observe, lookup).report())


class _Trying:
    """One Verify on its way."""

    def __init__(
        self,
        server: Server,
        sender: str,
        author: str,
        observe: StepObserver | None,
        lookup: Lookup | None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._author = author if author != sender else ""
        self._observe = observe
        self._lookup = lookup
        self._steps: list[Step] = []
        self._since = time.perf_counter()

    async def report(self) -> Report:
        """Everything that was found, the untried steps last."""
        try:
            async with asyncio.timeout(TALK_SECONDS):
                found = await connect(self._server, lookup=self._lookup, observe=self._passed)
                if isinstance(found, Session):
                    await self._converse(found)
        except TimeoutError as error:
            found = from_exception(error, self._present(), self._server)
        if isinstance(found, Trouble):
            await self._failed(found)
        return Report((*self._steps, *self._untried()))

    def _untried(self) -> list[Step]:
        tried = {step.name for step in self._steps}
        if self._server.security == "starttls-if-offered" and tried & {"auth", "sender", "limits"}:
            tried |= {"tls", "certificate"}  # not offered, so they never come
        return [step for step in self._plan() if step.name not in tried]

    def _passed(self, passed: Passed) -> None:
        until = passed.until.isoformat() if passed.until else ""
        self._enter(
            Step(
                passed.phase,
                True,
                passed.duration_ms,
                passed.words,
                until=until,
                facts=dict(passed.facts),
            )
        )

    async def _failed(self, trouble: Trouble) -> None:
        spent = self._spent()
        until, facts = "", {}
        if trouble.phase == "certificate":
            seen = await look_at_certificate(self._server, LOOK_SECONDS, lookup=self._lookup)
            if seen is not None:
                until, facts = seen.expires_at.isoformat(), seen.facts
        self._enter(
            Step(
                trouble.phase, False, spent, trouble.words, trouble.cause, until=until, facts=facts
            )
        )

    async def _converse(self, session: Session) -> None:
        try:
            await self._ask(session)
            await session.quit()
        finally:
            session.abort()  # also when the time is up in the middle of it
            await asyncio.sleep(0)

    async def _ask(self, session: Session) -> None:
        """What the signed-in server says about the sender and its limits."""
        if self._sender:
            self._since = time.perf_counter()
            step = self._judged(await session.accepts_sender(self._sender))
            if step.ok and self._author:
                told = self._judged(await session.accepts_sender(self._author))
                step = replace(step, facts={AUTHOR: ACCEPTED if told.ok else told.words})
            self._enter(step)
        size = session.max_bytes
        words = f"Messages up to {_readable(size)}" if size else "None announced"
        facts = {"announced": session.announced}
        if size:
            facts["bytes"] = str(size)
        self._enter(Step("limits", True, None, words, facts=facts))

    def _judged(self, answer: Reply | Lost) -> Step:
        if isinstance(answer, Lost):
            return Step("sender", False, self._spent(), answer.words, answer.cause)
        if 200 <= answer.code < 300:
            return Step("sender", True, self._spent(), self._sender)
        verdict = classify("mail", answer.code, answer.enhanced, answer.text)
        return Step("sender", False, self._spent(), answer.words, verdict.cause)

    def _enter(self, step: Step) -> None:
        self._steps.append(step)
        if self._observe is not None:
            self._observe(step)
        self._since = time.perf_counter()

    def _spent(self) -> int:
        return round((time.perf_counter() - self._since) * 1000)

    def _plan(self) -> tuple[Step, ...]:
        return planned(
            self._server.security, signs_in=self._server.signs_in, sender=bool(self._sender)
        )

    def _present(self) -> Phase:
        """The phase that the time ran out in."""
        done = {step.name for step in self._steps}
        return next((step.name for step in self._plan() if step.name not in done), "limits")


def planned(security: Security, *, signs_in: bool, sender: bool = True) -> tuple[Step, ...]:
    """The steps that a server will have to go through, in order, none of them tried."""
    names: list[Phase] = ["resolve", "connect"]
    encryption: list[Phase] = ["tls", "certificate"]
    if security == "tls":
        names += encryption
    names += ["greeting", "ehlo"]
    if security in {"starttls", "starttls-if-offered"}:
        names += encryption
    if signs_in:
        names.append("auth")
    if sender:
        names.append("sender")
    return tuple(Step(name, None) for name in (*names, "limits"))


def _readable(size: int) -> str:
    return f"{size // 1_000_000} MB" if size >= 1_000_000 else f"{size // 1_000} KB"
