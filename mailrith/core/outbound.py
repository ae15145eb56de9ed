"""The one HTTP client, for addresses that people type: judged by the guard, without redirects, small and quick to give up.

The name is resolved once, the line goes to a judged address, and the certificate is checked against the name. Only https on its
own port, or on ports that the operator allows; plain http only to this machine, where the operator allows it.
"""

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from functools import lru_cache
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import Literal, cast
from urllib.parse import SplitResult, urlencode, urlsplit

from mailrith.core.dialling import dial
from mailrith.core.network import (
    USUAL_PORTS,
    Lookup,
    Policy,
    Refused,
    Resolved,
    is_loopback_host,
    resolve,
)

SECONDS = 5  # for everything, from the name to the last byte
MAX_BYTES = 64 * 1024
HTTPS_PORT = 443

_READ_BYTES = 16 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is decoded from its chunks, at most MAX_BYTES."""

    status: int
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether it is a 2xx. A redirect is not, and is not followed."""
        return 200 <= self.status < 300


@dataclass(frozen=True)
class NoAnswer:
    """Why nothing came back. refused: the guard does not go there. silent: it did not answer, or not in time or measure."""

    reason: Literal["refused", "silent"]
    words: str = ""


async def post_form(
    url: str,
    fields: Mapping[str, str],
    *,
    policy: Policy,
    ca_certificates: str = "",
    lookup: Lookup | None = None,
) -> Answer | NoAnswer:
    """POST `fields` as a form, and accept JSON. `ca_certificates` is PEM, trusted beside the usual authorities."""
    about = ("Accept: application/json", "Content-Type: application/x-www-form-urlencoded")
    question = _Question("POST", about, urlencode(fields).encode())
    return await _ask(url, question, policy, ca_certificates, lookup)


async def get(
    url: str,
    *,
    policy: Policy,
    ca_certificates: str = "",
    lookup: Lookup | None = None,
) -> Answer | NoAnswer:
    """GET what stands at an address. `ca_certificates` as for `post_form`."""
    return await _ask(url, _Question("GET", ("Accept: */*",)), policy, ca_certificates, lookup)


@dataclass(frozen=True)
class _Question:
    """What is asked at an address; `about` are header lines."""

    method: str
    about: tuple[str, ...]
    body: bytes = b""


async def _ask(
    url: str, question: _Question, policy: Policy, ca_certificates: str, lookup: Lookup | None
) -> Answer | NoAnswer:
    parts = _parts(url)
    if parts is None:
        return NoAnswer("refused")
    try:
        async with asyncio.timeout(SECONDS):
            where = await _judged(parts, policy, lookup)
            if where is None:
                return NoAnswer("refused")
            context = _context(ca_certificates) if parts.scheme == "https" else None
            return _read(await _exchange(where, context, _request(parts, where, question)))
    except (OSError, HTTPException, ValueError) as error:  # TimeoutError and SSLError are OSErrors
        return NoAnswer("silent", type(error).__name__)


def _parts(url: str) -> SplitResult | None:
    """The parts of an address that may be asked at all."""
    if not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    local = parts.scheme == "http" and is_loopback_host(parts.hostname or "")
    if not (parts.scheme == "https" or local) or not parts.hostname or "@" in parts.netloc:
        return None
    # The guard knows the ports of mail servers as usual ones; nobody gives web pages there.
    return None if port in USUAL_PORTS else parts


async def _judged(parts: SplitResult, policy: Policy, lookup: Lookup | None) -> Resolved | None:
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else 80)
    ours = replace(policy, allowed_ports=(HTTPS_PORT, *policy.allowed_ports))
    where = await resolve(parts.hostname or "", port, ours, lookup=lookup)
    if isinstance(where, Refused) or (parts.scheme == "http" and not where.loopback):
        return None
    return where


def _request(parts: SplitResult, where: Resolved, question: _Question) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = f"[{where.name}]" if ":" in where.name else where.name
    head = (
        f"{question.method} {target} HTTP/1.1",
        f"Host: {host}" + (f":{where.port}" if parts.port else ""),
        *question.about,
        f"Content-Length: {len(question.body)}",
        "User-Agent: Mailrith",
        "Connection: close",
    )
    return "\r\n".join(head).encode("ascii") + b"\r\n\r\n" + question.body


async def _exchange(where: Resolved, context: ssl.SSLContext | None, request: bytes) -> bytes:
    """Say `request`, and give everything that is answered. Raises OSError, and ValueError when it is too much."""
    line = await dial(where, SECONDS)
    name = where.name if context else None
    with closing(line):  # where a handshake fails nobody else does
        reader, writer = await asyncio.open_connection(sock=line, ssl=context, server_hostname=name)
        try:
            writer.write(request)
            return await _all(reader)
        finally:
            cast("asyncio.Transport", writer.transport).abort()
            await asyncio.sleep(0)  # the transport lets go of its socket in the next round


async def _all(reader: asyncio.StreamReader) -> bytes:
    answer = bytearray()
    while not _complete(answer) and (part := await reader.read(_READ_BYTES)):
        answer += part
        if len(answer) > MAX_BYTES:
            raise ValueError("the answer is too long")
    return bytes(answer)


def _complete(answer: bytearray) -> bool:
    """Whether nothing more can come, for servers that keep the line open although they were asked to close it."""
    head, found, body = answer.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if not found:
        return False
    return len(body) >= int(length[1]) if length else body.endswith(_LAST_CHUNK)


def _read(raw: bytes) -> Answer:
    """Raises HTTPException for what is not HTTP."""
    response = HTTPResponse(cast("ssl.SSLSocket", _Heard(raw)))
    response.begin()
    return Answer(response.status, response.read())


class _Heard:
    """Bytes in the place of a socket, so that the standard library's parser reads what has already come."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def makefile(self, mode: str) -> BytesIO:
        return BytesIO(self._raw)


@lru_cache(maxsize=16)
def _context(ca_certificates: str) -> ssl.SSLContext:
    """Raises ssl.SSLError when they cannot be read."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if ca_certificates:
        made.load_verify_locations(cadata=ca_certificates)
    return made
