"""Mandrill: a form, signed together with the address."""

import hmac
import json
from base64 import b64encode
from urllib.parse import parse_qsl, urlencode

from mailrith.events.providers import mandrill
from mailrith.events.reports import Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

URL = "https://letters.example/hooks/0192/whp_secret"
SAMPLE = {
    "event": "hard_bounce",
    "msg": {
        "ts": 1461095211,
        "subject": "News",
        "email": RECIPIENT,
        "sender": "news@letters.example",
        "bounce_description": "bad_mailbox",
        "bgtools_code": 10,
        "diag": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
        "metadata": {"mailrith": MARK},
        "_id": "abcdef012345789abcdef012345789",
    },
    "_id": "abcdef012345789abcdef012345789",
    "ts": 1461095246,
}


def body(events):
    return urlencode({"mandrill_events": json.dumps(events)}).encode()


def sign(unsigned: bytes, secret: str, url: str = URL) -> Post:
    fields = dict(parse_qsl(unsigned.decode("latin-1"), keep_blank_values=True))
    text = url + "".join(name + fields[name] for name in sorted(fields))
    signature = b64encode(hmac.digest(secret.encode(), text.encode(), "sha1")).decode()
    return post(unsigned, {"x-mandrill-signature": signature}, url)


CASE = Case("mandrill", mandrill, SAMPLE, body, sign, theirs, kind=("event",), registered=False)
