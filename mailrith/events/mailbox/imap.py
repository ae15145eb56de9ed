"""IMAP (RFC 3501) over a line of ours."""

import imaplib
import re
import select
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from mailrith.connections.mailbox.models import Afterwards
from mailrith.events.mailbox.box import LONGEST_ANSWER, LONGEST_MAIL
from mailrith.events.mailbox.signing_in import Refusal, xoauth2
from mailrith.events.mailbox.trouble import Stopped, plain

_ARRIVED = re.compile(rb"\* [1-9]\d{0,9} (?:EXISTS|RECENT)", re.IGNORECASE)
_COUNT = re.compile(rb"\d{1,10}")


class Imap(imaplib.IMAP4):
    """The standard library's client, which neither connects by itself nor believes every length."""

    def __init__(self, line: socket.socket, name: str) -> None:
        self._line = line
        self._left = LONGEST_ANSWER
        super().__init__(name)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        return self._line

    def read(self, size: int) -> bytes:
        """A literal. A server that announces too much is left."""
        self._count(size)
        return super().read(size)

    def readline(self) -> bytes:
        """One line."""
        line = super().readline()
        self._count(len(line))
        return line

    def _count(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise Stopped("strange")

    def begin_idle(self) -> bytes:
        """Send IDLE; returns its tag once the server waits. Raises Stopped."""
        self._left = LONGEST_ANSWER
        tag: bytes = self._new_tag()
        self.send(tag + b" IDLE\r\n")
        while not (line := self._line_of(tag)).startswith(b"+"):
            if not line.startswith(b"*"):
                raise Stopped("strange", plain(Exception(line)))
        return tag

    def lines_until(self, tag: bytes) -> list[bytes]:
        """What the server says up to its answer to `tag`, which comes last, without the tag."""
        lines = [self._line_of(tag)]
        while lines[-1].startswith((b"*", b"+")):
            lines.append(self._line_of(tag))
        return lines

    def _line_of(self, tag: bytes) -> bytes:
        line = self.readline()
        if not line:
            raise EOFError
        return line.rstrip(b"\r\n").removeprefix(tag + b" ")

    def _command(self, name: str, *args: Any) -> Any:
        self._left = LONGEST_ANSWER
        return super()._command(name, *args)  # type: ignore[misc]


class ImapBox:
    """One folder, opened for reading and marking."""

    def __init__(self, client: Imap) -> None:
        self._client = client
        self.count = self.validity = 0

    def by_password(self, username: str, password: str) -> None:
        """By SASL PLAIN where it is offered, since LOGIN knows no letters beyond ASCII. Raises Refusal."""
        client = self._client
        with self._signing_in():
            if "AUTH=PLAIN" in client.capabilities:
                client.authenticate("PLAIN", lambda _: f"\0{username}\0{password}".encode())
            else:
                client.login(_quoted(username), password)

    def by_token(self, username: str, token: str) -> None:
        """By XOAUTH2. A server that dislikes the token says why, wants an empty answer, and then says no. Raises Refusal."""
        if "AUTH=XOAUTH2" not in self._client.capabilities:
            raise Stopped("no_tokens")
        answers = iter((xoauth2(username, token),))
        with self._signing_in():
            self._client.authenticate("XOAUTH2", lambda _: next(answers, b""))

    @contextmanager
    def _signing_in(self) -> Iterator[None]:
        """Afterwards the server may offer more."""
        try:
            yield
        except UnicodeEncodeError:
            raise Refusal("") from None
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as error:
            raise Refusal(plain(error)) from None
        offered = self._ok(self._client.capability())[0]
        self._client.capabilities = tuple(offered.decode().upper().split())

    def open(self, folder: str) -> None:
        """Open the folder. Raises Stopped."""
        kind, data = self._client.select(_quoted(folder))
        if kind != "OK":
            raise Stopped("folder", plain(Exception(data[0] or b"")))
        self.count = _number(data)
        self.validity = _number(self._client.response("UIDVALIDITY")[1])

    def names(self, after: int) -> list[str]:
        """UIDs above `after`. The last one is always named (RFC 3501, 6.4.8), so it is looked at again."""
        data = self._ok(self._client.uid("SEARCH", f"UID {after + 1}:*"))
        found = {int(uid) for part in data for uid in (part or b"").split()}
        return [str(uid) for uid in sorted(found) if uid > after]

    def raw(self, name: str) -> bytes | None:
        """Without marking it as read."""
        data = self._ok(self._client.uid("FETCH", name, f"(BODY.PEEK[]<0.{LONGEST_MAIL}>)"))
        literals = [part[1] for part in data if isinstance(part, tuple)]
        return literals[0] if literals else None

    def can_wait(self) -> bool:
        """Whether the server tells of new mail by itself (RFC 2177)."""
        return "IDLE" in self._client.capabilities

    def wait(self, seconds: float) -> bool:
        """Wait until the server speaks of new mail, at most so long. Whether it did. Raises Stopped."""
        client = self._client
        tag = client.begin_idle()
        # Only the wait is timed: a reader whose read was timed out cannot be read again.
        select.select([client.sock], [], [], seconds)
        client.send(b"DONE\r\n")
        lines = client.lines_until(tag)
        if not lines[-1].upper().startswith(b"OK"):
            raise Stopped("strange", plain(Exception(lines[-1])))
        return any(_ARRIVED.fullmatch(line) for line in lines[:-1])

    def settle(self, names: Sequence[str], afterwards: Afterwards, move_to: str) -> None:
        """Mark, move or delete."""
        wanted = ",".join(names)
        if afterwards == Afterwards.KEEP:
            self._ok(self._client.uid("STORE", wanted, "+FLAGS.SILENT", r"(\Seen)"))
        elif afterwards == Afterwards.DELETE:
            self._delete(wanted)
        else:
            self._move(wanted, _quoted(move_to))

    def leave(self) -> None:
        """Log out; whatever is answered."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._client.logout()

    def _move(self, wanted: str, folder: str) -> None:
        self._client.create(folder)  # answers NO when it is there
        if "MOVE" in self._client.capabilities:  # RFC 6851
            self._ok(self._client.uid("MOVE", wanted, folder))
        else:
            self._ok(self._client.uid("COPY", wanted, folder))
            self._delete(wanted)

    def _delete(self, wanted: str) -> None:
        self._ok(self._client.uid("STORE", wanted, "+FLAGS.SILENT", r"(\Deleted)"))
        # Without UIDPLUS (RFC 4315) an EXPUNGE would take what others marked as well: the server clears up later.
        if "UIDPLUS" in self._client.capabilities:
            self._ok(self._client.uid("EXPUNGE", wanted))

    def _ok(self, answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            raise Stopped("settle", plain(Exception(data[0] or b"" if data else b"")))
        return data


def _quoted(text: str) -> str:
    """A quoted string (RFC 3501, 4.3)."""
    return '"{}"'.format(text.replace("\\", "\\\\").replace('"', '\\"'))


def _number(data: Sequence[Any]) -> int:
    found = _COUNT.fullmatch(data[0] or b"") if data else None
    return int(found[0]) if found else 0
