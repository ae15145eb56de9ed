"""A line to a mailbox's server: judged by the guard, encrypted as agreed, and cut when its time is over."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from mailrith.connections.mailbox.models import BounceMailbox, Protocol
from mailrith.connections.mailbox.values import guarded
from mailrith.connections.models import SecureMode
from mailrith.core import config
from mailrith.core.dialling import dial
from mailrith.core.network import Policy, Refused, Resolved, resolve_now
from mailrith.events.mailbox.signing_in import Keys
from mailrith.events.mailbox.trouble import Stopped
from mailrith.smtp import tls

DIAL_SECONDS = 10.0
ANSWER_SECONDS = 20.0
VISIT_SECONDS = 150.0  # for everything; a server that trickles is cut off then


@dataclass(frozen=True)
class Access:
    """Where the mailbox is and who signs in; nothing of the row is needed any more."""

    protocol: Protocol
    host: str = field(repr=False)
    port: int
    secure_mode: SecureMode
    keys: Keys
    folder: str
    ca_certificates: str | None
    policy: Policy

    @classmethod
    def of(cls, mailbox: BounceMailbox) -> "Access | None":
        """None when a key is gone. Needs an app context."""
        settings = config.current()
        host, keys = mailbox.host, Keys.of(mailbox)
        if not host or keys is None:
            return None
        return cls(
            Protocol(mailbox.protocol),
            host,
            mailbox.port,
            SecureMode(mailbox.secure_mode),
            keys,
            mailbox.folder,
            keys.ca_certificate + settings.ca or None,
            guarded(Policy.of(settings)),
        )

    @property
    def context(self) -> ssl.SSLContext:
        """How sure we are of the server: always checked. Raises ssl.SSLError for authorities that cannot be read."""
        return tls.context(verify=True, ca_certificates=self.ca_certificates)


@contextmanager
def dialled(access: Access, seconds: float | None = None) -> Iterator[tuple[socket.socket, str]]:
    """The line, not encrypted yet, and the name that its certificate has to have; cut after `seconds`, usually VISIT_SECONDS. Raises Stopped."""
    where = resolve_now(access.host, access.port, access.policy)
    if isinstance(where, Refused):
        raise Stopped("refused_host")
    line = _dial(where)
    # A second handle on the same line: wrapping it in TLS takes the first one away.
    with line, line.dup() as handle:
        timer = threading.Timer(seconds or VISIT_SECONDS, _cut, (handle,))
        timer.daemon = True
        timer.start()
        try:
            yield line, where.name
        finally:
            timer.cancel()
            timer.join()


def encrypted(access: Access, line: socket.socket, name: str) -> ssl.SSLSocket:
    """The line under TLS from here on."""
    return access.context.wrap_socket(line, server_hostname=name)


def _dial(where: Resolved) -> socket.socket:
    try:
        line = asyncio.run(dial(where, DIAL_SECONDS))
    except TimeoutError:
        raise Stopped("timeout") from None
    except OSError:
        raise Stopped("unreachable") from None
    line.settimeout(ANSWER_SECONDS)
    return line


def _cut(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
