"""One body for each service and kind, as its documentation shows it (the pages stand in `events.providers`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KINDS = ("hard_bounce", "soft_bounce", "complaint", "delivered")

GONE = "550 5.1.1 The email account that you tried to reach does not exist."
FULL = "452 4.2.2 The mailbox is full."


@dataclass(frozen=True)
class About:
    """The mail that the event is about. event_id: the same for a repetition."""

    message_id: str
    recipient: str
    event_id: str
    at: datetime

    @property
    def mark(self) -> str:
        """What stands for the mail in the metadata of a service (content.headers.mark_of)."""
        return self.message_id.strip("<>").partition("@")[0].replace(".", "-")

    @property
    def seconds(self) -> int:
        """The time since 1970."""
        return int(self.at.timestamp())


Body = Callable[[int, About], Any]


def _generic(kind: int, about: About) -> Any:
    words = (GONE, FULL, "", "")[kind]
    return {
        "event": KINDS[kind],
        "message_id": about.message_id,
        "recipient": about.recipient,
        "id": about.event_id,
        "occurred_at": about.at.isoformat(),
        **({"diagnostic": words} if words else {}),
    }


def _amazon_ses(kind: int, about: About) -> Any:
    at = about.at.isoformat()
    bounced = {"emailAddress": about.recipient, "action": "failed"}
    bounce = {"timestamp": at, "feedbackId": about.event_id}
    details: dict[str, Any] = (
        {"bounce": bounce | {"bounceType": "Permanent", "bouncedRecipients": [bounced | {"status": "5.1.1", "diagnosticCode": GONE}]}},
        {"bounce": bounce | {"bounceType": "Transient", "bounceSubType": "MailboxFull", "bouncedRecipients": [bounced | {"status": "4.2.2", "diagnosticCode": FULL}]}},
        {"complaint": {"timestamp": at, "feedbackId": about.event_id, "complaintFeedbackType": "abuse", "complainedRecipients": [{"emailAddress": about.recipient}]}},
        {"delivery": {"timestamp": at, "recipients": [about.recipient], "smtpResponse": "250 OK"}},
    )[kind]  # fmt: skip
    mail = {
        "timestamp": at,
        "messageId": about.event_id,
        "destination": [about.recipient],
        "tags": {"mailrith": [about.mark]},
        "headers": [],
    }
    return {
        "eventType": ("Bounce", "Bounce", "Complaint", "Delivery")[kind],
        "mail": mail,
    } | details


def _sendgrid(kind: int, about: About) -> Any:
    more: dict[str, str] = (
        {"type": "bounce", "status": "5.1.1", "reason": GONE},
        {"type": "blocked", "status": "4.2.2", "reason": FULL},
        {},
        {"response": "250 OK"},
    )[kind]
    named = ("bounce", "bounce", "spamreport", "delivered")[kind]
    return [
        {"event": named, "email": about.recipient, "timestamp": about.seconds, "sg_event_id": about.event_id, "mailrith": about.mark}
        | more
    ]  # fmt: skip


def _mailgun(kind: int, about: About) -> Any:
    status = ({"code": 550, "message": GONE, "enhanced-code": "5.1.1"}, {"code": 452, "message": FULL, "enhanced-code": "4.2.2", "bounce-type": "soft"}, {}, {})[kind]  # fmt: skip
    return {
        "event": ("failed", "failed", "complained", "delivered")[kind],
        "severity": "permanent",
        "id": about.event_id,
        "timestamp": about.seconds,
        "recipient": about.recipient,
        "user-variables": {"mailrith": about.mark},
        "delivery-status": status,
    }


def _postmark(kind: int, about: About) -> Any:
    record = ("Bounce", "Bounce", "SpamComplaint", "Delivery")[kind]
    return {
        "RecordType": record,
        "ID": about.seconds,
        "Type": ("HardBounce", "SoftBounce", "SpamComplaint", "")[kind],
        "MessageID": about.event_id,
        "Metadata": {"mailrith": about.mark},
        "Details": (GONE, FULL, "", "250 OK")[kind],
        ("Recipient" if record == "Delivery" else "Email"): about.recipient,
        ("DeliveredAt" if record == "Delivery" else "BouncedAt"): about.at.isoformat(),
    }


def _mandrill(kind: int, about: About) -> Any:
    message = {
        "email": about.recipient,
        "diag": (GONE, FULL, "", "")[kind],
        "metadata": {"mailrith": about.mark},
    }
    event = ("hard_bounce", "soft_bounce", "spam", "delivered")[kind]
    return [{"event": event, "_id": about.event_id, "ts": about.seconds, "msg": message}]


def _resend(kind: int, about: About) -> Any:
    data: dict[str, Any] = {
        "email_id": about.event_id,
        "to": [about.recipient],
        "headers": [{"name": "Message-ID", "value": about.message_id}],
    }
    if kind < KINDS.index("complaint"):
        data["bounce"] = {
            "type": ("Permanent", "Transient")[kind],
            "subType": ("General", "MailboxFull")[kind],
            "message": (GONE, FULL)[kind],
        }
    event = ("email.bounced", "email.bounced", "email.complained", "email.delivered")[kind]
    return {"type": event, "created_at": about.at.isoformat(), "data": data}


def _brevo(kind: int, about: About) -> Any:
    return {
        "event": ("hard_bounce", "soft_bounce", "spam", "delivered")[kind],
        "email": about.recipient,
        "ts_epoch": about.seconds * 1000,
        "message-id": about.message_id,
        "X-Mailin-custom": f"mailrith:{about.mark}",
        "reason": (GONE, FULL, "", "")[kind],
    }


BODIES: dict[str, Body] = {
    "generic": _generic,
    "amazon-ses": _amazon_ses,
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
    "postmark": _postmark,
    "mandrill": _mandrill,
    "resend": _resend,
    "brevo": _brevo,
}
