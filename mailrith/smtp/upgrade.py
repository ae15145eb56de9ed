"""STARTTLS, and nothing behind its reply.

RFC 3207, 4.2: after its 220 a server says nothing before TLS begins. What comes all the same was put in by somebody in between,
who hopes that it is read as the server's once the line is encrypted. aiosmtplib throws such bytes away and goes on; we end the line.
"""

import asyncio
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import aiosmtplib

_REPLY = re.compile(rb"(?:\d{3}-[^\n]*\n)*\d{3}(?!-)[^\n]*\n")


class Injected(Exception):
    """Something stood behind the reply to STARTTLS. The line is closed."""


async def start_tls(client: aiosmtplib.SMTP, context: ssl.SSLContext | None, name: str) -> None:
    """Ask for TLS and begin it, for the certificate's `name`. Raises Injected beside what aiosmtplib raises."""
    with _only_a_reply(client):
        await client.starttls(server_hostname=name, tls_context=context)


@contextmanager
def _only_a_reply(client: aiosmtplib.SMTP) -> Iterator[None]:
    """Hear along between STARTTLS and the handshake; close the line on whatever follows the reply."""
    protocol = client.protocol
    assert protocol is not None
    line = cast("asyncio.Transport", client.transport)
    receive, heard, injected = protocol.data_received, bytearray(), False

    def hear(data: bytes) -> None:
        nonlocal injected
        if client.get_transport_info("sslcontext") is None:
            heard.extend(data)
            reply = _REPLY.match(heard)
            if reply is not None and reply.end() < len(heard):
                injected = True
                line.abort()
        receive(data)

    protocol.data_received = hear  # type: ignore[method-assign]
    line.set_protocol(protocol)  # uvloop keeps the method that it was given
    try:
        yield
    except (OSError, aiosmtplib.SMTPException) as error:
        if injected:
            raise Injected from error
        raise
    finally:
        protocol.data_received = receive  # type: ignore[method-assign]
