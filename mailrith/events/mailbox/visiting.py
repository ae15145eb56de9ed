"""One visit to a mailbox, step by step: connect, encrypt, sign in, open the folder; then whatever the visit is for."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from socket import socket
from typing import Any

from mailrith.connections.mailbox.models import Protocol
from mailrith.connections.models import SecureMode
from mailrith.events.mailbox import trouble
from mailrith.events.mailbox.box import Box
from mailrith.events.mailbox.imap import Imap, ImapBox
from mailrith.events.mailbox.line import Access, dialled, encrypted
from mailrith.events.mailbox.pop3 import Pop3, Pop3Box
from mailrith.events.mailbox.signing_in import let_in
from mailrith.events.mailbox.trouble import Stopped, Trouble

STEPS = ("connect", "encrypt", "sign_in", "open")


@dataclass(frozen=True)
class Step:
    """A step that was taken. `ms` is how long it lasted; `count` what was found, where something is counted."""

    name: str
    ok: bool
    ms: int
    count: int | None = None

    def as_data(self) -> dict[str, Any]:
        """For a column."""
        return asdict(self)


def _unobserved(step: Step) -> None:
    """Nobody watches."""


def visit(
    access: Access,
    work: Callable[[Box], None],
    observe: Callable[[Step], None] = _unobserved,
    *,
    seconds: float | None = None,
) -> Trouble | None:
    """Open the mailbox and do `work` there, for at most `seconds` (line.VISIT_SECONDS). What went wrong, without secrets; None when nothing did."""
    visitor = _Visit(observe)
    try:
        with dialled(access, seconds) as (line, name), ExitStack() as ending:
            box = visitor.open(access, line, name, ending)
            work(box)
            box.leave()
    except trouble.PROTOCOL_ERRORS as error:
        visitor.fail()
        secrets = (access.keys.username, access.keys.password, *visitor.told)
        return trouble.discreet(trouble.of(error), access.host, *secrets)
    return None


class _Visit:
    """Where a visit stands, told step by step."""

    def __init__(self, observe: Callable[[Step], None]) -> None:
        self._observe = observe
        self.told: list[str] = []  # tokens that were shown
        self._at = 0
        self._begun = time.monotonic()

    def open(self, access: Access, line: socket, name: str, ending: ExitStack) -> Box:
        """The folder, opened. What has to be closed is put into `ending`."""
        if access.secure_mode == SecureMode.TLS:
            self._done("connect")
            line = ending.enter_context(encrypted(access, line, name))
            self._done("encrypt")
        client: Imap | Pop3
        client = Imap(line, name) if access.protocol == Protocol.IMAP else Pop3(line, name)
        ending.callback(_close, client)
        box = _imap(access, client) if isinstance(client, Imap) else _pop3(access, client)
        if access.secure_mode != SecureMode.TLS:
            self._done("connect")
            self._done("encrypt")
        let_in(box, access.keys, self.told.append)
        self._done("sign_in")
        box.open(access.folder)
        self._done("open", box.count)
        return box

    def fail(self) -> None:
        """The next step is the one that failed; none when all were taken."""
        if self._at < len(STEPS):
            self._observe(Step(STEPS[self._at], ok=False, ms=self._lap()))

    def _done(self, name: str, count: int | None = None) -> None:
        self._at += 1
        self._observe(Step(name, ok=True, ms=self._lap(), count=count))

    def _lap(self) -> int:
        before, self._begun = self._begun, time.monotonic()
        return round((self._begun - before) * 1000)


def _close(client: Imap | Pop3) -> None:
    """Whatever was said: twice is once."""
    for end in (client.file, client.sock):
        if end is not None:
            end.close()


def _imap(access: Access, client: Imap) -> ImapBox:
    if access.secure_mode == SecureMode.STARTTLS:
        if "STARTTLS" not in client.capabilities:
            raise Stopped("no_starttls")
        client.starttls(access.context)
    return ImapBox(client)


def _pop3(access: Access, client: Pop3) -> Pop3Box:
    if access.secure_mode == SecureMode.STARTTLS:
        if "STLS" not in client.capa():
            raise Stopped("no_starttls")
        client.stls(access.context)
    return Pop3Box(client)
