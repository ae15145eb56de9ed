"""What can be wrong with a mailbox, in plain words, and the server's own beside them."""

import imaplib
import poplib
import re
import ssl
from dataclasses import asdict, dataclass
from typing import Any

from mailrith.smtp import tls
from mailrith.smtp.causes import cause
from mailrith.smtp.discretion import HIDDEN, without_host

LONGEST_WORDS = 300
_SENTENCES = {
    "refused_host": "No public mailbox server was found under this name. Check its spelling. A server inside a private network has to be allowed first by the person who runs Mailrith.",
    "unreachable": "Nobody answers there. Check the server’s name and the port, and that a firewall does not stop it.",
    "timeout": "The server did not answer in time. Mailrith tries again by itself.",
    "lost": "The server closed the line in the middle. Mailrith tries again by itself.",
    "no_starttls": "The server offers no encryption on this port. Choose TLS from the start, usually port 993 for IMAP and 995 for POP3.",
    "sign_in": "The server does not take this username and password. Many services want an app password here, not the one you sign in with.",
    "no_tokens": "The server offers no sign-in with a token (XOAUTH2) here. Sign in by password, or look for another server at your service.",
    "token_missing": "OAuth is chosen, but there is nothing to get a token with. Fill in the fields for the token.",
    "token_refused": "The service gives no new token: the permission to read this mailbox was withdrawn, or it has run out. Give it again there, and paste the new refresh token.",
    "token_not_taken": "The server does not take the token, not even a new one. The username may be another mailbox than the one that gave the permission, or the scope leaves out reading by IMAP or POP3.",
    "not_shared": "This connection does not send with OAuth any more, or by another service than that of this mailbox, and its sign-in is shown to nobody else. Choose another sign-in.",
    "credentials_lost": "The stored sign-in cannot be opened any more, because its key is gone. Type it again.",
    "folder": "The server does not open this folder. Check its name, also capital letters.",
    "no_uidl": "This server gives its mails no names that last (UIDL), so they could not be told apart. Use IMAP instead.",
    "strange": "The server answered something that Mailrith does not understand.",
    "key_lost": "The stored sign-in cannot be opened any more, because its key is gone. Type it again.",
    "settle": "The mails are stored here, but the server does not mark, move or delete them as you chose.",
}


@dataclass(frozen=True)
class Trouble:
    """Why it did not go on. `key` is one of ours or of smtp.causes; `words` are the server's, without secrets."""

    key: str
    words: str = ""

    @property
    def sentence(self) -> str:
        """For people."""
        if self.key in _SENTENCES:
            return _SENTENCES[self.key]
        found = cause(self.key)
        return f"{found.what} {found.likely}"

    def as_data(self) -> dict[str, Any]:
        """For a column."""
        return asdict(self)


class Stopped(Exception):
    """Ends a visit with a reason; caught where the visit began."""

    def __init__(self, key: str, words: str = "") -> None:
        super().__init__(key)
        self.trouble = Trouble(key, words)


def from_data(data: dict[str, Any]) -> Trouble | None:
    """From a column; None when it holds none."""
    return Trouble(str(data["key"]), str(data.get("words", ""))) if data.get("key") else None


def of(error: Exception) -> Trouble:
    """What an exception of the protocol or of the line means."""
    if isinstance(error, Stopped):
        return error.trouble
    if isinstance(error, ssl.SSLError):
        return Trouble(tls.cause_of(error))
    if isinstance(error, TimeoutError):
        return Trouble("timeout")
    if isinstance(error, EOFError | OSError):
        return Trouble("lost")
    if isinstance(error, imaplib.IMAP4.abort) and "EOF" in str(error):
        return Trouble("lost")
    return Trouble("strange", plain(error))


def plain(error: Exception) -> str:
    """What the server said, on one line."""
    first = error.args[0] if error.args else ""
    text = first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first)
    text = re.sub(r"^(?:b['\"]|-ERR ?)|['\"]$", "", text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_WORDS]


def discreet(trouble: Trouble, host: str, *secrets: str) -> Trouble:
    """The same without the server's name and what signs in there."""
    words = without_host(trouble.words, host)
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        words = words.replace(secret, HIDDEN)
    return Trouble(trouble.key, words)


PROTOCOL_ERRORS = (
    Stopped,
    imaplib.IMAP4.error,
    poplib.error_proto,
    OSError,
    EOFError,
    ValueError,
    IndexError,
)
