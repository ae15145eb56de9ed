"""Servers repeat what they were told ("not owned by user ada") and say their name; what is kept of their words says neither."""

import re
from base64 import b64encode
from dataclasses import replace

from mailrith.core.network import is_loopback_host
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server

HIDDEN = "..."
HOST = "[host]"
SHORTEST = 3  # a shorter username would be found in every other sentence


def discreet(reply: Reply, server: Server, *more: str) -> Reply:
    """`reply` without the server's credentials, its host and `more` secrets, in plain or as AUTH writes them (RFC 4616, base64)."""
    reply = replace(reply, text=without_host(reply.text, server.host))
    if not server.username and not any(more):
        return reply
    plain = [secret for secret in (server.username, server.password, *more) if secret]
    told = [*plain, f"\0{server.username}\0{server.password}"]
    secrets = {*plain, *(b64encode(secret.encode()).decode() for secret in told)}
    longest_first = sorted((s for s in secrets if len(s) >= SHORTEST), key=len, reverse=True)
    pattern = "|".join(re.escape(secret) for secret in longest_first)
    # Whole words: the username "user" is no reason to cut "username" in two.
    return replace(reply, text=re.sub(rf"(?<!\w)(?:{pattern})(?!\w)", HIDDEN, reply.text))


def without_host(words: str, host: str) -> str:
    """`words` with `HOST` where they name the server by its whole name; this machine has no name to hide."""
    if len(host) < SHORTEST or is_loopback_host(host):
        return words
    return re.sub(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", HOST, words, flags=re.IGNORECASE)
