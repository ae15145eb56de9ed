"""Postmark."""

from mailrith.events.providers import postmark
from tests.events.providers.cases import MARK, RECIPIENT, Case, as_json, basic, ours

SAMPLE = {
    "RecordType": "Bounce",
    "ID": 901542550,
    "Type": "HardBounce",
    "TypeCode": 1,
    "Name": "Hard bounce",
    "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
    "Metadata": {"mailrith": MARK},
    "Description": "The server was unable to deliver your message (ex: unknown user).",
    "Details": "smtp;550 5.1.1 The email account that you tried to reach does not exist.",
    "Email": RECIPIENT,
    "From": "news@letters.example",
    "BouncedAt": "2016-04-27T16:28:50.3963933-04:00",
    "Inactive": True,
    "MessageStream": "broadcast",
}

CASE = Case(
    "postmark", postmark, SAMPLE, as_json, basic, ours, kind=("RecordType",), covers_body=False
)
