"""What signs in to a mailbox: a password, or tokens that are fetched anew (SASL XOAUTH2)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from mailrith.connections.mailbox import sign_in
from mailrith.connections.mailbox.models import BounceMailbox, SignIn
from mailrith.connections.models import Connection
from mailrith.connections.oauth import AccessTokens
from mailrith.core.db import db
from mailrith.events.mailbox.trouble import Stopped
from mailrith.smtp.server import NoToken, TokenSource


class Refusal(Exception):
    """The server does not take what signs in. `words` are its own."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class Door(Protocol):
    """A mailbox that nobody has signed in to yet. Both raise Refusal, and Stopped for what the server does not offer."""

    def by_password(self, username: str, password: str) -> None:
        """Sign in."""

    def by_token(self, username: str, token: str) -> None:
        """The same by XOAUTH2. After a refusal another token may be tried on the same line."""


@dataclass(frozen=True)
class Keys:
    """What opens a mailbox. Two are the same while no person has changed them (`fingerprint`)."""

    username: str = field(repr=False)
    password: str = field(default="", repr=False)  # empty where tokens sign in
    tokens: TokenSource | None = field(default=None, repr=False, compare=False)
    fingerprint: str = field(default="", repr=False)
    ca_certificate: str = field(default="", repr=False)  # that vouches for the server

    @classmethod
    def of(cls, mailbox: BounceMailbox) -> "Keys | None":
        """None when a key is gone. Needs an app context."""
        username = mailbox.username
        if not username:
            return None
        if mailbox.sign_in == SignIn.SENDING:
            return cls._of_sending(mailbox, username)
        own, mark = mailbox.ca_certificate, mailbox.credential_fingerprint
        if mailbox.sign_in == SignIn.TOKEN:
            return cls(username, "", AccessTokens(mailbox.id, BounceMailbox), mark, own)
        password = mailbox.opened("password")
        return cls(username, password, None, mark, own) if password else None

    @classmethod
    def _of_sending(cls, mailbox: BounceMailbox, username: str) -> "Keys":
        connection = db.session.get_one(Connection, mailbox.connection_id)
        # Asked again: the connection may send by another service than on the day when this was chosen.
        shared = sign_in.may_share(connection, mailbox.host)
        tokens = AccessTokens(connection.id) if shared else _NotShared()
        mark = f"{connection.credential_fingerprint}:{shared}"
        return cls(username, "", tokens, mark, connection.ca_certificate)


class _NotShared:
    """In place of the tokens of a connection that may not be shown to this server."""

    async def token(self, *, refused: str = "") -> str | NoToken:
        """None."""
        return NoToken("not_shared")


def let_in(door: Door, keys: Keys, told: Callable[[str], None]) -> None:
    """Sign in. `told` hears of each token, so that nobody repeats it. Raises Stopped."""
    if keys.tokens is not None:
        return _by_token(door, keys, keys.tokens, told)
    try:
        return door.by_password(keys.username, keys.password)
    except Refusal as refusal:
        raise Stopped("sign_in", refusal.words) from None


def _by_token(door: Door, keys: Keys, tokens: TokenSource, told: Callable[[str], None]) -> None:
    """A refused token is replaced once: it may have been withdrawn before its time."""
    refused = ""
    while True:
        token = asyncio.run(_of(tokens, refused))
        if isinstance(token, NoToken):
            raise Stopped(token.cause, token.words)
        told(token)
        try:
            return door.by_token(keys.username, token)
        except Refusal as refusal:
            if refused:
                raise Stopped("token_not_taken", refusal.words) from None
            refused = token


async def _of(tokens: TokenSource, refused: str) -> str | NoToken:
    return await tokens.token(refused=refused)


def xoauth2(username: str, token: str) -> bytes:
    """The first and only answer of the client (developers.google.com/workspace/gmail/imap/xoauth2-protocol)."""
    return f"user={username}\1auth=Bearer {token}\1\1".encode()
