"""MailerSend, in its newer form."""

import hmac

from mailrith.events.providers import mailersend
from mailrith.events.reports import Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, post, theirs

SAMPLE = {
    "type": "activity.hard_bounced",
    "domain_id": "yv69oxl5kl785kw2",
    "webhook_id": "2351ndgwr4zqx8ko",
    "created_at": "2026-05-06T07:08:09.126000Z",
    "data": {
        "id": "5f23bb3fd0ee8a2b5a3a1f22",
        "type": "hard_bounced",
        "message_id": "61eec2dc16ae8b627a4b87e7",
        "recipient": RECIPIENT,
        "tags": ["news", MARK],
        "meta": {"bounce_code": 550, "bounce_reason": "5.1.1 <ann@post.example>: user unknown"},
    },
}


def sign(body: bytes, secret: str) -> Post:
    return post(body, {"signature": hmac.new(secret.encode(), body, "sha256").hexdigest()})


CASE = Case("mailersend", mailersend, SAMPLE, as_json, sign, theirs, kind=("type",))
