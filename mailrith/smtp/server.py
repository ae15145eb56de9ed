"""Which server to speak to, and how."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit

from mailrith.core.network import Policy

Security = Literal["starttls", "tls", "starttls-if-offered", "none"]
Auth = Literal["automatic", "plain", "login", "cram-md5", "xoauth2", "none"]
MinimumTls = Literal["1.2", "1.3"]


@dataclass(frozen=True)
class Timeouts:
    """Seconds to wait in each phase. The defaults are those of RFC 5321, 4.5.3.2, for sending."""

    connect: float = 30
    greeting: float = 300
    command: float = 300  # EHLO, AUTH, MAIL, RCPT, RSET
    data: float = 120  # for the 354
    block: float = 180  # for the server to take a part of the content
    # The server may be delivering while it answers: whoever gives up earlier makes duplicates (RFC 1047).
    dot: float = 600


INTERACTIVE = Timeouts(connect=10, greeting=15, command=15, data=15, block=30, dot=60)


@dataclass(frozen=True)
class NoToken:
    """Why there is no access token now. `cause` is a key of `causes`; `words` are those of the token's host."""

    cause: str
    words: str = ""


class TokenSource(Protocol):
    """Where XOAUTH2 gets its access tokens."""

    async def token(self, *, refused: str = "") -> str | NoToken:
        """A token that should work now; another one than `refused`, which the mail server did not take."""


@dataclass(frozen=True)
class Server:
    """An SMTP server and the credentials for it. Its repr shows no secret.

    `auth` automatic takes the best that is offered; a named mechanism is used or nothing is. `allow_clear_auth` lets a
    readable password cross the internet without TLS. `owner` says whose sessions these are ("workspace:connection:fingerprint"):
    a session is never used for anybody else, nor after the password has changed.
    """

    host: str
    port: int
    security: Security = "starttls"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    auth: Auth = "automatic"
    tokens: TokenSource | None = field(default=None, repr=False, compare=False)  # for XOAUTH2
    allow_clear_auth: bool = False
    minimum_tls: MinimumTls = "1.2"
    verify_certificate: bool = True
    ca_certificates: str | None = field(default=None, repr=False)  # PEM, beside the usual ones
    ehlo_name: str | None = None  # None: the address literal of our end (RFC 5321, 4.1.4)
    timeouts: Timeouts = Timeouts()
    policy: Policy = field(default_factory=Policy)
    messages_per_session: int = 1000
    owner: str = ""

    @property
    def signs_in(self) -> bool:
        """Whether there is a username to sign in with, and it is wanted."""
        return bool(self.username) and self.auth != "none"

    @property
    def pool_key(self) -> str:
        """Two servers with one key may share sessions; another owner, password or way to sign in is another key."""
        parts: list[str] = [self.owner, self.host, str(self.port), self.security, self.minimum_tls]
        parts += [str(self.verify_certificate), self.ca_certificates or "", self.ehlo_name or ""]
        parts += [self.auth, str(self.allow_clear_auth), self.username, self.password]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def server_from_url(url: str, *, policy: Policy, timeouts: Timeouts = INTERACTIVE) -> Server:
    """Read `smtp://`, `smtps://` or `smtp+starttls://` with user, password, host and port."""
    parts = urlsplit(url)
    security: Security = {"smtps": "tls", "smtp+starttls": "starttls"}.get(parts.scheme, "none")  # type: ignore[assignment]
    usual_port = {"tls": 465, "starttls": 587, "none": 25}[security]
    return Server(
        host=parts.hostname or "",
        port=parts.port or usual_port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        policy=policy,
        timeouts=timeouts,
    )
