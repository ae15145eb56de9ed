"""Delivery status notifications: the fields of RFC 3464, with the words of the human part where the fields are poor."""

import re
from dataclasses import dataclass
from functools import cached_property

from mailrith.events.mail import prose
from mailrith.events.mail.fields import address, groups, typed
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.original import recipients_of
from mailrith.events.mail.parts import RECEIPT, Mail
from mailrith.smtp.diagnosis import codes
from mailrith.smtp.diagnosis.stages import RCPT, RETOLD, RULE, stage_of

_DONE = {
    "delivered": "delivered",
    "deliverable": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_NAMES = {"final-recipient", "original-recipient", "x-actual-recipient"}

# PowerMTA sorts by the session, which it does not show: the mailbox was refused, not the message.
_CATEGORY, _OF_MAILBOX = "x-powermta-bouncecategory", "bad-mailbox"
# Amazon SES receives the whole message before a receipt rule of the domain's owner sends it back, in words of the owner.
# Outlook.com writes of addresses alone with "mailbox unavailable", and leaves out where it was told so.
_AT_RCPT = re.compile(r"^reporting-mta: ?dns; ?\S+\.hotmail\.com", re.IGNORECASE | re.MULTILINE)
_BY_RULE = re.compile(r"inbound-smtp\.[\w-]+\.amazonaws\.com", re.IGNORECASE)

# OpenSMTPD calls the end of its tries a delay as well.
_OVER = re.compile(r"envelope expired", re.IGNORECASE)
_LOOKS_LIKE = re.compile(r"^(?:final-recipient|action)[ \t]*:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Human:
    """The part for people, read only where the fields are poor: most reports say enough without it."""

    mail: Mail
    alone: bool  # whether the report is about one person

    @cached_property
    def findings(self) -> list[Finding]:
        return prose.read(self.mail)

    def about(self, recipient: str) -> Finding | None:
        """What it says about somebody, or about the only one it names."""
        fitting = (f for f in self.findings if f.recipient.lower() == recipient.lower())
        return next(fitting, self.findings[0] if len(self.findings) == 1 else None)

    def stage(self, recipient: str) -> str:
        """At which command it was said, as far as it tells."""
        if self.alone:
            return stage_of(prose.above_the_original(self.mail.prose))
        found = self.about(recipient)
        return stage_of(found.words if found else self.mail.prose)


def read(mail: Mail) -> list[Finding]:
    """A finding for each recipient that the report names; empty when there is no report."""
    people = [
        fields for text in _reports(mail) for fields in groups(text) if _NAMES & fields.keys()
    ]
    human = Human(mail, alone=len(people) == 1)
    return list(dict.fromkeys(_finding(mail, fields, human) for fields in people))


def _reports(mail: Mail) -> list[str]:
    found = mail.texts("message/delivery-status")
    others = (part.text for part in mail.parts if part.type != RECEIPT)
    return found or [text for text in others if _LOOKS_LIKE.search(text)]


def _finding(mail: Mail, fields: dict[str, str], human: Human) -> Finding:
    recipient = _recipient(mail, fields)
    action = fields.get("action", "").lower().split(" ")[0].strip(";,.")
    found = _STATUS.search(fields.get("status", ""))
    status = found[0] if found else ""
    words = typed(fields.get("diagnostic-code", ""))
    if action in _DONE and not status.startswith(("4", "5")):
        return Finding(recipient, words, status, kind=_DONE[action])
    said = human.about(recipient) if _is_poor(words) else None
    words = f"{words} {said.words}".strip() if said else words
    if _is_poor(words):
        words = f"{words} {mail.header('Subject')}"
    if "x-supplementary-info" in fields:
        words = f"{words} {fields['x-supplementary-info']}"
    return Finding(
        recipient,
        words,
        status,
        deferred=action == "delayed" and not _OVER.search(words),
        stage=_stage_by_field(mail, fields) or stage_of(words) or _stage(recipient, fields, human),
        before=said.before if said else "",
    )


def _stage_by_field(mail: Mail, fields: dict[str, str]) -> str:
    if fields.get(_CATEGORY, "") == _OF_MAILBOX:
        return RCPT
    report = "\n".join(mail.texts("message/delivery-status"))
    if _BY_RULE.search(report):
        return RULE
    return RCPT if "mailbox unavailable" in report and _AT_RCPT.search(report) else ""


def _stage(recipient: str, fields: dict[str, str], human: Human) -> str:
    # Without a diagnostic, or with one of a local program, it is the reporting server that knows nobody of this name.
    local = fields.get("diagnostic-code", "x-").lower().startswith("x-")
    return human.stage(recipient) or ("" if local else RETOLD)


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
