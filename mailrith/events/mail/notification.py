"""Amazon SES's own notifications, where its topic sends them by mail: JSON as text (docs.aws.amazon.com/ses/latest/dg/notification-contents.html)."""

from typing import Any

from mailrith.core import strict_json
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.parts import Mail
from mailrith.events.payload import at, objects, text

_SIGNS = ('"notificationType"', '"eventType"')
_NO_SPAM = "not-spam"


def read(mail: Mail) -> list[Finding]:
    """A finding for each person whom the notification names; empty for every other mail."""
    written = mail.prose.lstrip()
    if not written.startswith("{") or not any(sign in written for sign in _SIGNS):
        return []
    # Below it stands how to leave the topic.
    value = strict_json.read(written[: written.rfind("}") + 1].encode())
    named = text(value, "notificationType") or text(value, "eventType")
    if named == "Bounce":
        return [_bounced(person) for person in objects(value, "bounce", "bouncedRecipients")]
    if named == "Complaint":
        return _complained(value)
    if named == "Delivery":
        words = text(value, "delivery", "smtpResponse")
        people = at(value, "delivery", "recipients")
        return [
            Finding(text(person), words, kind="delivered")
            for person in (people if isinstance(people, list) else [])
        ]
    return []


def _bounced(person: dict[str, Any]) -> Finding:
    words = text(person, "diagnosticCode").removeprefix("smtp;").strip()
    return Finding(text(person, "emailAddress"), words, text(person, "status"))


def _complained(value: Any) -> list[Finding]:
    kind = text(value, "complaint", "complaintFeedbackType") or "abuse"
    if kind == _NO_SPAM:
        return [Finding("", kind="none", reason=kind)]
    return [
        Finding(text(person, "emailAddress"), kind="complaint", reason=kind)
        for person in objects(value, "complaint", "complainedRecipients")
    ]
