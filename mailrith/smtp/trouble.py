"""Why there is no session: the phase that failed, the cause, and the server's own words."""

import errno
import ssl
from dataclasses import dataclass
from typing import Literal

import aiosmtplib

from mailrith.smtp import tls
from mailrith.smtp.classification import classify
from mailrith.smtp.replies import Reply, clean_words
from mailrith.smtp.server import Server

Phase = Literal[
    "resolve", "connect", "greeting", "ehlo", "tls", "certificate", "auth", "sender", "limits"
]

_SILENT_CAUSES: dict[Phase, str] = {
    "connect": "connect_timeout",
    "greeting": "greeting_timeout",
}
_ERRNO_CAUSES = {
    errno.ECONNREFUSED: "connection_refused",
    errno.ETIMEDOUT: "connect_timeout",
    errno.EHOSTUNREACH: "network_unreachable",
    errno.ENETUNREACH: "network_unreachable",
    errno.EADDRNOTAVAIL: "network_unreachable",
}


@dataclass(frozen=True)
class Trouble:
    """A connect that failed. `cause` is a key of `causes`; `words` are printable, at most 1 KB.

    They are the server's own, or those of the TLS library; empty when only our libraries have something to say.
    """

    cause: str
    phase: Phase
    reply: Reply | None = None
    words: str = ""

    @property
    def reply_code(self) -> int | None:
        """The code of the reply that ended it, if there was one."""
        return self.reply.code if self.reply else None

    @property
    def enhanced_status(self) -> str:
        """The enhanced status of that reply, or an empty string."""
        return self.reply.enhanced if self.reply else ""


def from_reply(code: int, message: str, phase: Phase) -> Trouble:
    """The trouble that a reply is."""
    if code <= 0:  # aiosmtplib's mark for what is not SMTP
        return Trouble("not_smtp", phase, words=clean_words(message))
    reply = Reply(code, clean_words(message))
    stage = {"tls": "starttls", "sender": "mail"}.get(phase, phase)
    return Trouble(
        classify(stage, reply.code, reply.enhanced, reply.text).cause, phase, reply, reply.words
    )


def from_exception(error: BaseException, phase: Phase, server: Server) -> Trouble:
    """The trouble behind what aiosmtplib, ssl or the socket raised."""
    chain = _chain(error)
    for link in chain:
        if isinstance(link, ssl.SSLError):
            at: Phase = "certificate" if isinstance(link, ssl.SSLCertVerificationError) else "tls"
            return Trouble(
                tls.cause_of(link, server.minimum_tls), at, words=clean_words(_ssl_words(link))
            )
    for link in chain:
        if isinstance(link, aiosmtplib.SMTPResponseException):
            actual: Phase = (
                "greeting" if isinstance(link, aiosmtplib.SMTPConnectResponseError) else phase
            )
            return from_reply(link.code, link.message, actual)
    return Trouble(_quiet_cause(chain, phase, server), phase)


def _quiet_cause(chain: list[BaseException], phase: Phase, server: Server) -> str:
    """The cause when the server said nothing that could be read."""
    if any(isinstance(link, aiosmtplib.SMTPTimeoutError | TimeoutError) for link in chain):
        if phase == "tls":  # who begins with TLS and waits talks to somebody who waits as well
            return "tls_mismatch" if server.security == "tls" else "timeout"
        return _SILENT_CAUSES.get(phase, "timeout")
    for link in chain:
        if isinstance(link, OSError) and link.errno in _ERRNO_CAUSES:
            return _ERRNO_CAUSES[link.errno]
    if phase == "tls":
        return "tls_mismatch" if server.security == "tls" else "tls_failed"
    return {"connect": "connection_refused"}.get(phase, "connection_lost")


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in found:
        found.append(link)
        link = link.__cause__ or link.__context__
    return found


def _ssl_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message
    return str(error.reason or error)
