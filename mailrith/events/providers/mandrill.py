"""Mandrill (Mailchimp Transactional).

Events: mailchimp.com/developer/transactional/docs/webhooks/. Signature (base64 of HMAC-SHA1 over the address and every form field,
sorted by name): mailchimp.com/developer/transactional/guides/track-respond-activity-webhooks/#authenticating-webhook-requests. The
address is the one that was typed into Mandrill, so behind a proxy it is `Post.url` and never what the server sees. The key is shown
only once the webhook exists, so the empty batch that tries the address is signed with a word that everybody knows.
"""

import hmac
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl

from mailrith.core import strict_json
from mailrith.core.strict_json import Unreadable
from mailrith.events import comparing, payload, sorting
from mailrith.events.models import FactKind
from mailrith.events.payload import moment, text
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

HEADER = "X-Mandrill-Signature"
FIELD = "mandrill_events"
TRIAL_KEY = "test-webhook"

_WHERE = "In Mandrill, open Settings, Webhooks, and copy the key of this webhook"
_NO_KEY = BadSignature(f"The webhook key is missing. {_WHERE} to the connection's page.")
_UNSIGNED = BadSignature(f"The header {HEADER} is missing.")
_WRONG = BadSignature(
    f"The signature does not fit. {_WHERE} again; the address there has to be exactly the one on the connection's page."
)

_KINDS = {
    "delivered": FactKind.DELIVERED,
    "deferral": FactKind.DEFERRED,
    "hard_bounce": FactKind.HARD_BOUNCE,
    "soft_bounce": FactKind.SOFT_BOUNCE,
    "spam": FactKind.COMPLAINT,
    "unsub": FactKind.UNSUBSCRIBED,
    "reject": FactKind.REJECTED,
}


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Check the signature with each of `keys.theirs`: the webhook's keys."""
    fields = _form(post.body)
    secrets = [key.strip() for key in keys.theirs if key.strip()]
    if fields == [(FIELD, "[]")]:
        secrets.append(TRIAL_KEY)  # it changes nothing
    given = post.headers.get(HEADER, "")
    if not secrets:
        return _NO_KEY
    if not given or fields is None:
        return _UNSIGNED if not given else _WRONG
    signed = post.url + "".join(name + value for name, value in sorted(fields))
    rights = [
        b64encode(hmac.digest(key.encode(), signed.encode("utf-8", "replace"), "sha1"))
        for key in secrets
    ]
    return None if comparing.is_one_of(given.encode("utf-8", "replace"), rights) else _WRONG


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """The batch in the form field `mandrill_events`."""
    batches = [value for name, value in _form(body) or [] if name == FIELD]
    if len(batches) != 1:
        return Unreadable(f"Send one form field named {FIELD}.")
    value = strict_json.read(batches[0].encode("utf-8", "surrogatepass"))
    return value if isinstance(value, Unreadable) else payload.read_each(value, _read)


def _form(body: bytes) -> list[tuple[str, str]] | None:
    try:
        return parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=20,
        )
    except ValueError:
        return None


def _read(item: dict[str, Any]) -> list[Report | Unusable]:
    event = text(item, "event") or text(item, "type")
    if event in {"open", "click"}:
        return [payload.unused(event, payload.OPENS_AND_CLICKS)]
    if event not in _KINDS:
        return [payload.unused(event)]
    words = text(item, "msg", "diag") or text(item, "msg", "bounce_description")
    own = text(item, "_id")
    found = payload.report(
        sorting.checked(_KINDS[event], words),
        mark=text(item, "msg", "metadata", "mailrith"),
        message_id=own,
        recipient=text(item, "msg", "email"),
        occurred_at=moment(item, "ts"),
        event_id=f"{event}:{own}:{text(item, 'ts')}" if own else "",
        diagnostic=words,
    )
    return [found]
