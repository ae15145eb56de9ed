"""Resend, signed as Svix does it. A secret is a word; its base64 is what Resend shows."""

import hmac
from base64 import b64encode
from datetime import timedelta

from mailrith.core import clock
from mailrith.events.providers import resend
from mailrith.events.reports import Keys, Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, post, theirs

SAMPLE = {
    "type": "email.bounced",
    "created_at": "2026-05-06T07:08:09.126Z",
    "data": {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618",
        "created_at": "2026-05-06T07:08:01.894719+00:00",
        "from": "News <news@letters.example>",
        "to": [RECIPIENT],
        "subject": "News",
        "headers": [
            {"name": "X-Mailrith-Delivery", "value": MARK},
            {"name": "List-Id", "value": "<news.letters.example>"},
        ],
        "bounce": {
            "diagnosticCode": ["smtp; 550 5.1.1 <ann@post.example>: user unknown"],
            "message": "The recipient's email provider sent a hard bounce message. It can have a negative impact on your reputation.",
            "subType": "General",
            "type": "Permanent",
        },
    },
}


def shown(secret: str) -> str:
    """The signing secret as Resend shows it."""
    return f"whsec_{b64encode(secret.encode()).decode()}"


def sign(body: bytes, secret: str, age: timedelta = timedelta()) -> Post:
    moment = int((clock.now() - age).timestamp())
    signed = f"msg_p5jXN8AQM9LWM0D4loKWxJek.{moment}.".encode() + body
    signature = b64encode(hmac.new(secret.encode(), signed, "sha256").digest()).decode()
    headers = {
        "svix-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "svix-timestamp": str(moment),
        "svix-signature": f"v1,{signature}",
    }
    return post(body, headers)


def keys(*secrets: str) -> Keys:
    return theirs(*(shown(secret) for secret in secrets))


CASE = Case(
    "resend",
    resend,
    SAMPLE,
    as_json,
    sign,
    keys,
    kind=("type",),
    stale=lambda: sign(as_json([SAMPLE]), "whs_new", timedelta(minutes=6)),
)
