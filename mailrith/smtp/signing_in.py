"""AUTH (RFC 4954): one mechanism, chosen once.

Trying the next mechanism after a refusal would count as another wrong password, and servers lock accounts for that.
Only a refused access token is tried twice, because it runs out by itself and the second one is new.
"""

from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

import aiosmtplib

from mailrith.core.network import Resolved, is_public
from mailrith.smtp.discretion import discreet
from mailrith.smtp.replies import clean_words
from mailrith.smtp.server import NoToken, Server, TokenSource
from mailrith.smtp.trouble import Trouble, from_reply

_CONTINUE, _SIGNED_IN = 334, 235

_READABLE = ("plain", "login", "xoauth2")  # whoever sees the line has the secret
# Over TLS nobody sees the line, and CRAM-MD5 is not stronger: the server has to keep the password itself instead of a
# hash, so those that offer it beside PLAIN often cannot check it. PLAIN before LOGIN: one round trip, and it is a standard.
_OVER_TLS = ("plain", "login", "cram-md5")


@dataclass(frozen=True)
class SignedIn:
    """It worked: by which mechanism, of which offered ones, in the spelling of the RFCs."""

    mechanism: str
    offered: tuple[str, ...]


async def sign_in(client: aiosmtplib.SMTP, server: Server, where: Resolved) -> SignedIn | Trouble:
    """Sign in by the mechanism that fits."""
    # Not `supported_auth_methods`: that leaves XOAUTH2 out.
    offered = tuple(dict.fromkeys(client.server_auth_methods))
    encrypted = client.get_transport_info("sslcontext") is not None
    unseen = encrypted or not any(map(is_public, where.addresses))
    chosen = choose(server, offered, unseen=unseen)
    if isinstance(chosen, Trouble):
        return chosen
    try:
        trouble = await _speak(client, server, chosen)
    except aiosmtplib.SMTPAuthenticationError as error:
        trouble = _refusal(error, server)
    return trouble or SignedIn(chosen.upper(), tuple(name.upper() for name in offered))


def choose(server: Server, offered: tuple[str, ...], *, unseen: bool) -> str | Trouble:
    """The mechanism to use. `unseen`: nobody on the way can read the line.

    A readable secret never crosses the open internet in clear, unless the server says `allow_clear_auth`.
    """
    if not offered:
        return Trouble("auth_missing", "auth")
    wanted = _wanted(server)
    common = [name for name in wanted if name in offered]
    if not common:
        fixed = server.auth != "automatic"
        said = f"It offers {', '.join(offered).upper()}"
        return Trouble(
            "auth_not_offered" if fixed else "auth_mechanism", "auth", words=clean_words(said)
        )
    if unseen or server.allow_clear_auth:
        return common[0]
    safe = [name for name in common if name not in _READABLE]
    return safe[0] if safe else Trouble("auth_in_clear", "auth")


def _wanted(server: Server) -> tuple[str, ...]:
    """The mechanisms that may be used, best first."""
    if server.auth != "automatic":
        return (server.auth,)
    if server.tokens is not None and not server.password:
        return ("xoauth2",)
    return _OVER_TLS


async def _speak(client: aiosmtplib.SMTP, server: Server, mechanism: str) -> Trouble | None:
    if mechanism == "xoauth2":
        if server.tokens is None:
            return Trouble("token_missing", "auth")
        return await _with_token(client, server, server.tokens)
    methods: dict[str, Callable[[str, str], Awaitable[object]]] = {
        "plain": client.auth_plain,
        "login": partial(_login, client),
        "cram-md5": client.auth_crammd5,
    }
    await methods[mechanism](server.username, server.password)
    return None


async def _login(client: aiosmtplib.SMTP, username: str, password: str) -> None:
    """LOGIN, which no RFC describes: the name goes along with the command, and again to servers that ask for it.

    Without asking back, those would be given the password where they expect the name, and write it into their logs.
    """
    name, word = (b64encode(text.encode()) for text in (username, password))
    answer = await client.execute_command(b"AUTH", b"LOGIN", name)
    if answer.code == _CONTINUE and _asks_for_name(answer.message):
        answer = await client.execute_command(name)
    if answer.code == _CONTINUE:
        answer = await client.execute_command(word)
    if answer.code != _SIGNED_IN:
        raise aiosmtplib.SMTPAuthenticationError(answer.code, answer.message)


def _asks_for_name(challenge: str) -> bool:
    with suppress(ValueError):
        return b64decode(challenge).lower().startswith(b"user")
    return False


async def _with_token(
    client: aiosmtplib.SMTP, server: Server, tokens: TokenSource
) -> Trouble | None:
    """XOAUTH2. A server that dislikes the token explains itself in a 334 with JSON first, and then says 535."""
    refused = ""
    while True:
        token = await tokens.token(refused=refused)
        if isinstance(token, NoToken):
            return Trouble(token.cause, "auth", words=clean_words(token.words))
        try:
            await client.auth_xoauth2(server.username, token)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != 535:
                return _refusal(error, server, token)
            if refused:
                return replace(_refusal(error, server, token), cause="token_not_taken")
            refused = token
        else:
            return None


def _refusal(error: aiosmtplib.SMTPAuthenticationError, server: Server, token: str = "") -> Trouble:
    trouble = from_reply(error.code, error.message, "auth")
    if trouble.reply is not None:
        reply = discreet(trouble.reply, server, token)
        trouble = replace(trouble, reply=reply, words=reply.words)
    # Neither yes nor no: another 334 where the end is due, or a challenge that is none.
    return trouble if error.code >= 400 else replace(trouble, cause="auth_confused")
