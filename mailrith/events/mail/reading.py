"""From a raw mail to what it reports about whom."""

from dataclasses import dataclass
from enum import StrEnum

from mailrith.events.mail import automatic, feedback, notification, prose, status_report
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.original import ids_of
from mailrith.events.mail.parts import take_apart
from mailrith.smtp.diagnosis import Diagnosis, codes, diagnose, state_of_mailbox

_READERS = (
    feedback.read,
    notification.read,
    status_report.read,
    automatic.read,
    prose.read,
    automatic.read_others,
)


class MailKind(StrEnum):
    """What a report says."""

    HARD = "hard"
    SOFT = "soft"
    BLOCK = "block"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    NONE = "none"  # an ordinary mail


@dataclass(frozen=True, slots=True)
class MailReport:
    """One report. `message_id` is that of the returned mail, without brackets; whatever is not known is empty."""

    kind: MailKind
    reason: str = ""  # a key of smtp.diagnosis.REASONS, a Feedback-Type, or empty
    sentence: str = ""
    recipient: str = ""
    enhanced_status: str = ""
    reply_code: int | None = None
    diagnostic: str = ""
    message_id: str = ""


def read_mail(raw: bytes) -> list[MailReport]:
    """Every report in a mail, in the order in which they stand there. An ordinary mail gives one of kind none."""
    mail = take_apart(raw)
    message_id = ids_of(mail)
    for reader in _READERS:
        found = reader(mail)
        if found:
            return [_report(finding, message_id, mail.header("Subject")) for finding in found]
    return [MailReport(MailKind.NONE, recipient="", message_id=message_id)]


def _report(finding: Finding, message_id: str, subject: str) -> MailReport:
    if finding.kind:
        return MailReport(
            MailKind(finding.kind),
            finding.reason,
            recipient=finding.recipient,
            enhanced_status=finding.status,
            diagnostic=finding.words[:1024],
            message_id=message_id,
        )
    found = _diagnosed(finding, finding.words)
    for more in (subject, finding.more):  # some say it in the subject alone
        if found.reason == "on_hold" and more != finding.words:
            found = _diagnosed(finding, more)
    if found.kind == "hard" and finding.before:
        # Who is closed or full for now is unknown to the next server only.
        found = state_of_mailbox(finding.before) or found
    inside = codes.enhanced_codes(finding.words)
    return MailReport(
        MailKind(found.kind),
        found.reason,
        found.sentence,
        finding.recipient,
        inside[0] if inside else finding.status,
        codes.reply_code(finding.words),
        finding.words[:1024],
        message_id,
    )


def _diagnosed(finding: Finding, words: str) -> Diagnosis:
    return diagnose(words, status=finding.status, stage=finding.stage, deferred=finding.deferred)
