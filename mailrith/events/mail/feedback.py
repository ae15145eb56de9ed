"""Complaints: ARF (RFC 5965), and what some mailbox providers send in its place."""

import re

from mailrith.events.mail.fields import address, groups
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.original import recipients_of
from mailrith.events.mail.parts import Mail

# RFC 5965, 7.3; "not-spam" is the opposite of a complaint. Opt-outs: RFC 5965 and RFC 6430.
_NOT_COMPLAINTS = {"not-spam"}
_FIELD = re.compile(r"^feedback-type[ \t]*:", re.IGNORECASE | re.MULTILINE)
_HOTMAIL = "X-HmXmrOriginalRecipient"
_SUBJECT = re.compile(
    r"^(?:fw: ?)?(?:complaint about message from|spam complaint|abuse report)", re.IGNORECASE
)


def read(mail: Mail) -> list[Finding]:
    """A finding for each person who complained; empty when the mail is no complaint."""
    for text in _reports(mail):
        for fields in groups(text):
            kind = fields.get("feedback-type", "").lower()
            if kind:
                return _findings(mail, fields, kind)
    plain = address(mail.header(_HOTMAIL)) or _in_original(mail, _HOTMAIL)
    if plain or _SUBJECT.match(mail.header("Subject")):
        people = [plain] if plain else recipients_of(mail) or [""]
        return [Finding(person, kind="complaint", reason="abuse") for person in people]
    return []


def _reports(mail: Mail) -> list[str]:
    found = mail.texts("message/feedback-report")
    # Some write the report into a text part, or call it by another type.
    return found or [part.text for part in mail.parts if _FIELD.search(part.text[:5000])]


def _findings(mail: Mail, fields: dict[str, str], kind: str) -> list[Finding]:
    if kind in _NOT_COMPLAINTS:
        return [Finding("", kind="none", reason=kind)]
    named = [
        address(value)
        for name, value in fields.items()
        if name.partition(" ")[0] in {"original-rcpt-to", "removal-recipient"}
    ]
    people = list(dict.fromkeys(p for p in named if p)) or recipients_of(mail) or [""]
    if kind == "auth-failure":  # about a message of a domain, not of a person (RFC 6591)
        people = people[:1]
    return [Finding(person, kind="complaint", reason=kind) for person in people]


def _in_original(mail: Mail, name: str) -> str:
    found = re.search(rf"^{name}:\s*(\S+)", mail.original, re.IGNORECASE | re.MULTILINE)
    return address(found[1]) if found else ""
