"""Which server to speak to, and how."""

import hashlib
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from mailrith.core.network import Policy

Security = Literal["starttls", "tls", "starttls-if-offered", "none"]


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
class Server:
    """An SMTP server and the credentials for it. Its repr shows neither username nor password."""

    host: str
    port: int
    security: Security = "starttls"
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    verify_certificate: bool = True
    ca_certificates: str | None = field(default=None, repr=False)  # PEM, beside the usual ones
    ehlo_name: str | None = None  # None: the address literal of our end (RFC 5321, 4.1.4)
    timeouts: Timeouts = Timeouts()
    policy: Policy = field(default_factory=Policy)
    messages_per_session: int = 1000

    @property
    def signs_in(self) -> bool:
        """Whether there is a username to sign in with."""
        return bool(self.username)

    @property
    def pool_key(self) -> str:
        """Two servers with one key may share sessions; another password is another key."""
        parts: list[str] = [self.host, str(self.port), self.security, self.username, self.password]
        parts += [str(self.verify_certificate), self.ca_certificates or "", self.ehlo_name or ""]
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
