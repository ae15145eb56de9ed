"""ZeptoMail: a form with one field, signed over the JSON in it."""

import hmac
from base64 import b64encode
from urllib.parse import quote, urlencode

from mailrith.events.providers import zeptomail
from mailrith.events.reports import Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, post, theirs

SAMPLE = {
    "event_name": ["hardbounce"],
    "mailagent_key": "2d6f.111",
    "webhook_request_id": "2d6f.111.aaaa.k1.bbbb.1",
    "event_message": [
        {
            "request_id": "2d6f.1ab2c3d4",
            "email_info": {
                "client_reference": MARK,
                "email_reference": "2d6f.1ab2c3d4.m1.5e6f",
                "subject": "News",
                "from": {"address": "news@letters.example", "name": "News"},
                "to": [{"email_address": {"address": RECIPIENT, "name": "Ann"}}],
                "processed_time": "2026-05-06T07:08:01+00:00",
            },
            "event_data": [
                {
                    "object": "hardbounce",
                    "details": [
                        {
                            "reason": "invalid mailbox",
                            "bounced_recipient": RECIPIENT,
                            "diagnostic_message": "550 5.1.1 <ann@post.example>: user unknown",
                            "time": "2026-05-06T07:08:09+00:00",
                        }
                    ],
                }
            ],
        }
    ],
}


def sign(body: bytes, secret: str) -> Post:
    """The signature of the JSON text, with the body as the form that ZeptoMail posts."""
    signature = quote(b64encode(hmac.new(secret.encode(), body, "sha256").digest()).decode())
    header = f"ts=1778051289000;s={signature};s-algorithm=HmacSHA256"
    return post(urlencode({"data": body}).encode(), {"producer-signature": header})


CASE = Case(
    "zeptomail",
    zeptomail,
    SAMPLE,
    as_json,
    sign,
    theirs,
    kind=("event_name", 0),
    registered=False,
)
