"""Mailtrap."""

import hmac
import json

from mailrith.events.providers import mailtrap
from mailrith.events.reports import Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

SAMPLE = {
    "event": "bounce",
    "message_id": "1df37d17-0286-4d8b-8edf-bc4ec5be86e6",
    "sending_stream": "bulk",
    "email": RECIPIENT,
    "timestamp": 1778051289,
    "event_id": "bede7236-2284-43d6-a953-1fdcafd0fdbc",
    "category": "news",
    "custom_variables": {"mailrith": MARK},
    "response": "550 5.1.1 <ann@post.example>: user unknown",
    "response_code": 550,
    "bounce_category": "badmailbox",
}


def body(events):
    return json.dumps({"events": events}).encode()


def sign(unsigned: bytes, secret: str) -> Post:
    signature = hmac.new(secret.encode(), unsigned, "sha256").hexdigest()
    return post(unsigned, {"mailtrap-signature": signature})


CASE = Case("mailtrap", mailtrap, SAMPLE, body, sign, theirs, kind=("event",))
