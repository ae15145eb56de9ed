"""Elastic Email, as JSON."""

from mailrith.events.providers import elastic_email
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "transaction": "0b9e7a52-1111-4a4f-9f0e-000000000001",
    "messageid": "GruPGipsdsy31TIhv3CArg2",
    "from": "news@letters.example",
    "to": RECIPIENT,
    "date": "2026-05-06T07:08:09",
    "subject": "News",
    "status": "Error",
    "category": "NoMailbox",
    "channel": "SMTP",
    "account": "owner@letters.example",
    "postback": MARK,
    "message": "550 5.1.1 <ann@post.example>: user unknown",
}

CASE = Case(
    "elastic-email",
    elastic_email,
    SAMPLE,
    as_json,
    basic,
    ours,
    kind=("status",),
    covers_body=False,
)
