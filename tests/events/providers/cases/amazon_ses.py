"""Amazon SES: certificates of our own take the place of Amazon's. A secret is the name of a topic."""

import json
from base64 import b64encode
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from mailrith.events.providers.amazon_ses import AmazonSes
from mailrith.events.reports import Keys, Post
from tests.events.providers.cases import MARK, RECIPIENT, Case, post, theirs

CERTIFICATE_URL = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-12345abcde.pem"
ENVELOPE = {
    "Type": "Notification",
    "MessageId": "19ba9823-d7f2-53c1-860e-cb10e0d13dfc",
    "Subject": "Amazon SES Email Event Notification",
    "Timestamp": "2018-03-26T17:58:59.675Z",
    "SignatureVersion": "2",
    "SigningCertURL": CERTIFICATE_URL,
}
CONFIRMATION = {
    "Type": "SubscriptionConfirmation",
    "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
    "Token": "2336412f37fb687f5d51e6e241d09c805a5a57b30d712f794cc5f6a988666d92",
    "Message": "You have chosen to subscribe to the topic.",
    "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f",
    "Timestamp": "2012-04-26T20:45:04.751Z",
    "SignatureVersion": "2",
    "SigningCertURL": CERTIFICATE_URL,
}
SAMPLE = {
    "eventType": "Bounce",
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [
            {
                "emailAddress": RECIPIENT,
                "action": "failed",
                "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 <ann@post.example>... User unknown",
            }
        ],
        "timestamp": "2016-01-27T14:59:44.101Z",
        "feedbackId": "00000138111222aa-44455566-cccc-cccc-cccc-ddddaaaa068a-000000",
        "reportingMTA": "dns; email.post.example",
    },
    "mail": {
        "timestamp": "2016-01-27T14:59:38.237Z",
        "source": "news@letters.example",
        "messageId": "00000138111222aa-33322211-cccc-cccc-cccc-ddddaaaa0680-000000",
        "destination": [RECIPIENT],
        "headersTruncated": False,
        "headers": [{"name": "Message-ID", "value": "<somebody-else@letters.example>"}],
        "tags": {"ses:configuration-set": ["news"], "mailrith": [MARK]},
    },
}


def arn(topic: str) -> str:
    return f"arn:aws:sns:us-east-1:123456789012:{topic}"


@cache
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key().public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def load(address: str) -> bytes | None:
    return certificate() if address == CERTIFICATE_URL else None


def signed(message: dict[str, Any]) -> Post:
    """As SNS signs it, in the order that its documentation gives."""
    order = "Message MessageId Subject SubscribeURL Timestamp Token TopicArn Type".split()
    text = "".join(f"{name}\n{message[name]}\n" for name in order if name in message)
    hashing = SHA1() if message["SignatureVersion"] == "1" else SHA256()
    signature = b64encode(key().sign(text.encode(), PKCS1v15(), hashing)).decode()
    headers = {"x-amz-sns-message-type": message["Type"]}
    return post(json.dumps(message | {"Signature": signature}).encode(), headers)


def sign(body: bytes, topic: str) -> Post:
    return signed(ENVELOPE | {"TopicArn": arn(topic), "Message": body.decode("utf-8", "replace")})


def keys(*topics: str) -> Keys:
    return theirs(*(arn(topic) for topic in topics))


PROVIDER = AmazonSes(load)

CASE = Case(
    "amazon-ses",
    PROVIDER,
    SAMPLE,
    lambda events: json.dumps(events[0]).encode(),
    sign,
    keys,
    kind=("eventType",),
    secrets=("news", "letters", "strange"),
    batches=False,
    registered=False,  # the registered one fetches Amazon's certificates
)
