"""POP3 (RFC 1939) over a line of ours."""

import poplib
import socket
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from mailrith.connections.mailbox.models import Afterwards
from mailrith.events.mailbox.box import LONGEST_ANSWER, LONGEST_MAIL
from mailrith.events.mailbox.signing_in import Refusal, xoauth2
from mailrith.events.mailbox.trouble import Stopped, plain

LONGEST_NAME = 70  # characters of a UIDL (RFC 1939, 7)
_LINE = 100_000  # bytes; mails that come back are seldom folded as they should be
_FIRST_LINES = 4000  # of a mail that is too large to be kept whole


class Pop3(poplib.POP3):
    """The standard library's client, which neither connects by itself nor takes all that is sent."""

    def __init__(self, line: socket.socket, name: str) -> None:
        self._line = line
        self._left = LONGEST_ANSWER
        super().__init__(name)

    def _create_socket(self, timeout: float) -> socket.socket:
        return self._line

    def _getline(self) -> tuple[bytes, int]:
        line = self.file.readline(_LINE)
        if not line:
            raise EOFError
        self._left -= len(line)
        if self._left < 0:
            raise Stopped("strange")
        return line.removesuffix(b"\n").removesuffix(b"\r"), len(line)

    def ask(self, line: str) -> bytes:
        """The answer to one line. Raises error_proto for a no."""
        answer: bytes = self._shortcmd(line)  # type: ignore[attr-defined]
        return answer

    def _putcmd(self, line: str) -> None:
        self._left = LONGEST_ANSWER
        super()._putcmd(line)  # type: ignore[misc]


class Pop3Box:
    """The mailbox; it has no folders."""

    validity = 0

    def __init__(self, client: Pop3) -> None:
        self._client = client
        self.count = 0
        self._numbers: dict[str, int] = {}
        self._sizes: dict[int, int] = {}

    def by_password(self, username: str, password: str) -> None:
        """By USER and PASS, which travel as they are: the line is encrypted, or leads nowhere. Raises Refusal."""
        with _signing_in():
            self._client.user(username)
            self._client.pass_(password)

    def by_token(self, username: str, token: str) -> None:
        """By XOAUTH2 (RFC 5034). A server that dislikes the token says why, wants an empty answer, and then says no. Raises Refusal."""
        if "XOAUTH2" not in self._mechanisms():
            raise Stopped("no_tokens")
        with _signing_in():
            self._client.ask("AUTH XOAUTH2")
            said = self._client.ask(b64encode(xoauth2(username, token)).decode())
            if not said.startswith(b"+OK"):
                self._client.ask("")
                raise poplib.error_proto(said)

    def _mechanisms(self) -> Sequence[str]:
        try:
            return self._client.capa().get("SASL", [])
        except poplib.error_proto:  # it does not tell (RFC 2449)
            return []

    def open(self, folder: str) -> None:
        """Learn what is there. Raises Stopped for a server whose mails have no lasting names."""
        self.count = self._client.stat()[0]
        try:
            listed = self._client.uidl()
        except poplib.error_proto as error:
            raise Stopped("no_uidl", plain(error)) from None
        for line in _lines(listed):
            number, _, name = line.partition(b" ")
            self._numbers[name.decode("latin-1").strip()[:LONGEST_NAME]] = int(number)
        sizes = (line.split() for line in _lines(self._client.list()))
        self._sizes = {int(number): int(size) for number, size, *_ in sizes}

    def names(self, after: int) -> list[str]:
        """All of them: POP3 does not say which are new."""
        return sorted(self._numbers, key=self._numbers.__getitem__)

    def raw(self, name: str) -> bytes | None:
        """The mail, or the beginning of a large one."""
        number = self._numbers[name]
        if self._sizes.get(number, 0) <= LONGEST_MAIL:
            answer = self._client.retr(number)
        else:
            answer = self._client.top(number, _FIRST_LINES)
        return b"\r\n".join([*_lines(answer), b""])[:LONGEST_MAIL]

    def settle(self, names: Sequence[str], afterwards: Afterwards, move_to: str) -> None:
        """Delete, or leave them."""
        if afterwards == Afterwards.DELETE:
            for name in names:
                self._client.dele(self._numbers[name])

    def leave(self) -> None:
        """QUIT."""
        with suppress(poplib.error_proto, OSError, EOFError):
            self._client.quit()


@contextmanager
def _signing_in() -> Iterator[None]:
    try:
        yield
    except poplib.error_proto as error:
        raise Refusal(plain(error)) from None


def _lines(answer: Any) -> Sequence[bytes]:
    """The lines of a long answer, without the dot that ends it."""
    lines: Sequence[bytes] = answer[1]
    return lines
