"""Mailgun.

Events: documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads. Signature (hex HMAC-SHA256 over timestamp and
token): documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks. It does not cover the body: whoever
has seen one signature could put it over any event. So the caller binds each token to the first body that came with it: after `verify`
it hands `token_of(body)` to `events.single_use.bind`, which refuses the token with another body for longer than MAX_AGE.
"""

import hmac
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from mailrith.core import clock, strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

MAX_AGE = timedelta(hours=12)  # Mailgun tries again for eight hours
MAX_AHEAD = timedelta(minutes=10)  # clocks differ

_WHERE = "In Mailgun, open Account settings, API security, and copy the HTTP webhook signing key"
_NO_KEY = BadSignature(f"The signing key is missing. {_WHERE} to the connection's page.")
_UNSIGNED = BadSignature(
    "There is no signature in the body. Use Mailgun's current webhooks, which send JSON."
)
_WRONG = BadSignature(f"The signature does not fit. {_WHERE} again.")
_STALE = BadSignature("The signature is more than 12 hours old, or from the future.")
_TIMESTAMP = re.compile(r"[0-9]{1,11}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{16,200}", re.ASCII)

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "complained": FactKind.COMPLAINT,
    "unsubscribed": FactKind.UNSUBSCRIBED,
    "rejected": FactKind.REJECTED,
}
# The `reason` of a permanent failure, where it says more than the words.
_REASONS = {
    "suppress-bounce": FactKind.REJECTED,
    "suppress-complaint": FactKind.REJECTED,
    "suppress-unsubscribe": FactKind.REJECTED,
    "espblock": FactKind.BLOCK,
    "old": FactKind.SOFT_BOUNCE,  # tried until Mailgun gave up
}
_SUPPRESSED = frozenset({"605", "606", "607"})  # `code`: bounced, left or complained earlier


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check timestamp and token with each of `keys.theirs`: the signing keys. The caller binds the token afterwards."""
    secrets = [key.strip() for key in keys.theirs if key.strip()]
    if not secrets:
        return _NO_KEY
    read = strict_json.read(post.body)
    timestamp, token, given = (
        text(read, "signature", name) for name in ("timestamp", "token", "signature")
    )
    if not (_TIMESTAMP.fullmatch(timestamp) and _TOKEN.fullmatch(token) and given):
        return _UNSIGNED
    signed = f"{timestamp}{token}".encode()
    rights = [hmac.digest(key.encode(), signed, "sha256").hex().encode() for key in secrets]
    if not comparing.is_one_of(given.encode("utf-8", "replace"), rights):
        return _WRONG
    age = clock.now() - datetime.fromtimestamp(int(timestamp), UTC)
    return None if -MAX_AHEAD <= age <= MAX_AGE else _STALE


def token_of(body: bytes) -> str:
    """What may be used once, out of a verified body."""
    return text(strict_json.read(body), "signature", "token")


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """The one event under `event-data`."""
    value = strict_json.read(body)
    if isinstance(value, Unreadable):
        return value
    item = payload.at(value, "event-data")
    if not isinstance(item, dict):
        return Unreadable("There is no object named event-data in the body.")
    return _read(item)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in {"opened", "clicked"}:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event != "failed" and event not in _KINDS:
        return [payload.unused(event)]
    words = _words(item)
    own = text(item, "id")  # one of a kind within a day
    when = moment(item, "timestamp")
    found = payload.report(
        _KINDS[event] if event in _KINDS else _failure(item, words),
        mark=text(item, "user-variables", "mailrith"),
        message_id=text(item, "message", "headers", "message-id"),
        recipient=text(item, "recipient"),
        occurred_at=when,
        event_id=f"{own}:{when.date() if when else ''}" if own else "",
        enhanced_status=text(item, "delivery-status", "enhanced-code"),
        diagnostic=words,
    )
    return [found]


def _failure(item: dict[str, Any], words: str) -> FactKind:
    if text(item, "severity") != "permanent":
        return FactKind.DEFERRED
    reason = text(item, "reason")
    if reason in _REASONS:
        return _REASONS[reason]
    if text(item, "delivery-status", "code") in _SUPPRESSED:
        return FactKind.REJECTED
    soft = text(item, "delivery-status", "bounce-type") == "soft"
    said = FactKind.SOFT_BOUNCE if soft else FactKind.HARD_BOUNCE
    return sorting.checked(said, words, text(item, "delivery-status", "enhanced-code"))


def _words(item: dict[str, Any]) -> str:
    """The other server's words, its reply code before them."""
    said = text(item, "delivery-status", "message") or text(item, "delivery-status", "description")
    code = text(item, "delivery-status", "code")
    if said and re.fullmatch("[45][0-9]{2}", code) and not said.startswith(code):
        return f"{code} {said}"
    return said or text(item, "reject", "reason")
