"""Mailjet."""

from mailrith.events.providers import mailjet
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "event": "bounce",
    "time": 1498093527,
    "MessageID": 12345678901234567,
    "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
    "email": RECIPIENT,
    "mj_campaign_id": 1234567890,
    "mj_contact_id": 9876543210,
    "customcampaign": "",
    "CustomID": MARK,
    "Payload": "",
    "blocked": True,
    "hard_bounce": True,
    "error_related_to": "recipient",
    "error": "user unknown",
    "comment": "550 5.1.1 The email account that you tried to reach does not exist.",
}

CASE = Case("mailjet", mailjet, SAMPLE, as_json, basic, ours, kind=("event",), covers_body=False)
