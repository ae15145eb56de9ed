"""The demo's SMTP server: takes every mail on this machine, keeps it in the local inbox, and lets none out.

Run as a module it listens where MAILRITH_SYSTEM_SMTP_URL points, until SIGTERM.
"""

import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session

from mailrith.core import config
from mailrith.demo.mailbox import Arrival, Mailbox, arrived_now
from mailrith.demo.people import FULL, GONE
from mailrith.demo.reading import head_of

AT_ONCE = 200  # messages in one transaction
HELD_SECONDS = 0.05  # how long a message may wait for company
MAX_BYTES = 40_000_000

NOBODY = "550 5.1.1 <{}>: nobody has this mailbox"
NO_ROOM = "452 4.2.2 <{}>: the mailbox is full just now"


class Desk:
    """Answers the SMTP server (the handler of aiosmtpd), and hands messages to a thread that stores them."""

    def __init__(self, box: Mailbox) -> None:
        self._box = box
        self._waiting: queue.SimpleQueue[Arrival | None] = queue.SimpleQueue()
        self._turned_away: set[str] = set()
        self._thread = threading.Thread(target=self._store, name="inbox")
        self._thread.start()

    def close(self) -> None:
        """Store what waits, and end."""
        self._waiting.put(None)
        self._thread.join()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Everybody has a mailbox here, except those who show what a refusal looks like."""
        local = address.lower().partition(".")[0]
        if local == GONE:
            return NOBODY.format(address)
        # Once only, so that a sending to the sample comes to its end.
        if local == FULL and address not in self._turned_away:
            self._turned_away.add(address)
            return NO_ROOM.format(address)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Known here"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take it."""
        raw = envelope.original_content or b""
        sender, subject = head_of(raw)
        for recipient in envelope.rcpt_tos:
            self._waiting.put(arrived_now(recipient, sender, subject, raw))
        return "250 2.0.0 In the local inbox"

    def _store(self) -> None:
        while (first := self._waiting.get()) is not None:
            together, last = self._gather(first)
            self._box.add(together)
            if last:
                return

    def _gather(self, first: Arrival) -> tuple[list[Arrival], bool]:
        together = [first]
        end = time.monotonic() + HELD_SECONDS
        while len(together) < AT_ONCE:
            try:
                following = self._waiting.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                break
            if following is None:
                return together, True
            together.append(following)
        return together, False


@contextmanager
def start(host: str, port: int, folder: Path) -> Iterator[Mailbox]:
    """A running server in threads of this process; port 0 is not possible. Ends with the block."""
    box = Mailbox(folder)
    desk = Desk(box)
    controller = Controller(
        desk,
        hostname=host,
        port=port,
        ident="Mailrith local inbox",
        server_hostname="inbox.localhost",
        data_size_limit=MAX_BYTES,
        enable_SMTPUTF8=True,
        auth_require_tls=False,
        authenticator=_welcome_anybody,
        decode_data=False,
    )
    try:
        controller.start()
        yield box
    finally:
        if controller.server is not None:
            controller.stop()
        desk.close()


def main() -> int:
    """Listen until SIGTERM."""
    settings = config.load()
    config.install(settings)
    server = urlsplit(settings.system_smtp_url or "")
    if server.hostname != "127.0.0.1" or not server.port:
        print("The inbox listens on 127.0.0.1 only; MAILRITH_SYSTEM_SMTP_URL names its port.")
        return 1
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with start(server.hostname, server.port, settings.data_dir):
        ended.wait()
    return 0


def _welcome_anybody(*_credentials: object) -> AuthResult:
    return AuthResult(success=True)


if __name__ == "__main__":
    sys.exit(main())
