"""AUTH: one mechanism, chosen once.

Trying the next mechanism after a refusal would count as another wrong password, and servers lock accounts for that.
"""

import aiosmtplib

from mailrith.core.network import Resolved, is_public
from mailrith.smtp.server import Server
from mailrith.smtp.trouble import Trouble, from_reply

_READABLE = ("plain", "login")  # whoever sees the line sees the password


async def sign_in(
    client: aiosmtplib.SMTP, server: Server, where: Resolved
) -> tuple[Trouble | None, str]:
    """Sign in. Gives (None, mechanism) or (trouble, "")."""
    offered = client.server_auth_methods
    encrypted = client.get_transport_info("sslcontext") is not None
    chosen = choose(offered, encrypted=encrypted, private=not any(map(is_public, where.addresses)))
    if chosen is None:
        if not offered:
            return Trouble("auth_missing", "auth"), ""
        readable = any(name in offered for name in _READABLE)
        return Trouble("auth_in_clear" if readable else "auth_mechanism", "auth"), ""
    methods = {
        "plain": client.auth_plain,
        "login": client.auth_login,
        "cram-md5": client.auth_crammd5,
    }
    try:
        await methods[chosen](server.username, server.password)
    except aiosmtplib.SMTPAuthenticationError as error:
        return from_reply(error.code, error.message, "auth"), ""
    return None, chosen.upper()


def choose(offered: list[str], *, encrypted: bool, private: bool) -> str | None:
    """The mechanism to use, or None. A readable password never crosses the open internet in clear."""
    if encrypted or private:
        preferred: tuple[str, ...] = (*_READABLE, "cram-md5")
    else:
        preferred = ("cram-md5",)
    return next((name for name in preferred if name in offered), None)
