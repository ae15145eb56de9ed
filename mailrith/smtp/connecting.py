"""From a `Server` to a signed-in `Session`, one phase after another, or the `Trouble` that stopped it.

The address is judged by `core.network` and connected to as judged; certificates are checked against the name.
aiosmtplib speaks EHLO, STARTTLS and AUTH; then its transport is handed to `wire`. Nothing here raises for what the world does.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from typing import cast

import aiosmtplib

from mailrith.core.dialling import dial
from mailrith.core.network import Lookup, Refused, Resolved, resolve
from mailrith.smtp import tls
from mailrith.smtp.attempt import Attempt, Client, Observer, unobserved
from mailrith.smtp.replies import Reply, clean_words
from mailrith.smtp.server import Server
from mailrith.smtp.session import Session
from mailrith.smtp.signing_in import sign_in
from mailrith.smtp.trouble import Trouble, from_exception
from mailrith.smtp.upgrade import Injected, start_tls
from mailrith.smtp.wire import Wire

PORT_OF_SERVERS = 25  # between mail servers; senders use the submission ports (RFC 6409)


async def connect(
    server: Server, *, lookup: Lookup | None = None, observe: Observer = unobserved
) -> Session | Trouble:
    """Connect, encrypt, sign in. `observe` hears of each phase that went well, in order."""
    attempt = Attempt(server, observe)
    session: Session | None = None
    try:
        where = await resolve(server.host, server.port, server.policy, lookup=lookup)
        if isinstance(where, Refused):
            return Trouble(_refused_cause(where, server.port), "resolve", words=where.sentence)
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


async def look_at_certificate(
    server: Server, seconds: float, *, lookup: Lookup | None = None
) -> tls.Certificate | None:
    """The certificate that was not accepted, over a second line on which nothing else is said. None if it is not shown."""
    attempt = Attempt(replace(server, verify_certificate=False), unobserved)
    try:
        async with asyncio.timeout(seconds):
            where = await resolve(server.host, server.port, server.policy, lookup=lookup)
            if isinstance(where, Refused):
                return None
            attempt.line = await dial(where, seconds)
            client = await _greet(attempt, where)
            if server.security != "tls":
                await _say_hello(attempt, client)
                await _start_tls(attempt, client, where)
            return tls.certificate(client.get_transport_info("ssl_object"))
    except (OSError, aiosmtplib.SMTPException, ValueError, EOFError, _Stopped):
        return None
    finally:
        attempt.give_up()
        await asyncio.sleep(0)


class _Stopped(Exception):
    """Carries a Trouble out of a phase."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.cause)
        self.trouble = trouble


async def _converse(attempt: Attempt, where: Resolved) -> Session:
    server = attempt.server
    attempt.phase = "connect"
    attempt.line = await dial(where, server.timeouts.connect)
    attempt.passed(_other_end(attempt.line))
    client = await _greet(attempt, where)
    await _say_hello(attempt, client)
    if _starts_tls(server, client):
        await _start_tls(attempt, client, where)
        await _say_hello(attempt, client, report=False)
    if server.signs_in:
        attempt.phase = "auth"
        found = await sign_in(client, server, where)
        if isinstance(found, Trouble):
            raise _Stopped(found)
        attempt.passed(found.mechanism, {"offered": ", ".join(found.offered)})
    return _take_over(attempt, client)


def _refused_cause(where: Refused, port: int) -> str:
    if where.field == "host":
        return "host_refused"
    return "port_25" if port == PORT_OF_SERVERS else "port_refused"


async def _greet(attempt: Attempt, where: Resolved) -> aiosmtplib.SMTP:
    """Implicit TLS if asked for, then the greeting."""
    server, line = attempt.server, cast("socket.socket", attempt.line)
    implicit = server.security == "tls"
    attempt.client = client = Client(
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


async def _say_hello(attempt: Attempt, client: aiosmtplib.SMTP, *, report: bool = True) -> None:
    attempt.phase = "ehlo"
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError as error:
        if error.code not in {500, 502, 504}:
            raise
        await client.helo()
    if report:
        attempt.passed(_abilities(client))


def _starts_tls(server: Server, client: aiosmtplib.SMTP) -> bool:
    if server.security == "starttls-if-offered":
        return client.supports_extension("starttls")
    return server.security == "starttls"


async def _start_tls(attempt: Attempt, client: aiosmtplib.SMTP, where: Resolved) -> None:
    """A server, or somebody in between, that does not offer STARTTLS gets nothing more; nor one that then will not begin, or puts words in."""
    attempt.phase = "tls"
    if not client.supports_extension("starttls"):
        raise _Stopped(Trouble("starttls_missing", "tls"))
    try:
        await start_tls(client, _tls_context(attempt.server), where.name)
    except Injected:
        raise _Stopped(Trouble("starttls_injected", "tls")) from None
    _report_tls(attempt, client)


def _report_tls(attempt: Attempt, client: aiosmtplib.SMTP) -> None:
    attempt.phase = "tls"
    ssl_object = client.get_transport_info("ssl_object")
    attempt.passed(tls.describe(ssl_object))
    found = tls.certificate(ssl_object)
    attempt.phase = "certificate"
    if found is not None:
        checked = "" if attempt.server.verify_certificate else "Not checked. "
        words = clean_words(checked + found.sentence)
        attempt.passed(words, found.facts, timed=False, until=found.expires_at)


def _take_over(attempt: Attempt, client: aiosmtplib.SMTP) -> Session:
    transport = client.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the server closed the line after sign-in")
    wire = Wire(cast("asyncio.Transport", transport), asyncio.get_running_loop())
    transport.set_protocol(wire)
    announced = client.esmtp_extensions
    size = 0
    with suppress(ValueError):
        size = int(announced.get("size", "") or 0)
    session = Session(wire, attempt.server, frozenset(announced), max_bytes=size or None)
    session.announced = _abilities(client)
    return session


def _abilities(client: aiosmtplib.SMTP) -> str:
    """What it listed in EHLO: SIZE 10000000, STARTTLS."""
    found = (f"{name.upper()} {value}".rstrip() for name, value in client.esmtp_extensions.items())
    return clean_words(", ".join(sorted(found)))


def _tls_context(server: Server) -> ssl.SSLContext | None:
    if server.security == "none":
        return None
    return tls.context(
        verify=server.verify_certificate,
        ca_certificates=server.ca_certificates,
        minimum=server.minimum_tls,
    )


def _other_end(line: socket.socket) -> str:
    """The address that answered, and the port."""
    address, port = line.getpeername()[:2]
    return f"{address}, port {port}"


def _address_literal(line: socket.socket) -> str:
    """Our end as RFC 5321, 4.1.3 writes it: a name would have to be looked up, and may not exist."""
    address = str(line.getsockname()[0]).partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"


def _said(response: aiosmtplib.SMTPResponse) -> str:
    return Reply(response.code, clean_words(response.message)).words
