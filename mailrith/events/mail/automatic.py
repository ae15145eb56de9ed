"""Automatic replies (RFC 3834) and receipts (RFC 8098): somebody is on holiday, or has read it. Never a bounce."""

import re

from mailrith.events.mail.fields import ADDRESS, address, groups
from mailrith.events.mail.finding import Finding
from mailrith.events.mail.parts import RECEIPT, Mail

_SUBJECTS = re.compile(
    r"^\W*(?:(?:re|aw|sv|antw|tr)\s*:\s*)?(?:auto(?:matic)?[ -]?(?:reply|response|responder|antwort)?\s*[:\]-]|auto(?:matic)?(?:ally)?[ -]?(?:repl|respon|generated|submitted)"
    r"|out of (?:the )?office|ooo\b|on (?:vacation|holiday|leave)|away from|i(?:'m| am) (?:away|out|on)|vacation|holiday|abwesen|r[eé]ponse automatique|absence|fuera de|respuesta autom|risposta automatica|fora do|automatisch|不在|自動(?:応答|返信))",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\bi (?:am|will be) (?:away (?:on|until)|out of (?:the )?office|on (?:vacation|leave|holiday)|travell?ing for)",
    re.IGNORECASE,
)
_ABANDONED = re.compile(
    r"this (?:e-?mail )?(?:in|mail)box\b.{0,60}?\bis no longer in use", re.IGNORECASE | re.DOTALL
)
_EARLY = 500  # characters in which people say that they are away
_FAILURE = re.compile(
    r"mailer-daemon|postmaster|undeliver|delivery (?:status|fail)|failure notice|returned mail|could not be delivered",
    re.IGNORECASE,
)


def read(mail: Mail) -> list[Finding]:
    """One finding with the person who is away, or who left for good; empty for everything else."""
    received = _receipts(mail)
    if received:
        return received
    if mail.head.get_content_type() == "multipart/report" or not _is_automatic(mail):
        return []
    if _FAILURE.search(mail.header("From") + " " + mail.header("Subject")):
        return []
    found = ADDRESS.search(mail.header("From"))
    who = found[0] if found else ""
    if _ABANDONED.search(mail.prose[:_EARLY]):
        return [Finding(who, mail.prose[:_EARLY], kind="soft", reason="mailbox_disabled")]
    return [Finding(who, kind="auto_reply", reason="vacation")]


def read_others(mail: Mail) -> list[Finding]:
    """What a program wrote and no other reader knows; programs say so (RFC 3834, 5)."""
    submitted = mail.header("Auto-Submitted").lower()
    if not submitted or submitted.startswith("no"):
        return []
    found = ADDRESS.search(mail.header("From"))
    return [Finding(found[0] if found else "", kind="auto_reply", reason="vacation")]


def _receipts(mail: Mail) -> list[Finding]:
    """Whatever became of it, it arrived."""
    found = [fields for text in mail.texts(RECEIPT) for fields in groups(text)]
    people = [address(fields.get("final-recipient", "")) for fields in found[:1]]
    return [Finding(who, kind="auto_reply", reason="receipt") for who in people]


def _is_automatic(mail: Mail) -> bool:
    submitted = mail.header("Auto-Submitted").lower()
    if submitted.startswith(("auto-replied", "auto-generated")) and mail.header("In-Reply-To"):
        return True
    if submitted.startswith(("auto-replied", "auto-notified")):
        return True
    if mail.header("X-Autoreply").lower() not in {"", "no"} or mail.header("X-Autorespond"):
        return True
    if mail.header("X-Apple-Action").lower() == "vacation":
        return True
    if mail.header("Precedence").lower() in {"auto_reply", "auto-reply"}:
        return True
    if mail.header("X-Auto-Response-Suppress") and _SUBJECTS.search(mail.header("Subject")):
        return True
    if _SUBJECTS.search(mail.header("Subject")):
        return True
    return bool(_AWAY.search(mail.prose[:_EARLY])) and not mail.original
