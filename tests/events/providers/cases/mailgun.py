"""Mailgun: the signature stands in the body."""

import hmac
import json
from datetime import timedelta
from hashlib import sha256

from mailrith.core import clock
from mailrith.events.providers import mailgun
from mailrith.events.reports import Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

SAMPLE = {
    "event": "failed",
    "severity": "permanent",
    "reason": "bounce",
    "id": "Ase7i2zsRYeDXztHGENqRA",
    "timestamp": 1521243339.873676,
    "log-level": "error",
    "recipient": RECIPIENT,
    "recipient-domain": "post.example",
    "user-variables": {"mailrith": MARK},
    "message": {
        "headers": {
            "to": RECIPIENT,
            "message-id": "20130503192659.13651.20287@mg.letters.example",
            "from": "news@mg.letters.example",
            "subject": "News",
        },
        "size": 111,
    },
    "delivery-status": {
        "attempt-no": 1,
        "message": "5.1.1 The email account that you tried to reach does not exist.",
        "code": 550,
        "enhanced-code": "5.1.1",
        "description": "",
        "session-seconds": 0.4331989288330078,
    },
}


def body(events):
    return json.dumps({"signature": {}, "event-data": events[0]}).encode()


def sign(unsigned: bytes, secret: str, age: timedelta = timedelta()) -> Post:
    """With a token that is another one for every body and secret."""
    moment = str(int((clock.now() - age).timestamp()))
    token = sha256(unsigned + secret.encode()).hexdigest()[:50]
    try:
        value = json.loads(unsigned)
        value["signature"] = {
            "timestamp": moment,
            "token": token,
            "signature": hmac.new(secret.encode(), f"{moment}{token}".encode(), sha256).hexdigest(),
        }
    except (ValueError, TypeError):
        return post(unsigned, {})
    return post(json.dumps(value).encode(), {})


CASE = Case(
    "mailgun",
    mailgun,
    SAMPLE,
    body,
    sign,
    theirs,
    kind=("event",),
    covers_body=False,
    batches=False,
    stale=lambda: sign(body([SAMPLE]), "whs_new", timedelta(hours=13)),
)
