"""Brevo, once Sendinblue.

Events and fields: developers.brevo.com/docs/transactional-webhooks. Brevo does not sign: it sends Basic authentication or a
header that its webhook page takes. Its `date`, `ts` and `ts_event` follow the account's time zone; `ts_epoch` alone is UTC. It has
no id for an event, and `id` is the account's.
"""

import re
from typing import Any

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, shared_secret, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "deferred": FactKind.DEFERRED,
    "hard_bounce": FactKind.HARD_BOUNCE,
    "invalid_email": FactKind.HARD_BOUNCE,
    "soft_bounce": FactKind.SOFT_BOUNCE,
    "spam": FactKind.COMPLAINT,
    "complaint": FactKind.COMPLAINT,
    "unsubscribe": FactKind.UNSUBSCRIBED,
    "unsubscribed": FactKind.UNSUBSCRIBED,
    "blocked": FactKind.REJECTED,
    "error": FactKind.REJECTED,
}
_LOOKS = frozenset(
    {"opened", "unique_opened", "proxy_open", "unique_proxy_open", "click", "clicked"}
)
_MARK = re.compile(r"(?:^|[|;,\s])mailrith:([0-9A-Za-z-]{1,60})(?:$|[|;,\s])")


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One event, or a batch of them."""
    value = strict_json.read(body)
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event")
    if event in _LOOKS:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event not in _KINDS:
        return [payload.unused(event)]
    words, message_id, email = (text(item, name) for name in ("reason", "message-id", "email"))
    mark = _MARK.search(text(item, "X-Mailin-custom"))
    found = payload.report(
        sorting.checked(_KINDS[event], words),
        mark=mark[1] if mark else "",
        message_id=message_id,
        recipient=email,
        occurred_at=moment(item, "ts_epoch"),
        event_id=payload.digest(event, text(item, "ts_epoch"), message_id, email),
        diagnostic=words,
    )
    return [found]
