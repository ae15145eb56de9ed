"""From a `Server` to a signed-in `Session`, one phase after another, or the `Trouble` that stopped it.

The address is judged by `core.network` and connected to as judged; certificates are checked against the name.
aiosmtplib speaks EHLO, STARTTLS and AUTH; then its transport is handed to `wire`. Nothing here raises for what the world does.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

import aiosmtplib

from mailrith.core.network import Lookup, Refused, Resolved, resolve
from mailrith.smtp import tls
from mailrith.smtp.replies import Reply, clean_words
from mailrith.smtp.server import Server
from mailrith.smtp.session import Session
from mailrith.smtp.signing_in import sign_in
from mailrith.smtp.trouble import Phase, Trouble, from_exception
from mailrith.smtp.wire import Wire


@dataclass(frozen=True)
class Passed:
    """A phase that went well. `words` are ours or the server's, depending on the phase."""

    phase: Phase
    duration_ms: int | None
    words: str = ""
    until: datetime | None = None  # the certificate's last instant


Observer = Callable[[Passed], None]


class _Client(aiosmtplib.SMTP):
    """Closes at once: a polite end of TLS waits up to 30 s for a server that failed us already."""

    def close(self) -> None:
        if self.transport is not None:
            cast("asyncio.Transport", self.transport).abort()
        super().close()


@dataclass
class _Attempt:
    """One connect on its way: what has been reached, and since when the present phase runs."""

    server: Server
    observe: Observer
    phase: Phase = "resolve"
    since: float = field(default_factory=time.perf_counter)
    client: aiosmtplib.SMTP | None = None
    line: socket.socket | None = None

    def passed(self, words: str = "", *, timed: bool = True, until: datetime | None = None) -> None:
        """Report the present phase and restart the clock."""
        instant = time.perf_counter()
        duration = round((instant - self.since) * 1000) if timed else None
        self.observe(Passed(self.phase, duration, words, until))
        self.since = instant

    def give_up(self) -> None:
        """Close whatever is open."""
        if self.client is not None:
            self.client.close()
        if self.line is not None:
            self.line.close()


def _unobserved(passed: Passed) -> None:
    """Nobody listens."""


async def connect(
    server: Server, *, lookup: Lookup | None = None, observe: Observer = _unobserved
) -> Session | Trouble:
    """Connect, encrypt, sign in. `observe` hears of each phase that went well, in order."""
    attempt = _Attempt(server, observe)
    session: Session | None = None
    try:
        where = await resolve(server.host, server.port, server.policy, lookup=lookup)
        if isinstance(where, Refused):
            cause = "port_refused" if where.field == "port" else "host_refused"
            return Trouble(cause, "resolve", words=where.sentence)
        attempt.passed(", ".join(str(address) for address in where.addresses))
        session = await _converse(attempt, where)
    except (OSError, aiosmtplib.SMTPException, ValueError, EOFError) as error:
        # ValueError: aiosmtplib's parsing of a malformed reply, for example of a CRAM-MD5 challenge.
        return from_exception(error, attempt.phase, server)
    except _Stopped as stopped:
        return stopped.trouble
    finally:
        if session is None:
            attempt.give_up()
            await asyncio.sleep(0)  # transports let go of their sockets in the next round
    return session


class _Stopped(Exception):
    """Carries a Trouble out of a phase."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.cause)
        self.trouble = trouble


async def _converse(attempt: _Attempt, where: Resolved) -> Session:
    server = attempt.server
    attempt.phase = "connect"
    attempt.line = await _open(where, server.timeouts.connect)
    attempt.passed()
    client = await _greet(attempt, where)
    await _say_hello(attempt, client)
    if server.security == "starttls":
        await _start_tls(attempt, client, where)
        await _say_hello(attempt, client, report=False)
    if server.signs_in:
        attempt.phase = "auth"
        trouble, mechanism = await sign_in(client, server, where)
        if trouble is not None:
            raise _Stopped(trouble)
        attempt.passed(mechanism)
    return _take_over(attempt, client)


async def _open(where: Resolved, seconds: float) -> socket.socket:
    """A TCP line to the first judged address that answers. Raises OSError."""
    loop = asyncio.get_running_loop()
    failure: OSError = OSError("no address")
    for address in where.addresses:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6
        line = socket.socket(family, socket.SOCK_STREAM)
        line.setblocking(False)
        try:
            async with asyncio.timeout(seconds):
                await loop.sock_connect(line, (str(address), where.port))
        except OSError as error:  # TimeoutError is one
            line.close()
            failure = error
        except asyncio.CancelledError:
            line.close()
            raise
        else:
            return line
    raise failure


async def _greet(attempt: _Attempt, where: Resolved) -> aiosmtplib.SMTP:
    """Implicit TLS if asked for, then the greeting."""
    server, line = attempt.server, cast("socket.socket", attempt.line)
    implicit = server.security == "tls"
    attempt.client = client = _Client(
        hostname=where.name,
        port=None,
        sock=line,
        use_tls=implicit,
        start_tls=False,
        tls_context=_tls_context(server),
        local_hostname=server.ehlo_name or _address_literal(line),
        timeout=server.timeouts.greeting,
    )
    attempt.phase = "tls" if implicit else "greeting"
    attempt.line = None  # from here on it is the client's to close
    greeting = await client.connect()
    if implicit:
        _report_tls(attempt, client)
    attempt.phase = "greeting"
    attempt.passed(_said(greeting), timed=not implicit)
    client.timeout = server.timeouts.command
    return client


async def _say_hello(attempt: _Attempt, client: aiosmtplib.SMTP, *, report: bool = True) -> None:
    attempt.phase = "ehlo"
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in {500, 502, 504}:
            raise
        await client.helo()
    if report:
        attempt.passed(", ".join(sorted(client.esmtp_extensions)).upper())


async def _start_tls(attempt: _Attempt, client: aiosmtplib.SMTP, where: Resolved) -> None:
    """STARTTLS is required: a server, or somebody in between, that does not offer it gets nothing more."""
    attempt.phase = "tls"
    if not client.supports_extension("starttls"):
        raise _Stopped(Trouble("starttls_missing", "tls"))
    await client.starttls(server_hostname=where.name, tls_context=_tls_context(attempt.server))
    _report_tls(attempt, client)


def _report_tls(attempt: _Attempt, client: aiosmtplib.SMTP) -> None:
    attempt.phase = "tls"
    ssl_object = client.get_transport_info("ssl_object")
    attempt.passed(tls.describe(ssl_object))
    found = tls.certificate(ssl_object)
    attempt.phase = "certificate"
    if found is not None:
        names = ", ".join(found.names[:3])
        checked = "" if attempt.server.verify_certificate else "Not checked. "
        words = f"{checked}{names}, until {found.expires_at:%d %B %Y}, issued by {found.issuer}"
        attempt.passed(clean_words(words), timed=False, until=found.expires_at)


def _take_over(attempt: _Attempt, client: aiosmtplib.SMTP) -> Session:
    transport = client.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the server closed the line after sign-in")
    wire = Wire(cast("asyncio.Transport", transport), asyncio.get_running_loop())
    transport.set_protocol(wire)
    features = frozenset(client.esmtp_extensions)
    with suppress(ValueError):
        size = int(client.esmtp_extensions.get("size", "") or 0)
        return Session(wire, attempt.server, features, max_bytes=size or None)
    return Session(wire, attempt.server, features, max_bytes=None)


def _tls_context(server: Server) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    return tls.context(verify=server.verify_certificate, ca_certificates=server.ca_certificates)


def _address_literal(line: socket.socket) -> str:
    """Our end as RFC 5321, 4.1.3 writes it: a name would have to be looked up, and may not exist."""
    address = str(line.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _said(response: aiosmtplib.SMTPResponse) -> str:
    return Reply(response.code, clean_words(response.message)).words
