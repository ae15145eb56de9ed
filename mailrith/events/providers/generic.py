"""The JSON form of our own, for relays that can run a script when mail bounces. Documented in docs/webhooks.md."""

import hashlib
import hmac
import json
import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

from mailrith.core import clock, strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events.models import FactKind
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

HEADER = "Mailrith-Signature"
MAX_ITEMS = 1000
# A relay may repeat itself for a day after an outage. What is repeated later than this was most likely recorded by somebody
# else; within it, the dedupe key makes a repetition harmless.
MAX_AGE = timedelta(days=3)
MAX_AHEAD = timedelta(minutes=10)  # clocks differ
TEST = "test"  # an event that never changes anything

KINDS = {
    "delivered": FactKind.DELIVERED,
    "deferred": FactKind.DEFERRED,
    "hard_bounce": FactKind.HARD_BOUNCE,
    "soft_bounce": FactKind.SOFT_BOUNCE,
    "block": FactKind.BLOCK,
    "complaint": FactKind.COMPLAINT,
    "unsubscribed": FactKind.UNSUBSCRIBED,
    "rejected": FactKind.REJECTED,
}

# name -> longest value in characters
_TEXTS = {
    "event": 40,
    "message_id": 998,
    "recipient": 320,
    "occurred_at": 40,
    "id": 200,
    "diagnostic": 20_000,
    "enhanced_status": 11,
}
_KEPT_DIAGNOSTIC = 1024  # characters, the size of the column
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check `Mailrith-Signature: t=<unix>,v1=<hex>` over `<t>.<body>` (HMAC-SHA256). Several v1 may stand there."""
    header = post.headers.get(HEADER, "")
    if not header:
        return BadSignature(f"The header {HEADER} is missing. It looks like t=1767225600,v1=...")
    moment, signatures = _read_header(header)
    if moment is None or not signatures:
        return BadSignature(
            f"The header {HEADER} cannot be read. It looks like t=1767225600,v1=..."
        )
    rights = [sign(secret, moment, post.body) for secret in keys.ours if secret]
    # Every candidate is compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(given, right) for given in signatures for right in rights]
    if not any(matches):
        return BadSignature(
            "The signature does not fit. Sign `<t>.<body>`, the body byte for byte as it is sent, with the signing secret."
        )
    return _stale(moment)


def sign(secret: str, moment: int, body: bytes) -> str:
    """The hex HMAC-SHA256 of `<moment>.<body>` under the signing secret."""
    return hmac.digest(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hex()


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """A single event or an array of at most MAX_ITEMS."""
    items = read(body)
    return items if isinstance(items, Unreadable) else [_read_item(item) for item in items]


def read(body: bytes) -> list[Any] | Unreadable:
    """The events as they were sent, not looked at one by one."""
    value = strict_json.read(body)
    if isinstance(value, Unreadable):
        return value
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS:
        return Unreadable(f"At most {MAX_ITEMS} events fit in one request. Send them in parts.")
    if not isinstance(value, (dict, list)):
        return Unreadable("Send one JSON object, or an array of objects.")
    return items


def sample(url: str, message_id: str = "", recipient: str = "") -> str:
    """Shell lines that post a signed event to `url`. They read the signing secret from $SECRET, so that it is in no history.

    Without a Message-ID it is the event `test`, which changes nothing.
    """
    event = {"event": TEST, "id": "try-1"}
    if message_id:
        event = {"event": "hard_bounce", "message_id": message_id}
        if recipient:
            event["recipient"] = recipient
    return (
        f"BODY={shlex.quote(json.dumps(event))}\n"
        "T=$(date +%s)\n"
        'SIGNATURE=$(printf "%s.%s" "$T" "$BODY" | openssl dgst -sha256 -hmac "$SECRET" | sed "s/^.* //")\n'
        f"curl {shlex.quote(url)} \\\n"
        '  -H "Content-Type: application/json" \\\n'
        f'  -H "{HEADER}: t=$T,v1=$SIGNATURE" \\\n'
        '  --data-binary "$BODY"'
    )


def _read_header(header: str) -> tuple[int | None, list[str]]:
    moment: int | None = None
    signatures = []
    for part in header.split(",")[:10]:
        name, _, value = part.strip().partition("=")
        if name == "t" and value.isascii() and value.isdecimal() and len(value) <= 11:
            moment = int(value)
        elif name == "v1" and _SIGNATURE.fullmatch(value):
            signatures.append(value)
    return moment, signatures


def _stale(moment: int) -> BadSignature | None:
    age = clock.now() - datetime.fromtimestamp(moment, UTC)
    if age > MAX_AGE:
        return BadSignature(
            "The signature is more than three days old. Sign again when you send again."
        )
    if age < -MAX_AHEAD:
        return BadSignature("The signature is from the future. Is the clock of your server right?")
    return None


def _read_item(item: Any) -> Report | Unusable:
    if not isinstance(item, dict):
        return Unusable("", "This is not a JSON object.")
    name = item.get("event")
    event = name if isinstance(name, str) and len(name) <= _TEXTS["event"] else ""
    if not strict_json.is_storable(event):
        event = ""
    for check in (_check_texts, _check_event, _check_details):
        found = check(item)
        if found is not None:
            return Unusable(event, found[0], refused=found[1])
    return Report(
        kind=KINDS[event],
        message_id=item["message_id"].strip().removeprefix("<").removesuffix(">"),
        recipient=item.get("recipient"),
        occurred_at=_instant(item["occurred_at"]) if item.get("occurred_at") else None,
        event_id=item.get("id") or "",
        enhanced_status=item.get("enhanced_status") or "",
        diagnostic=(item.get("diagnostic") or "")[:_KEPT_DIAGNOSTIC],
    )


def _check_texts(item: dict[str, Any]) -> tuple[str, bool] | None:
    for name, longest in _TEXTS.items():
        value = item.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            return f"{name} has to be a text.", True
        if len(value) > longest:
            return f"{name} is longer than {longest:,} characters.", True
        if not strict_json.is_storable(value):
            return f"{name} has characters that no text may have.", True
    return None


def _check_event(item: dict[str, Any]) -> tuple[str, bool] | None:
    event = item.get("event")
    if not event:
        return f"event is missing. It is one of {', '.join(KINDS)}.", True
    if event == TEST:
        return "A test. The signature is right, and nothing was changed.", False
    if event not in KINDS:
        return f"Events of this kind are not used. The known ones are {', '.join(KINDS)}.", False
    return None


def _check_details(item: dict[str, Any]) -> tuple[str, bool] | None:
    if not item.get("message_id"):
        return "message_id is missing. It is the Message-ID of the mail that Mailrith sent.", True
    status = item.get("enhanced_status")
    if status and not _ENHANCED.fullmatch(status):
        return "enhanced_status has to look like 5.1.1.", True
    if item.get("occurred_at") and _instant(item["occurred_at"]) is None:
        return "occurred_at has to be a time with a zone, such as 2026-05-06T07:08:09Z.", True
    return None


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if found.tzinfo is None:
        return None
    try:
        return found.astimezone(UTC)
    except OverflowError:
        return None
