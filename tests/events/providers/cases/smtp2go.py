"""SMTP2GO, as JSON."""

from mailrith.events.providers import smtp2go
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "event": "bounce",
    "bounce": "hard",
    "time": "2026-05-06T07:08:09Z",
    "sendtime": "2026-05-06T07:08:01Z",
    "sender": "news@letters.example",
    "from": "News <news@letters.example>",
    "rcpt": RECIPIENT,
    "recipients": [RECIPIENT],
    "host": "mx.post.example",
    "message": "550 5.1.1 <ann@post.example>: user unknown",
    "context": "RCPT TO:<ann@post.example>",
    "email_id": "1abcDE-2FGhIJ-3K",
    "id": "5a1b2c3d4e",
    "subject": "News",
    "X-Mailrith-Delivery": MARK,
}

CASE = Case("smtp2go", smtp2go, SAMPLE, as_json, basic, ours, kind=("event",), covers_body=False)
