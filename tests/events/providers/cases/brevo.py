"""Brevo."""

from mailrith.events.providers import brevo
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "event": "hard_bounce",
    "email": RECIPIENT,
    "id": 9999999,
    "date": "2018-03-06 11:10:23",
    "ts": 1520331023,
    "ts_event": 1520331023,
    "ts_epoch": 1520363423000,
    "message-id": "<201803062010.27287306012@smtp-relay.post.example>",
    "X-Mailin-custom": f"mailrith:{MARK}",
    "reason": " RecipientError: 550 5.1.1 Recipient address rejected: User unknown",
    "tag": '["news"]',
    "tags": ["news"],
    "sending_ip": "192.0.2.7",
}

CASE = Case("brevo", brevo, SAMPLE, as_json, basic, ours, kind=("event",), covers_body=False)
