"""Delivery status notifications: the fields of RFC 3464, with the words of the human part where the fields are poor."""

import re
from collections.abc import Callable
from functools import cache

from mailrith.events.mail import prose
from mailrith.events.mail.fields import address, groups, typed
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.original import recipients_of
from mailrith.events.mail.parts import Mail
from mailrith.smtp.diagnosis import codes
from mailrith.smtp.diagnosis.stages import RCPT, RETOLD, RULE, stage_of

_DONE = {
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
Written = Callable[[], list[Finding]]

# PowerMTA sorts by the session, which it does not show: the mailbox was refused, not the message.
_CATEGORY, _OF_MAILBOX = "x-powermta-bouncecategory", "bad-mailbox"
# Amazon SES receives the whole message before a receipt rule of the domain's owner sends it back, in words of the owner.
_BY_RULE = re.compile(r"inbound-smtp\.[\w-]+\.amazonaws\.com", re.IGNORECASE)

# OpenSMTPD calls the end of its tries a delay as well.
_OVER = re.compile(r"envelope expired", re.IGNORECASE)
_LOOKS_LIKE = re.compile(r"^(?:final-recipient|action)[ \t]*:", re.IGNORECASE | re.MULTILINE)


def read(mail: Mail) -> list[Finding]:
    """A finding for each recipient that the report names; empty when there is no report."""
    written = cache(lambda: prose.read(mail))  # most reports say enough without it
    found: list[Finding] = []
    for text in _reports(mail):
        for fields in groups(text):
            finding = _finding(mail, fields, written)
            if finding is not None and finding not in found:
                found.append(finding)
    return found


def _reports(mail: Mail) -> list[str]:
    found = mail.texts("message/delivery-status")
    return found or [part.text for part in mail.parts if _LOOKS_LIKE.search(part.text)]


def _finding(mail: Mail, fields: dict[str, str], written: Written) -> Finding | None:
    if not ({"final-recipient", "original-recipient", "x-actual-recipient"} & fields.keys()):
        return None
    recipient = _recipient(mail, fields)
    action = fields.get("action", "").lower().split(" ")[0].strip(";,.")
    status = _STATUS.search(fields.get("status", ""))
    words = typed(fields.get("diagnostic-code", ""))
    if action in _DONE and not (status and status[0].startswith(("4", "5"))):
        return Finding(recipient, words, status[0] if status else "", kind=_DONE[action])
    if _is_poor(words):
        words = _more_words(words, recipient, written()) or words
    if _is_poor(words):
        words = f"{words} {mail.header('Subject')}"
    if "x-supplementary-info" in fields:
        words = f"{words} {fields['x-supplementary-info']}"
    alone = written() if len(written()) == 1 else []
    return Finding(
        recipient,
        words,
        status[0] if status else "",
        deferred=action == "delayed" and not _OVER.search(words),
        stage=_stage(mail, fields, f"{words} {_told(recipient, written()) or mail.prose}"),
        before=alone[0].before if alone else "",
    )


def _stage(mail: Mail, fields: dict[str, str], told: str) -> str:
    if fields.get(_CATEGORY, "") == _OF_MAILBOX:
        return RCPT
    if _BY_RULE.search(" ".join(mail.texts("message/delivery-status"))):
        return RULE
    # Without a diagnostic, or with one of a local program, it is the reporting server that knows nobody of this name.
    diagnostic = fields.get("diagnostic-code", "x-")
    return stage_of(told) or ("" if diagnostic.lower().startswith("x-") else RETOLD)


def _told(recipient: str, written: list[Finding]) -> str:
    """What the human part says about somebody."""
    return next((f.words for f in written if f.recipient.lower() == recipient.lower()), "")


def _recipient(mail: Mail, fields: dict[str, str]) -> str:
    """The person we mailed: of several names the one that stood in the returned mail."""
    named = [
        address(fields.get(name, ""))
        for name in ("final-recipient", "original-recipient", "x-actual-recipient")
    ]
    known = {who.lower() for who in recipients_of(mail)}
    candidates = [who for who in named if who]
    return next((who for who in candidates if who.lower() in known), next(iter(candidates), ""))


def _is_poor(words: str) -> bool:
    """Whether the diagnostic says no more than a number."""
    rest = codes.ENHANCED_PATTERN.sub("", words)
    return len(re.sub(r"[\W\d_]+", "", rest)) < 12


def _more_words(words: str, recipient: str, written: list[Finding]) -> str:
    for finding in written:
        if finding.words and (len(written) == 1 or finding.recipient.lower() == recipient.lower()):
            return f"{words} {finding.words}".strip()
    return ""
