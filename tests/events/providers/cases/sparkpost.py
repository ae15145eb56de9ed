"""SparkPost."""

import json

from mailrith.events.providers import sparkpost
from tests.events.providers.cases import MARK, RECIPIENT, Case, basic, ours

SAMPLE = {
    "msys": {
        "message_event": {
            "type": "bounce",
            "bounce_class": "10",
            "error_code": "550",
            "event_id": "84345317653491230",
            "message_id": "0004e3724f57753a3561",
            "rcpt_meta": {"mailrith": MARK},
            "raw_rcpt_to": RECIPIENT,
            "rcpt_to": RECIPIENT,
            "raw_reason": "550 5.1.1 <ann@post.example>: Recipient address rejected: User unknown",
            "reason": "550 5.1.1 ...@... Recipient address rejected: ...",
            "timestamp": "1464824548",
            "transmission_id": "84345317650824116",
        }
    },
    "cust": {"id": "00000"},
}

CASE = Case(
    "sparkpost",
    sparkpost,
    SAMPLE,
    lambda events: json.dumps(events).encode(),
    basic,
    ours,
    kind=("msys", "message_event", "type"),
    covers_body=False,
)
