"""Mails that come back: a delivery status notification (RFC 3464), or a feedback report (RFC 5965)."""

from email.utils import format_datetime

from mailrith.events.samples.about import About, status_of, words_of

EVENTS = {
    "hard_bounce": "failed",
    "soft_bounce": "failed",
    "block": "failed",
    "complaint": "abuse",
    "delivered": "delivered",
    "deferred": "delayed",
    "unsubscribed": "opt-out",
}
_REPORTED = {"abuse", "opt-out"}
_BOUNDARY = "=_the_parts_of_this_report"


def body(kind: str, about: About) -> bytes:
    """The mail whole."""
    report = "feedback-report" if EVENTS[kind] in _REPORTED else "delivery-status"
    lines = [
        "From: MAILER-DAEMON@mx.invalid",
        "Subject: A report about your mail",
        f"Date: {format_datetime(about.at)}",
        f"Message-ID: <{about.event_id}@mx.invalid>",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/report; report-type={report}; boundary="{_BOUNDARY}"',
        "",
        *_part("text/plain", "This is a report about your mail."),
        *_part(f"message/{report}", *_fields(kind, about)),
        *_part("text/rfc822-headers", f"Message-ID: {about.message_id}", f"To: {about.recipient}"),
        f"--{_BOUNDARY}--",
        "",
    ]
    return "\r\n".join(lines).encode()


def _part(content_type: str, *lines: str) -> list[str]:
    return [f"--{_BOUNDARY}", f"Content-Type: {content_type}", "", *lines, ""]


def _fields(kind: str, about: About) -> list[str]:
    said = EVENTS[kind]
    if said in _REPORTED:
        return [
            f"Feedback-Type: {said}",
            "User-Agent: Mailrith-sample/1.0",
            "Version: 1",
            f"Original-Rcpt-To: {about.recipient}",
        ]
    return [
        "Reporting-MTA: dns; mx.invalid",
        "",
        f"Final-Recipient: rfc822; {about.recipient}",
        f"Action: {said}",
        f"Status: {status_of(kind)}",
        f"Diagnostic-Code: smtp; {words_of(kind)}",
    ]
