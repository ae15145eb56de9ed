"""A mail out of a bounce mailbox: a report about one message of ours, or somebody who leaves by mail.

A mark of ours in an address that it was sent to says which message it is about, and else the Message-ID that it returns.
"""

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from mailrith.core.strict_json import Unreadable
from mailrith.delivery.sending import return_addresses
from mailrith.events import payload
from mailrith.events.mail.parts import Mail, take_apart
from mailrith.events.models import FactKind
from mailrith.events.providers import returned_mail
from mailrith.events.reports import BadSignature, Keys, Post, Report, Unusable

SOURCE = "bounce-mailbox"
LEFT = "by a mail to the address that the message offered for it"
ANSWERED = "auto_reply"
NOBODY_POSTS = BadSignature("Mails of a bounce mailbox are fetched. Nobody posts them.")

# Where servers write the envelope's recipient, the surest first; a report names it in To as well.
_ARRIVED_AT = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "To", "Cc")
_MOST_MARKS = 20


def verify(post: Post, keys: Keys) -> BadSignature | None:
    """Never: what is posted was not in the mailbox."""
    return NOBODY_POSTS


def parse(body: bytes) -> list[Report | Unusable] | Unreadable:
    """What one mail says."""
    mail = take_apart(body)
    marks = _marks(mail)
    left = next(filter(None, map(return_addresses.left, marks)), None)
    if left is not None:
        return [_leaving(mail, left)]
    bounced = next(filter(None, map(return_addresses.bounced, marks)), None)
    found = returned_mail.parse(body)
    if bounced is None or isinstance(found, Unreadable):
        return found
    return [_about(item, bounced) if isinstance(item, Report) else item for item in found] or found


def _about(report: Report, message_id: str) -> Report:
    return replace(report, message_id=message_id)


def _leaving(mail: Mail, message_id: str) -> Report | Unusable:
    """Programs write something or nothing into such a mail. Only another program's answer to it does not count."""
    if mail.head.get_content_type() == "multipart/report":
        return payload.unused("report", "A report to the address for leaving unsubscribes nobody.")
    if mail.header("Auto-Submitted").lower().startswith("auto-replied"):
        return payload.unused(ANSWERED, "An automatic answer unsubscribes nobody.")
    return Report(
        FactKind.UNSUBSCRIBED,
        message_id,
        occurred_at=_date(mail),
        event_id="leaving-by-mail",  # one message is left once
        diagnostic=LEFT,
    )


def _marks(mail: Mail) -> list[str]:
    """What stands behind a + in the addresses it arrived at, each once."""
    values = [value for name in _ARRIVED_AT for value in mail.head.get_all(name, [])]
    found = [mark for value in values for mark in return_addresses.marks(str(value))]
    return list(dict.fromkeys(found))[:_MOST_MARKS]


def _date(mail: Mail) -> datetime | None:
    try:
        found = parsedate_to_datetime(mail.header("Date"))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
