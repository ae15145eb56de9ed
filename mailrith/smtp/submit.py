"""One message, now, by callers without a loop: system mail and test mails."""

import asyncio

from mailrith.core.network import Lookup
from mailrith.smtp.connecting import connect
from mailrith.smtp.outcome import Outcome
from mailrith.smtp.server import Server
from mailrith.smtp.trouble import Trouble


def submit(
    server: Server,
    envelope_sender: str,
    recipient: str,
    message: bytes,
    *,
    lookup: Lookup | None = None,
) -> Outcome:
    """Connect, carry one message, say good-bye. A failed connect is `not_sent` at stage connect, with its cause."""
    return asyncio.run(_submit(server, envelope_sender, recipient, message, lookup))


async def _submit(
    server: Server, sender: str, recipient: str, message: bytes, lookup: Lookup | None
) -> Outcome:
    session = await connect(server, lookup=lookup)
    if isinstance(session, Trouble):
        return Outcome("not_sent", "connect", session.reply, session.cause, session.words)
    try:
        return await session.send(sender, recipient, message)
    finally:
        await session.quit()
