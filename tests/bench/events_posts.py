"""The events that the load consists of: which one has which number, and the signed request that carries them.

Everything follows from the numbers, so whoever judges afterwards needs only to know which POSTs were acknowledged.
"""

import base64
import json
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from mailrith.delivery.sending import message_ids
from mailrith.events import facts
from mailrith.events.models import FactKind
from mailrith.events.providers import generic, sendgrid
from mailrith.events.reports import Report

# Of a thousand deliveries: what is said first about each. Later words about the same delivery are `delivered` and `deferred`.
SHARES = (
    (930, FactKind.DELIVERED, "", "250 2.0.0 OK"),
    (30, FactKind.DEFERRED, "4.2.2", "452 4.2.2 The mailbox is full"),
    (20, FactKind.HARD_BOUNCE, "5.1.1", "550 5.1.1 No such user here"),
    (10, FactKind.SOFT_BOUNCE, "4.2.2", "452 4.2.2 Over quota"),
    (5, FactKind.BLOCK, "5.7.1", "550 5.7.1 Rejected for policy reasons"),
    (3, FactKind.UNSUBSCRIBED, "", ""),
    (2, FactKind.COMPLAINT, "", ""),
)
_MIX = [share[1:] for share in SHARES for _ in range(share[0])]
STRIDE = 7919  # a prime: neighbours in a POST say different things

SENDGRID_WORDS = {
    FactKind.DELIVERED: {"event": "delivered"},
    FactKind.DEFERRED: {"event": "deferred"},
    FactKind.HARD_BOUNCE: {"event": "bounce", "type": "bounce"},
    FactKind.SOFT_BOUNCE: {"event": "bounce", "type": "blocked", "bounce_classification": "Technical Failure"},
    FactKind.BLOCK: {"event": "bounce", "type": "blocked", "bounce_classification": "Reputation"},
    FactKind.UNSUBSCRIBED: {"event": "unsubscribe"},
    FactKind.COMPLAINT: {"event": "spamreport"},
}  # fmt: skip


@dataclass(frozen=True)
class Target:
    """One connection's webhook, and the deliveries that its events speak of."""

    service: str  # generic | sendgrid
    path: str
    secret: str  # the signing secret, or SendGrid's private key in PEM
    run_public_id: object
    first_delivery: int
    deliveries: int

    def event(self, number):
        """(delivery id, kind, event id, enhanced status, words) of the event of that number."""
        place = number % self.deliveries
        if number < self.deliveries:
            kind, status, words = _MIX[place * STRIDE % len(_MIX)]
        else:
            kind, status, words = _MIX[0]
        return self.first_delivery + place, kind, f"ev-{number}", status, words

    def key(self, number):
        """(delivery id, dedupe key) of the fact that this event becomes."""
        delivery, kind, event_id, *_ = self.event(number)
        return delivery, facts.key_of(Report(kind, "", event_id=event_id))


class Writer:
    """Makes the requests of one target."""

    def __init__(self, target):
        self.target = target
        self.service = target.service
        self._ids = {}
        if self.service == "sendgrid":
            self._key = serialization.load_pem_private_key(target.secret.encode(), None)

    def request(self, numbers):
        """The bytes of one signed POST of these events."""
        write = self._generic if self.service == "generic" else self._sendgrid
        body = json.dumps([write(number) for number in numbers]).encode()
        lines = [
            f"POST {self.target.path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            *self._signature(body),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def _generic(self, number):
        delivery, kind, event_id, status, words = self.target.event(number)
        event = {
            "event": str(kind),
            "message_id": self._message_id(delivery),
            "recipient": address(delivery),
            "id": event_id,
            "diagnostic": words,
        }
        return event | ({"enhanced_status": status} if status else {})

    def _sendgrid(self, number):
        delivery, kind, event_id, status, words = self.target.event(number)
        event = {
            "email": address(delivery),
            "timestamp": int(time.time()),
            "smtp-id": f"<{self._message_id(delivery)}>",
            "sg_event_id": event_id,
            "sg_message_id": f"sg-{delivery}.filter0001",
            "response" if kind == FactKind.DELIVERED else "reason": words,
            "category": ["newsletter"],
        }
        return event | SENDGRID_WORDS[kind] | ({"status": status} if status else {})

    def _message_id(self, delivery):
        return message_ids.make(self.target.run_public_id, delivery, "allotmentpost.example")

    def _signature(self, body):
        moment = str(int(time.time()))
        if self.service == "generic":
            return [f"{generic.HEADER}: t={moment},v1={generic.sign(self.target.secret, int(moment), body)}"]  # fmt: skip
        signed = self._key.sign(moment.encode() + body, ec.ECDSA(SHA256()))
        return [
            f"{sendgrid.TIMESTAMP}: {moment}",
            f"{sendgrid.SIGNATURE}: {base64.b64encode(signed).decode()}",
        ]


def address(delivery):
    """Whom a delivery of the bench went to."""
    return f"reader{delivery}@readers{delivery % 20}.example"


def sendgrid_keys():
    """(private key in PEM, public key as SendGrid shows it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private.decode(), base64.b64encode(public).decode()
