"""The one HTTP client, for addresses that people type: judged by the guard, without redirects, with limits of size and time.

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

SECONDS = 5  # for everything, from the name to the last byte, unless the caller says otherwise
MAX_BYTES = 64 * 1024
HTTPS_PORT = 443
TOO_LONG = "the answer is too long"

_READ_BYTES = 16 * 1024
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_LAST_CHUNK = b"\r\n0\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is decoded from its chunks."""

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
    seconds: float | None = None,
    max_bytes: int = MAX_BYTES,
) -> Answer | NoAnswer:
    """GET what stands at an address, within `seconds` (SECONDS), of at most `max_bytes`. `ca_certificates` as for `post_form`."""
    question = _Question("GET", ("Accept: */*",), seconds=seconds, max_bytes=max_bytes)
    return await _ask(url, question, policy, ca_certificates, lookup)


class _TooLong(Exception):
    """More came than was to be read."""


@dataclass(frozen=True)
class _Question:
    """What is asked at an address; `about` are header lines. The last two are limits of everything and of the answer's body."""

    method: str
    about: tuple[str, ...]
    body: bytes = b""
    seconds: float | None = None  # SECONDS
    max_bytes: int = MAX_BYTES


async def _ask(
    url: str, question: _Question, policy: Policy, ca_certificates: str, lookup: Lookup | None
) -> Answer | NoAnswer:
    parts = _parts(url)
    if parts is None:
        return NoAnswer("refused")
    try:
        async with asyncio.timeout(question.seconds or SECONDS):
            where = await _judged(parts, policy, lookup)
            if where is None:
                return NoAnswer("refused")
            context = _context(ca_certificates) if parts.scheme == "https" else None
            request = _request(parts, where, question)
            answer = _read(await _exchange(where, context, request, question))
            return (
                answer if len(answer.body) <= question.max_bytes else NoAnswer("silent", TOO_LONG)
            )
    except _TooLong:
        return NoAnswer("silent", TOO_LONG)
    except (OSError, HTTPException, ValueError) as error:  # TimeoutError and SSLError are OSErrors
        return NoAnswer("silent", type(error).__name__)


def askable(url: str) -> bool:
    """Whether the address can be asked at all, by its spelling alone. The guard may still refuse where it leads."""
    return _parts(url) is not None


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


async def _exchange(
    where: Resolved, context: ssl.SSLContext | None, request: bytes, question: _Question
) -> bytes:
    """Say `request`, and give everything that is answered. Raises OSError, and _TooLong."""
    line = await dial(where, question.seconds or SECONDS)
    name = where.name if context else None
    with closing(line):  # where a handshake fails nobody else does
        reader, writer = await asyncio.open_connection(sock=line, ssl=context, server_hostname=name)
        try:
            writer.write(request)
            return await _all(reader, question.max_bytes + MAX_BYTES)
        finally:
            cast("asyncio.Transport", writer.transport).abort()
            await asyncio.sleep(0)  # the transport lets go of its socket in the next round


async def _all(reader: asyncio.StreamReader, most: int) -> bytes:
    answer = bytearray()
    while not _complete(answer) and (part := await reader.read(_READ_BYTES)):
        answer += part
        if len(answer) > most:
            raise _TooLong
    return bytes(answer)


def _complete(answer: bytearray) -> bool:
    """Whether nothing more can come, for servers that keep the line open although they were asked to close it."""
    end = answer.find(b"\r\n\r\n", 0, MAX_BYTES)
    if end < 0:
        return False
    length = _LENGTH.search(answer, 0, end)
    if length is None:
        return answer.endswith(_LAST_CHUNK)
    return len(answer) - end - 4 >= int(length[1])


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
