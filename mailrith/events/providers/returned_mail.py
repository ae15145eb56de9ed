"""Bounces and complaints as the mails that they are (message/rfc822): DSNs (RFC 3464), feedback reports (RFC 5965) and prose.

For a relay that can pipe what comes to its bounce address into a POST. The returned mail's Message-ID leads to the delivery.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailrith.core.strict_json import Unreadable
from mailrith.events import payload, shared_secret
from mailrith.events.mail import MailKind, MailReport, read_mail
from mailrith.events.mail.parts import Mail, take_apart
from mailrith.events.models import FactKind
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

_KINDS = {
    MailKind.HARD: FactKind.HARD_BOUNCE,
    MailKind.SOFT: FactKind.SOFT_BOUNCE,
    MailKind.BLOCK: FactKind.BLOCK,
    MailKind.COMPLAINT: FactKind.COMPLAINT,
    MailKind.DELIVERED: FactKind.DELIVERED,
    MailKind.DEFERRED: FactKind.DEFERRED,
}
# Feedback-Type (RFC 5965, RFC 6591): a person who left, and what no person said.
_FEEDBACK = {
    "opt-out": FactKind.UNSUBSCRIBED,
    "auth-failure": FactKind.BLOCK,
    "virus": FactKind.BLOCK,
}
_UNUSED = {
    MailKind.AUTO_REPLY: "An automatic answer is no bounce.",
    MailKind.NONE: "This mail reports nothing about a delivery.",
}


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Basic authentication or the header of `shared_secret`."""
    return shared_secret.check(post, keys)


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """One mail, which may report about several people."""
    if not body.strip():
        return Unreadable("The body is empty. Send the whole mail as it came, with its headers.")
    mail = take_apart(body)
    own_id = payload.text(mail.header("Message-ID"))
    occurred_at = _date(mail)
    return [_report(found, own_id, occurred_at) for found in read_mail(body)]


def _report(found: MailReport, own_id: str, occurred_at: datetime | None) -> Report | Unusable:
    if found.kind not in _KINDS:
        return payload.unused(str(found.kind), _UNUSED[found.kind])
    kind = _KINDS[found.kind]
    if found.kind == MailKind.COMPLAINT:
        kind = _FEEDBACK.get(found.reason, kind)
    recipient = payload.text(found.recipient)
    return payload.report(
        kind,
        message_id=payload.text(found.message_id),
        recipient=recipient,
        occurred_at=occurred_at,
        # Of the mail that reports, so that the same one posted twice is one.
        event_id=payload.digest(own_id, recipient.lower()) if own_id else "",
        enhanced_status=found.enhanced_status,
        diagnostic=payload.text(found.diagnostic),
    )


def _date(mail: Mail) -> datetime | None:
    try:
        found = parsedate_to_datetime(mail.header("Date"))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
