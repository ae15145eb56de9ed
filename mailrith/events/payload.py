"""What a mail service's event says, taken out of its JSON without trust: a value of the right type, or nothing."""

import hashlib
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.delivery.sending import message_ids
from mailrith.events.models import FactKind
from mailrith.events.reports import Report, Unusable

MAX_ITEMS = 5000  # events in one request; no service sends more than a thousand

OPENS_AND_CLICKS = "Mailrith counts opens and clicks itself."
NOT_USED = "Events of this kind are not used."
NOT_AN_OBJECT = "This is not a JSON object."
NO_MESSAGE = "It names no message that Mailrith sent. Nothing was changed."
NO_KIND = "It does not say what happened."

_KEPT_DIAGNOSTIC = 1024  # characters, the size of the column
_LONGEST_ID = 998  # characters (RFC 5322, 2.1.1)
_LONGEST_ADDRESS = 320  # characters
_LATEST = 253_402_300_799  # the last second of the year 9999
_MILLISECONDS = 100_000_000_000  # as seconds this would be the year 5138

_MARK = re.compile(r"[0-9A-Za-z-]{1,60}", re.ASCII)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}", re.ASCII)
_NUMBER = re.compile(r"\d{1,13}(\.\d{1,9})?", re.ASCII)

Read = Callable[[dict[str, Any]], Sequence[Report | Unusable]]


def read_each(value: Any, read: Read) -> list[Report | Unusable] | Unreadable:
    """Read one event, or each of an array. What is no object is refused in its place."""
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS:
        return Unreadable(f"At most {MAX_ITEMS:,} events fit in one request. Send them in parts.")
    if not isinstance(value, (dict, list)):
        return Unreadable("Send one JSON object, or an array of objects.")
    found: list[Report | Unusable] = []
    for item in items:
        found += read(item) if isinstance(item, dict) else [Unusable("", NOT_AN_OBJECT)]
    return found


def at(value: Any, *names: str) -> Any:
    """What stands under these names, one inside the other; None when anything on the way is missing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def text(value: Any, *names: str) -> str:
    """A text or a whole number as text, with what no database keeps replaced; empty for anything else."""
    found = at(value, *names)
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) < 10**30:
        return str(found)
    if not isinstance(found, str):
        return ""
    if strict_json.is_storable(found):
        return found.strip()
    return re.sub("[\0\ud800-\udfff]", "\ufffd", found).strip()


def objects(value: Any, *names: str) -> list[dict[str, Any]]:
    """The objects of an array; others in it are left out."""
    found = at(value, *names)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def moment(value: Any, *names: str) -> datetime | None:
    """A time in UTC, out of seconds or milliseconds since 1970 (a number or digits) or ISO 8601 with a zone; None otherwise."""
    found = at(value, *names)
    if isinstance(found, bool) or not isinstance(found, (int, float, str)):
        return None
    if isinstance(found, str) and not _NUMBER.fullmatch(found.strip()):
        return _iso(found.strip())
    number = float(found) if isinstance(found, str) else found
    if not 0 <= number <= _LATEST * 1000:
        return None
    return datetime.fromtimestamp(number if number < _MILLISECONDS else number / 1000, UTC)


def digest(*parts: str) -> str:
    """A key for an event of a service that gives none: the same for the same parts."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def report(
    kind: FactKind,
    *,
    mark: str = "",
    message_id: str = "",
    recipient: str = "",
    occurred_at: datetime | None = None,
    event_id: str = "",
    enhanced_status: str = "",
    diagnostic: str = "",
) -> Report | Unusable:
    """A Report of what `text` and `moment` gave, cut to what is kept; Unusable when it names no message.

    mark: what stands for our message in the service's metadata; it goes before message_id.
    """
    ours = message_ids.from_mark(mark) if _MARK.fullmatch(mark) else _bare(message_id)
    if not ours:
        return Unusable(str(kind), NO_MESSAGE, refused=False)
    return Report(
        kind,
        ours,
        recipient=_address(recipient),
        occurred_at=occurred_at,
        event_id=event_id,
        enhanced_status=enhanced_status if _STATUS.fullmatch(enhanced_status) else "",
        diagnostic=diagnostic[:_KEPT_DIAGNOSTIC],
    )


def unused(event: str, words: str = NOT_USED) -> Unusable:
    """An event that is understood, or new, and changes nothing. One without a name is malformed."""
    if not event:
        return Unusable("", NO_KIND)
    return Unusable(event[:40], words, refused=False)


def _iso(found: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(found)
        return instant.astimezone(UTC) if instant.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _bare(message_id: str) -> str:
    bare = message_id.removeprefix("<").removesuffix(">")
    return bare if len(bare) <= _LONGEST_ID else ""


def _address(recipient: str) -> str | None:
    """The address alone: some services hand back "Ann <ann@post.example>"."""
    bare = recipient.rpartition("<")[2].partition(">")[0].strip()
    return bare if 0 < len(bare) <= _LONGEST_ADDRESS else None
